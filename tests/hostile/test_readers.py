"""Whatever bytes others send, no reader of them raises anything but an error in words.

With those of tests/core/ical/test_decode.py and of the servers' answers they are 100,000 mutants in `make soak`.

Each seed is real: a file of another program's, a message as real senders write it, a file that this program wrote. A
mutant that breaks a promise is printed as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.backends.exchange.autodiscover import _read as read_autodiscover
from core.backends.graph.tokens import TokenFile
from core.backends.maildir import MaildirSource
from core.backends.vdir.rows import calendar_rows, info_of
from core.calendar.span import DateRange
from core.config.settings import load
from core.errors import PartagendaError
from core.ical.decode import decode
from core.ical.encode import encode_object
from core.index.blocks import Unusual
from core.index.database import remove
from core.index.exact import things
from core.index.scan import Scanner
from core.index.session import IndexSession
from core.services.address_files import parse_vcards, read_aliases
from core.services.address_query import parse_answer
from core.services.drafts import DraftStore, new_draft
from core.services.feed_content import must_be_whole
from core.services.outbox import ShareFacts
from core.services.sources import Source, read_source
from core.services.state_file import read_state, write_state
from core.sharing import itip
from core.sharing.html_text import html_to_text
from core.sharing.incoming import read_message
from core.sharing.invitation import parse_xml
from core.sharing.redaction import clean_html
from core.sharing.snapshot import SnapshotOptions
from tests.bench import corpus
from tests.core.ical.test_decode import SEED
from tests.core.sharing import sharing_samples as sample
from tests.durability.children import letter, open_outbox
from tests.hostile.mutants import mutant
from tests.soak import chance, parts, scaled, soak
from tui.theming import BadTheme, shipped_folder
from tui.theming import read as read_theme

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LOW, HIGH = 1_760_000_000, 1_800_000_000

Read = Callable[[bytes, Path], object]


@dataclass(frozen=True)
class Reader:
    """`trials` are those of the contract; `allowed` are its own errors in words, beside PartagendaError."""

    kind: str
    trials: int
    seeds: Callable[[Path], list[bytes]]
    read: Read
    allowed: tuple[type[Exception], ...] = ()


# calendars -------------------------------------------------------------------------------------------------

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "ics"


def calendars(_folder: Path) -> list[bytes]:
    draw = chance(20)
    zones = b"".join(text.replace("\n", "\r\n").encode() for text in corpus.VTIMEZONES.values())
    head = corpus.HEAD.replace("\n", "\r\n").encode() + zones
    ours = [head + corpus.body(corpus.make(draw, number)) + b"END:VCALENDAR\r\n" for number in range(40)]
    real = [path.read_bytes() for path in sorted(SHARED.rglob("*")) if path.is_file() and path.stat().st_size < 20_000]
    return [SEED, *ours, *real]


def decoded_and_written_again(data: bytes, _folder: Path) -> None:
    for thing in decode(data, now=NOW).objects:
        again = decode(encode_object(thing, now=NOW), now=NOW).objects
        assert [each.uid for each in again] == [thing.uid]


def indexed(data: bytes, _folder: Path) -> None:
    """By the scanner or by the codec, with the occurrences of two years."""
    try:
        Scanner(LOW, HIGH).scan(data)
    except Unusual:
        things(data, LOW, HIGH)


def imported(data: bytes, _folder: Path) -> None:
    read_source(Source("in.ics", data=data), NOW)


def fetched(data: bytes, _folder: Path) -> None:
    must_be_whole(data, "calendar.example.org")


# messages --------------------------------------------------------------------------------------------------


def messages(_folder: Path) -> list[bytes]:
    xml = sample.metadata(sample.invitation(sample.internal(), sample.EXTERNAL))
    public = sample.published("clara@example.net", "https://example.org/a", "https://example.org/a.ics")
    calendar = b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + SEED.replace(
        b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:REQUEST", 1
    )
    head = b"From: =?utf-8?q?Alice?= <alice@example.org>\r\nSubject: a\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
    head += b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    page = b"Content-Type: text/html; charset=iso-8859-1\r\n\r\n<p>Hello<br>you</p>"
    return [
        sample.message(sample.headers("310", "402B0"), xml),
        sample.message(sample.headers("20500", remote=False), sample.metadata(sample.invitation(public))),
        head + b"--b\r\n" + page + b"\r\n--b\r\n" + calendar + b"\r\n--b--\r\n",
        letter("<1@example.org>").content,
    ]


def mail_read(data: bytes, _folder: Path) -> None:
    found = read_message(data)
    for part in found.calendars:
        assert part.title is not None
        try:
            itip.read(part.data, part.method, NOW)
        except PartagendaError:
            continue


def mail_opened(data: bytes, _folder: Path) -> None:
    read_source(Source("in.eml", data=data), NOW)


def meetings(_folder: Path) -> list[bytes]:
    return [
        SEED.replace(b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:" + each, 1) for each in (b"REQUEST", b"REPLY", b"CANCEL")
    ]


def meeting_read(data: bytes, _folder: Path) -> None:
    for method in ("", "REQUEST"):
        itip.read(data, method, NOW)


async def in_a_maildir(data: bytes, folder: Path) -> None:
    (folder / "new").mkdir(exist_ok=True)
    (folder / "new" / "1.m.example").write_bytes(data)
    source = MaildirSource("box", folder)
    for ref in await source.messages():
        await source.read(ref.id)


# XML, HTML, people -------------------------------------------------------------------------------------------


def metadata(_folder: Path) -> list[bytes]:
    public = sample.published("clara@example.net", "https://example.org/a", "webcal://example.org/a.ics")
    return [sample.metadata(sample.invitation(one)) for one in (sample.internal(), sample.EXTERNAL, public)]


def metadata_read(data: bytes, _folder: Path) -> None:
    found = read_message(sample.message(sample.headers("310"), data)).sharing
    for provider in found.providers if found else ():
        assert provider.usable in (True, False)
    parse_xml(data)


def autodiscovered(_folder: Path) -> list[bytes]:
    answer = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
    inner = "<Account><Protocol><Type>EXPR</Type><EwsUrl>https://mail.example.org/EWS/Exchange.asmx</EwsUrl></Protocol>"
    return [
        f'<Autodiscover><Response xmlns="{answer}">{inner}</Account></Response></Autodiscover>'.encode(),
        f'<Autodiscover><Response xmlns="{answer}"><Account><RedirectAddr>b@example.org</RedirectAddr></Account>'
        "</Response></Autodiscover>".encode(),
    ]


def pages(_folder: Path) -> list[bytes]:
    text = (
        "<html><head><style>p{color:red}</style></head><body><p>Bring <b>figures</b> &amp; <a href='https://x.example'>"
    )
    return [(text + "this</a><br>é&#8364;<ul><li>one<li>two</ul><table><tr><td>x</table></body></html>").encode()]


def page_read(data: bytes, _folder: Path) -> None:
    text = data.decode("utf-8", "surrogateescape")
    html_to_text(text)
    clean_html(data.decode("utf-8", "replace"))


def cards(_folder: Path) -> list[bytes]:
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bruno Lefèvre\r\nN:Lefèvre;Bruno;;;\r\n"
        "item1.EMAIL;TYPE=work:bruno@example.org\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Clara=20N=C3=B6vak\r\n"
        "EMAIL:clara@example.net\r\nEND:VCARD\r\n"
    )
    return [
        card.encode(),
        b"alias clara Clara <clara@example.net>\nalias b bruno@example.org # x\n",
        b"a@example.org\tA\tb\n",
    ]


def card_read(data: bytes, folder: Path) -> None:
    parse_vcards(data)
    parse_answer(data)
    (folder / "aliases").write_bytes(data)
    read_aliases(folder / "aliases")


# files of ours -------------------------------------------------------------------------------------------------


def configurations(_folder: Path) -> list[bytes]:
    return [
        b"""[me]
