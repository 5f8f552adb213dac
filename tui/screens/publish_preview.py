"""What others would see of a publication, before anything leaves: the send preview, with another way on."""

from __future__ import annotations

from collections.abc import Sequence

from core.language import _
from tui.screens.dialog import DialogButton
from tui.screens.preview import PreviewScreen


class PublishPreview(PreviewScreen):
    """Returns True to publish."""

    def buttons(self) -> Sequence[DialogButton]:
        """On or back."""
        return (DialogButton("go-on", _("&Publish"), main=True), DialogButton("back", _("&Back")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return [(_("Enter"), _("Publish")), *list(super().keys())[1:]]
