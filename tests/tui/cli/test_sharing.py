"""`share`, `permissions`, `inbox accept|decline|ask`, `revoke`, `ledger` against an Exchange Server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.sandbox.exchange.conversion import store_entry_id
from core.sandbox.exchange.model import Entry
from core.sandbox.http import Break, Fault
from core.sharing.permissions import MATRIX, PermissionLevel
from tests.sharing_office import Office, office_at
from tests.tui.cli.conftest import Answer, Run

BRUNO, CLARA = "bruno@example.org", "clara@example.net"
As = Callable[..., Answer]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path / "office") as made:
        yield made


@pytest.fixture
def as_(office: Office, run: Run, monkeypatch: pytest.MonkeyPatch) -> As:
    """`as_("alice", "share", …)`: a command of somebody's, in their own folders."""

    def command(who: str, *arguments: str) -> Answer:
        for name in ("DATA", "STATE", "CACHE", "CONFIG"):
            monkeypatch.setenv(f"XDG_{name}_HOME", str(office.base / who / name.lower()))
        return run(*arguments, "--config", str(office.config(who)))

    return command


def rights(office: Office, address: str):
    folder = office.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    return next((one.rights for one in folder.permissions if one.user == address), None)


def test_sharing_needs_consent_where_nobody_can_be_asked(as_: As, office: Office):
    answer = as_("alice", "share", "Calendar", "--with", BRUNO, "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "--yes" in answer.err
    assert rights(office, BRUNO) is None


def test_sharing_gives_the_permission_and_says_so_as_the_contract_does(as_: As, office: Office):
    answer = as_("alice", "share", "Calendar", "--with", BRUNO, "--detail", "limited", "--yes", "--json")
    assert answer.code == 0, answer.err
    [shared] = answer.json["shared"]
    assert (shared["address"], shared["level"], shared["invited"]) == (BRUNO, "free-busy-time-subject-location", True)
    assert answer.json["refused"] == []
    assert rights(office, BRUNO) == MATRIX[PermissionLevel.FREE_BUSY_DETAILED]
    [line] = as_("alice", "ledger", "--json").json
    assert (line["person"], line["calendar"], line["how"], line["state"]) == (BRUNO, "Calendar", "share", "sent")


def test_an_invitation_inside_names_the_folder_and_the_mailbox_as_outlook_does(as_: As, office: Office):
    assert as_("alice", "share", "Calendar", "--with", BRUNO, "--yes").code == 0
    mailboxes = office.server.organisation.mailboxes
    [item] = mailboxes[BRUNO].distinguished["inbox"].items.values()
    letter = message_from_bytes(item.mime)
    [part] = [each for each in letter.walk() if each.get_content_type() == "application/x-sharing-metadata-xml"]
    provider = ElementTree.fromstring(part.get_payload(decode=True)).find(".//{*}Provider")
    alice = mailboxes["alice@example.org"]
    assert provider.get("Type") == "ms-exchange-internal"
    assert provider.findtext("{*}FolderId") == alice.distinguished["calendar"].id.hexadecimal.upper()
    assert provider.findtext("{*}MailboxId") == store_entry_id(alice).hex().upper()


def test_a_dry_run_needs_no_consent_and_changes_nothing(as_: As, office: Office):
    answer = as_("alice", "share", "Calendar", "--with", BRUNO, "--dry-run", "--json")
    assert (answer.code, answer.json["shared"][0]["invited"]) == (0, False)
    assert rights(office, BRUNO) is None


def test_what_the_policy_refuses_is_told_with_what_is_allowed_and_the_copy_is_offered(as_: As, office: Office):
    answer = as_("alice", "share", "Calendar", "--with", CLARA, "--detail", "full", "--yes", "--json")
    assert answer.code == 1
    [refused] = answer.json["refused"]
    assert (refused["address"], refused["allowed"]) == (CLARA, ["free-busy-time"])
    assert "Availability only" in refused["reason"]
    assert "send “Calendar” --to clara@example.net" in answer.err


def test_a_partial_refusal_is_partly_done(as_: As, office: Office):
    answer = as_("alice", "share", "Calendar", "--with", BRUNO, CLARA, "--detail", "full", "--yes", "--json")
    assert answer.code == 3
    assert [one["address"] for one in answer.json["shared"]] == [BRUNO]
    assert [one["address"] for one in answer.json["refused"]] == [CLARA]


def test_a_mail_that_cannot_go_leaves_the_permission_and_says_how_to_take_it_back(as_: As, office: Office):
    answer = as_("alice", "share", "Calendar", "--with", BRUNO, "--account", "broken", "--yes", "--json")
    assert answer.code == 3
    [shared] = answer.json["shared"]
    assert (shared["invited"], shared["state"]) == (False, "queued")
    assert "revoke bruno@example.org" in answer.err
    assert rights(office, BRUNO) is not None


def test_a_mail_of_which_nobody_knows_is_said_to_be_so(as_: As, office: Office):
    office.server.faults.add(Fault(Break.CUT_AFTER, lambda request: b"CreateItem" in request.body, times=0))
    answer = as_("alice", "share", "Calendar", "--with", BRUNO, "--yes", "--json")
    assert answer.code == 3
    [shared] = answer.json["shared"]
    assert (shared["invited"], shared["state"]) == (False, "unknown")
    assert "may have been sent" in answer.err


def test_levels_are_given_by_detail_or_by_name_and_not_by_both(as_: As):
    assert as_("alice", "share", "Calendar", "--with", BRUNO, "--detail", "full", "--level", "editor").code == 2
    assert as_("alice", "share", "Calendar", "--with", BRUNO, "--level", "editr").code == 2
    assert as_("alice", "share", "Calendar").code == 2


def test_the_table_has_default_and_anonymous_with_their_rights(as_: As):
    rows = as_("alice", "permissions", "Calendar", "--json").json
    assert [(row["who"], row["level"]) for row in rows] == [("default", "free-busy-time"), ("anonymous", "none")]
    assert rows[0]["rights"] == {
        "read": "time",
        "create": False,
        "create_subfolders": False,
        "edit": "none",
        "delete": "none",
        "owner": False,
        "contact": False,
        "visible": False,
    }


def test_a_permission_is_set_undone_and_removed(as_: As, office: Office):
    assert as_("alice", "permissions", "Calendar", "set", BRUNO, "editor", "--yes").code == 0
    assert rights(office, BRUNO) == MATRIX[PermissionLevel.EDITOR]
    assert as_("alice", "permissions", "Calendar", "undo", "--yes").code == 0
    assert rights(office, BRUNO) is None
    assert as_("alice", "permissions", "Calendar", "set", BRUNO, "reviewer", "--yes").code == 0
    assert as_("alice", "permissions", "Calendar", "remove", BRUNO, "--yes").code == 0
    assert rights(office, BRUNO) is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("set", BRUNO, "owner"), 1),
        (("remove", "default", "--yes"), 1),
        (("remove", BRUNO, "--yes"), 2),
        (("set", BRUNO), 2),
        (("set", "nobody", "editor", "--yes"), 2),
        (("set", BRUNO, "custom", "--yes"), 2),
        (("give", BRUNO, "editor"), 2),
    ],
)
def test_what_cannot_be_done_with_permissions_says_why(as_: As, arguments: tuple[str, ...], code: int):
    answer = as_("alice", "permissions", "Calendar", *arguments)
    assert answer.code == code
    assert answer.err.startswith(("partagenda: ", "note: "))


