"""A list whose marked row is seen without colours, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.style import Style
from textual.widgets import OptionList

if TYPE_CHECKING:
    from textual.widget import Widget

    _Base = Widget
else:
    _Base = object


class Reversible(_Base):
    """Of the style of a part Textual forgets `reverse`, which is all that marks a row where there are no colours."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """As Textual's, with `reverse` where the style sheet says so."""
        style = super().get_visual_style(*component_classes, partial=partial)
        if any(self.get_component_styles(name).text_style.reverse for name in component_classes):
            return replace(style, reverse=True)
        return style


class MarkedList(Reversible, OptionList):
    """A list to choose from."""
