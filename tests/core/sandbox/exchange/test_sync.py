"""Sync: each change is told once, as new, changed or gone, page by page; nothing is told twice or forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import Change, ChangeKind
from core.sandbox.exchange.sync import read_state, steps_since, write_state
from core.sandbox.exchange.xml import child, children, name_of, text_of

SYNC = (
    "<m:SyncFolderItems><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:SyncFolderId>"
    '<t:DistinguishedFolderId Id="{folder}"/></m:SyncFolderId>{state}<m:MaxChangesReturned>{most}'
    "</m:MaxChangesReturned></m:SyncFolderItems>"
)
HIERARCHY = (
    "<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>{state}"
    "</m:SyncFolderHierarchy>"
)
NOON = "<t:Start>2027-05-03T10:00:00Z</t:Start><t:End>2027-05-03T11:00:00Z</t:End>"


def sync(exchange, state="", most=100, folder="calendar", who="alice"):
    """The new state, whether it is the end, and what is told."""
    kept = f"<m:SyncState>{state}</m:SyncState>" if state else ""
    (message,) = exchange.messages(SYNC.format(folder=folder, state=kept, most=most), who)
    assert text_of(message, "ResponseCode") == "NoError", text_of(message, "ResponseCode")
    told = [(name_of(each), text_of(each[0], "Subject")) for each in children(message, "Changes")]
    return text_of(message, "SyncState"), text_of(message, "IncludesLastItemInRange") == "true", told


def test_the_first_sync_tells_everything_and_the_next_nothing(empty):
    empty.create(f"<t:Subject>One</t:Subject>{NOON}")
    state, done, told = sync(empty)
    assert (done, told) == (True, [("Create", "One")])
    assert sync(empty, state)[1:] == (True, [])


def test_each_change_is_told_by_its_kind(empty, ref, setting):
    kept, gone = (empty.create(f"<t:Subject>{name}</t:Subject>{NOON}") for name in ("Kept", "Gone"))
    state, _done, _told = sync(empty)
    empty.update(ref(kept), setting("item:Subject", "<t:Subject>Changed</t:Subject>"))
    empty.delete(ref(gone))
    empty.create(f"<t:Subject>New</t:Subject>{NOON}")
    assert sync(empty, state)[2] == [("Update", "Changed"), ("Delete", ""), ("Create", "New")]


def test_what_came_and_went_in_between_is_not_told(empty, ref):
    state, _done, _told = sync(empty)
    empty.delete(ref(empty.create(NOON)))
    assert sync(empty, state)[2] == []


def test_a_changed_or_deleted_instance_is_a_change_of_its_series(empty):
    rule = (
        "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NoEndRecurrence>"
        "<t:StartDate>2027-05-03</t:StartDate></t:NoEndRecurrence></t:Recurrence>"
    )
    master = empty.create(f"<t:Subject>Daily</t:Subject>{NOON}{rule}")
    state, _done, _told = sync(empty)
    empty.delete(f'<t:OccurrenceItemId RecurringMasterId="{master.get("Id")}" InstanceIndex="2"/>')
    assert sync(empty, state)[2] == [("Update", "Daily")]


def test_pages_lead_through_everything_once(year):
    state, done, seen = "", False, 0
    while not done:
        state, done, told = sync(year, state, most=100)
        assert {kind for kind, _title in told} <= {"Create"}
        seen += len(told)
    assert seen == len(year.mailbox().distinguished["calendar"].items)


def test_an_item_that_changes_between_pages_is_told_again_as_changed(empty, ref, setting):
    first = empty.create(f"<t:Subject>One</t:Subject>{NOON}")
    empty.create(f"<t:Subject>Two</t:Subject>{NOON}")
    state, done, told = sync(empty, most=1)
    assert (done, told) == (False, [("Create", "One")])
    empty.update(ref(first), setting("item:Subject", "<t:Subject>Uno</t:Subject>"))
    assert sync(empty, state)[1:] == (True, [("Create", "Two"), ("Update", "Uno")])


def test_what_is_ignored_is_not_told(empty):
    made = empty.create(f"<t:Subject>One</t:Subject>{NOON}")
    body = SYNC.format(folder="calendar", state="", most=10).replace(
        "<m:MaxChangesReturned>", f'<m:Ignore><t:ItemId Id="{made.get("Id")}"/></m:Ignore><m:MaxChangesReturned>'
    )
    (message,) = empty.messages(body)
    assert list(children(message, "Changes")) == []


@pytest.mark.parametrize("state", ["nonsense!", "e30=", write_state("another folder", 3)])
def test_a_state_that_is_none_of_this_folders_is_refused(empty, state):
    kept = f"<m:SyncState>{state}</m:SyncState>"
    assert empty.code(SYNC.format(folder="calendar", state=kept, most=10)) == "ErrorInvalidSyncStateData"


def test_lost_rights_end_the_sync(empty, grant):
    grant(empty, "bruno", "none")
    body = SYNC.format(folder="calendar", state="", most=10).replace(
        '"calendar"/>',
        '"calendar"><t:Mailbox><t:EmailAddress>alice@example.org</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>',
    )
    assert empty.code(body, who="bruno") == "ErrorAccessDenied"


def test_folders_are_told_in_the_same_way(empty):
    (message,) = empty.messages(HIERARCHY.format(state=""))
    names = {text_of(each[0], "DisplayName") for each in children(message, "Changes")}
    assert {"Calendar", "Inbox", "Deleted Items"} <= names
    state = f"<m:SyncState>{text_of(message, 'SyncState')}</m:SyncState>"
    top = empty.mailbox().distinguished["msgfolderroot"]
    folder = empty.store.add_folder(empty.mailbox(), top, "Project", "IPF.Appointment")
    (message,) = empty.messages(HIERARCHY.format(state=state))
    (told,) = children(message, "Changes")
    assert (name_of(told), text_of(told, "CalendarFolder", "DisplayName")) == ("Create", "Project")
    state = f"<m:SyncState>{text_of(message, 'SyncState')}</m:SyncState>"
    empty.store.remove_folder(folder)
    (message,) = empty.messages(HIERARCHY.format(state=state))
    (told,) = children(message, "Changes")
    assert (name_of(told), child(told, "FolderId").get("Id")) == ("Delete", str(folder.id))


# --- the journal, by itself ------------------------------------------------------------------------------------------

KINDS = st.sampled_from(["change", "delete", "sync", "page"])


@given(st.lists(st.tuples(KINDS, st.integers(0, 4)), max_size=40), st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_a_client_that_follows_has_what_the_server_has(actions, size):
    journal: list[Change] = []
    alive: dict[str, int] = {}
    client: dict[str, int] = {}
    place = made = 0

    def note(kind, name):
        journal.append(Change(len(journal) + 1, kind, None, "", name, datetime.now(UTC)))

    def page(most):
        steps, at, done = steps_since(journal, place, lambda change: change.item, most)
        for step in steps:
            assert step.known == (step.subject in client)
            if step.subject in alive:
                client[step.subject] = alive[step.subject]
            else:
                client.pop(step.subject)
        return at, done

    for kind, number in actions:
        names = sorted(alive)
        if (kind == "change" and number == 0) or not names:
            made += 1
            alive[f"item {made}"] = 0
            note(ChangeKind.CREATED, f"item {made}")
        elif kind == "change":
            alive[names[number % len(names)]] += 1
            note(ChangeKind.MODIFIED, names[number % len(names)])
        elif kind == "delete":
            del alive[names[number % len(names)]]
            note(ChangeKind.DELETED, names[number % len(names)])
        else:
            place, _done = page(size if kind == "page" else 1000)
    done = False
    while not done:
        place, done = page(size)
    assert client == alive


def test_a_state_is_read_as_it_was_written():
    assert read_state(write_state("folder", 17), "folder") == 17
    with pytest.raises(EwsError):
        read_state(write_state("folder", 17), "other")