def test_a_person_whom_the_server_does_not_know_is_refused_by_name(as_: As):
    answer = as_("alice", "permissions", "Calendar", "set", "nobody@example.org", "editor", "--yes", "--json")
    assert answer.code == 1
    assert "nobody@example.org: refused" in answer.err


def test_an_invitation_is_listed_shown_and_opened_after_consent(as_: As):
    as_("alice", "share", "Calendar", "--with", BRUNO, "--detail", "full", "--yes")
    [item] = as_("bruno", "inbox", "--json").json
    assert (item["kind"], item["from"], item["level"]) == ("invitation", "alice@example.org", "full")
    shown = as_("bruno", "inbox", "show", item["id"], "--json").json
    assert shown["can_open"]
    assert any("Calendar" in line for line in shown["meaning"])
    assert as_("bruno", "inbox", "accept", item["id"]).code == 1
    assert [one["owner"] for one in as_("bruno", "calendars", "--json").json] == [""]
    opened = as_("bruno", "inbox", "open", item["id"], "--yes", "--json").json
    assert (opened["name"], opened["owner"], opened["level"]) == (
        "Alice Martin – Calendar",
        "alice@example.org",
        "full",
    )
    assert as_("bruno", "agenda", "Alice Martin – Calendar", "--range", "30d", "--json").json


