"""What Graph answers below a calendar and an event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.sandbox.graph import attachments, events, odata, permissions, rights
from core.sandbox.graph.delta import Rounds, span_of
from core.sandbox.graph.messages import Maildirs, meeting_request
from core.sandbox.graph.model import Calendar, Item, Mailbox, Tenant, new_id
from core.sandbox.graph.render import View, clean, shown, shown_calendar
from core.sandbox.graph.schedule import get_schedule
from core.sandbox.graph.times import offset
from core.sandbox.graph.wire import Call, GraphError, Json, Reply, bad, denied, not_found
from core.sandbox.people import PEOPLE, Person

WORKING_HOURS: Json = {
    "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "startTime": "08:00:00.0000000",
    "endTime": "17:00:00.0000000",
}


@dataclass
class World:
    """All that the routes share."""

    tenant: Tenant
    mail: Maildirs
    rounds: Rounds
    uploads: attachments.Uploads
    most_outside: str = "read"
    """The sharing policy: the most that people outside may be granted; `none`: nothing."""
    leak_private: bool = False


def nowhere(call: Call) -> GraphError:
    """For an address that is none of Graph's."""
    return GraphError(400, "BadRequest", f"Resource not found for the segment '{(call.segments or [''])[-1]}'.")


class CalendarRoutes:
    """One request about somebody's calendars. `rest` is what stands behind /me or /users/{name}."""

    def __init__(self, world: World, viewer: Person, owner: Mailbox, call: Call) -> None:
        self.world, self.viewer, self.owner, self.call = world, viewer, owner, call

    def view(self, calendar: Calendar) -> View:
        """How the viewer sees that calendar."""
        return View(self.viewer, self.owner, calendar, self.call, self.world.leak_private)

    def entity(self, found: Json, kind: str, status: int = 200) -> Reply:
        """One resource, cut to `$select`."""
        cut = odata.selected(clean(found), self.call)
        return Reply.json({"@odata.context": f"{self.call.base}/v1.0/$metadata#{kind}/$entity", **cut}, status)

    def answer(self, rest: list[str]) -> Reply:
        """The answer. Raises GraphError."""
        head, *tail = rest
        match head, tail:
            case "calendars", []:
                return self._calendars()
            case "calendars", [name, *more]:
                return self._calendar(self._named(name), more)
            case "calendar", more:
                return self._calendar(self.owner.default, more)
            case "calendarView", more:
                return self._calendar(self.owner.default, ["calendarView", *more])
            case "events", []:
                return self._calendar(self.owner.default, ["events"])
            case "events", [name, *more]:
                return self._event(name, more)
        raise nowhere(self.call)

    def _named(self, name: str) -> Calendar:
        found = self.owner.calendars.get(name)
        if found is None:
            raise not_found()
        rights.must_see(self.view(found).role)
        return found

    def _calendars(self) -> Reply:
        if self.call.method == "POST":
            return self._new_calendar()
        seen = [one for one in self.owner.calendars.values() if rights.rank(self.view(one).role) > 0]
        if self.viewer is not self.owner.person:
            seen = [one for one in seen if not one.default]
        shown_ones = [shown_calendar(self.view(one)) for one in seen]
        context = f"users('{self.owner.person.key}')/calendars"
        return Reply.json(odata.page(shown_ones, self.call, context, default=10, most=100))

    def _new_calendar(self) -> Reply:
        self._own()
        body = self.call.json()
        name = str(body.get("name") or "").strip()
        if not name:
            raise bad("The property 'name' is required.", "ErrorPropertyValidationFailure")
        if any(one.name.lower() == name.lower() for one in self.owner.calendars.values()):
            raise GraphError(409, "ErrorFolderExists", "A folder with the specified name already exists.")
        made = Calendar(new_id("C"), name, colour=str(body.get("color") or "auto"))
        entry = permissions.organisation()
        entry.role = "none"
        made.permissions[entry.id] = entry
        self.owner.calendars[made.id] = made
        return self.entity(shown_calendar(self.view(made)), "calendars", 201)

    def _own(self) -> None:
        if self.viewer is not self.owner.person:
            raise denied()

    def _calendar(self, calendar: Calendar, rest: list[str]) -> Reply:  # noqa: C901, PLR0911 - a table of addresses
        view = self.view(calendar)
        if rest[:1] not in (["getSchedule"], ["calendarPermissions"]):
            rights.must_see(view.role)
        match self.call.method, rest:
            case "GET", []:
                return self.entity(shown_calendar(view), "calendars")
            case "PATCH", []:
                return self._regrade_calendar(calendar)
            case "DELETE", []:
                self._own()
                if calendar.default:
                    raise denied("The default calendar cannot be deleted.")
                del self.owner.calendars[calendar.id]
                return Reply(204)
            case _, ["events"]:
                return self._events(calendar)
            case _, ["events", name, *more]:
                return self._event(name, more)
            case "GET", ["calendarView"]:
                begin, end = span_of(self.call)
                found = [shown(one, view) for item in calendar.items.values() for one in item.instances(begin, end)]
                found.sort(key=lambda one: (one["start"]["dateTime"], one["id"]))
                return self._list(found, "calendarView")
            case "GET", ["calendarView", "delta"]:
                return Reply.json(self.world.rounds.answer(view))
            case _, ["calendarPermissions", *more]:
                return self._permissions(calendar, more)
            case "POST", ["getSchedule"]:
                return Reply.json(get_schedule(self.world.tenant, self.viewer, self.call, WORKING_HOURS))
            case "GET", [action] if action.startswith("allowedCalendarSharingRoles"):
                return self._allowed(calendar, action)
        raise nowhere(self.call)

    def _list(self, found: Sequence[Json], context: str) -> Reply:
        page = odata.page(found, self.call, f"users('{self.owner.person.key}')/{context}")
        return Reply.json({**page, "value": [clean(one) for one in page["value"]]})

    def _regrade_calendar(self, calendar: Calendar) -> Reply:
        self._own()
        body = self.call.json()
        if "name" in body:
            if calendar.default:
                raise bad("The default calendar cannot be renamed.", "ErrorDistinguishedFolderRename")
            calendar.name = str(body["name"])
        calendar.colour = str(body.get("color", calendar.colour))
        calendar.version += 1
        return self.entity(shown_calendar(self.view(calendar)), "calendars")

    def _allowed(self, calendar: Calendar, action: str) -> Reply:
        self._own()
        address = action.partition("='")[2].partition("'")[0].lower()
        person = next((one for one in PEOPLE if one.address == address), None)
        if person is None:
            raise not_found(f"The recipient '{address}' could not be resolved.")
        inside = person.address in self.world.tenant.mailboxes
        offered = rights.roles_offered(person, inside, calendar, self.world.most_outside)
        context = f"{self.call.base}/v1.0/$metadata#Collection(microsoft.graph.calendarRoleType)"
        return Reply.json({"@odata.context": context, "value": list(offered)})

    # --- permissions ---------------------------------------------------------------------------------------------

    def _permissions(self, calendar: Calendar, rest: list[str]) -> Reply:
        view = self.view(calendar)
        if view.role != "owner":
            rights.must_see(view.role)
            if self.call.method != "GET":
                raise denied()
            return Reply.json(odata.page([], self.call, "calendarPermissions"))
        match self.call.method, rest:
            case "GET", []:
                found = [permissions.shown(entry) for entry in calendar.permissions.values()]
                return Reply.json(odata.page(found, self.call, "calendarPermissions", default=100))
            case "POST", []:
                world = self.world
                entry = permissions.grant(
                    world.tenant,
                    self.owner,
                    calendar,
                    self.call,
                    deliver=world.mail.deliver,
                    most=world.most_outside,
                )
                return self.entity(permissions.shown(entry), "calendarPermissions", 201)
            case "GET", [name]:
                if name not in calendar.permissions:
                    raise not_found()
                return self.entity(permissions.shown(calendar.permissions[name]), "calendarPermissions")
            case "PATCH", [name]:
                entry = permissions.regrade(calendar, name, self.call)
                return self.entity(permissions.shown(entry), "calendarPermissions")
            case "DELETE", [name]:
                permissions.withdraw(calendar, name)
                return Reply(204)
        raise nowhere(self.call)

    # --- events --------------------------------------------------------------------------------------------------

    def _events(self, calendar: Calendar) -> Reply:
        view = self.view(calendar)
        if self.call.method == "GET":
            if rights.rank(view.role) < 3:
                raise denied()  # free/busy roles have no items to list, only `calendarView`
            return self._list(self._listed(calendar, view), "events")
        if self.call.method != "POST":
            raise nowhere(self.call)
        rights.must_write(view.role)
        item, new = events.make(calendar, self.call.json())
        made = shown(item.whole(), view)
        if new:
            self._tell(item, made, "REQUEST")
        return self.entity(made, "events", 201)

    def _listed(self, calendar: Calendar, view: View) -> Sequence[Json]:
        """What `$filter` and `$orderby` choose from; where they ask for moments only, not everything is made."""
        items: list[Item] = list(calendar.items.values())
        wanted = self.call.query.get("$filter", "")
        if since := re.fullmatch(r"lastModifiedDateTime ge (\S+)", wanted):
            items = [item for item in items if offset(item.modified) >= since[1]]
        if not wanted and self.call.query.get("$orderby", "") in ("", "createdDateTime"):
            items.sort(key=lambda item: item.created)
            return odata.Lazy(items, lambda item: shown(item.whole(), view))
        return [shown(item.whole(), view) for item in items]

    def _tell(self, item: Item, found: Json, method: str) -> None:
        """Exchange writes to the people by itself; nobody can ask it not to."""
        if found["isOrganizer"] and found["attendees"]:
            content = meeting_request(self.owner.person, found, method)
            named = {one["emailAddress"]["address"].lower() for one in found["attendees"]}
            for person in PEOPLE:
                if person.address in named and person is not self.owner.person:
                    self.world.mail.deliver(person, content)

    def _event(self, name: str, rest: list[str]) -> Reply:
        calendar, item, day = self.owner.find(name)
        view = self.view(calendar)
        rights.must_see(view.role)
        match self.call.method, rest:
            case "GET", []:
                return self.entity(self._shown(item, day, view), "events")
            case "PATCH", []:
                rights.must_write(view.role)
                self._not_hidden(item, view)
                events.unchanged(item, self.call.headers.get("if-match", ""))
                tell = events.change(item, day, self.call.json())
                found = self._shown(item, day, view)
                if tell:
                    self._tell(item, found, "REQUEST")
                return self.entity(found, "events")
            case "DELETE", []:
                rights.must_write(view.role)
                self._not_hidden(item, view)
                events.unchanged(item, self.call.headers.get("if-match", ""))
                self._tell(item, self._shown(item, day, view), "CANCEL")
                events.remove(calendar, item, day)
                return Reply(204)
            case "GET", ["instances"]:
                begin, end = span_of(self.call)
                return self._list([shown(one, view) for one in item.instances(begin, end)], "events/instances")
            case _, ["attachments", *more]:
                return self._attachments(item, view, more)
        raise nowhere(self.call)

    def _shown(self, item: Item, day: date | None, view: View) -> Json:
        return shown(item.whole() if day is None else item.instance(day), view)

    def _not_hidden(self, item: Item, view: View) -> None:
        if item.facts.get("sensitivity") in ("private", "confidential") and not rights.sees_private(view.role):
            raise denied()

    def _attachments(self, item: Item, view: View, rest: list[str]) -> Reply:
        if self.call.method != "GET":
            rights.must_write(view.role)
        _facts, whole = rights.facts_for(item.facts, view.role)
        held = item.attachments if whole else {}
        reply = attachment_routes(self.world, held, self.call, rest)
        if self.call.method != "GET":
            item.touch()
        return reply


def attachment_routes(world: World, held: dict[str, Json], call: Call, rest: list[str]) -> Reply:
    """…/attachments of an event or a draft. Raises GraphError."""
    match call.method, rest:
        case "GET", []:
            return Reply.json(odata.page(list(held.values()), call, "attachments", default=100))
        case "GET", [name] if name in held:
            return Reply.json(held[name])
        case "POST", []:
            return attachments.add(held, call)
        case "POST", ["createUploadSession"]:
            return world.uploads.begin(held, call)
        case "DELETE", [name] if name in held:
            del held[name]
            return Reply(204)
    raise not_found()
