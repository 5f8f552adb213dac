"""An organisation's sharing policy: the most that may be shared with an address outside, and why. Pure.

Source: Microsoft's pages on sharing policies, as collected in outlook.md §2.4. A policy speaks about people outside
the organisation only; inside, the permissions of the folder count.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum

from core.calendar.people import Address
from core.errors import Unreadable
from core.language import _
from core.sharing.detail import Choice, DetailLevel
from core.sharing.permissions import PermissionLevel, at_most, level_for
from core.values import dataclass

ANYBODY = "anonymous"
"""The domain of a rule for people whose organisation is not federated: individuals on the Internet."""
EVERY_ORGANISATION = "*"
"""The domain of a rule for every federated organisation."""


class SharingAction(StrEnum):
    """What a rule allows, as Exchange writes it; the calendar's three from least to most."""

    SIMPLE = "CalendarSharingFreeBusySimple"
    DETAIL = "CalendarSharingFreeBusyDetail"
    REVIEWER = "CalendarSharingFreeBusyReviewer"
    CONTACTS = "ContactsSharing"
    """Says nothing about calendars."""


_LEVELS = {
    SharingAction.SIMPLE: DetailLevel.AVAILABILITY,
    SharingAction.DETAIL: DetailLevel.LIMITED,
    SharingAction.REVIEWER: DetailLevel.FULL,
}
_ORDER = tuple(DetailLevel)


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One `Domain: Action, …`. A domain stands for itself alone: each subdomain needs a rule of its own."""

    domain: str
    """In lower case; `*` and `anonymous` have the meanings above."""
    actions: frozenset[SharingAction]

    @property
    def most(self) -> DetailLevel | None:
        """The most that this rule lets through of a calendar; None for rules about contacts alone."""
        levels = [_LEVELS[action] for action in self.actions if action in _LEVELS]
        return max(levels, key=_ORDER.index, default=None)

    def __str__(self) -> str:
        names = ", ".join(action.value for action in SharingAction if action in self.actions)
        domain = "Anonymous" if self.domain == ANYBODY else self.domain
        return f"{domain}: {names}"


@dataclass(frozen=True, slots=True)
class SharingPolicy:
    """One policy. A disabled one lets nothing through."""

    rules: tuple[PolicyRule, ...]
    name: str = ""
    enabled: bool = True

    def rule_for(self, address: str, federated: Collection[str] = ()) -> PolicyRule | None:
        """The rule that counts for this address: its domain's, else `*` if that is federated, else Anonymous.

        `federated` are the domains of organisations that this one has a federation with.
        """
        domain = Address(address).domain
        wanted = [domain]
        if domain in {one.lower() for one in federated}:
            wanted.append(EVERY_ORGANISATION)
        wanted.append(ANYBODY)
        known = {rule.domain: rule for rule in self.rules}
        return next((known[name] for name in wanted if name in known), None)

    def decide(self, address: str, federated: Collection[str] = ()) -> PolicyDecision:
        """What may be shared with this address."""
        if not self.enabled:
            return PolicyDecision(address, None, None, enabled=False)
        rule = self.rule_for(address, federated)
        return PolicyDecision(address, rule.most if rule else None, rule)

    @property
    def anonymous(self) -> PolicyRule | None:
        """The rule for individuals on the Internet, which also decides about publishing there."""
        found = next((rule for rule in self.rules if rule.domain == ANYBODY), None)
        return found if self.enabled and found is not None and found.most is not None else None

    @property
    def most_published(self) -> DetailLevel | None:
        """The most that may be published on the Internet by the server; None where it may not publish."""
        return self.anonymous.most if self.anonymous else None

    @property
    def webdav_allowed(self) -> bool:
        """Whether a calendar of the server may be published to a WebDAV server: where no rule lets it publish itself.

        No page of Microsoft says so; it is what this project was asked for (outlook.md §2.4, last paragraph).
        """
        return self.anonymous is None


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """The most that may be shared with one address. `most` None: nothing."""

    address: str
    most: DetailLevel | None
    rule: PolicyRule | None
    enabled: bool = True

    def allows(self, level: PermissionLevel) -> bool:
        """Whether this permission may be given. Nobody outside may be given more than reading."""
        return at_most(level, self.most)

    @property
    def levels(self) -> tuple[PermissionLevel, ...]:
        """What may be given, from least to most."""
        if self.most is None:
            return ()
        return tuple(level_for(detail) for detail in _ORDER[: _ORDER.index(self.most) + 1])

    def choice(self, detail: DetailLevel) -> Choice:
        """Whether a level of *Details* can be chosen, with the reason beside it where it cannot."""
        if self.allows(level_for(detail)):
            return Choice(True)
        return Choice(False, self.reason)

    @property
    def reason(self) -> str:
        """In a sentence: what the policy lets through for this address, and by which rule."""
        domain = Address(self.address).domain
        if not self.enabled:
            return _("Your organisation's sharing policy is switched off: nothing can be shared outside.")
        if self.rule is None:
            return _("Your organisation's sharing policy has no rule for {domain}.").format(domain=domain)
        if self.most is None:
            return _("Your organisation's sharing policy lets no calendar through to {domain}.").format(domain=domain)
        if self.rule.domain == ANYBODY:
            whom = _("people outside who are in no partner organisation")
        elif self.rule.domain == EVERY_ORGANISATION:
            whom = _("partner organisations")
        else:
            whom = domain
        text = _("Your organisation's sharing policy allows {level} at most for {whom}.")
        return text.format(level=self.most.label, whom=whom)


def who_can_change() -> str:
    """Who may change a policy: never the person themselves."""
    return _("Only an Exchange administrator can change the policy (role group Organization Management).")


def not_beyond_reading() -> str:
    """Why nobody outside gets to write, whatever the policy says."""
    return _("People outside the organisation can be let read, never write.")


_RULE = re.compile(r"\s*([^:,\s]{1,255})\s*:\s*(.{0,500})")
_ACTIONS = {action.value.lower(): action for action in SharingAction}


def parse_rule(text: str) -> PolicyRule:
    """Read `Domain: Action, …` as `Get-SharingPolicy` prints it; an action it does not know is left out.

    Raises Unreadable when there is no domain or no action that it knows: a rule is never read as allowing more.
    """
    found = _RULE.fullmatch(text)
    names = [name.strip().lower() for name in found[2].split(",")] if found else []
    actions = frozenset(_ACTIONS[name] for name in names if name in _ACTIONS)
    if found is None or not actions:
        raise Unreadable(_("“{rule}” is no rule of a sharing policy.").format(rule=text[:200]))
    return PolicyRule(found[1].lower(), actions)


def parse_policy(domains: Iterable[str], name: str = "", *, enabled: bool = True) -> SharingPolicy:
    """Read the rules of a policy; of two for one domain the actions add up. Raises Unreadable."""
    rules: dict[str, PolicyRule] = {}
    for text in domains:
        rule = parse_rule(text)
        known = rules.get(rule.domain)
        rules[rule.domain] = PolicyRule(rule.domain, rule.actions | known.actions) if known else rule
    return SharingPolicy(tuple(rules.values()), name, enabled)
