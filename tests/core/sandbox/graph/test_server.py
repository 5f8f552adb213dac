"""The sandbox's Graph over the wire: what clients by others meet too."""

from __future__ import annotations

import httpx
import pytest

from core.sandbox.people import ALICE, BRUNO
from tests.graph_world import GraphWorld

LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2026-11-23T12:00:00", "timeZone": "Europe/Paris"},
    "end": {"dateTime": "2026-11-23T13:00:00", "timeZone": "Europe/Paris"},
}
DAILY = {
    **LUNCH,
    "recurrence": {
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "numbered", "startDate": "2026-11-23", "numberOfOccurrences": 5},
    },
}
WEEK = "startDateTime=2026-11-22T00:00:00Z&endDateTime=2026-11-30T00:00:00Z"


def made(client: httpx.Client, event=LUNCH, **more):
    answer = client.post("/me/events", json={**event, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_without_a_token_nothing_is_told(world: GraphWorld):
    answer = httpx.get(f"{world.server.url}/v1.0/me/events", verify=world.trust)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_an_expired_token_is_refused(world: GraphWorld):
    client = world.client()
    world.server.sign_ins.expire()
    assert client.get("/me").status_code == 401


def test_a_token_without_the_scope_is_refused(world: GraphWorld):
    answer = world.client(scopes="Calendars.Read").post("/me/events", json=LUNCH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "ErrorAccessDenied")


def test_times_come_in_the_zone_that_is_preferred(world: GraphWorld):
    client = world.client()
    event = made(client)
    assert event["start"] == {"dateTime": "2026-11-23T11:00:00.0000000", "timeZone": "UTC"}
    prefer = {"Prefer": 'outlook.timezone="Eastern Standard Time"'}
    there = client.get(f"/me/events/{event['id']}", headers=prefer).json()
    assert there["start"] == {"dateTime": "2026-11-23T06:00:00.0000000", "timeZone": "Eastern Standard Time"}


def test_an_unknown_zone_is_refused(world: GraphWorld):
    start = {"dateTime": "2026-11-23T12:00:00", "timeZone": "Middle Earth"}
    assert world.client().post("/me/events", json={**LUNCH, "start": start}).status_code == 400


def test_the_same_transaction_makes_one_event(world: GraphWorld):
    client = world.client()
    first = made(client, transactionId="7")
    assert made(client, transactionId="7")["id"] == first["id"]
    assert len(world.calendar().items) == 1


def test_an_old_etag_changes_nothing(world: GraphWorld):
    client = world.client()
    event = made(client)
    path = f"/me/events/{event['id']}"
    client.patch(path, json={"subject": "Dinner"})
    answer = client.patch(path, json={"subject": "Tea"}, headers={"If-Match": event["@odata.etag"]})
    assert answer.status_code == 412
    assert client.get(path).json()["subject"] == "Dinner"


def test_a_view_expands_a_series_with_what_its_instances_have_of_their_own(world: GraphWorld):
    client = world.client()
    master = made(client, DAILY)
    instances = client.get(f"/me/events/{master['id']}/instances?{WEEK}").json()["value"]
    assert len(instances) == 5
    client.patch(f"/me/events/{instances[1]['id']}", json={"subject": "Brunch"})
    client.delete(f"/me/events/{instances[2]['id']}")
    found = client.get(f"/me/calendarView?{WEEK}").json()["value"]
    assert [(one["subject"], one["type"]) for one in found] == [
        ("Lunch", "occurrence"),
        ("Brunch", "exception"),
        ("Lunch", "occurrence"),
        ("Lunch", "occurrence"),
    ]


def test_a_master_names_its_exceptions_and_what_was_cancelled_when_asked(world: GraphWorld):
    client = world.client()
    master = made(client, DAILY)
    instances = client.get(f"/me/events/{master['id']}/instances?{WEEK}").json()["value"]
    client.patch(f"/me/events/{instances[1]['id']}", json={"subject": "Brunch"})
    client.delete(f"/me/events/{instances[2]['id']}")
    asked = "$select=subject,cancelledOccurrences&$expand=exceptionOccurrences"
    found = client.get(f"/me/events/{master['id']}?{asked}").json()
    assert found["cancelledOccurrences"] == [f"OID.{master['id']}.2026-11-25"]
    assert [one["subject"] for one in found["exceptionOccurrences"]] == ["Brunch"]


def test_an_instance_does_not_pass_its_neighbour(world: GraphWorld):
    client = world.client()
    master = made(client, DAILY)
    instances = client.get(f"/me/events/{master['id']}/instances?{WEEK}").json()["value"]
    there = {"dateTime": "2026-11-26T12:00:00", "timeZone": "UTC"}
    answer = client.patch(f"/me/events/{instances[1]['id']}", json={"start": there, "end": there})
    assert answer.json()["error"]["code"] == "ErrorOccurrenceCrossingBoundary"


def test_lists_come_in_pages(world: GraphWorld):
    client = world.client()
    for number in range(5):
        made(client, subject=str(number))
    answer = client.get("/me/events?$top=2&$select=subject").json()
    seen = [one["subject"] for one in answer["value"]]
    while next_link := answer.get("@odata.nextLink"):
        answer = client.get(next_link).json()
        seen += [one["subject"] for one in answer["value"]]
    assert seen == list("01234")


def test_a_delta_round_tells_what_changed_and_what_is_gone(world: GraphWorld):
    client = world.client()
    kept, gone = made(client), made(client, subject="Gone")
    first = client.get(f"/me/calendarView/delta?{WEEK}").json()
    assert len(first["value"]) == 2
    client.patch(f"/me/events/{kept['id']}", json={"subject": "Changed"})
    client.delete(f"/me/events/{gone['id']}")
    second = client.get(first["@odata.deltaLink"]).json()["value"]
    assert [(one.get("subject"), "@removed" in one) for one in second] == [("Changed", False), (None, True)]


def test_a_forgotten_delta_token_is_410(world: GraphWorld):
    client = world.client()
    link = client.get(f"/me/calendarView/delta?{WEEK}").json()["@odata.deltaLink"]
    world.server.world.rounds.forget()
    assert client.get(link).status_code == 410


def test_a_batch_answers_each_request(world: GraphWorld):
    client = world.client()
    event = made(client)
    steps = [
        {"id": "1", "method": "GET", "url": f"/me/events/{event['id']}"},
        {"id": "2", "method": "GET", "url": "/x"},
    ]
    answers = client.post("/$batch", json={"requests": steps}).json()["responses"]
    assert [(one["id"], one["status"]) for one in answers] == [("1", 200), ("2", 400)]


def test_an_event_with_people_invites_them_by_itself(world: GraphWorld):
    people = [{"type": "required", "emailAddress": {"name": "Bruno", "address": BRUNO.address}}]
    made(world.client(), attendees=people)
    assert b'method="REQUEST"' in world.mail(BRUNO)[0]


def test_the_table_of_permissions_has_the_organisation(world: GraphWorld):
    (row,) = world.client().get("/me/calendar/calendarPermissions").json()["value"]
    assert (row["role"], row["isRemovable"], row["emailAddress"]) == (
        "freeBusyRead",
        False,
        {"name": "My Organization"},
    )


def test_granting_invites(world: GraphWorld):
    body = {"emailAddress": {"name": "Bruno", "address": BRUNO.address}, "role": "read"}
    assert world.client().post("/me/calendar/calendarPermissions", json=body).status_code == 201
    (mail,) = world.mail(BRUNO)
    assert b"Content-Class: Sharing" in mail
    assert b"Subject: You're invited to share this calendar" in mail


def test_outside_people_are_offered_no_editing(world: GraphWorld):
    body = {"emailAddress": {"name": "Clara", "address": "clara@example.net"}, "role": "write"}
    answer = world.client().post("/me/calendar/calendarPermissions", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "ErrorNotAllowedExternalSharingByPolicy")


@pytest.mark.parametrize(
    ("role", "subject", "place"),
    [("freeBusyRead", "Busy", ""), ("limitedRead", "Lunch", "Canteen"), ("read", "Lunch", "Canteen")],
)
def test_what_may_not_be_seen_is_not_sent(world: GraphWorld, role: str, subject: str, place: str):
    alice, bruno = world.client(), world.client(BRUNO)
    made(alice, location={"displayName": "Canteen"}, body={"contentType": "text", "content": "secret"})
    body = {"emailAddress": {"name": "Bruno", "address": BRUNO.address}, "role": role}
    alice.post("/me/calendar/calendarPermissions", json=body)
    answer = bruno.get(f"/users/{ALICE.address}/calendar/calendarView?{WEEK}")
    (event,) = answer.json()["value"]
    assert (event["subject"], event["location"]["displayName"]) == (subject, place)
    assert ("secret" in answer.text) is (role == "read")


def test_without_a_right_the_calendar_is_not_there(world: GraphWorld):
    alice, bruno = world.client(), world.client(BRUNO)
    (row,) = alice.get("/me/calendar/calendarPermissions").json()["value"]
    alice.patch(f"/me/calendar/calendarPermissions/{row['id']}", json={"role": "none"})
    assert bruno.get(f"/users/{ALICE.address}/calendar/calendarView?{WEEK}").status_code == 404


def test_who_may_read_may_not_write(world: GraphWorld):
    alice, bruno = world.client(), world.client(BRUNO)
    event = made(alice)
    body = {"emailAddress": {"name": "Bruno", "address": BRUNO.address}, "role": "read"}
    alice.post("/me/calendar/calendarPermissions", json=body)
    answer = bruno.patch(f"/users/{ALICE.address}/events/{event['id']}", json={"subject": "Mine"})
    assert answer.status_code == 403


def test_a_private_item_is_a_block_for_everybody_else(world: GraphWorld):
    alice, bruno = world.client(), world.client(BRUNO)
    made(alice, sensitivity="private", subject="Doctor")
    body = {"emailAddress": {"name": "Bruno", "address": BRUNO.address}, "role": "write"}
    alice.post("/me/calendar/calendarPermissions", json=body)
    assert "Doctor" not in bruno.get(f"/users/{ALICE.address}/calendar/calendarView?{WEEK}").text


def test_schedules_tell_times_and_say_who_is_unknown(world: GraphWorld):
    made(world.client(BRUNO))
    body = {
        "schedules": [BRUNO.address, "nobody@example.org"],
        "startTime": {"dateTime": "2026-11-23T00:00:00", "timeZone": "Europe/Paris"},
        "endTime": {"dateTime": "2026-11-24T00:00:00", "timeZone": "Europe/Paris"},
        "availabilityViewInterval": 60,
    }
    bruno, nobody = world.client().post("/me/calendar/getSchedule", json=body).json()["value"]
    assert bruno["availabilityView"] == "0" * 12 + "2" + "0" * 11
    assert nobody["error"]["responseCode"] == "ErrorMailRecipientNotFound"


def test_the_sample_year_is_valid_through_and_through(year: GraphWorld):
    client = year.client()
    answer = client.get("/me/events?$top=1000")
    assert len(answer.json()["value"]) > 200
    window = "startDateTime=2026-06-01T00:00:00Z&endDateTime=2027-06-01T00:00:00Z"
    assert len(client.get(f"/me/calendarView?{window}&$top=1000").json()["value"]) > 500
