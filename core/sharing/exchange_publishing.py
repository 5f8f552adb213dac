"""*Publish This Calendar* on Exchange: its options, its commands, the links that come back. Pure.

Sources: Set-MailboxCalendarFolder, Get-MailboxCalendarFolder and "Sharing policies" at learn.microsoft.com, as they are
collected in outlook.md §2.4, §5.2 and §5.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from core.errors import UsageError
from core.language import N_, _
from core.sharing.detail import DetailLevel
from core.sharing.links import Verdict, judge
from core.sharing.policy import SharingPolicy
from core.values import dataclass

GET, SET = "Get-MailboxCalendarFolder", "Set-MailboxCalendarFolder"


class Period(StrEnum):
    """PublishDateRangeFrom and PublishDateRangeTo: how long before and after today."""

    ONE_DAY = "OneDay"
    THREE_DAYS = "ThreeDays"
    ONE_WEEK = "OneWeek"
    ONE_MONTH = "OneMonth"
    THREE_MONTHS = "ThreeMonths"
    SIX_MONTHS = "SixMonths"
    ONE_YEAR = "OneYear"

    @property
    def label(self) -> str:
        """For a person, in their language."""
        return _(_PERIODS[self][0])

    @property
    def days(self) -> int:
        """About how many days."""
        return _PERIODS[self][1]


_PERIODS = {
    Period.ONE_DAY: (N_("1 day"), 1),
    Period.THREE_DAYS: (N_("3 days"), 3),
    Period.ONE_WEEK: (N_("1 week"), 7),
    Period.ONE_MONTH: (N_("1 month"), 31),
    Period.THREE_MONTHS: (N_("3 months"), 92),
    Period.SIX_MONTHS: (N_("6 months"), 183),
    Period.ONE_YEAR: (N_("1 year"), 366),
}


def period_for(days: int) -> Period:
    """The shortest period that holds so many days; a year at the most."""
    return next((period for period in Period if period.days >= days), Period.ONE_YEAR)


_LEVELS = {
    DetailLevel.AVAILABILITY: "AvailabilityOnly",
    DetailLevel.LIMITED: "LimitedDetails",
    DetailLevel.FULL: "FullDetails",
}


@dataclass(frozen=True, slots=True)
class ExchangeOptions:
    """The fields of Outlook's page. `public`: people can search for it; else only who has the link gets in."""

    level: DetailLevel = DetailLevel.AVAILABILITY
    before: Period = Period.THREE_MONTHS
    after: Period = Period.THREE_MONTHS
    public: bool = False


def parameters(identity: str, options: ExchangeOptions | None, *, new_links: bool = False) -> dict[str, object]:
    """What Set-MailboxCalendarFolder is given. `options` None: stop publishing."""
    if options is None:
        return {"Identity": identity, "PublishEnabled": False}
    found: dict[str, object] = {
        "Identity": identity,
        "PublishEnabled": True,
        "DetailLevel": _LEVELS[options.level],
        "PublishDateRangeFrom": options.before.value,
        "PublishDateRangeTo": options.after.value,
        "SearchableUrlEnabled": options.public,
    }
    return {**found, "ResetUrl": True} if new_links else found


def command(cmdlet: str, given: Mapping[str, object]) -> str:
    """The command as one types it in Exchange's shell; ResetUrl is a switch."""
    words = [cmdlet]
    for name, value in given.items():
        if name == "ResetUrl":
            words.append("-ResetUrl")
        elif isinstance(value, bool):
            words.append(f"-{name} ${str(value).lower()}")
        else:
            text = str(value)
            words.append(f"-{name} {text if text.isascii() and text.isalnum() else quoted(text)}")
    return " ".join(words)


def quoted(text: str) -> str:
    """A literal string of PowerShell. It takes typographic single quotes for quotes too (about_Quoting_Rules)."""
    clean = "".join(c for c in text if c.isprintable())
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", clean) + "'"


def folder_identity(address: str, folder: str) -> str:
    """`alice@example.org:\\Calendar`: the folder by its name in the mailbox's own language, `\\` between folders."""
    path = "\\".join(part for part in re.split(r"[\\/]", folder) if part.strip()) or "Calendar"
    return f"{address}:\\{path}"


