"""An Exchange Server on loopback: Exchange Web Services (EWS) over the sandbox's people and calendars.

For `partagenda demo`, for our tests, and for programs by others. Each operation is whole: what it does, refuses and
answers follows Microsoft's documentation ([MS-OXWS*]) and the schema of Exchange Server SE.

    server.py      HTTP, sign-in, SOAP, counting            registry.py   how a module adds an operation
    model.py       the organisation: mailboxes, folders, items, the journal of changes
    rights.py      what somebody may do in a folder: the only place that says so
    appointments.py, recurrence.py, properties.py   when things take place; what may be set
    folders, items, update, finding, sync, availability, zones, names, … .py   the operations
    faults.py, options.py   how a test makes it fail        schema.py     each message held to messages.xsd
    permissions.py, delegates.py, sharing.py           who is given what, inside and outside
    messages.py, delivery.py, mime.py, attachments.py  mail: made, sent, received, read
    meetings.py, meeting_mail.py                       invitations and answers, out and in
    mapi.py, conversion.py                             MAPI's names for properties and things
    notifications.py, throttling.py                    who hears of changes; who asks too often
"""
