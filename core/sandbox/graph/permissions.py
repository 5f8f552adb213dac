"""`calendarPermissions`: the owner's table, the roles offered, and the invitation that granting sends by itself."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from core.sandbox.graph import rights
from core.sandbox.graph.model import Calendar, Mailbox, Permission, Tenant
from core.sandbox.graph.wire import Call, GraphError, Json, bad, not_found
from core.sandbox.people import PEOPLE, Person

Deliver = Callable[[Person, bytes], None]
_WORDS = {"freeBusyRead": "Availability only", "limitedRead": "Limited details", "read": "Full details"}


def organisation() -> Permission:
    """“My Organization”: everybody inside, free/busy times."""
    return Permission(_id("Default"), "freeBusyRead", None, True, False, rights.ORGANISATION)


def _id(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def shown(entry: Permission) -> Json:
    """A permission as it is sent."""
    address = {"name": "My Organization"} if entry.person is None else {
        "name": entry.person.name, "address": entry.person.address}  # fmt: skip
    return {
        "id": entry.id,
        "role": entry.role,
        "allowedRoles": list(entry.allowed),
        "emailAddress": address,
        "isInsideOrganization": entry.inside,
        "isRemovable": entry.removable,
    }


def grant(tenant: Tenant, owner: Mailbox, calendar: Calendar, call: Call, *, deliver: Deliver, most: str) -> Permission:
    """POST: make the entry and send the invitation. Raises 400, 403, 404, 409. `most`: the policy's limit outside."""
    body = call.json()
    address = str((body.get("emailAddress") or {}).get("address", "")).lower()
    person = next((one for one in PEOPLE if one.address == address), None)
    if person is None:
        raise GraphError(404, "ErrorMailRecipientNotFound", f"The recipient '{address}' could not be resolved.")
    inside = person.address in tenant.mailboxes
    if person is owner.person or any(entry.person is person for entry in calendar.permissions.values()):
        raise GraphError(409, "ErrorDuplicateUserIdsSpecified", "The user already has a permission on this calendar.")
    allowed = rights.roles_offered(person, inside, calendar, most)
    role = body.get("role")
    if role not in allowed:
        if not inside and role in (*rights.OUTSIDE, *rights.INSIDE):
            raise GraphError(403, "ErrorNotAllowedExternalSharingByPolicy",
                             "The policy does not allow granting permissions at this level to one or more of the"
                             " recipients.")  # fmt: skip
        raise bad(f"The role '{role}' is not allowed here.", "ErrorInvalidArgument")
    mark = f"ExchangePublishedUser.{person.address}" if not inside else f"cn=Recipients/cn={person.key}"
    entry = Permission(_id(mark), str(role), person, inside, True, allowed)
    calendar.permissions[entry.id] = entry
    calendar.version += 1
    deliver(person, invitation(owner.person, calendar, entry, call.base))
    return entry


def regrade(calendar: Calendar, name: str, call: Call) -> Permission:
    """PATCH: nothing but the role. Raises 400, 404."""
    entry = calendar.permissions.get(name)
    if entry is None:
        raise not_found()
    body = call.json()
    if set(body) != {"role"} or body["role"] not in entry.allowed:
        raise bad("Only 'role' can be changed, to one of the allowed roles.", "ErrorInvalidArgument")
    entry.role = body["role"]
    calendar.version += 1
    return entry


def withdraw(calendar: Calendar, name: str) -> None:
    """DELETE. Raises 400, 404."""
    entry = calendar.permissions.get(name)
    if entry is None:
        raise not_found()
    if not entry.removable:
        raise bad("This permission cannot be removed.", "ErrorInvalidOperation")
    del calendar.permissions[name]
    calendar.version += 1


def invitation(owner: Person, calendar: Calendar, entry: Permission, base: str) -> bytes:
    """The message that granting sends: inside with the way to the calendar, outside with secret addresses."""
    person = entry.person
    assert person is not None
    message = EmailMessage(policy=SMTP)
    message["From"] = f'"{owner.name}" <{owner.address}>'
    message["To"] = f'"{person.name}" <{person.address}>'
    message["Subject"] = "You're invited to share this calendar"
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=owner.address.rpartition("@")[2])
    level = _WORDS.get(entry.role, "Editor")
    message.set_content(f"{owner.name} ({owner.address}) has invited you to view a calendar: {level}.\r\n")
    message.add_alternative(f"<p>{owner.name} has invited you to view a calendar: {level}.</p>", subtype="html")
    message.add_attachment(
        _metadata(owner, person, entry, base).encode(),
        maintype="application",
        subtype="x-sharing-metadata-xml",
        filename="sharing_metadata.xml",
    )
    message["Content-Class"] = "Sharing"  # last: the library moves Content- fields into the first part
    for name, value in _headers(calendar).items():
        message[f"x-sharing-{name}"] = value
    return bytes(message)


def _headers(calendar: Calendar) -> dict[str, str]:
    return {
        "provider-guid": "AEF0060000000000C000000000000046",
        "provider-name": "Microsoft Exchange",
        "provider-url": "HTTP://www.microsoft.com/exchange",
        "flavor": "20310" if calendar.default else "310",
        "capabilities": "40290" if calendar.default else "402B0",
        "local-type": "IPF.Appointment",
        "remote-type": "IPF.Appointment",
        "remote-name": "Calendar" if calendar.default else calendar.name,
        "remote-uid": calendar.id.encode().hex().upper(),
        "remote-store-uid": secrets.token_hex(16).upper(),
    }


def _metadata(owner: Person, person: Person, entry: Permission, base: str) -> str:
    space = "http://schemas.microsoft.com/exchange/sharing/2008"
    if entry.inside:
        kind = "ms-exchange-internal"
        inner = f'<FolderId xmlns="{space}">{secrets.token_hex(24).upper()}</FolderId>'
        inner += f'<MailboxId xmlns="{space}">{secrets.token_hex(24).upper()}</MailboxId>'
    else:
        kind = "ms-exchange-publish"
        secret = secrets.token_hex(16)
        place = f"{base}/owa/calendar/{secret}@{owner.address.rpartition('@')[2]}/S-1-8-1"
        inner = f'<BrowseUrl xmlns="{space}">{place}/reachcalendar.html</BrowseUrl>'
        inner += f'<ICalUrl xmlns="{space}">{place}/reachcalendar.ics</ICalUrl>'
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<SharingMessage xmlns="http://schemas.microsoft.com/sharing/2008">'
        f"<DataType>calendar</DataType><Initiator><Name>{owner.name}</Name>"
        f"<SmtpAddress>{owner.address}</SmtpAddress></Initiator><Invitation><Providers>"
        f'<Provider Type="{kind}" TargetRecipients="{person.address}">{inner}</Provider>'
        "</Providers></Invitation></SharingMessage>"
    )
