"""Screens that show themselves when they are arranged, and not after each step on the way there."""

from __future__ import annotations

from typing import Self, TypeVar

from textual.events import Resize, ScreenResume
from textual.geometry import Region
from textual.screen import Screen

from tui.put_off import PutOff

Result = TypeVar("Result")


class OnePicture(Screen[Result]):
    """A screen whose first picture is the whole one.

    Textual paints a new screen when it comes to the top, when it hears its size (the screens below it are arranged
    again for that, too), and at the next tick of its clock: 40 ms for a small dialog, most of it for nothing.

    Its handlers have Textual's private names, so that those of subclasses and mixins stand beside them: each class of
    a widget hears a message.
    """

    _arranging: bool = False
    """Nothing is painted while this is so."""
    _picture_opening: bool = False

    def _on_screen_resume(self, _event: ScreenResume) -> None:
        """The first time on top: wait for what the widgets say when they hear their size."""
        self._picture_opening = self._arranging = self._size != self.app.size

    async def _on_resize(self, event: Resize) -> None:
        """The first size is the one that it was arranged for."""
        if self._picture_opening and event.size == self.size:
            event.prevent_default()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As any screen's; but where widgets came or went, only what is elsewhere by that is shown again."""
        moved = layout and not regions and not recompose and self.is_mounted
        return super().refresh(*regions, repaint=repaint and not moved, layout=layout, recompose=recompose)

    def _compositor_refresh(self) -> None:
        top = self.app.screen
        if top is not self and top.styles.background.a == 1:  # nothing of it can be seen
            self._compositor._dirty_regions.clear()
            self._dirty_widgets.clear()
        elif self._picture_opening:
            self.call_later(self._open_picture)  # behind what it hears of its size
        elif self._arranging:
            pass
        elif self._pictures_later is not None and self._pictures_later.due:
            self._pictures_later.add(self._send_picture)
        else:
            self._send_picture()

    @property
    def _pictures_later(self) -> PutOff | None:
        return getattr(self.app, "put_off", None)

    def _send_picture(self) -> None:
        if not self.is_attached:
            return
        if self._pictures_later is not None:
            self._pictures_later.drop(self._send_picture)
        super()._compositor_refresh()

    def _open_picture(self) -> None:
        if self._picture_opening:
            self.paint()

    def paint(self) -> None:
        """Show everything now, once: not at the next tick of the screen's clock, and not after each step."""
        self._picture_opening, self._arranging = False, True
        try:
            if self._layout_required:
                self._refresh_layout()
                self._layout_required = False
        finally:
            self._arranging = False
        self.refresh()
        self._on_timer_update()
