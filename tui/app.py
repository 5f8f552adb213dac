"""The app: themes, keys, screens; everything that it does is in services and screens."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual._compositor import CompositorUpdate
from textual.app import App
from textual.binding import BindingType
from textual.events import Event, Key, Paste
from textual.screen import Screen

from core.language import _
from tui import quick_start
from tui.commands import ALL, Scope, bindings
from tui.keymap import keymap
from tui.picture import Difference, Picture, is_lean
from tui.put_off import PutOff
from tui.reporting import show_notice
from tui.screens.home import HomeScreen
from tui.text import hold_together
from tui.theming import PLAIN, Themes, load, load_all, notice
from tui.typed_ahead import TypedAhead, TypedThrough
from tui.widgets.marks import ASCII, marks_for
from tui.widgets.palette import Palette

if TYPE_CHECKING:
    from rich.console import RenderableType

    from core.bootstrap import Services
    from core.services.sources import Source


Result = TypeVar("Result")

hold_together()

_MOMENTS = 1000
"""How often to look whether a dialog is gone before another one is shown: five seconds."""


class PartagendaApp(App[None]):
    """Partagenda on a terminal. `opened` are files that stand in the other pane, looked at and not imported."""

    TITLE = "Partagenda"
    CSS_PATH: ClassVar[Any] = ["app.tcss", "screens/home.tcss"]  # a default screen has no style sheet of its own
    ENABLE_COMMAND_PALETTE = False  # ours is `tui.screens.palette`: opaque, and still while it searches
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.APP)]

    def __init__(
        self, services: Services, opened: Sequence[Path | Source] = (), env: Mapping[str, str] | None = None
    ) -> None:
        env = os.environ if env is None else env
        self.plain = "NO_COLOR" in env
        super().__init__(ansi_color=True if self.plain else None)
        self.services = services
        self.opened = tuple(opened)
        self.marks = marks_for(env)
        self.animation_level = "none"  # a calendar has nothing to animate, and each frame costs over SSH
        self.keymap = keymap(services.settings.keys)
        self._themes: Themes | None = None
        chosen, self._theme_problem = load(PLAIN if self.plain else services.settings.ui.theme, services.paths.config)
        self.register_theme(chosen.theme)
        self.theme = chosen.name
        self.stylesheet.set_variables(self.get_css_variables())  # so that it is read once
        self._curtain = ExitStack()
        self.behind_curtain = True
        """Whether nothing is painted yet."""
        self._palette: tuple[str, Palette] | None = None
        self._picture = Picture(ascii_only=self.marks is ASCII)
        self.typed_ahead = TypedAhead(self, super().on_event)
        self.put_off = PutOff(self, self.typed_ahead)

    def get_default_screen(self) -> Screen[Any]:
        """The home screen stands from the first moment."""
        return HomeScreen(self.services, self.opened)

    @property
    def home(self) -> HomeScreen:
        """The home screen, whatever lies above it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, HomeScreen)
        return screen

    @property
    def palette(self) -> Palette:
        """Styles of the theme in use."""
        if self._palette is None or self._palette[0] != self.theme:
            self._palette = (self.theme, Palette(self.theme_variables, ansi=self.native_ansi_color))
        return self._palette[1]

    def now(self) -> datetime:
        """This moment in the person's zone."""
        return self.services.clock.now()

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheets for another theme; the first theme is there before they are read."""
        if not self.behind_curtain:
            super().refresh_css(animate=animate)

    def on_load(self) -> None:
        """Nothing is written until the first week is there: a screen that is painted twice costs twice."""
        self._curtain.enter_context(self.batch_update())

    def raise_curtain(self) -> None:
        """Paint from now on."""
        if self.behind_curtain:
            self.behind_curtain = False
            self._curtain.close()
            if self.screen is self.home:
                self.home.paint()
            else:
                self.screen.refresh()
            _collect_again()
            quick_start.started()

    def forget_picture(self, _signal: object = None) -> None:
        """Another program wrote on the terminal: the next picture is sent whole, also where nothing moved."""
        self._picture.forget()
        if self.screen_stack:
            self.screen.refresh()

    def on_resize(self) -> None:
        """A terminal of another size has its own idea of what stays where."""
        self._picture.forget()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Of what Textual wants to show, only the cells that differ from what stands there are sent."""
        if isinstance(renderable, CompositorUpdate) and is_lean(renderable):
            renderable = Difference(renderable, self._picture)
        super()._display(screen, renderable)

    def on_mount(self) -> None:
        """The person's keys, and one notice about what of the configuration cannot be used."""
        for signal in (self.app_suspend_signal, self.app_resume_signal):
            signal.subscribe(self, self.forget_picture, immediate=True)
        self.set_keymap(self.keymap.changed)
        problems = [*self.keymap.problems, *([self._theme_problem] if self._theme_problem else [])]
        if problems:
            show_notice(
                self, "\n".join(problems), title=_("Not everything in config.toml can be used"), severity="warning"
            )

    async def push_screen_wait(  # type: ignore[override]  # a screen, never the name of one
        self, screen: Screen[Result], *, mode: str | None = None
    ) -> Result:
        """As Textual's, once the dialog before is gone: that may be the same one, and no two may have one id."""
        for _moment in range(_MOMENTS):
            if not (screen.id and self._leaving(screen.id)):
                break
            await asyncio.sleep(0.005)
        return await super().push_screen_wait(screen, mode=mode)

    def _leaving(self, identifier: str) -> bool:
        """Whether a screen of that id is there still, and shown no more."""
        return any(one.id == identifier and one not in self.screen_stack for one in self._nodes)

    # -- keys

    async def on_event(self, event: Event) -> None:
        """As any app's, but that a key waits for the one before, and for the dialog that it opens."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self.typed_ahead.take(event)
        else:
            await super().on_event(event)

    async def on_typed_through(self, message: TypedThrough) -> None:
        """The last key has done what it does."""
        await self.typed_ahead.came_through(message)
        if not self.typed_ahead.busy:
            self.put_off.now()

    # -- commands

    async def action_run(self, identifier: str) -> None:
        """Run a command of the registry; say why where it cannot be used now."""
        command = ALL[identifier]
        home = self.home
        if reason := command.reason(home):
            home.status.say(reason)
        else:
            home.status.say("")
            target = self if command.scope is Scope.APP else home if command.scope is Scope.HOME else home.focused
            await self.run_action(command.action, target)

    def action_help(self) -> None:
        """All keys."""
        from tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_commands(self) -> None:
        """Commands and themes by name."""
        from tui.screens.palette import CommandsDialog

        self.push_screen(CommandsDialog(self.themes()), self._run_later)

    def _run_later(self, wanted: str | None) -> None:
        """What was chosen in the palette: a theme, or a command that runs once the palette is gone."""
        kind, _colon, name = (wanted or "").partition(":")
        if kind == "theme":
            self.choose_theme(name)
        elif kind == "command":
            self.call_later(self.action_run, name)

    # -- themes

    def themes(self) -> Themes:
        """All themes; files are read when somebody asks, and what is wrong with them is said once."""
        if self._themes is None:
            self._themes = load_all(self.services.paths.config)
            for file in self._themes.files.values():
                self.register_theme(file.theme)
            if self._themes.problems:
                show_notice(self, notice(self._themes.problems), severity="warning")
        return self._themes

    def choose_theme(self, name: str) -> None:
        """Another theme, for this session; `ui.theme` in config.toml is for all of them."""
        if name in self.themes().files:
            self.theme = name

    def action_next_theme(self) -> None:
        """The theme after this one."""
        names = list(self.themes().files)
        place = names.index(self.theme) if self.theme in names else -1
        self.choose_theme(names[(place + 1) % len(names)])


def _collect_again() -> None:
    """After the start, for which the collector was stopped: what has been loaded stays, and is not looked at again."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
