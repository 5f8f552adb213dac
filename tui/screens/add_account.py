"""Setting up an account: its type, and what that type asks. The password itself is never asked."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.widgets import Input, Static

from core.config.account_form import (
    CHOICES,
    FIELDS,
    AccountDraft,
    AccountType,
    NewAccount,
    account_of,
    choice_label,
    explained,
    field_label,
)
from core.language import _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, Choice, TextLine

ALL_FIELDS = tuple(dict.fromkeys(field for fields in FIELDS.values() for field in fields))


class AddAccountDialog(FormDialog[NewAccount]):
    """Ends with what goes into config.toml. `taken` are names that are there, `address` is the person's own."""

    CSS_PATH = "add_account.tcss"

    def __init__(self, taken: frozenset[str], address: str = "") -> None:
        super().__init__(_("Add Account"), id="add-account")
        self._taken = taken
        self._address = address

    def compose_body(self) -> ComposeResult:
        """Type and name, then a line for each field of any type; those of others are not shown."""
        with Horizontal(classes="row"):
            yield Caption(_("&Type"), "type")
            yield Choice([(kind.label, kind) for kind in AccountType], AccountType.EXCHANGE, id="type")
        with Horizontal(classes="row"):
            yield Caption(_("&Name"), "name")
            yield TextLine("office", id="name", select_on_focus=True)
        for field in ALL_FIELDS:
            with Horizontal(classes="row", id=f"row-{field}"):
                yield Caption(field_label(field), field)
                yield self._field(field)
        yield Static("", id="explained", classes="note spaced", markup=False)

    def _field(self, field: str) -> Choice[str] | TextLine:
        if field in CHOICES:
            return Choice([(choice_label(value), value) for value in CHOICES[field]], CHOICES[field][0], id=field)
        return TextLine(self._address if field == "address" else "", id=field)

    def buttons(self) -> Sequence[DialogButton]:
        """Saved, and tried at once."""
        return (DialogButton("ok", _("&Save and try"), main=True), DialogButton("cancel", _("Cancel")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return ((_("Enter"), _("Save and try")), (_("Tab"), _("Next field")), (_("Esc"), _("Cancel")))

    def on_mount(self) -> None:
        """Show the fields of the first type."""
        super().on_mount()
        self._arrange()

    @property
    def _type(self) -> AccountType:
        chosen: AccountType = self.query_one("#type", Choice).chosen
        return chosen

    @on(Choice.Changed, "#type")
    def _other_type(self) -> None:
        self._arrange()
        self.show_error("")

    def _arrange(self) -> None:
        for field in ALL_FIELDS:
            self.query_one(f"#row-{field}").display = field in FIELDS[self._type]
        name = self.query_one("#name", Input)
        if name.value in ("", *_NAMES.values()):
            name.value = _NAMES[self._type]
        self.call_after_refresh(self._fit)

    @on(DescendantFocus)
    def _explain(self, event: DescendantFocus) -> None:
        text = explained(self._type, event.widget.id or "")
        self.query_one("#explained", Static).update(plain(text or _NOTE()))

    def result(self) -> NewAccount:
        """What the form means. Raises UsageError."""
        texts = {field: self._text(field) for field in FIELDS[self._type]}
        return account_of(AccountDraft(self.query_one("#name", Input).value, self._type, texts), self._taken)

    def _text(self, field: str) -> str:
        widget = self.query_one(f"#{field}")
        return str(widget.chosen) if isinstance(widget, Choice) else self.query_one(f"#{field}", Input).value


_NAMES = {
    AccountType.EXCHANGE: "office",
    AccountType.MICROSOFT365: "cloud",
    AccountType.SMTP: "mail",
    AccountType.MAILDIR: "inbox",
    AccountType.VDIR: "khal",
}


def _NOTE() -> str:  # noqa: N802 - in the language of the moment
    return _("It is written into config.toml; no password is kept there.")
