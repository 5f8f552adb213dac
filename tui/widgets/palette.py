"""Ink → terminal style, from the theme's colours.

A theme gives Textual's colours and, among its variables, a few of ours (`themes/*.toml`); what is missing is mixed
from the others. In an ANSI theme nothing is mixed: the terminal's own colours, reverse and bold say it all, which
also stands when NO_COLOR takes the colours away.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.color import Color, ColorParseError

from tui.widgets.canvas import Ink

CALENDAR_COLOURS = 8
"""Colours for calendars that have none of their own: variables `calendar-1` to `calendar-8`."""

_Row = tuple[str, str, str]

_ROLES: dict[str, _Row] = {
    # role: foreground, background, attributes
    "base": ("foreground", "background", ""),
    "title": ("muted", "bar", ""),
    "title.focused": ("bar-focus-text", "bar-focus", "bold"),
    "title.note": ("muted", "bar", ""),
    "title.note.focused": ("bar-focus-text", "bar-focus", ""),
    "head": ("muted", "strip", ""),
    "head.today": ("primary", "strip", "bold"),
    "strip": ("muted", "strip", ""),
    "more.strip": ("muted", "strip", ""),
    "gutter": ("muted", "background", ""),
    "gutter.now": ("now", "background", "bold"),
    "grid.work": ("grid-line", "grid-work", ""),
    "grid.off": ("grid-line", "grid-off", ""),
    "grid.unknown": ("grid-line", "grid-off", ""),
    "now.work": ("now", "grid-work", ""),
    "now.off": ("now", "grid-off", ""),
    "band": ("success", "band", ""),
    "band.perhaps": ("warning", "band-perhaps", ""),
    "cursor": ("grid-line", "cursor", ""),
    "cursor.text": ("foreground", "cursor", "bold"),
    "month.day": ("foreground", "strip", ""),
    "month.day.out": ("muted", "strip", ""),
    "month.day.today": ("primary", "strip", "bold"),
    "month.text": ("foreground", "grid-work", ""),
    "month.text.off": ("foreground", "grid-off", ""),
    "month.dim": ("muted", "grid-work", ""),
    "month.dim.off": ("muted", "grid-off", ""),
    "month.cancelled": ("muted", "grid-work", "strike"),
    "month.cancelled.off": ("muted", "grid-off", "strike"),
    "card": ("muted", "side", ""),
    "card.shown": ("muted", "bar-shown", ""),
    "card.title": ("muted", "side", "bold"),
    "card.busy": ("foreground", "side", "bold"),
    "card.busy.shown": ("foreground", "bar-shown", "bold"),
    "card.today": ("primary", "side", "bold underline"),
    "card.today.shown": ("primary", "bar-shown", "bold underline"),
    "gutter.zone": ("grid-line", "background", ""),
    "year.day": ("muted", "background", ""),
    "year.day.today": ("primary", "background", "bold underline"),
    "year.none": ("grid-line", "background", ""),
    "more": ("background", "muted", ""),
    "list": ("foreground", "background", ""),
    "list.dim": ("muted", "background", ""),
    "list.cancelled": ("muted", "background", "strike"),
    "list.day": ("foreground", "strip", "bold"),
    "list.day.today": ("primary", "strip", "bold"),
    "side": ("foreground", "side", ""),
    "side.head": ("muted", "side", "bold"),
    "side.dim": ("muted", "side", ""),
    "side.cursor": ("bar-focus-text", "bar-focus", ""),
    "side.cursor.dim": ("bar-focus-text", "bar-focus", ""),
    "ribbon": ("foreground", "ribbon", ""),
    "ribbon.key": ("primary", "ribbon", "bold"),
    "ribbon.caption": ("muted", "ribbon", ""),
    "ribbon.line": ("grid-line", "ribbon", ""),
    "ribbon.on": ("primary", "ribbon", "bold underline"),
    "ribbon.off": ("grid-line", "ribbon", ""),
    "status": ("foreground", "bar", ""),
    "status.dim": ("muted", "bar", ""),
    "status.key": ("primary", "background", "bold"),
    "status.hint": ("muted", "background", ""),
    "status.message": ("foreground", "background", ""),
}
_ANSI_REVERSED = {
    "title.focused",
    "title.note.focused",
    "side.cursor",
    "side.cursor.dim",
    "cursor",
    "cursor.text",
    "event.selected",
}
_MIXES = {
    # variable: (over, of, share) when the theme does not name it
    "muted": ("background", "foreground", 0.62),
    "bar": ("background", "foreground", 0.07),
    "bar-focus": ("background", "primary", 0.45),
    "strip": ("background", "foreground", 0.05),
    "ribbon": ("background", "foreground", 0.07),
    "side": ("background", "foreground", 0.03),
    "grid-work": ("background", "foreground", 0.04),
    "grid-off": ("background", "foreground", 0.0),
    "grid-line": ("background", "foreground", 0.18),
    "cursor": ("background", "primary", 0.40),
    "band": ("grid-work", "success", 0.16),
    "band-perhaps": ("grid-work", "warning", 0.10),
    "bar-shown": ("side", "foreground", 0.12),
}
_SAME = {"bar-focus-text": "foreground", "now": "error"}
_BUILT_IN = ("#4f8fd9", "#58a65c", "#c9803d", "#a272d0", "#3ba7a7", "#d0647a", "#9c9a3c", "#7d8bb5")
_GROUNDS = {
    # what lies under a calendar's own colour, where it is not mixed
    "event.mark": "grid-work",
    "event.mark.off": "grid-off",
    "list.mark": "background",
    "side.mark": "side",
    "title.mark": "bar",
    "title.mark.focused": "bar-focus",
}
_EVENT = 0.34
_EVENT_SECOND = 0.24


class Palette:
    """Styles for one theme. `variables` is what Textual makes of the theme (`App.theme_variables`)."""

    def __init__(self, variables: Mapping[str, str], *, ansi: bool = False) -> None:
        self.variables = variables
        self.ansi = ansi
        self._styles: dict[Ink, Style] = {}

    def style(self, ink: Ink) -> Style:
        """How this ink looks."""
        found = self._styles.get(ink)
        if found is None:
            found = self._styles[ink] = self._make(ink)
        return found

    def colour(self, name: str) -> Color:
        """A colour of the theme by its variable, or mixed."""
        if name in self.variables:
            return _parse(self.variables[name])
        if name in _SAME:
            return self.colour(_SAME[name])
        over, of, share = _MIXES[name]
        return self.colour(over).blend(self.colour(of), share, alpha=1)

    def calendar(self, colour: str) -> Color:
        """A calendar's colour: its own `#rrggbb`, or one of the theme's by number. An ANSI theme takes the nearest."""
        if not colour.startswith("#"):
            return self._numbered(int(colour) if colour.isdigit() else 1)
        return self._nearest(colour) if self.ansi else _parse(colour)

    def _numbered(self, number: int) -> Color:
        index = (number - 1) % CALENDAR_COLOURS
        return _parse(self.variables.get(f"calendar-{index + 1}", _BUILT_IN[index]))

    def _nearest(self, colour: str) -> Color:
        wanted = _parse(colour)
        best = min(range(CALENDAR_COLOURS), key=lambda n: _distance(wanted, _parse(_BUILT_IN[n])))
        return self._numbered(best + 1)

    def _make(self, ink: Ink) -> Style:
        if ink.colour:
            return self._event(ink)
        foreground, background, attributes = _ROLES[ink.role]
        if self.ansi:
            return self._ansi_role(ink.role, foreground, attributes)
        return _style(self.colour(foreground), self.colour(background), attributes)

    def _ansi_role(self, role: str, foreground: str, attributes: str) -> Style:
        if role in _ANSI_REVERSED:
            return Style.parse("reverse bold" if "focused" in role else "reverse")
        dim = foreground in ("muted", "grid-line") or role.startswith(("status.hint", "ribbon.caption"))
        own = ("primary", "error", "warning", "success")
        named = foreground if foreground in own else "error" if foreground == "now" else ""
        style = Style.parse(f"{attributes} dim" if dim else attributes or "none")
        return style + Style(color=_parse(self.variables[named]).rich_color) if named else style

    def _event(self, ink: Ink) -> Style:
        colour = self.calendar(ink.colour)
        if self.ansi:
            return self._ansi_event(ink, colour)
        if ink.role == "event.selected":
            return _style(colour.get_contrast_text(1.0), colour, "bold")
        if ground := _GROUNDS.get(ink.role):
            return _style(colour, self.colour(ground), "")
        share = _EVENT_SECOND if "second" in ink.role else _EVENT
        return self._tinted(ink.role, colour, self.colour("grid-work").blend(colour, share, alpha=1))

    def _tinted(self, role: str, colour: Color, ground: Color) -> Style:
        """An event's block: its ground is the calendar's colour, faint."""
        text = self.colour("foreground")
        match role:
            case "event.mark.solid" | "event.second.mark.solid":
                return _style(colour, ground, "")
            case "event.free":
                return _style(self.colour("muted"), self.colour("grid-work"), "")
            case "event.cancelled":
                return _style(ground.blend(text, 0.6), ground, "strike")
            case _other:
                return _style(text, ground, "")

    @staticmethod
    def _ansi_event(ink: Ink, colour: Color) -> Style:
        attributes = {"event.selected": "reverse bold", "event.cancelled": "strike dim", "event.second": ""}
        return Style.parse(attributes.get(ink.role) or "none") + Style(color=colour.rich_color)


def _style(foreground: Color, background: Color, attributes: str) -> Style:
    style = Style(color=foreground.rich_color, bgcolor=background.rich_color)
    return style + Style.parse(attributes) if attributes else style


@lru_cache(256)
def _parse(text: str) -> Color:
    try:
        return Color.parse(text)
    except ColorParseError:  # a colour that nobody can read is grey
        return Color(128, 128, 128)


def _distance(one: Color, other: Color) -> float:
    """Between the hues first, so that a dark blue is nearer to blue than to grey."""
    a, b = one.hsl, other.hsl
    hue = min(abs(a.h - b.h), 1 - abs(a.h - b.h))
    return hue * 4 + abs(a.s - b.s) + abs(a.l - b.l)
