"""The words of a calendar, sorted into what a level shows and what it must not show, and the search for the latter.

A part of the leak check (`leakcheck.py`), and like it apart from redaction: which words are secret is decided here a
second time, from the events as they are stored.

A secret is searched for when it is specific enough to be recognised: at least three letters (two where writing has no
spaces) or five digits, with a word in it that is not among the words the page has anyway (dates, labels, names). It is
found as a whole even inside another word; a text of many words also in pieces of four; and each of its words by itself,
unless that word is said by right or stands in a text that is shown. An output consists of just these two, so nothing
that is rightly there is taken for a leak. What is visible elsewhere (a place that also stands in a subject which is
shown) is no secret any more.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from binascii import Error as Base64Error
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from urllib.parse import unquote

from core.calendar.event import Attachment, Attendee, CalendarObject, Event
from core.sharing.entities import unescaped
from core.values import dataclass

_WORD = re.compile(r"\w+")
_DATES = re.compile(r"[\d\s:+.,;tzp/-]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_OPAQUE = 8
"""Secrets shorter than this are not looked for in what base64 may have hidden: any letters are there by chance."""
_UNKNOWN = "property that is not on the list"
_PIECE = 4
"""Words in a piece of a longer text."""
_MARK = 8
"""Letters of a secret by which it is looked up."""
_LONG = 20_000
"""Longer texts are rare and are searched for each secret; cut into marks they would cost more."""


def plain(text: str) -> str:
    """For comparing: compatibility forms, letter case, blanks and invisible characters make no difference."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        unseen = [ord(c) for c in set(text) if unicodedata.category(c) in ("Cf", "Cs", "Cn")]
        text = text.translate(dict.fromkeys(unseen))
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text)
    return " ".join(text.casefold().split())


@dataclass(slots=True)
class Words:
    """What was collected: texts by kind. Kinds are words for a person (“title”, “place”)."""

    shown: dict[str, set[str]] = field(default_factory=dict)
    """By kind, what the level shows, as `plain` text."""
    secret: dict[str, str] = field(default_factory=dict)
    """Plain text and its kind."""
    files_shown: set[bytes] = field(default_factory=set)
    files_secret: set[bytes] = field(default_factory=set)

    def add(self, kind: str, text: str, shown: bool) -> None:
        """Note one text; each line of it counts by itself."""
        if shown:
            self.shown.setdefault(kind, set()).add(plain(text))
        else:
            for line in re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]+", text):
                self.secret.setdefault(plain(line).removeprefix("mailto:"), kind)


def collect(words: Words, event: Event, *, title: bool, details: bool, attachments: bool) -> None:
    """Sort all texts of one component. `title`, `details`, `attachments`: whether these are shown."""
    words.add("title", event.title, title)
    for kind, text in _details(event):
        words.add(kind, text, details and _outward(kind, text))
    for kind, text in _html(event.html):
        words.add(kind, text, details and kind != "hidden part of the notes")
    for one in event.attachments:
        _collect_file(words, one, attachments)
    for kind, text in _inner(event):
        words.add(kind, text, False)


def _details(event: Event) -> Iterator[tuple[str, str]]:
    yield "place", event.place
    yield "notes", event.description
    yield "link", event.url
    yield from (("category", one) for one in event.categories)
    for person in (*((event.organizer,) if event.organizer else ()), *event.attendees):
        yield from _person(person)


def _outward(kind: str, text: str) -> bool:
    """Whether it means something to others: paths on the owner's machine and inner names of a server never leave."""
    if kind == "link":
        return text.lower().startswith(("http:", "https:", "webcal:", "webcals:", "mailto:", "tel:"))
    return kind != "person's address" or "@" in text


def _person(person: Attendee) -> Iterator[tuple[str, str]]:
    yield "person", person.name
    yield "person's address", person.address


_HIDES = re.compile(r"<(!--|(?:script|style|title)\b)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b([a-z-]{1,60})\s*=\s*([\"'])(.*?)\2", re.IGNORECASE)


def _html(html: str) -> Iterator[tuple[str, str]]:
    """The text of notes in HTML; what never shows (comments, scripts, attributes but for links) is its hidden part.

    In one pass each: whoever wrote the notes may have opened ten thousand comments and closed none, or all at once.
    """
    for part in _hidden(html):
        yield "hidden part of the notes", part
    shown = "".join(_outside(html))
    for name, _quote, value in _ATTRIBUTE.findall(shown):
        yield ("notes" if name.lower() == "href" else "hidden part of the notes"), unescaped(value)
    for line in _between_tags(shown):
        yield "notes", unescaped(line)


