"""Microsoft 365 over Microsoft Graph v1.0: calendars, free/busy, permissions, sharing, directory and mail.

httpx carries the requests and msal signs in; both are loaded when something is first asked for.

    session.py     requests: three at once, waiting when told to, one origin, no redirections
    signin.py      tokens: device code, pasted address, the cache on disk
    translate.py   what went wrong, in our errors
    reading.py     Graph's events to ours          writing.py   ours to Graph's
    calendars.py   the port RemoteCalendars        and one module for each further port
"""
