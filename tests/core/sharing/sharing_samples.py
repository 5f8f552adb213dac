"""Sharing messages as real senders write them, by what outlook.md §3 describes; people and places are ours."""

from __future__ import annotations

from base64 import encodebytes

EXCHANGE = 'xmlns="http://schemas.microsoft.com/exchange/sharing/2008"'
ENTRY_ID = "00000000" + "A1B2C3D4" * 11
STORE_ID = "0000000038A1BB1005E5101AA1BB08002B2A56C2" + "656D73" * 20
OUTLOOK_TEXT = """Alice Martin (alice@example.org) has invited you to view his or her Microsoft Exchange Calendar.

For instructions on how to view shared folders on Exchange, see the following article:

http://go.microsoft.com/fwlink/?LinkId=57561

*~*~*~*~*~*~*~*~*~*

Have a look at next week."""


def metadata(body: str, *, data_type: str = "calendar", initiator: str = "", declaration: str = "") -> bytes:
    """A sharing_metadata.xml around what is inside the message's element."""
    who = initiator or "<Name>Alice Martin</Name><SmtpAddress>alice@example.org</SmtpAddress>"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\r\n'
        f'{declaration}<SharingMessage xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="http://schemas.microsoft.com/sharing/2008">\r\n'
        f"<DataType>{data_type}</DataType>\r\n<Initiator>{who}</Initiator>\r\n{body}\r\n</SharingMessage>\r\n"
    ).encode()


def invitation(*providers: str, title: str = "Calendar") -> str:
    """The Invitation element."""
    return f"<Invitation><Title>{title}</Title><Providers>{''.join(providers)}</Providers></Invitation>"


def internal(people: str = "bruno@example.org", attributes: str = EXCHANGE) -> str:
    """As Exchange writes it inside an organisation."""
    return (
        f'<Provider Type="ms-exchange-internal" TargetRecipients="{people}">'
        f"<FolderId {attributes}>{ENTRY_ID}</FolderId><MailboxId {attributes}>{STORE_ID}</MailboxId></Provider>"
    )


def published(people: str, page: str, ics: str, attributes: str = EXCHANGE) -> str:
    """As Microsoft 365 writes it for people outside."""
    return (
        f'<Provider Type="ms-exchange-publish" TargetRecipients="{people}">'
        f"<BrowseUrl {attributes}>{page}</BrowseUrl><ICalUrl {attributes}>{ics}</ICalUrl></Provider>"
    )


REACH = (
    "https://outlook.office365.com/owa/calendar/0123456789abcdef0123456789abcdef@example.org"
    "/fedcba9876543210fedcba98765432101234567890/S-1-8-1-2-3-4/reachcalendar"
)
ENCRYPTED = (
    '<EncryptedData Type="http://www.w3.org/2001/04/xmlenc#Element" xmlns="http://www.w3.org/2001/04/xmlenc#">'
    '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#tripledes-cbc"/>'
    "<CipherData><CipherValue>AAAA</CipherValue></CipherData></EncryptedData>"
)
EXTERNAL = (
    f'<Provider Type="ms-exchange-external" TargetRecipients="clara@example.net"><FolderId {EXCHANGE}>{ENTRY_ID}'
    f"</FolderId><EncryptedSharedFolderDataCollection {EXCHANGE}><EncryptedSharedFolderData>"
    f"<Token>{ENCRYPTED}</Token><Data>{ENCRYPTED}</Data>"
    "</EncryptedSharedFolderData></EncryptedSharedFolderDataCollection></Provider>"
)


def headers(flavor: str, capabilities: str = "40290", *, remote: bool = True, name: str = "Calendar") -> str:
    """The X-Sharing headers of [MS-OXSHARE]."""
    lines = [
        "Content-Class: Sharing",
        "X-Sharing-Provider-Guid: AEF0060000000000C000000000000046",
        "X-Sharing-Provider-Name: Microsoft Exchange",
        "X-Sharing-Provider-Url: HTTP://www.microsoft.com/exchange",
        "X-Sharing-Config-Url:",
        f"X-Sharing-Flavor: {flavor}",
        f"X-Sharing-Capabilities: {capabilities}",
        "X-Sharing-Local-Type: IPF.Appointment",
    ]
    if remote:
        lines += [
            "X-Sharing-Remote-Type: IPF.Appointment",
            "X-Sharing-Remote-Path:",
            f"X-Sharing-Remote-Name: {name}",
            f"X-Sharing-Remote-Uid: {ENTRY_ID}",
            f"X-Sharing-Remote-Store-Uid: {STORE_ID}",
        ]
    return "\r\n".join(lines) + "\r\n"


def message(
    head: str = "",
    xml: bytes | None = None,
    *,
    sender: str = "Alice Martin <alice@example.org>",
    subject: str = "Sharing invitation",
    part: str = 'application/x-sharing-metadata-xml; name="sharing_metadata.xml"',
    text: str = OUTLOOK_TEXT,
) -> bytes:
    """A whole message."""
    lines = f"From: {sender}\r\nTo: bruno@example.org\r\nSubject: {subject}\r\nMessage-ID: <s1@example.org>\r\n{head}"
    lines += 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    body = text.replace("\n", "\r\n")
    lines += f"--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{body}\r\n"
    if xml is not None:
        coded = encodebytes(xml).decode().replace("\n", "\r\n")
        lines += f"--b\r\nContent-Type: {part}\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}"
    return lines.encode() + b"--b--\r\n"
