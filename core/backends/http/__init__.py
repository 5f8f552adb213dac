"""What the backends that speak HTTP have in common: signing in, waiting, what broke a connection. No system's own."""
