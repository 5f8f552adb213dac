"""The sandbox's Microsoft Graph: calendars, free/busy, permissions, sharing and mail of one organisation, on loopback.

Written from Microsoft's documents (the v1.0 reference and its CSDL) and apart from `core.backends.graph`: recurrences,
time zones and rights are worked out here a second time, so that a mistake of the backend does not meet its own twin.
"""
