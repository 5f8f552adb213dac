"""Publish Calendar to a Server: where, which days, how much of it, how often (outlook.md §5.1).

The rules live in `core.sharing.detail` and `PublishOptions`; this dialog shows them and returns a request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from core.errors import UsageError
from core.language import _
from core.language.typed_date import read_date
from core.ports.calendars import CalendarInfo
from core.services.publish import PublishOptions, PublishRequest, whole_location
from core.services.publish_options import HOURLY
from tui.screens.detail_dialog import DetailDialog
from tui.screens.dialog import DialogButton
from tui.text import clean, plain
from tui.widgets.form import Caption, Choice, LetterButton, TextLine, Tick
from tui.wording import every_text

Browse = Callable[[str], Awaitable[str | None]]

_EVERY = (HOURLY, *(timedelta(minutes=minutes) for minutes in (15, 30, 120, 360, 1440)))
_ONCE = timedelta(0)
_KINDS = ("https", "http", "sftp")


class PublishDialog(DetailDialog[PublishRequest]):
    """`browse` looks into folders of the server. `start` fills it; `fixed`: a publication's options are changed, and
    calendar and address stay."""

    CSS_PATH = "publish.tcss"

    def __init__(
        self,
        calendars: Sequence[CalendarInfo],
        start: PublishRequest,
        today: date,
        browse: Browse,
        *,
        fixed: bool = False,
    ) -> None:
        title = _("Change Publishing Options") if fixed else _("Publish Calendar to a Server")
        usual = PublishOptions(range=start.options.range, level=start.options.level)
        super().__init__(title, id="publish", unfolded=start.options != usual)
        self._calendars = calendars
        self._start = start
        self._options = start.options
        self._today = today
        self._browse = browse
        self._fixed = fixed

    def compose_body(self) -> ComposeResult:
        """Outlook's fields in Outlook's order."""
        with Horizontal(classes="row"):
            yield Caption(_("&Calendar"), "calendar")
            yield Choice([(one.name, one.id) for one in self._calendars], self._start.calendar, id="calendar")
        with Horizontal(classes="row"):
            yield Caption(_("Pub&lish to"), "location")
            yield TextLine(self._start.location, id="location")
            yield LetterButton(_("&Browse…"), id="browse")
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Time Span"), "span")
            yield Choice(
                [(_("Previous and next days"), "days"), (_("Whole calendar"), "all")],
                "all" if self._options.range == "all" else "days",
                id="span",
            )
        yield from self._compose_days()
        yield from self.compose_level(self._options.level, classes="row")
        yield from self.compose_hours(self._options.working_hours_only)
        yield from self.compose_advanced()

    def _compose_days(self) -> ComposeResult:
        before, after = _days_of(self._options.range)
        with Horizontal(id="days", classes="row"):
            yield Caption(_("&Previous"), "before")
            yield TextLine(before, id="before")
            yield Caption(_("days, &next"), "after", classes="middle")
            yield TextLine(after, id="after")
            yield Static(plain(_("days")), classes="unit", markup=False)

    def compose_more(self) -> ComposeResult:
        """Private items, how often, and where."""
        options = self._options
        private = options.include_private
        yield from self.compose_option(_("Include details of items marked p&rivate"), private, "private")
        with Horizontal(classes="row"):
            yield Caption(_("&Upload"), "every", classes="wide")
            yield Choice(self._intervals(), options.every or _ONCE, id="every")
        yield Tick(_("With a web pag&e beside the calendar file"), options.page, id="page")
        yield Tick(_("Under an address that nobody can &guess"), self._start.unguessable, id="unguessable")
        with Horizontal(classes="row"):
            yield Caption(_("Re&move after"), "expires", classes="wide")
            expires = options.expires.isoformat() if options.expires else ""
            yield TextLine(expires, id="expires")
            yield Static(plain(_("empty: never")), classes="unit", markup=False)

    def _intervals(self) -> list[tuple[str, timedelta]]:
        """Automatic uploads as often as the server recommends (hourly, where it says nothing), or a single one."""
        known = (
            [*_EVERY]
            if self._options.every is None or self._options.every in _EVERY
            else [*_EVERY, self._options.every]
        )
        named: list[tuple[str, timedelta]] = [(every_text(every), every) for every in known]
        named[0] = (_("Automatic, as the server advises"), HOURLY)
        return [*named, (_("Single Upload: updates will not be uploaded"), _ONCE)]

    def buttons(self) -> Sequence[DialogButton]:
        """OK leads to the preview, nothing is uploaded before that."""
        return (DialogButton("ok", _("&OK: preview"), main=True), DialogButton("cancel", _("Cancel")))

    def on_mount(self) -> None:
        """Show what the first choices mean."""
        super().on_mount()
        for name in ("calendar", "location", "browse", "unguessable"):
            self.query_one(f"#{name}").disabled = self._fixed

    def result(self) -> PublishRequest:
        """The request. Raises UsageError for what cannot be."""
        location = self.query_one("#location", Input).value.strip()
        hint = _("Give a WebDAV address or a folder, as https://dav.example.org/calendars/ or host:www/.")
        if not location:
            raise UsageError(_("Where to?"), hint)
        if not self._fixed and not _possible(location):
            raise UsageError(_("Nothing can be published to “{place}”.").format(place=clean(location)), hint)
        options = PublishOptions(
            range=self._range(),
            level=self.level,
            working_hours_only=self.query_one("#working-hours", Tick).value,
            include_private=self.ticked("private"),
            page=self.ticked("page"),
            every=self.query_one("#every", Choice).chosen or None,
            expires=self._expires(),
        )
        return PublishRequest(
            self.query_one("#calendar", Choice).chosen,
            location if self._fixed else whole_location(location),
            options,
            unguessable=self.query_one("#unguessable", Tick).value,
        )

    def _range(self) -> str:
        if self.query_one("#span", Choice).chosen == "all":
            return "all"
        if not _days_of(self._options.range)[0] and not self.query_one("#before", Input).value:
            return self._options.range  # fixed days, given on the command line
        numbers = [self.query_one(f"#{name}", Input).value.strip() for name in ("before", "after")]
        if not all(number.isascii() and number.isdecimal() and len(number) < 6 for number in numbers):
            raise UsageError(_("Give whole numbers of days."), _("30 days before and 60 after are usual."))
        return f"-{int(numbers[0])}d..+{int(numbers[1])}d"

    def _expires(self) -> date | None:
        text = self.query_one("#expires", Input).value.strip()
        if not text:
            return None
        day = read_date(text, self._today)
        if day < self._today:
            raise UsageError(_("The last day is over already."), _("Choose a day to come, or none."))
        return day

    def show_meaning(self) -> None:
        """The fields for days, too, where days are published."""
        super().show_meaning()
        self.query_one("#days").display = self.query_one("#span", Choice).chosen != "all"

    @on(Button.Pressed, "#browse")
    def _look_around(self, event: Button.Pressed) -> None:
        event.stop()
        self._choose_folder()

    @work(exclusive=True, group="browse", exit_on_error=False)
    async def _choose_folder(self) -> None:
        field = self.query_one("#location", Input)
        chosen = await self._browse(field.value)
        if chosen:
            field.value = chosen


def _days_of(text: str) -> tuple[str, str]:
    """`-30d..+60d` as (`30`, `60`); empty for anything else."""
    first, dots, last = text.partition("..")
    if dots and first.startswith("-") and last.startswith("+"):
        return first[1:].rstrip("d"), last[1:].rstrip("d")
    return ("30", "60") if text == "all" else ("", "")


def _possible(location: str) -> bool:
    """Whether it is a folder, or an address of a kind that can be published to, with its host."""
    kind, separator, rest = location.partition("://")
    return (
        not separator or kind.lower() == "file" or (kind.lower() in _KINDS and not rest.startswith("/") and rest != "")
    )
