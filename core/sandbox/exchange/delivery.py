"""Where mail goes: into the inboxes of the organisation, out to whoever takes it, or back to its sender."""

from __future__ import annotations

from collections.abc import Iterable

from core.sandbox.exchange import mime
from core.sandbox.exchange.model import ChangeKind, Folder, Item, Mailbox, Organisation


def post(organisation: Organisation, sender: Mailbox, content: bytes) -> bytes:
    """Send a message to everybody whom its head names. The bytes as they went out, for the copy that is kept."""
    finished, everybody = mime.finished(content, sender, organisation.clock())
    refused = [address for address in everybody if not hand_over(organisation, address, finished)]
    if refused:
        put(organisation, sender.distinguished["inbox"], returned(organisation, sender, finished, refused), sender)
    return finished


def hand_over(organisation: Organisation, address: str, content: bytes) -> bool:
    """One message to one address; False where nobody takes it."""
    mailbox = organisation.mailboxes.get(address.lower())
    if mailbox is None:
        return organisation.outward(address, content)
    arrive(organisation, mailbox, content)
    return True


def arrive(organisation: Organisation, mailbox: Mailbox, content: bytes) -> Item:
    """A message comes into a mailbox: into the inbox, and what it says of a meeting into the calendar."""
    from core.sandbox.exchange.meeting_mail import take_in

    item = take_in(organisation, mailbox, content)
    return item or put(organisation, mailbox.distinguished["inbox"], content, mailbox)


def put(organisation: Organisation, folder: Folder, content: bytes, by: Mailbox, kind: str = "Message") -> Item:
    """A message as an item of a folder, new and unread."""
    item = organisation.add_item(folder, kind, by)
    fill_message(organisation, item, content)
    mime.received(item, organisation.clock())
    organisation.note_item(item, ChangeKind.CREATED, by)
    return item


def fill_message(organisation: Organisation, item: Item, content: bytes) -> None:
    """Take an item's properties from the bytes of a message."""
    item.mime = content
    item.fields.update(mime.fields_of(content))
    item.extended.update(mime.extended_of(content))
    first = organisation.number()
    item.attachments[:] = mime.attachments_of(content, first)
    for _each in item.attachments[1:]:
        organisation.number()


def returned(organisation: Organisation, sender: Mailbox, content: bytes, refused: Iterable[str]) -> bytes:
    """What the server says of recipients who are not there."""
    from email.message import EmailMessage

    subject = mime.header(mime.parsed(content), "Subject")
    message = EmailMessage()
    message["From"] = f"Microsoft Outlook <postmaster@{sender.address.rpartition('@')[2]}>"
    message["To"] = sender.address
    message["Subject"] = f"Undeliverable: {subject}"
    lines = "\n".join(f"{address}: #550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##" for address in refused)
    message.set_content(f"Delivery has failed to these recipients or groups:\n\n{lines}\n")
    message.add_attachment(mime.parsed(content))
    return mime.finished(bytes(message), sender, organisation.clock())[0]
