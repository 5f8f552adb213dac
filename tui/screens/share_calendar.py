"""Share Calendar: with whom, at which level, with which words (outlook.md §2.1).

What may be given to these people is asked while one types; levels that the server or the organisation's policy refuses
cannot be chosen, and the reason stands below them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.calendar.people import Address
from core.errors import PartagendaError, UsageError
from core.language import _
from core.ports.calendars import CalendarInfo
from core.services.share_plan import SharePlan, ShareRequest
from core.sharing.detail import Choice, DetailLevel
from core.sharing.permissions import PermissionLevel, level_for
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, OwnWords, TextLine, Tick
from tui.widgets.marked_list import MarkedList
from tui.widgets.recipients_field import Complete, RecipientsField

PAUSE = 0.4
"""Seconds without a key before the server is asked about the people."""
Look = Callable[[tuple[Address, ...]], Awaitable[SharePlan]]


@dataclass(frozen=True, slots=True)
class ShareStart:
    """What the fields hold at first; coming back changes nothing."""

    to: str = ""
    subject: str = ""
    level: PermissionLevel = PermissionLevel.FREE_BUSY
    ask_theirs: bool = False
    message: str = ""


class ShareCalendarDialog(FormDialog[ShareRequest]):
    """Outlook's message with its boxes, as a dialog."""

    CSS_PATH = "share_calendar.tcss"
    AUTO_FOCUS = "#to-line"

    def __init__(self, info: CalendarInfo, complete: Complete, look: Look, start: ShareStart | None = None) -> None:
        super().__init__(_("Share Calendar: {name}").format(name=info.name), id="share-calendar")
        self._info = info
        self._complete = complete
        self._look = look
        self._start = start or ShareStart()
        self._plan: SharePlan | None = None
        self._pause: Timer | None = None
        self.left = self._start
        """What was typed, for coming back."""
        self.viewing = False
        """What these people would see is asked for; then the dialog comes back."""

    def compose_body(self) -> ComposeResult:
        """Outlook's fields in Outlook's order."""
        with Horizontal(classes="line"):
            yield Caption(_("&To whom"), "to")
            yield RecipientsField(self._complete, self._start.to, id="to")
        with Horizontal(classes="row"):
            yield Caption(_("&Subject"), "subject")
            yield TextLine(self._start.subject, id="subject")
        with Horizontal(classes="levels spaced"):
            yield Caption(_("&Details"), "detail")
            yield MarkedList(id="detail", markup=False, compact=True)
        yield Static("", id="sentence", classes="note indented", markup=False)
        if self._info.default:
            yield Tick(_("&Request permission to view recipient's calendar"), self._start.ask_theirs, id="theirs")
        else:
            editing = self._start.level is PermissionLevel.EDITOR
            yield Tick(_("Recipient can add, &edit, and delete items in this calendar"), editing, id="write")
        yield Static("", id="people", classes="note", markup=False)
        with Horizontal(classes="words"):
            yield Caption(_("&Message"), "words")
            yield OwnWords(self._start.message, id="words")

    def buttons(self) -> Sequence[DialogButton]:
        """OK shows what would happen."""
        return (
            DialogButton("ok", _("&Next"), main=True),
            DialogButton("view", _("&View as")),
            DialogButton("cancel", _("Cancel")),
        )

    def pressed(self, button: str) -> None:
        """View as: the caller shows what these people would see, and comes back."""
        try:
            request = self.result()
        except PartagendaError as error:
            self.show_error(error)
        else:
            self.viewing = True
            self.dismiss(request)

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return (("Tab", _("Next field")), ("↑ ↓", _("Level")), (_("Space"), _("Tick")), (_("Esc"), _("Cancel")))

    def on_mount(self) -> None:
        """Show the levels, and ask about the people that are there already."""
        super().on_mount()
        self._show_levels()
        self._ask()

    # -- the levels

    @property
    def _editing(self) -> bool:
        return not self._info.default and self.query_one("#write", Tick).value

    @property
    def _detail(self) -> DetailLevel:
        at = self.query_one("#detail", OptionList).highlighted
        return tuple(DetailLevel)[at if at is not None else 0]

    @property
    def _level(self) -> PermissionLevel:
        return PermissionLevel.EDITOR if self._editing else level_for(self._detail)

    def _show_levels(self) -> None:
        listing = self.query_one("#detail", OptionList)
        if listing.option_count:
            at = listing.highlighted or 0
        else:
            at = next((n for n, one in enumerate(DetailLevel) if level_for(one) is self._start.level), 0)
        allowed = [self._choice(level_for(one)).enabled for one in DetailLevel]
        listing.clear_options()
        for detail, enabled in zip(DetailLevel, allowed, strict=True):
            text = detail.label if enabled else f"{detail.label}  ·  {_('not allowed')}"
            listing.add_option(Option(plain(text), disabled=not enabled))
        if not allowed[at]:
            at = max((n for n in range(len(allowed)) if allowed[n]), default=0)
        listing.highlighted = at
        self._show_sentence()

    def _choice(self, level: PermissionLevel) -> Choice:
        return self._plan.choice(level) if self._plan is not None else Choice(True)

    def _show_sentence(self) -> None:
        """What the level means; where one cannot be chosen, why, and who can change that."""
        refused = next((c.reason for c in (self._choice(level_for(one)) for one in DetailLevel) if not c.enabled), "")
        words = refused or self._detail.sentence
        line = self.query_one("#sentence", Static)
        line.update(plain(words))
        line.set_class(bool(refused), "refused")

    @on(OptionList.OptionHighlighted, "#detail")
    def _moved(self) -> None:
        self._show_sentence()

    @on(OptionList.OptionSelected, "#detail")
    def _entered(self) -> None:
        """Enter is OK here as everywhere."""
        self.accept()

    # -- the people

    @on(RecipientsField.Changed)
    def _typed(self) -> None:
        self.show_error("")
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._ask)

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _ask(self) -> None:
        """Ask the server what may be given to these people; half an address is not asked about."""
        try:
            people = self.query_one("#to", RecipientsField).addresses()
        except UsageError:
            return
        line = self.query_one("#people", Static)
        if not people:
            self._plan = None
            line.update("")
            self._show_levels()
            return
        try:
            self._plan = await self._look(people)
        except PartagendaError as error:
            line.update(plain(f"{error.message} {error.hint}".strip()))
            return
        self._show_people()
        self._show_levels()

    def _show_people(self) -> None:
        assert self._plan is not None
        lines = list(self._plan.policy[:1] and [_("Sharing policy: {rule}").format(rule="; ".join(self._plan.policy))])
        for one in self._plan.people[:4]:
            place = _("inside the organisation") if one.standing.place == "inside" else _("outside the organisation")
            levels = ", ".join(level.label for level in one.standing.levels[:3])
            now = _("now {level}").format(level=one.now.level.label) if one.now else ""
            allowed = "" if one.standing.place == "inside" and levels else levels or one.standing.reason
            lines.append(" · ".join(filter(None, [str(one.address), place, now, allowed])))
        self.query_one("#people", Static).update(plain("\n".join(lines), newline=True))

    # -- the end

    def result(self) -> ShareRequest:
        """The request. Raises UsageError for what is no address and for a level that nobody of them may have."""
        people = self.query_one("#to", RecipientsField).addresses()
        if not people:
            raise UsageError(_("There is nobody to share it with."), _("Give at least one address."))
        self.left = replace(self.typed(), level=self._level)
        return ShareRequest(
            calendar=self._info.id,
            people=people,
            level=self._level,
            ask_theirs=self._info.default and self.query_one("#theirs", Tick).value,
            subject=self.query_one("#subject", TextLine).value.strip(),
            message=self.query_one("#words", OwnWords).text,
        )

    def typed(self) -> ShareStart:
        """The fields as they are."""
        return ShareStart(
            to=self.query_one("#to", RecipientsField).text,
            subject=self.query_one("#subject", TextLine).value,
            level=self._level,
            ask_theirs=self._info.default and self.query_one("#theirs", Tick).value,
            message=self.query_one("#words", OwnWords).text,
        )
