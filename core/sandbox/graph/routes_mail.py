"""What Graph answers about messages, people and the mailbox itself."""

from __future__ import annotations

from core.sandbox.graph import odata
from core.sandbox.graph.messages import LARGEST_REQUEST, decoded_mime, mime_of
from core.sandbox.graph.model import Mailbox, new_id, user_id
from core.sandbox.graph.routes_calendar import WORKING_HOURS, World, attachment_routes, nowhere
from core.sandbox.graph.wire import Call, GraphError, Json, Reply, bad, denied, not_found
from core.sandbox.people import PEOPLE, Person

_OWN = ("@file", "@attachments")


def user(person: Person) -> Json:
    """A user resource."""
    given, _space, family = person.name.partition(" ")
    return {
        "id": user_id(person),
        "displayName": person.name,
        "givenName": given,
        "surname": family,
        "mail": person.address,
        "userPrincipalName": person.address,
        "preferredLanguage": "en",
    }


class MailRoutes:
    """One request of a person about their own mailbox."""

    def __init__(self, world: World, mailbox: Mailbox, call: Call) -> None:
        self.world, self.mailbox, self.call = world, mailbox, call
        self.person = mailbox.person

    def answer(self, rest: list[str]) -> Reply:  # noqa: PLR0911 - a table of addresses
        """The answer. Raises GraphError."""
        match self.call.method, rest:
            case "GET", []:
                context = f"{self.call.base}/v1.0/$metadata#users/$entity"
                return Reply.json({"@odata.context": context, **odata.selected(user(self.person), self.call)})
            case "GET", ["mailboxSettings"]:
                hours = {**WORKING_HOURS, "timeZone": {"name": self.mailbox.zone}}
                return Reply.json({"timeZone": self.mailbox.zone, "workingHours": hours,
                                   "language": {"locale": "fr-FR", "displayName": "French (France)"}})  # fmt: skip
            case "GET", ["people"]:
                return self._people()
            case "POST", ["sendMail"]:
                return self._send_mail()
            case "GET", ["messages"] | ["mailFolders", "inbox" | "Inbox", "messages"]:
                found = self.world.mail.inbox(self.person)
                page = odata.page(found, self.call, "messages")
                return Reply.json({**page, "value": [_clean(one) for one in page["value"]]})
            case "GET", ["mailFolders", "inbox" | "Inbox"]:
                found = self.world.mail.inbox(self.person)
                return Reply.json({"id": "AAMkFOLinbox", "displayName": "Inbox", "totalItemCount": len(found),
                                   "unreadItemCount": 0, "childFolderCount": 0, "isHidden": False})  # fmt: skip
            case "POST", ["messages"]:
                return self._draft()
            case _, ["messages", name, *more]:
                return self._message(name, more)
        raise nowhere(self.call)

    def _people(self) -> Reply:
        wanted = self.call.query.get("$search", "").strip('"').lower()
        found = [
            {"id": user_id(one), "displayName": one.name, "userPrincipalName": one.address,
             "personType": {"class": "Person", "subclass": "OrganizationUser"},
             "scoredEmailAddresses": [{"address": one.address, "relevanceScore": 10.0,
                                       "selectionLikelihood": "notSpecified"}]}
            for one in PEOPLE
            if one is not self.person and _matches(one, wanted)
        ]  # fmt: skip
        return Reply.json(odata.page(found, self.call, "people"))

    def _send_mail(self) -> Reply:
        if len(self.call.body) > LARGEST_REQUEST:
            raise GraphError(413, "RequestEntityTooLarge", "The request is larger than 4 MB.")
        if self.call.headers.get("content-type", "").startswith("text/plain"):
            self.world.mail.send(self.person, decoded_mime(self.call.body))
            return Reply(202)
        body = {name.lower(): value for name, value in self.call.json().items()}
        message = body.get("message")
        if not isinstance(message, dict):
            raise bad("The parameter 'Message' is required.", "ErrorInvalidArgument")
        held = message.get("attachments") or []
        self.world.mail.send(self.person, mime_of(message, held, self.person), keep=body.get("savetosentitems", True))
        return Reply(202)

    def _draft(self) -> Reply:
        body = self.call.json()
        made: Json = {"id": new_id("D"), "isDraft": True, "subject": "", **body}
        self.mailbox.drafts[made["id"]] = (made, {})
        return Reply.json({"@odata.context": f"{self.call.base}/v1.0/$metadata#messages/$entity", **made}, 201)

    def _message(self, name: str, rest: list[str]) -> Reply:
        if name in self.mailbox.drafts:
            return self._of_draft(name, rest)
        message = self.world.mail.one(self.person, name)
        match self.call.method, rest:
            case "GET", []:
                context = f"{self.call.base}/v1.0/$metadata#messages/$entity"
                return Reply.json({"@odata.context": context, **odata.selected(_clean(message), self.call)})
            case "GET", ["$value"]:
                return Reply(200, message["@file"].read_bytes(), {"Content-Type": "text/plain"})
            case "GET", ["attachments"]:
                return Reply.json(odata.page(message["@attachments"], self.call, "attachments", default=100))
            case "POST", ["microsoft.graph.calendarSharingMessage", *_more]:
                # as the service does since 2023 (outlook.md §3.4)
                raise GraphError(400, "RequestBroker--ParseUri", "Resource not found for the segment"
                                 " 'Microsoft.OutlookServices.CalendarSharingMessage'.")  # fmt: skip
        raise nowhere(self.call)

    def _of_draft(self, name: str, rest: list[str]) -> Reply:
        message, held = self.mailbox.drafts[name]
        match self.call.method, rest:
            case "GET", []:
                return Reply.json(message)
            case "DELETE", []:
                del self.mailbox.drafts[name]
                return Reply(204)
            case "POST", ["send"]:
                content = mime_of(message, list(held.values()), self.person)
                del self.mailbox.drafts[name]
                self.world.mail.send(self.person, content)
                return Reply(202)
            case _, ["attachments", *more]:
                return attachment_routes(self.world, held, self.call, more)
        raise nowhere(self.call)


def directory(world: World, viewer: Mailbox, call: Call) -> Reply:
    """GET /users: people of the organisation, by `$search` or `$filter`. Raises GraphError."""
    if call.method != "GET":
        raise denied()
    wanted = call.query.get("$search", "")
    if wanted and call.headers.get("consistencylevel", "").lower() != "eventual":
        raise bad("Request with $search query parameter only works when header ConsistencyLevel is eventual.",
                  "Request_UnsupportedQuery")  # fmt: skip
    words = [piece.partition(":")[2].strip('" ').lower() for piece in wanted.split(" OR ")] if wanted else [""]
    people = [one.person for one in world.tenant.mailboxes.values()]
    found = [user(one) for one in people if any(_matches(one, word) for word in words)]
    return Reply.json(odata.page(found, call, "users", default=100))


def one_user(world: World, name: str, call: Call) -> Reply:
    """GET /users/{name}. Raises 404."""
    try:
        person = world.tenant.mailbox(name).person
    except GraphError:
        raise not_found(f"Resource '{name}' does not exist.") from None
    return Reply.json(odata.selected(user(person), call))


def _matches(person: Person, wanted: str) -> bool:
    return any(part.lower().startswith(wanted) for part in (*person.name.split(), person.name, person.address))


def _clean(message: Json) -> Json:
    return {name: value for name, value in message.items() if name not in _OWN}