name = "Alice Martin"
address = "alice@example.org"
time_zone = "Europe/Paris"
[working_hours]
start = "09:00"
end = "17:00"
days = ["mo", "tu"]
[accounts.mail]
type = "smtp"
host = "mail.example.org"
port = 587
security = "starttls"
username = "alice"
password_command = ["pass", "show", "mail"]
[accounts.box]
type = "maildir"
path = "/home/alice/Maildir"
[accounts.office]
type = "exchange"
address = "alice@example.org"
server = "https://mail.example.org/EWS/Exchange.asmx"
username = "alice"
[accounts.cloud]
type = "microsoft365"
[ui]
theme = "dark"
[keys]
"event.new" = "n"
"""
    ]


def configured(data: bytes, folder: Path) -> None:
    file = folder / "config.toml"
    file.write_bytes(data)
    file.chmod(0o600)
    load(file, {})


def themes(_folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(shipped_folder().glob("*.toml"))]


def theme_read(data: bytes, folder: Path) -> None:
    (folder / "mine.toml").write_bytes(data)
    read_theme(folder / "mine.toml")


def states(folder: Path) -> list[bytes]:
    write_state(folder / "library.json", {"default": "local/work", "n": 1})
    drafts = DraftStore(folder / "drafts")
    draft = new_draft("local/work", SnapshotOptions(days=DateRange(date(2026, 11, 22), date(2026, 11, 28))))
    saved = drafts.save(replace(draft, to="bruno@example.org", message="Hello"), NOW)
    tokens = {"AccessToken": {"a": {"secret": "x", "expires_on": "9"}}, "RefreshToken": {}, "Account": {}}
    data = [(folder / "library.json").read_bytes(), (folder / "drafts" / f"{saved.id}.json").read_bytes()]
    drafts.discard(saved.id)
    return [*data, json.dumps(tokens).encode()]


def state_read(data: bytes, folder: Path) -> None:
    (folder / "library.json").write_bytes(data)
    read_state(folder / "library.json")
    write_state(folder / "library.json", {"default": "local/other"})
    (folder / "drafts").mkdir(exist_ok=True)
    (folder / "drafts" / "0123456789abcdef.json").write_bytes(data)
    DraftStore(folder / "drafts").drafts()
    (folder / "tokens.json").write_bytes(data)
    (folder / "tokens.json").chmod(0o600)
    with TokenFile(folder / "tokens.json").held():
        pass


def facts(_folder: Path) -> list[bytes]:
    feed = {"url": "https://example.org/a.ics", "refreshed": "2026-11-22T10:00:00+00:00", "problem": "", "every": 3600}
    snapshot = {"kind": "snapshot", "owner": "bruno@example.org", "first": "2026-11-22", "last": "", "received": "x"}
    origin = {"source": "/home/alice/a.ics", "as": "", "relation": "1F", "sender": "", "uids": ["one", "two"]}
    return [json.dumps(one).encode() for one in ({"kind": "feed", "feed": feed}, snapshot, {"import": origin})]


def facts_read(data: bytes, folder: Path) -> None:
    """What lies beside the events of a calendar, which somebody else may have given away as a folder."""
    home = folder / "calendars" / "home"
    home.mkdir(parents=True, exist_ok=True)
    (home / ".partagenda.json").write_bytes(data)
    session = _index(folder)
    try:
        session.run(lambda index: index.look(full=True))
        (row,) = session.run(lambda index: calendar_rows(index.db, "local"))
        info_of(row, True)
    finally:
        session.close()


async def databases(folder: Path) -> list[bytes]:
    outbox = open_outbox(folder, None)
    for number in range(3):
        name = f"<{number}@example.org>"
        await outbox.submit(letter(name), ShareFacts("Calendar", "full", "today"), subject=str(number))
    outbox.close()
    return [(folder / "outbox.sqlite3").read_bytes()]


async def database_read(data: bytes, folder: Path) -> None:
    (folder / "outbox.sqlite3").write_bytes(data)
    outbox = open_outbox(folder, None)
    try:
        await outbox.items()
        await outbox.submit(letter("<new@example.org>"), ShareFacts("Calendar", "full", "today"), subject="s")
    finally:
        outbox.close()


def indexes(folder: Path) -> list[bytes]:
    home = folder / "calendars" / "home"
    home.mkdir(parents=True)
    (home / "seed.ics").write_bytes(SEED)
    session = _index(folder)
    session.run(lambda index: index.look(full=True))
    session.run(lambda index: index.db.execute("VACUUM INTO ?", (str(folder / "copy"),)))
    session.close()
    return [(folder / "copy").read_bytes()]


def _index(folder: Path) -> IndexSession:
    return IndexSession(str(folder / "index.sqlite3"), [("local", str(folder / "calendars" / "*"))])


def index_read(data: bytes, folder: Path) -> None:
    """Damaged or not: it is a cache, so what is shown is what the files say."""
    remove(str(folder / "index.sqlite3"))
    (folder / "index.sqlite3").write_bytes(data)
    session = _index(folder)
    try:
        session.run(lambda index: index.look(full=True))
        session.run(lambda index: calendar_rows(index.db, "local"))
    finally:
        session.close()


READERS = {
    "calendars, decoded and written again": Reader("ics", 10_000, calendars, decoded_and_written_again),
    "calendars, indexed": Reader("ics", 26_000, calendars, indexed),
    "calendars, imported": Reader("ics", 8_000, calendars, imported),
    "calendars, fetched": Reader("ics", 1_000, calendars, fetched),
    "messages": Reader("mail", 8_000, messages, mail_read),
    "messages, imported": Reader("mail", 3_000, messages, mail_opened),
    "messages in a Maildir": Reader("mail", 1_000, messages, in_a_maildir),
    "meeting messages": Reader("ics", 3_000, meetings, meeting_read),
    "sharing_metadata.xml": Reader("xml", 4_000, metadata, metadata_read),
    "Autodiscover": Reader("xml", 1_000, autodiscovered, lambda data, _folder: read_autodiscover(data)),
    "notes in HTML": Reader("html", 2_000, pages, page_read),
    "cards and aliases": Reader("vcard", 2_000, cards, card_read),
    "config.toml": Reader("toml", 2_000, configurations, configured),
    "themes": Reader("toml", 500, themes, theme_read, (BadTheme,)),
    "state, drafts, tokens": Reader("json", 1_500, states, state_read),
    "a calendar's own facts": Reader("json", 1_000, facts, facts_read),
    "databases": Reader("sqlite", 2_000, databases, database_read),
    "the index": Reader("sqlite", 1_000, indexes, index_read),
}
MUTANTS = [
    pytest.param(name, cut.values[0], id=f"{name}-{cut.id}")
    for name, reader in READERS.items()
    for cut in parts(scaled(max(10, reader.trials // 400), reader.trials), 5_000)
]


@pytest.mark.parametrize(("name", "trials"), MUTANTS)
@soak("hostile files: mutants read, 0 uncaught", 1)
async def test_no_bytes_make_a_reader_fail_without_words(name: str, trials: int, tmp_path: Path) -> None:
    reader, draw = READERS[name], chance(21)
    seeds = reader.seeds(tmp_path)
    seeds = seeds if isinstance(seeds, list) else await seeds
    wrong: dict[str, bytes] = {}
    for _trial in range(trials):
        data = mutant(draw, reader.kind, draw.choice(seeds))
        try:
            outcome = reader.read(data, tmp_path)
            if outcome is not None and hasattr(outcome, "__await__"):
                await outcome
        except PartagendaError as error:
            assert error.message
        except reader.allowed as error:
            assert str(error)
        except Exception as error:
            trace = error.__traceback__
            while trace and trace.tb_next:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            wrong.setdefault(f"{type(error).__name__}: {error} ({where})"[:300], data)
    assert not wrong, "\n".join(f"{what}\n    {data[:1500]!r}" for what, data in list(wrong.items())[:10])
