"""The last look before anything leaves: do the finished bytes hold what the level does not show?

It works on what will really be sent (.ics, HTML, text, file name, the whole message) and on the events as they are
stored. It knows nothing of redaction and shares no code with it; what may be shown is decided here once more. Two nets:

- **Structure.** The file has no property, parameter or component beside those of the level (exactly eight at
  Availability only), each fixed value has its form, times lie inside the window, UIDs are random ones, every title and
  place is one that may be shown, every attachment too. The page has no tag, attribute or address that could fetch.
- **Canaries.** No text of the events that the level hides occurs in any output, in any encoding (`canaries.py`).

What a person typed into subject and message is theirs: it is left out of the search, and `mentions` tells what of the
hidden it names, so that they can be warned. A hit raises LeakFound, which says what kind and where and never the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, tzinfo

from core.calendar.event import BusyStatus, CalendarObject, Event, Moment
from core.calendar.span import TimeSpan
from core.calendar.status import status_word
from core.errors import LeakFound
from core.language import N_, _
from core.sharing.canaries import Canaries, Words, collect, plain, touching
from core.sharing.detail import DetailLevel
from core.values import dataclass

_KINDS = {
    "title": N_("the title of an item"),
    "place": N_("the place of an item"),
    "notes": N_("the notes of an item"),
    "link": N_("a link of an item"),
    "category": N_("a category"),
    "person": N_("somebody who takes part"),
    "person's address": N_("the address of somebody who takes part"),
    "hidden part of the notes": N_("a hidden part of the notes"),
    "attachment": N_("an attachment"),
    "inner name (UID)": N_("the inner name (UID) of an item"),
    "reminder": N_("a reminder"),
    "property that is not on the list": N_("a property that is never sent"),
}
_FORMAL = ("mailto", "invalid", "nomail")
"""Words of the format itself that stand among texts."""
_OPAQUE = 10
"""Secrets shorter than this are not looked for among random letters."""


def leak(kind: str, where: str, level: DetailLevel) -> LeakFound:
    """The refusal: what kind of thing, in which output. The secret itself is not in it."""
    return LeakFound(
        _("The leak check found {kind} in {where}. “{level}” does not show it, so nothing was sent.").format(
            kind=_(_KINDS[kind]) if kind in _KINDS else kind, where=where, level=level.label
        ),
        _("Choose a level that shows it, or look at the preview to find it. Please report this: it should not happen."),
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """What was chosen, and what stands in the outputs by right."""

    level: DetailLevel
    zone: tzinfo
    window: TimeSpan | None = None
    """None: the whole calendar."""
    include_private: bool = False
    include_attachments: bool = False
    by_right: tuple[str, ...] = ()
    """Texts that say nothing of the events: names, labels, an empty page."""


class LeakCheck:
    """The check for one set of events and one choice. Each method takes finished output and raises LeakFound."""

    def __init__(self, objects: Sequence[CalendarObject], allowed: Allowed) -> None:
        self.allowed = allowed
        self.level = allowed.level
        self.words = Words()
        self.uids = {thing.uid for thing in objects} | {event.uid for thing in objects for event in thing.events}
        repeating = {thing.uid for thing in objects if any(e.recurring or e.this_and_future for e in thing.events)}
        for event, private in touching(objects):
            self._sort(event, private, repeats=event.uid in repeating and event.recurrence_id is None)
        self._clean: set[tuple[str, int]] = set()
        """Texts in which nothing was found: titles come again and again, and the message holds what was prepared."""
        statuses = [status_word(status) for status in BusyStatus]
        self.statuses = {plain(word) for word in statuses}
        self.canaries = Canaries(self.words, (*allowed.by_right, *statuses, *_FORMAL))

    def _sort(self, event: Event, private: bool, *, repeats: bool) -> None:
        level, allowed = self.level, self.allowed
        shown = level is not DetailLevel.AVAILABILITY and not event.cancelled
        shown = shown and (allowed.include_private or not private)
        shown = shown and (repeats or event.this_and_future or self._touches(event))
        full = shown and level is DetailLevel.FULL
        collect(self.words, event, title=shown, details=full, attachments=full and allowed.include_attachments)

    def _touches(self, event: Event) -> bool:
        if self.allowed.window is None:
            return True
        return self.allowed.window.overlaps(self._instant(event.start), self._instant(event.end))

    def _instant(self, moment: Moment) -> datetime:
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(), self.allowed.zone)
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=self.allowed.zone)).astimezone(UTC)
        except OverflowError:
            return datetime(1 if moment.year < 5000 else 9999, 1, 2, tzinfo=UTC)

    def search(self, text: str, where: str, *, shortest: int = 0) -> None:
        """Look for secrets in a text."""
        if (text, shortest) in self._clean:
            return
        kind = self.canaries.find(text, shortest=shortest)
        if kind is not None:
            raise leak(kind, where, self.level)
        self._clean.add((text, shortest))

    def mentions(self, own_words: str) -> bool:
        """Whether the sender's own words name something that the level hides: worth a warning, theirs to decide."""
        return self.canaries.find(own_words) is not None

    def text(self, text: str, where: str = "") -> None:
        """A plain text."""
        self.search(text, where or _("the text of the message"))

    def file_name(self, name: str) -> None:
        """The name of the attached file."""
        self.search(name, _("the file’s name"))

    def calendar(self, data: bytes) -> None:
        """The .ics file."""
        from core.sharing.leakcheck_ics import check_calendar

        check_calendar(self, data)

    def page(self, html: str) -> None:
        """The HTML page."""
        from core.sharing.leakcheck_html import read_page

        where = _("the page")
        page = read_page(html)
        if page.forbidden:
            raise leak(_("an element that does not belong there"), where, self.level)
        self.search("\n".join(page.texts), where)

    def web_page(self, data: bytes) -> None:
        """The page of a publication: its own few elements, its own style, and a policy that names just that style."""
        from core.sharing.leakcheck_web import read_web_page

        where = _("the web page")
        page = read_web_page(data)
        if page.forbidden:
            raise leak(_("an element that does not belong there"), where, self.level)
        self.search("\n".join(page.texts), where)

    def message(self, data: bytes, *, own: Mapping[str, Iterable[str]]) -> None:
        """The whole message: headers, each part decoded, file names, what stands between the parts.

        `own` has for “subject”, “message” and “addresses” the texts that the person gave and that are not searched.
        """
        from email import message_from_bytes
        from email.policy import default

        message = message_from_bytes(data, policy=default)
        _check_headers(self, message_from_bytes(data).items(), own)
        for part in message.walk():
            self._part(part, own)

    def _part(self, part: object, own: Mapping[str, Iterable[str]]) -> None:
        """`own`: what the person wrote, which may say anything. Raises LeakFound, for an unknown type too."""
        from email.message import EmailMessage

        assert isinstance(part, EmailMessage)
        where = _("the message")
        self.search("\n".join(filter(None, (part.preamble, part.epilogue))), where)
        if part.get_boundary():
            self.search(part.get_boundary() or "", where, shortest=_OPAQUE)
        if part.is_multipart():
            return
        self.file_name(part.get_filename() or "")
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        match part.get_content_type():
            case "text/plain":
                self.text(_without(_body(data), own.get("message", ())))
            case "text/html":
                self.page(_without_html(_body(data), own.get("message", ())))
            case "text/calendar":
                self.calendar(data)
            case _:
                raise leak(_("a part that does not belong there"), where, self.level)


