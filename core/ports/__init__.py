"""What services need from the world. Backends implement these protocols; services know nothing else of them.

Each protocol has one contract suite in `tests/contracts` that every backend passes. Nothing is imported here: each
module is loaded by whoever names it, and the app's first picture needs few of them.
"""
