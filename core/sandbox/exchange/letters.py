"""Meeting mail as Exchange writes it: text, HTML and the calendar as three forms of one body (RFC 6047)."""

from __future__ import annotations

import html
from collections.abc import Iterable
from email import policy
from email.message import EmailMessage
from email.utils import formataddr

from core.sandbox.exchange.mime import header_text
from core.values import dataclass

People = Iterable[tuple[str, str]]
"""Names and addresses."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be written. `people` are those in To and those in Cc."""

    sender: tuple[str, str]
    people: tuple[People, People]
    subject: str
    ics: bytes
    method: str
    text: str = ""


def write(letter: Letter) -> bytes:
    """The bytes, without what sending adds."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = formataddr(letter.sender)
    for field, whom in zip(("To", "Cc"), letter.people, strict=True):
        line = ", ".join(formataddr((header_text(name) if name != address else "", address)) for name, address in whom)
        if line:
            message[field] = line
    message["Subject"] = header_text(letter.subject)
    message["Content-Class"] = "urn:content-classes:calendarmessage"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(
        f"<html><body>{html.escape(letter.text)}</body></html>", subtype="html", cte="quoted-printable"
    )
    message.add_alternative(
        letter.ics,
        maintype="text",
        subtype="calendar",
        cte="base64",
        params={"method": letter.method, "charset": "utf-8"},
    )
    part = message.get_payload()[-1]  # type: ignore[index]
    del part["Content-Disposition"]  # type: ignore[union-attr]
    return bytes(message)
