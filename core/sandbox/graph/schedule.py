"""`getSchedule`: what everybody may know of somebody's time, and a little more for those with rights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.sandbox.graph import rights
from core.sandbox.graph.model import Mailbox, Tenant
from core.sandbox.graph.times import pair, to_utc, wall_in, written, zone_called
from core.sandbox.graph.wire import Call, GraphError, Json, bad
from core.sandbox.people import Person

_DIGIT = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4"}
_LONGEST = timedelta(days=62)


def get_schedule(tenant: Tenant, viewer: Person, call: Call, hours: Json) -> Json:
    """The action's answer. Raises 400."""
    body = {name.lower(): value for name, value in call.json().items()}
    begin, zone = pair(body.get("starttime"), "startTime")
    end, end_zone = pair(body.get("endtime"), "endTime")
    minutes = int(body.get("availabilityviewinterval") or 30)
    if not 5 <= minutes <= 1440:
        raise bad("The availability view interval must be from 5 to 1440 minutes.", "ErrorInvalidArgument")
    span = to_utc(begin, zone), to_utc(end, end_zone)
    if span[1] <= span[0] or span[1] - span[0] > _LONGEST:
        raise bad("The requested time window is too large.", "ErrorTimeIntervalTooBig")
    shown_in = call.prefer.get("outlook.timezone", "UTC")
    zone_called(shown_in)
    people = body.get("schedules")
    if not isinstance(people, list) or not people:
        raise bad("Schedules are required.", "ErrorInvalidArgument")
    if len(people) > 20:
        raise bad("Too many mailboxes.", "ErrorInvalidArgument")
    found = [_of(tenant, viewer, str(who), span, minutes=minutes, zone=shown_in, hours=hours) for who in people]
    context = f"{call.base}/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)"
    return {"@odata.context": context, "value": found}


def _of(
    tenant: Tenant, viewer: Person, who: str, span: tuple[datetime, datetime], *, minutes: int, zone: str, hours: Json
) -> Json:
    try:
        mailbox = tenant.mailbox(who)
    except GraphError:
        error = {"message": "Unable to resolve e-mail address to an Active Directory object.",
                 "responseCode": "ErrorMailRecipientNotFound"}  # fmt: skip
        return {"scheduleId": who, "scheduleItems": [], "availabilityView": "", "error": error}
    role = rights.role_of(viewer, mailbox, mailbox.default)
    if rights.rank(role) < 1:
        error = {"message": "Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException",
                 "responseCode": "ErrorNoFreeBusyAccess"}  # fmt: skip
        return {"scheduleId": who, "scheduleItems": [], "availabilityView": "", "error": error}
    items = _items(mailbox, role, span)
    return {
        "scheduleId": who,
        "availabilityView": _view(items, span, minutes),
        "scheduleItems": [_item(one, zone) for one in items],
        "workingHours": {**hours, "timeZone": {"name": mailbox.zone}},
    }


def _items(mailbox: Mailbox, role: str, span: tuple[datetime, datetime]) -> list[tuple[datetime, datetime, Json]]:
    found = []
    for item in mailbox.default.items.values():
        for one in item.instances(span[0] - timedelta(days=1), span[1] + timedelta(days=1)):
            zone = mailbox.zone if item.all_day else one.zone
            begin, end = to_utc(one.start, zone), to_utc(one.end, zone)
            if begin >= span[1] or end <= span[0] or one.facts.get("isCancelled"):
                continue
            private = one.facts.get("sensitivity") in ("private", "confidential")
            facts: Json = {"status": one.facts.get("showAs", "busy"), "isPrivate": private}
            if rights.rank(role) >= 2 and (not private or rights.sees_private(role)):
                facts["subject"] = one.facts.get("subject", "")
                facts["location"] = one.facts.get("location", {}).get("displayName", "")
            found.append((begin, end, facts))
    return sorted(found, key=lambda one: (one[0], one[1]))


def _item(one: tuple[datetime, datetime, Json], zone: str) -> Json:
    begin, end, facts = one
    return {**facts, "start": written(wall_in(begin, zone), zone), "end": written(wall_in(end, zone), zone)}


def _view(items: list[tuple[datetime, datetime, Json]], span: tuple[datetime, datetime], minutes: int) -> str:
    letters, at = [], span[0].astimezone(UTC)
    while at < span[1]:
        until = at + timedelta(minutes=minutes)
        here = [_DIGIT[facts["status"]] for begin, end, facts in items if begin < until and end > at]
        letters.append(max(here, key="04123".index, default="0"))
        at = until
    return "".join(letters)