def _body(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def _without(text: str, own: Iterable[str]) -> str:
    """The text without the person's own words at its beginning; the same words further down are searched."""
    for words in own:
        if words:
            text = text.removeprefix(words)
    return text


def _without_html(html: str, own: Iterable[str]) -> str:
    from html import escape

    for words in own:
        if words:
            html = html.replace(f">{escape(words)}</div>".replace("\n", "<br>\n"), "></div>", 1)
    return html


_HEADERS = frozenset(("from", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type"))


def _check_headers(check: LeakCheck, headers: Iterable[tuple[str, object]], own: Mapping[str, Iterable[str]]) -> None:
    where = _("the message’s head")
    for name, value in headers:
        lower, text = name.lower(), re.sub(r"\r?\n", "", str(value))
        if lower not in _HEADERS:
            raise leak(_("a header that does not belong there"), where, check.level)
        given = set(own.get("subject" if lower == "subject" else "addresses", ()))
        random = lower in ("message-id", "content-type")
        for part in _header_texts(lower, text):
            if part not in given:
                check.search(part, where, shortest=_OPAQUE if random else 0)


def _header_texts(name: str, value: str) -> Iterator[str]:
    """The texts of a header: names and addresses one by one, anything else whole."""
    from core.sharing.message_check import decoded, read_addresses

    if name in ("from", "to", "cc"):
        yield from (part for pair in read_addresses(value) for part in pair)
    else:
        yield decoded(value)
