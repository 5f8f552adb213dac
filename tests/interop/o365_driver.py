"""Run by python-o365's own interpreter (PyPI's `o365`): calendars, events, time and mail of a Graph server, as JSON.

Arguments: the server, its authority's file, an access token.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

from O365 import Account, MSGraphProtocol

PARIS = ZoneInfo("Europe/Paris")
BASE, AUTHORITY, TOKEN = sys.argv[1:4]


class Protocol(MSGraphProtocol):
    """Graph, elsewhere."""

    _protocol_url = f"{BASE}/"


def signed_in() -> Account:
    """An account whose session has the token already: how one gets it is msal's affair there, too."""
    account = Account("client", auth_flow_type="public", protocol=Protocol(timezone="Europe/Paris"))
    session = account.con.get_naive_session()
    session.verify = AUTHORITY
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    account.con.oauth_request = lambda url, method, **more: account.con._internal_request(session, url, method, **more)
    return account


def main() -> None:
    """Everything once."""
    account, told = signed_in(), {}
    schedule = account.schedule()
    told["calendars"] = [one.name for one in schedule.list_calendars()]
    calendar = schedule.get_default_calendar()
    event = calendar.new_event()
    event.subject, event.location = "Made by another program", "Room 4"
    event.start, event.end = datetime(2026, 11, 23, 9, tzinfo=PARIS), datetime(2026, 11, 23, 10, tzinfo=PARIS)
    event.recurrence.set_daily(1, start=date(2026, 11, 23), end=date(2026, 11, 27))
    told["saved"] = event.save()
    week = datetime(2026, 11, 22, tzinfo=PARIS), datetime(2026, 11, 29, tzinfo=PARIS)
    instances = list(calendar.get_event(event.object_id).get_occurrences(*week))
    instances[1].subject = "Moved"
    told["changed"], told["deleted"] = instances[1].save(), instances[2].delete()
    found = calendar.get_events(limit=50, include_recurring=True, start_recurring=week[0], end_recurring=week[1])
    told["view"] = sorted([one.start.isoformat(), one.subject, one.location["displayName"]] for one in found)
    asked = schedule.get_availability(["bruno@example.org"], *week, 60)
    told["busy"] = asked[0]["availabilityView"].count("busy")
    message = account.new_message()
    message.to.add("bruno@example.org")
    message.subject, message.body = "By another program", "<p>Hello</p>"
    told["sent"] = message.send()
    told["inbox"] = [one.subject for one in account.mailbox().inbox_folder().get_messages(limit=10)]
    print(json.dumps(told))


main()