def test_an_invitation_needs_no_refusal_and_says_so(as_: As):
    as_("alice", "share", "Calendar", "--with", BRUNO, "--yes")
    [item] = as_("bruno", "inbox", "--json").json
    answer = as_("bruno", "inbox", "decline", item["id"], "--yes")
    assert answer.code == 1
    assert "needs no refusal" in answer.err


def test_a_request_is_asked_for_allowed_and_answered(as_: As, office: Office):
    as_("alice", "share", "Calendar", "--with", BRUNO, "--yes")
    [item] = as_("bruno", "inbox", "--json").json
    assert as_("bruno", "inbox", "ask", item["id"], "--yes").code == 0
    [request] = as_("alice", "inbox", "--json").json
    assert (request["kind"], request["from"]) == ("request", BRUNO)
    answer = as_("alice", "inbox", "accept", request["id"], "--detail", "full", "--yes", "--json")
    assert answer.code == 0, answer.err
    assert rights(office, BRUNO) == MATRIX[PermissionLevel.REVIEWER]
    assert [one["kind"] for one in as_("bruno", "inbox", "--json").json] == ["invitation", "invitation"]


def test_a_request_is_declined_and_nothing_is_given(as_: As, office: Office):
    as_("bruno", "share", "Calendar", "--with", "alice@example.org", "--ask-theirs", "--yes")
    [request] = as_("alice", "inbox", "--json").json
    answer = as_("alice", "inbox", "decline", request["id"], "--yes", "--json")
    assert answer.json["answer"] == "declined"
    assert rights(office, BRUNO) is None
    assert "response" in [one["kind"] for one in as_("bruno", "inbox", "--json").json]


def test_revoking_takes_back_what_can_be_and_says_what_cannot(as_: As, office: Office):
    as_("alice", "share", "Calendar", "--with", BRUNO, "--level", "editor", "--yes")
    as_("alice", "send", "Calendar", "--to", BRUNO, "--yes")
    answer = as_("alice", "revoke", BRUNO, "--yes", "--json")
    assert answer.code == 3
    assert [(one["what"], one["done"]) for one in answer.json] == [("permission", True), ("copy", False)]
    assert "cannot be called back" in answer.err
    assert rights(office, BRUNO) is None


def test_revoking_from_somebody_who_has_nothing_says_so(as_: As):
    answer = as_("alice", "revoke", "x@example.org", "--yes", "--json")
    assert (answer.code, answer.json) == (0, [])


def test_a_calendar_of_this_machine_is_not_shared_and_the_way_out_is_said(as_: As):
    as_("alice", "new", "Plans")
    answer = as_("alice", "share", "Plans", "--with", BRUNO, "--yes")
    assert answer.code == 1
    assert "hint: Send a copy" in answer.err


def test_of_two_calendars_of_one_name_the_one_that_can_be_shared_is_meant(as_: As, office: Office):
    as_("alice", "sync")
    as_("alice", "new", "calendar")  # names differ in case only, and are typed in a third way
    shared = as_("alice", "share", "CALENDAR", "--with", BRUNO, "--yes")
    assert shared.code == 0, shared.err
    assert rights(office, BRUNO) == MATRIX[PermissionLevel.FREE_BUSY]
    assert as_("alice", "permissions", "CALENDAR", "--json").json[-1]["who"] == BRUNO


def test_of_two_that_could_be_meant_the_ids_are_said_and_nothing_is_done(as_: As, office: Office):
    alice = office.server.organisation.mailboxes["alice@example.org"]
    office.server.organisation.add_folder(alice, alice.distinguished["calendar"], "calendar", "IPF.Appointment")
    as_("alice", "sync")
    answer = as_("alice", "share", "CALENDAR", "--with", BRUNO, "--yes")
    assert answer.code == 2, answer.err
    ids = [one["id"] for one in as_("alice", "calendars", "--json").json if one["name"].lower() == "calendar"]
    assert len(ids) == 2
    assert all(each in answer.err for each in ids)
    assert rights(office, BRUNO) is None


def test_what_a_person_sees_is_what_their_right_gives(as_: As, office: Office):
    folder = office.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    folder.permissions.append(Entry(BRUNO, MATRIX[PermissionLevel.FREE_BUSY_DETAILED]))
    shown = as_("alice", "view-as", BRUNO, "Calendar", "--range", "30d", "--json").json
    assert any(one.get("place") for one in shown)
    assert not any("attendees" in one for one in shown)