@dataclass(frozen=True, slots=True)
class ExchangeLinks:
    """Where the server publishes it. Empty while it does not."""

    page: str = ""
    ics: str = ""

    @property
    def webcal(self) -> str:
        """For calendar programs."""
        return f"webcal://{self.ics.partition('://')[2]}" if self.ics else ""


_LINK = re.compile(r"https?://[^\s\"'<>|]+", re.IGNORECASE)


def read_links(text: str) -> ExchangeLinks:
    """The two links in what a person pasted: the whole output of the command, a mail, or just the links.

    Raises UsageError when one is missing or is no web address.
    """
    joined = re.sub(r"\r?\n[ \t]+(?=\S)", "", text)  # the shell breaks long values
    found = [link.rstrip(".,;)") for link in _LINK.findall(joined)]
    page = next((link for link in found if link.lower().endswith((".html", ".htm"))), "")
    ics = next((link for link in found if link.lower().endswith(".ics")), "")
    if not page or not ics:
        raise UsageError(
            _("The two links were not found: one ends in .html, the other in .ics."),
            _("Paste everything that the command printed."),
        )
    for link in (page, ics):
        if judge(re.sub(r"(?i)^http:", "https:", link)).verdict is Verdict.REFUSED:
            raise UsageError(_("“{address}” is no web address.").format(address=link[:200]), "")
    return ExchangeLinks(page, ics)


@dataclass(frozen=True, slots=True)
class FolderState:
    """What Get-MailboxCalendarFolder says of a folder."""

    enabled: bool
    links: ExchangeLinks
    options: ExchangeOptions

    @classmethod
    def read(cls, values: Mapping[str, object]) -> FolderState:
        """From the properties of its answer; what is missing or unknown counts as its default."""
        names = {text: level for level, text in _LEVELS.items()}
        periods = {period.value: period for period in Period}
        text = {name: str(value) if value is not None else "" for name, value in values.items()}
        return cls(
            text.get("PublishEnabled", "").lower() == "true",
            ExchangeLinks(text.get("PublishedCalendarUrl", ""), text.get("PublishedICalUrl", "")),
            ExchangeOptions(
                names.get(text.get("DetailLevel", ""), DetailLevel.AVAILABILITY),
                periods.get(text.get("PublishDateRangeFrom", ""), Period.THREE_MONTHS),
                periods.get(text.get("PublishDateRangeTo", ""), Period.THREE_MONTHS),
                text.get("SearchableUrlEnabled", "").lower() == "true",
            ),
        )


@dataclass(frozen=True, slots=True)
class Ways:
    """Where a calendar of an Exchange account may be published, and why."""

    exchange: bool
    webdav: bool
    most: DetailLevel | None
    """The most that Exchange publishes; None for no bound that is known."""
    reason: str


def ways(policy: SharingPolicy | None) -> Ways:
    """The rule about `{Anonymous:…}` (outlook.md §2.4): with it the server publishes, without it WebDAV is the way."""
    if policy is None:
        return Ways(
            True,
            True,
            None,
            _("What your organisation’s sharing policy allows is not known here; the server will say."),
        )
    if policy.webdav_allowed:
        return Ways(
            False,
            True,
            None,
            _(
                "Your organisation’s sharing policy has no rule “Anonymous”: the server publishes no calendar on the"
                " internet. Publish to a WebDAV server instead."
            ),
        )
    most = policy.most_published
    return Ways(
        True,
        False,
        most,
        _(
            "Your organisation’s sharing policy has the rule {{{rule}}}: this calendar is published by the server, at"
            " “{level}” at the most. Publishing it to a WebDAV server would need the rule taken away by an"
            " administrator, and the server would then publish nothing any more."
        ).format(rule=policy.anonymous, level=most.label if most else ""),
    )


WEB_ADDRESS = "https://outlook.office.com/calendar/options/calendar/SharedCalendars"
"""Where Outlook on the web publishes calendars."""


def web_steps(calendar: str) -> tuple[str, ...]:
    """What a person does in Outlook on the web: Microsoft 365 lets no program publish (outlook.md §5.3)."""
    return (
        _("Open {address} (Settings → Calendar → Shared calendars).").format(address=WEB_ADDRESS),
        _(
            "Under “Publish a calendar” choose “{calendar}” and how much is shown: when you are busy, titles and "
            "places, or all details. Press Publish."
        ).format(calendar=calendar),
        _("Copy the HTML link (a page) and the ICS link (for calendar programs). Whoever knows them can read it."),
    )
