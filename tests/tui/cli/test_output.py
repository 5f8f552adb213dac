"""Answers on standard output, problems on standard error, everything cleaned."""

import io
import json

import pytest

from core.errors import Refused
from tui.cli.output import Output


@pytest.fixture
def streams() -> tuple[io.StringIO, io.StringIO]:
    return io.StringIO(), io.StringIO()


def test_with_json_there_is_one_value_and_nothing_else(streams: tuple[io.StringIO, io.StringIO]):
    out = Output(json=True, out=streams[0], err=streams[1])
    out.line("for a person")
    out.lines("two\nlines")
    out.value({"state": "sent"})
    assert json.loads(streams[0].getvalue()) == {"state": "sent"}


def test_without_json_no_value_is_written(streams: tuple[io.StringIO, io.StringIO]):
    out = Output(out=streams[0], err=streams[1])
    out.value({"state": "sent"})
    out.line("sent")
    assert streams[0].getvalue() == "sent\n"


def test_a_problem_is_written_as_the_contract_says(streams: tuple[io.StringIO, io.StringIO]):
    Output(out=streams[0], err=streams[1]).error(Refused("No.", "Ask."))
    assert streams[1].getvalue() == "partagenda: No.\nhint: Ask.\n"
    assert streams[0].getvalue() == ""


def test_nothing_that_steers_a_terminal_is_written(streams: tuple[io.StringIO, io.StringIO]):
    out = Output(out=streams[0], err=streams[1])
    bad = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x202E)))
    out.line(bad)
    out.note(bad)
    out.problem(bad, bad)
    for stream in streams:
        written = stream.getvalue().replace("\n", "")
        assert written
        assert written.isprintable()