def _hidden(html: str) -> Iterator[str]:
    """What stands in comments, and behind the beginning of a script until any tag ends."""
    at, ends = 0, _Ends(html)
    while opening := _HIDES.search(html, at):
        comment = opening[1] == "!--"
        begin = opening.end() if comment else ends.find(">", opening.end()) + 1
        close = ends.find("-->" if comment else "</", begin) if begin else -1
        if close >= 0:
            yield html[begin:close]
        at = max(close, opening.end())


def _outside(html: str) -> Iterator[str]:
    """What stands outside of comments and of whole scripts."""
    at, end, ends = 0, 0, _Ends(html)
    while opening := _HIDES.search(html, at):
        behind = ends.behind(opening)
        if behind >= 0:
            yield html[end : opening.start()]
            end = behind
        at = max(behind, opening.end())
    yield html[end:]


class _Ends:
    """Looks for what ends something in a text; what was not found once does not stand further behind either."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._none: set[str] = set()

    def find(self, word: str, start: int) -> int:
        """Like `str.find`."""
        found = -1 if word in self._none else self._text.find(word, start)
        if found < 0:
            self._none.add(word)
        return found

    def behind(self, opening: re.Match[str]) -> int:
        """Behind the end of the comment or script that is opened; -1 where it never ends."""
        if opening[1] == "!--":
            close = self.find("-->", opening.end())
            return close + 3 if close >= 0 else -1
        name, begin = opening[1].lower(), self.find(">", opening.end())
        found = None
        if begin >= 0 and name not in self._none:
            found = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(self._text, begin)
        if found is None:
            self._none.add(name)
            return -1
        return found.end()


def _between_tags(html: str) -> Iterator[str]:
    end, ends = 0, _Ends(html)
    while (begin := html.find("<", end)) >= 0 and (close := ends.find(">", begin)) >= 0:
        yield html[end:begin]
        end = close + 1
    yield html[end:]


def _collect_file(words: Words, one: Attachment, shown: bool) -> None:
    folder, _sign, name = one.name.replace("\\", "/").rpartition("/")
    words.add("attachment", name, shown)
    words.add("attachment", folder, False)
    words.add("attachment", one.url, shown and one.url.lower().startswith(("http:", "https:")))
    if one.content is None:
        return
    (words.files_shown if shown else words.files_secret).add(one.content)
    if not shown and len(one.content) <= 65_536:
        words.add("attachment", one.content.decode("utf-8", "ignore"), False)


def _inner(event: Event) -> Iterator[tuple[str, str]]:
    """What no level shows: reminders, inner names, and properties that are not on any list."""
    yield "inner name (UID)", event.uid
    for alarm in event.alarms:
        yield "reminder", alarm.description
        yield from (("reminder", text) for line in alarm.extra for text in _values(line))
    yield from ((_UNKNOWN, part) for part in re.findall(r"(?i)\bX-[A-Z0-9-]+=([^;]*)", event.rrule))
    for line in event.extra:
        yield from ((_UNKNOWN, text) for text in _values(line))


def _values(line: str) -> Iterator[str]:
    """Value and parameters of a content line that nobody understood."""
    head, _colon, value = line.partition(":")
    yield re.sub(r"\\[nN]", "\n", value).replace("\\", "")
    yield from (piece.partition("=")[2].strip('"') for piece in head.split(";")[1:])
    yield from re.findall(r'"([^"]*)"', line)


@dataclass(frozen=True, slots=True)
class _Secret:
    kind: str
    text: str
    inner: frozenset[str]
    """The words that must stand in an output whole if the secret is there."""
    bounded: bool
    """Short: it counts only as words of its own."""


class _Marks:
    """Secrets by a few letters of each, so that a short text is compared with those only that it may hold.

    A secret that occurs in a text has its letters there. Of its beginning, its middle and its end the rarest is taken:
    titles of a kind begin alike.
    """

    def __init__(self, secrets: Sequence[_Secret]) -> None:
        self._secrets = secrets
        ways = [_ways(secret.text) for secret in secrets]
        often = Counter(mark for three in ways for mark in three)
        self._numbers: dict[str, list[int]] = {}
        for number, three in enumerate(ways):
            self._numbers.setdefault(min(three, key=lambda mark: often[mark]), []).append(number)
        self._lengths = {len(mark) for mark in self._numbers}

    def within(self, text: str) -> Iterable[_Secret]:
        """The secrets that may occur in the text, in their order."""
        if len(text) > _LONG:
            return self._secrets
        there = {text[at : at + length] for length in self._lengths for at in range(len(text) - length + 1)}
        found = (number for mark in there & self._numbers.keys() for number in self._numbers[mark])
        return [self._secrets[number] for number in sorted(found)]


def _ways(text: str) -> tuple[str, str, str]:
    length = min(_MARK, len(text))
    middle = (len(text) - length) // 2
    return text[:length], text[middle : middle + length], text[len(text) - length :]


class Canaries:
    """The secrets, ready to be searched for."""

    def __init__(self, words: Words, by_right: Iterable[str]) -> None:
        """`by_right`: texts that stand in the output whatever the events say."""
        allowed = plain("\n".join(by_right))
        self._vocabulary = frozenset(_WORD.findall(allowed))
        shown = "\n".join({allowed, *(text for texts in words.shown.values() for text in texts)})
        shown_words = frozenset(_WORD.findall(shown))
        self._secrets: list[_Secret] = []
        self._secret_words: dict[str, str] = {}
        for text, kind in _pieces(words.secret):
            secret = self._made(kind, text)
            if secret is not None and not _within(secret, shown, shown_words):
                self._secrets.append(secret)
                for word in _WORD.findall(text):
                    if word not in shown_words and _telling(word):
                        self._secret_words.setdefault(word, kind)
        self._marks = _Marks(self._secrets)
        self._files = tuple(content[:32] for content in words.files_secret if len(content) >= 8)

    def __len__(self) -> int:
        return len(self._secrets)

    def _made(self, kind: str, text: str) -> _Secret | None:
        found = _WORD.findall(text)
        if not found or (_DATES.fullmatch(text) and sum(map(str.isdigit, text)) < 5) or _stamp(text):
            return None
        if all(word in self._vocabulary or not _telling(word) for word in found):
            return None
        bounded = len(text) < 6 and text.isascii()
        return _Secret(kind, text, frozenset(found if bounded else found[1:-1]), bounded)

    def find(self, text: str, *, shortest: int = 0) -> str | None:
        """The kind of the first secret in the text, decoded in every way that a mail may hide it; None if clean.

        `shortest`: leave out shorter secrets, for places that hold random letters (ids, boundaries).
        """
        for form in _forms(text):
            kind = self._search(plain(form), shortest)
            if kind is not None:
                return kind
        runs = list(_runs(text))
        inside = self._search(plain("\n".join(run.decode("utf-8", "ignore") for run in runs)), max(shortest, _OPAQUE))
        return inside or ("attachment" if any(start in run for run in runs for start in self._files) else None)

    def _search(self, text: str, shortest: int) -> str | None:
        words = frozenset(_WORD.findall(text))
        for word in words & self._secret_words.keys():
            if len(word) >= shortest:
                return self._secret_words[word]
        long_words = "\n".join(word for word in words if len(word) >= 6)
        for secret in self._marks.within(text):
            if len(secret.text) < shortest or not secret.inner <= words:
                continue
            alone = not secret.bounded and secret.text.isascii() and secret.text.isalnum()
            if alone and secret.text not in long_words:
                continue
            if _occurs(secret, text):
                return secret.kind
        return None


def _pieces(secrets: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The secrets, long ones also in pieces, each text once."""
    seen: set[str] = set()
    for text, kind in secrets.items():
        words = text.split(" ")
        cut = [" ".join(words[at : at + _PIECE]) for at in range(0, len(words), _PIECE)] if len(words) > 5 else []
        for one in (text, *(piece for piece in cut if len(piece) >= 12)):
            if one and one not in seen:
                seen.add(one)
                yield one, kind


