"""ResolveNames: the organisation's address book ([MS-OXWSRSLNM])."""

from __future__ import annotations

from core.sandbox.exchange.model import Mailbox
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.xml import Element, m, t, text_of, truth

_MOST = 100
"""As Exchange: more are not shown, and IncludesLastItemInRange says so."""


@operation("ResolveNames")
def resolve_names(context: Context) -> Element:
    """People whose name, address or alias begins with the entry; several are a warning, none an error."""
    full = truth(context.request.get("ReturnFullContactData", "false"))

    def one(entry: str) -> Element:
        """At most `_MOST` people; one is a success, several a warning, and none an error of the answer, not a fault."""
        found = matching(context, entry)
        if not found:
            return m(
                "ResolveNamesResponseMessage",
                m("MessageText", "No results were found."),
                m("ResponseCode", "ErrorNameResolutionNoResults"),
                m("DescriptiveLinkKey", 0),
                ResponseClass="Error",
            )
        shown = [_resolution(person, full) for person in found[:_MOST]]
        everything = len(found) <= _MOST
        result = m("ResolutionSet", shown, TotalItemsInView=len(shown), IncludesLastItemInRange=everything)
        if len(found) == 1:
            return success("ResolveNames", result)
        return m(
            "ResolveNamesResponseMessage",
            m("MessageText", "Multiple results were found."),
            m("ResponseCode", "ErrorNameResolutionMultipleResults"),
            m("DescriptiveLinkKey", 0),
            result,
            ResponseClass="Warning",
        )

    return respond("ResolveNames", [text_of(context.request, "UnresolvedEntry")], one)


def matching(context: Context, entry: str) -> list[Mailbox]:
    """The people whom an entry means: an exact address alone, else all whose names or address begin so."""
    wanted = entry.strip().lower()
    wanted = wanted.removeprefix("smtp:").removeprefix("mailto:")
    people = context.organisation.mailboxes
    if not wanted:
        return []
    if wanted in people:
        return [people[wanted]]
    return [person for person in people.values() if _begins(person, wanted)]


def _begins(person: Mailbox, wanted: str) -> bool:
    name = person.name.lower()
    return any(text.startswith(wanted) for text in (name, person.address.lower(), person.key, *name.split()))


def mailbox_element(person: Mailbox, tag: str = "Mailbox") -> Element:
    """A person of the organisation as an e-mail address."""
    return t(
        tag,
        t("Name", person.name),
        t("EmailAddress", person.address),
        t("RoutingType", "SMTP"),
        t("MailboxType", "Mailbox"),
    )


def _resolution(person: Mailbox, full: bool) -> Element:
    return t("Resolution", mailbox_element(person), _contact(person) if full else None)


def _contact(person: Mailbox) -> Element:
    given, _space, surname = person.name.partition(" ")
    address = t("Entry", f"SMTP:{person.address}", Key="EmailAddress1")
    return t(
        "Contact",
        t("DisplayName", person.name),
        t("GivenName", given),
        t("EmailAddresses", address),
        t("ContactSource", "ActiveDirectory"),
        t("Surname", surname),
    )
