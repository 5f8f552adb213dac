"""While one types a recipient, the people one knows are offered, and nothing that fails gets in the way."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.services.address_files import parse_vcards, read_aliases, read_vcards
from core.services.address_query import parse_answer
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.people import AddressBook
from tests.cost import SECONDS, cheapest

CARD = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\nEMAIL;TYPE=work:{mail}\r\nEND:VCARD\r\n"


def cards(tmp_path: Path, *people: tuple[str, str]) -> Path:
    folder = tmp_path / "contacts"
    folder.mkdir(exist_ok=True)
    for number, (name, mail) in enumerate(people):
        (folder / f"{number}.vcf").write_text(CARD.format(name=name, mail=mail))
    return folder


async def found(book: AddressBook, text: str) -> list[str]:
    return [str(address) for address in await book.complete(text)]


async def written_to(tmp_path: Path, *people: str) -> Ledger:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    for number, person in enumerate(people):
        when = datetime(2026, 11, 1 + number, tzinfo=UTC)
        await ledger.record([LedgerEntry(person, "c", "e-mail", "full", "today", when, LedgerState.SENT, str(number))])
    return ledger


async def test_a_name_is_found_by_its_beginning(tmp_path):
    book = AddressBook(vcards=[cards(tmp_path, ("Clara Novak", "clara@example.net"))])
    assert await found(book, "nov") == ["Clara Novak <clara@example.net>"]


async def test_accents_and_case_do_not_matter(tmp_path):
    book = AddressBook(vcards=[cards(tmp_path, ("Bruno Lefèvre", "bruno@example.org"))])
    assert await found(book, "LEFEVRE") == ["Bruno Lefèvre <bruno@example.org>"]


async def test_those_one_wrote_to_last_come_first_with_their_names(tmp_path):
    ledger = await written_to(tmp_path, "bruno@example.org", "clara@example.net")
    book = AddressBook(ledger, vcards=[cards(tmp_path, ("Bruno", "bruno@example.org"))])
    assert await found(book, "example") == ["clara@example.net", "Bruno <bruno@example.org>"]


async def test_an_empty_text_finds_nobody(tmp_path):
    assert await found(AddressBook(await written_to(tmp_path, "bruno@example.org")), " ") == []


async def test_there_is_a_limit(tmp_path):
    people = [(f"Clara {n}", f"clara{n}@example.net") for n in range(20)]
    assert len(await AddressBook(vcards=[cards(tmp_path, *people)]).complete("clara", limit=3)) == 3


async def test_a_changed_file_is_read_again(tmp_path):
    folder = cards(tmp_path, ("Clara", "clara@example.net"))
    book = AddressBook(vcards=[folder])
    await book.complete("bruno")
    (folder / "new.vcf").write_text(CARD.format(name="Bruno", mail="bruno@example.org"))
    assert await found(book, "bruno") == ["Bruno <bruno@example.org>"]


async def test_files_that_are_not_there_give_nobody(tmp_path):
    book = AddressBook(vcards=[tmp_path / "no"], mutt_aliases=tmp_path / "none", query_command=["/nowhere/khard", "%s"])
    assert await found(book, "bruno") == []


# --- vCards -----------------------------------------------------------------------------------------------------------


def test_versions_3_and_4_folded_and_grouped_are_read():
    data = (
        b"BEGIN:VCARD\nVERSION:3.0\nN:Martin;Alice;;;\nitem1.EMAIL;type=INTERNET:alice@exa\n mple.org\nEND:VCARD\n"
        b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Clara\\, N.\r\nEMAIL:mailto:clara@example.net\r\nEND:VCARD\r\n"
    )
    assert [(p.name, p.address) for p in parse_vcards(data)] == [
        ("Alice Martin", "alice@example.org"),
        ("Clara, N.", "clara@example.net"),
    ]


def test_each_address_of_a_person_is_there():
    data = CARD.format(name="Clara", mail="a@example.net\r\nEMAIL:b@example.net").encode()
    assert [p.address for p in parse_vcards(data)] == ["a@example.net", "b@example.net"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" * 10_000,
        b"BEGIN:VCARD\n" * 50_000,
        b"EMAIL" * 100_000,
        b"EMAIL:" + b"a" * 1_000_000,
        b"FN:" + b"\\" * 500_000 + b"\nEMAIL:a@example.org\n",
        b"N:" + b";" * 100_000 + b"\nEMAIL:a@example.org\n",
        b"EMAIL;" + b"X=y;" * 100_000 + b":a@example.org\n",
        b"EMAIL;ENCODING=QUOTED-PRINTABLE:" + b"=0A" * 10_000,
        b"FN:x\n" + b" y\n" * 200_000,
    ],
    ids=lambda data: repr(data[:16]),
)
def test_a_hostile_card_is_answered(data):
    assert all("\n" not in person.name and len(person.name) <= 200 for person in parse_vcards(data))


def test_a_name_in_a_card_cannot_command_the_terminal_or_the_mail():
    (person,) = parse_vcards(CARD.format(name="Clara\x1b[2J =?utf-8?q?=0D=0ABcc:?=", mail="clara@example.net").encode())
    assert ("\x1b" in person.name, "=?" in person.name) == (False, False)


def test_a_pipe_or_a_link_to_a_folder_is_no_card(tmp_path):
    import os

    folder = cards(tmp_path, ("Clara", "clara@example.net"))
    os.mkfifo(folder / "pipe.vcf")
    (folder / "loop").symlink_to(folder)
    assert len(read_vcards(folder)) == 1


# --- mutt and the query command ---------------------------------------------------------------------------------------


def test_mutts_aliases_are_read(tmp_path):
    path = tmp_path / "aliases"
    path.write_text(
        "# people\nalias clara Clara Novak <clara@example.net> # a friend\n"
        "alias -group team bruno bruno@example.org (Bruno)\n"
        'alias both "Novak, Clara" <c2@example.net>, \\\n  bruno2@example.org\nalias broken nobody\nset x=y\nalias\n'
    )
    assert [str(p) for p in read_aliases(path)] == [
        "Clara Novak <clara@example.net>",
        "Bruno <bruno@example.org>",
        '"Novak, Clara" <c2@example.net>',
        "bruno2@example.org",
    ]


@pytest.mark.parametrize("unit", ["@", "a@", " # ", ' #"', "( ", "-group a ", "a@example.org, "])
def test_a_line_of_aliases_that_is_made_to_eat_time_takes_less_than_a_second(tmp_path: Path, unit: str):
    path = tmp_path / "aliases"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        read_aliases(path)

    seconds, _megabytes = cheapest(read, f'alias a {unit * 50_000}"\n'.encode())
    assert seconds < SECONDS


def test_the_answer_of_a_query_command_is_read():
    output = b"searching for clara\nclara@example.net\tClara Novak\twork\nrubbish\nbruno@example.org\t\n"
    assert [str(p) for p in parse_answer(output)] == ["Clara Novak <clara@example.net>", "bruno@example.org"]


def program(tmp_path: Path, code: str) -> list[str]:
    script = tmp_path / "query.py"
    script.write_text(f"import sys, time\n{code}\n")
    return [sys.executable, str(script)]


async def test_what_is_typed_reaches_the_command_as_one_argument_without_a_shell(tmp_path):
    code = "print(); print('x@example.org\\t' + repr(sys.argv[1:]))"
    book = AddressBook(query_command=[*program(tmp_path, code), "--parsable", "%s"])
    assert [p.name for p in await book.complete("a b; $(id) 'c'")] == ["""['--parsable', "a b; $(id) 'c'"]"""]


async def test_what_looks_like_an_option_is_not_given_to_the_command(tmp_path):
    book = AddressBook(query_command=[*program(tmp_path, "print(); print('x@example.org\\tX')"), "%s"])
    assert await found(book, "--config=/etc/passwd") == []


async def test_a_command_that_does_not_end_gives_nobody_in_time(tmp_path):
    book = AddressBook(query_command=[*program(tmp_path, "time.sleep(60)"), "%s"], time_limit=0.3)
    before = time.monotonic()
    assert (await found(book, "clara"), time.monotonic() - before < 3) == ([], True)


async def test_a_command_that_never_stops_talking_is_cut(tmp_path):
    code = "while True: print('x@example.org\\tClara')"
    book = AddressBook(query_command=[*program(tmp_path, code), "%s"], time_limit=5)
    assert await found(book, "clara") == ["Clara <x@example.org>"]