def _telling(word: str) -> bool:
    if word.isdigit():
        return len(word) >= 5
    return len(word) >= 3 or (len(word) >= 2 and not word.isascii())


def _stamp(text: str) -> bool:
    """A date or time as iCalendar writes it: two events may share it by chance."""
    return re.fullmatch(r"[+-]?(?:\d{8}(?:t\d{6}z?)?|p[\dtwdhms]+|\d{1,4})", text) is not None


def _within(secret: _Secret, text: str, words: frozenset[str]) -> bool:
    return secret.inner <= words and secret.text in text


def _occurs(secret: _Secret, text: str) -> bool:
    if not secret.bounded:
        return secret.text in text
    return re.search(rf"(?<!\w){re.escape(secret.text)}(?!\w)", text) is not None


def _forms(text: str) -> Iterator[str]:
    """The text as it is, and with entities, percent signs and backslashes decoded."""
    yield text
    yield from {unescaped(text), unquote(text), text.replace("\\n", "\n").replace("\\", "")} - {text}


def _runs(text: str) -> Iterator[bytes]:
    for run in set(_BASE64.findall(text)):
        bare = run.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield b64decode(bare[: len(bare) // 4 * 4] if len(bare) % 4 == 1 else bare + "=" * (-len(bare) % 4))
        except (Base64Error, ValueError):
            continue


def touching(objects: Iterable[CalendarObject]) -> Iterator[tuple[Event, bool]]:
    """Every component with whether it is private; an instance that does not say takes its master's class."""
    for thing in objects:
        master = thing.master
        for event in thing.events:
            sensitivity = event.sensitivity or (master.sensitivity if master is not None else None)
            yield event, sensitivity is not None and sensitivity.hides
