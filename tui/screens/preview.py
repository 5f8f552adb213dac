"""The preview: exactly what the other person will see, and exactly what leaves the machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.language import N_, _
from core.services.email_calendar import Prepared
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.full_screen import FullScreen
from tui.screens.grace import Grace
from tui.widgets.tabs import PageTabs
from tui.widgets.text_view import Line, TextView
from tui.wording import range_text, size_text

RECEIVER, LEAVES, SOURCE = 1, 2, 3

Save = Callable[[], Awaitable[None]]


def summary(prepared: Prepared) -> str:
    """`Availability only · Nov 22 – 28, 2026 · Europe/Paris`: what is given away, in one line."""
    from core.calendar.zones import zone_name

    options, snapshot = prepared.request.options, prepared.snapshot
    parts = [options.level.label, range_text(options.days), zone_name(snapshot.zone)]
    if options.working_hours_only:
        parts.append(_("working hours only"))
    if options.include_private:
        parts.append(_("with private items"))
    if options.include_attachments:
        parts.append(_("with attachments"))
    return " · ".join(parts)


def receiver_lines(text: str) -> Iterator[Line]:
    """The text as it is sent, headings made bold and free time quiet."""
    lines = text.split("\n")
    free = _("Free")
    for at, line in enumerate(lines):
        below = lines[at + 1] if at + 1 < len(lines) else ""
        if _is_rule(line):
            yield Line(line, "rule")
        elif line and _is_rule(below):
            yield Line(line, "title")
        else:
            yield Line(line, "quiet" if line.endswith(f"  {free}") else "title" if at == 0 else "")


def _is_rule(line: str) -> bool:
    return (len(line) > 2 and set(line) <= {"-"}) or (len(line) > 2 and set(line) <= {"="})


class PreviewScreen(Grace, FullScreen[bool]):
    """Returns True to go on to the message, None to go back. `save` writes the files where the person chooses;
    without `go_on` it is only looked at (from the message).
    """

    CSS_PATH = "preview.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#preview-text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", N_("Continue"), id="preview.continue"),
        Binding("1", "page(1)", N_("As the receiver sees it"), id="preview.receiver", show=False),
        Binding("2", "page(2)", N_("What leaves the machine"), id="preview.leaves", show=False),
        Binding("3", "page(3)", N_("The file"), id="preview.source", show=False),
        Binding("y", "copy", N_("Copy"), id="preview.copy", show=False),
    ]

    def __init__(self, prepared: Prepared, *, save: Save | None = None, go_on: bool = True) -> None:
        super().__init__(_("Preview: {calendar}").format(calendar=prepared.snapshot.calendar_name), id="preview")
        self._prepared = prepared
        self._save = save
        self._can_go_on = go_on

    def facts(self) -> str:
        """Level, range, zone."""
        return summary(self._prepared)

    def compose_body(self) -> ComposeResult:
        """Three pages in one place."""
        yield PageTabs(
            (_("As the receiver sees it"), _("What leaves the machine"), _("The .ics file")), id="preview-tabs"
        )
        yield TextView(self._lines(RECEIVER), id="preview-text")

    def buttons(self) -> Sequence[DialogButton]:
        """On, save, back."""
        row = [DialogButton("go-on", _("&Continue to the message"), main=True)] if self._can_go_on else []
        row += [DialogButton("save", _("&Save as files…"))] if self._save else []
        return [*row, DialogButton("back", _("&Back"))]

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        first = [(_("Enter"), _("Continue"))] if self._can_go_on else []
        return [*first, ("1 2 3", _("Pages")), ("↑↓", _("Scroll")), ("Y", _("Copy")), (_("Esc"), _("Back"))]

    def pressed(self, button: str) -> None:
        """On, save, back."""
        match button:
            case "go-on":
                self.action_go_on()
            case "save":
                self._save_files()
            case _other:
                self.action_back()

    def action_go_on(self) -> None:
        """To the message; where there is none to go to, back."""
        self.dismiss(True if self._can_go_on else None)

    def action_page(self, number: int) -> None:
        """Another page."""
        self.query_one(PageTabs).chosen = number

    def action_copy(self) -> None:
        """The page that is shown, as text."""
        copy(self.app, "\n".join(line.text for line in self._lines(self.query_one(PageTabs).chosen)))

    @on(PageTabs.Chosen)
    def _turned(self, event: PageTabs.Chosen) -> None:
        self.query_one(TextView).show(self._lines(event.number))

    @work(group="save", exclusive=True)
    async def _save_files(self) -> None:
        if self._save is not None:
            await self._save()

    def _lines(self, page: int) -> list[Line]:
        if page == SOURCE:
            return [Line(line) for line in self._prepared.ics.decode("utf-8", "replace").splitlines()]
        if page == LEAVES:
            return list(self._leaving())
        return [*self._remarks(), *receiver_lines(self._prepared.text)]

    def _remarks(self) -> Iterator[Line]:
        if self._prepared.empty:
            yield Line(_("This calendar appears empty for these days."), "warning")
        for warning in self._prepared.warnings:
            yield Line(f"! {warning}", "warning")
        if self._prepared.empty or self._prepared.warnings:
            yield Line("")

    def _leaving(self) -> Iterator[Line]:
        yield from self._remarks()
        yield Line(_("This leaves the machine, and nothing else:"), "title")
        for line in self._prepared.leaves:
            yield Line(f"  • {line}")
        yield Line("")
        yield Line(_("In the message"), "title")
        attached = _("attached: {name}, {size}")
        yield Line("  • " + attached.format(name=self._prepared.filename, size=size_text(len(self._prepared.ics))))
        yield Line("  • " + _("a page for mail programs, {size}").format(size=_size(self._prepared.html)))
        yield Line("  • " + _("the same as plain text, {size}").format(size=_size(self._prepared.text)))
        yield Line("")
        yield Line(_("The finished bytes were checked against this level: nothing more is in them."), "good")


def _size(text: str) -> str:
    return size_text(len(text.encode()))
