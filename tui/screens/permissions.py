"""Calendar Permissions: the rows above, what the marked one may do below, as in Outlook's tab (outlook.md §4.1).

Nothing is written here: the page ends with the table that the person wants, and the caller shows the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.errors import PartagendaError
from core.language import N_, _
from core.services.permissions import Sheet
from core.sharing.permission_table import (
    Delegation,
    PermissionEntry,
    PermissionTable,
    difference,
    entry,
    person,
)
from core.sharing.permissions import PermissionLevel, Reach, ReadRight, Rights, meaning_of
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.full_screen import FullScreen
from tui.text import cells, plain
from tui.widgets.form import Caption, Choice, Tick
from tui.widgets.marked_list import MarkedList

_FLAGS = ("create", "create_subfolders", "owner", "contact", "visible")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the page was left: the table as it should be, and what to do with it."""

    table: PermissionTable
    save: bool = True
    add: bool = False
    """Somebody is to be added first; then the page comes back."""
    view_as: str = ""
    """The key of a row whose view is asked for; then the page comes back."""
    undo: bool = False
    marked: str = ""
    """The key of the marked row, for coming back."""


class PermissionsScreen(FullScreen[Wanted]):
    """Returns what the person wants, None when they leave everything as it is."""

    CSS_PATH = "permissions.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#rows"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "save", N_("OK"), id="permissions.save", show=False, priority=True),
        Binding("insert", "add", N_("Add"), id="permissions.add", show=False),
        Binding("delete", "remove", N_("Remove"), id="permissions.remove", show=False),
    ]

    def __init__(self, sheet: Sheet, table: PermissionTable | None = None, marked: str = "", notice: str = "") -> None:
        super().__init__(_("Calendar Permissions: {name}").format(name=sheet.info.name), id="permissions")
        self._sheet = sheet
        self._table = table or sheet.table
        self._marked = marked or self._table.entries[0].key
        self._notice = notice
        self._filling = False

    def facts(self) -> str:
        """What the server does not offer, where it does not offer everything."""
        unknown = [_("{name}: stays").format(name=name) for name in self._sheet.table.unknown]
        return " · ".join(filter(None, [self._sheet.stored.offered.reason, *unknown]))

    def compose_body(self) -> ComposeResult:
        """Rows; level; Read, Write, Delete items, Other; delegates."""
        yield MarkedList(id="rows", markup=False, compact=True)
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Permission level"), "level", classes="wide")
            yield Choice([(level.label, level) for level in PermissionLevel], self._row.level, id="level")
        yield Static("", id="meaning", classes="note", markup=False)
        with Horizontal(id="rights"):
            with Vertical(classes="group"):
                yield Static(plain(_("Read")), classes="head", markup=False)
                yield Choice([(right.label, right) for right in ReadRight], self._row.rights.read, id="read")
                yield Static(plain(_("Delete items")), classes="head", markup=False)
                yield Choice([(reach.label, reach) for reach in Reach], self._row.rights.delete, id="delete")
            with Vertical(classes="group"):
                yield Static(plain(_("Write")), classes="head", markup=False)
                yield Tick(_("&Create items"), False, id="create")
                yield Tick(_("Create su&bfolders"), False, id="create_subfolders")
                yield Choice([(_edit_label(reach), reach) for reach in Reach], self._row.rights.edit, id="edit")
            with Vertical(classes="group"):
                yield Static(plain(_("Other")), classes="head", markup=False)
                yield Tick(_("Folder o&wner"), False, id="owner")
                yield Tick(_("Folder contac&t"), False, id="contact")
                yield Tick(_("Folder &visible"), False, id="visible")
        with Horizontal(id="delegation", classes="row"):
            yield Tick(_("Dele&gate, gets copies of meeting messages"), False, id="delegate")
            yield Tick(_("sees private &items"), False, id="private")

    def buttons(self) -> Sequence[DialogButton]:
        """Add, remove, view as, take back; OK and Cancel."""
        return (
            DialogButton("save", _("&OK"), main=True),
            DialogButton("add", _("&Add…")),
            DialogButton("remove", _("&Remove")),
            DialogButton("view", _("View a&s")),
            DialogButton("undo", _("&Undo")),
            DialogButton("back", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return (("F9", _("OK")), ("Tab", _("Next field")), (_("Space"), _("Open, tick")), (_("Esc"), _("Cancel")))

    def on_mount(self) -> None:
        """The rows, and the marked one's rights."""
        self._show_rows()
        self._show_row()
        if self._notice:
            self.show_error(self._notice)

    # -- rows

    @property
    def _row(self) -> PermissionEntry:
        return self._table.get(self._marked) or self._table.entries[0]

    def _show_rows(self) -> None:
        listing = self.query_one("#rows", OptionList)
        self._filling = True
        listing.clear_options()
        width = max(self.app.size.width - 4, 40)
        changed = {change.key for change in difference(self._sheet.table, self._table)}
        for row in self._table.entries:
            name = f"{row.principal.label} *" if row.key in changed else row.principal.label
            more = _("delegate") if row.delegation else ""
            text = f"{cells(name, 22)} {cells(row.level.label, 33)} {row.principal.address}"
            listing.add_option(Option(plain(cells(f"{text} {more}", width)), id=None))
        keys = [row.key for row in self._table.entries]
        listing.highlighted = keys.index(self._row.key)
        self._filling = False

    @on(OptionList.OptionHighlighted, "#rows")
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        if not self._filling and event.option_index < len(self._table.entries):
            self._marked = self._table.entries[event.option_index].key
            self._show_row()

    def _show_row(self) -> None:
        """The fields say what the marked row may do. Their own messages about that are no changes of the person's."""
        row, rights = self._row, self._row.rights
        with self.prevent(Choice.Changed, Tick.Changed):
            self.query_one("#level", Choice).value = row.level
            self.query_one("#read", Choice).value = rights.read
            self.query_one("#edit", Choice).value = rights.edit
            self.query_one("#delete", Choice).value = rights.delete
            for name in _FLAGS:
                self.query_one(f"#{name}", Tick).value = getattr(rights, name)
            given = row.delegation
            self.query_one("#delegate", Tick).value = given is not None and given.copies
            self.query_one("#private", Tick).value = given is not None and given.private_items
        self.query_one("#meaning", Static).update(plain(meaning_of(row.level)))
        offered = self._sheet.stored.offered
        for name in ("read", "edit", "delete", *_FLAGS):
            self.query_one(f"#{name}").disabled = not offered.custom
        able = offered.delegates and row.may_be_delegate
        for name in ("delegate", "private"):
            self.query_one(f"#{name}", Tick).disabled = not able
        self.query_one("#delegation").display = offered.delegates

    def _change(self, row: PermissionEntry) -> None:
        if row != self._row:
            self.show_error("")
            self._table = self._table.having(row)
            self._show_rows()
        self._show_row()

    # -- fields

    @on(Choice.Changed, "#level")
    def _level_chosen(self) -> None:
        level: PermissionLevel = self.query_one("#level", Choice).chosen
        offered = self._sheet.stored.offered
        allowed = offered.levels_for(self._row.principal)
        if level is self._row.level:
            return
        if level not in allowed and not (level is PermissionLevel.CUSTOM and offered.custom):
            reason = offered.reason or _("The server does not offer “{level}” here.").format(level=level.label)
            self._show_row()
            self.show_error(reason)
            return
        self._change(self._row.with_level(level))

    @on(Choice.Changed, "#read")
    @on(Choice.Changed, "#edit")
    @on(Choice.Changed, "#delete")
    @on(Tick.Changed, "#create")
    @on(Tick.Changed, "#create_subfolders")
    @on(Tick.Changed, "#owner")
    @on(Tick.Changed, "#contact")
    @on(Tick.Changed, "#visible")
    def _right_changed(self) -> None:
        flags = {name: self.query_one(f"#{name}", Tick).value for name in _FLAGS}
        rights = Rights(
            read=self.query_one("#read", Choice).chosen,
            edit=self.query_one("#edit", Choice).chosen,
            delete=self.query_one("#delete", Choice).chosen,
            **flags,
        )
        if rights != self._row.rights:
            self._change(self._row.with_rights(rights))

    @on(Tick.Changed, "#delegate")
    @on(Tick.Changed, "#private")
    def _delegation_changed(self) -> None:
        copies, private = self.query_one("#delegate", Tick).value, self.query_one("#private", Tick).value
        wanted = Delegation(copies, private) if copies or private else None
        try:
            self._change(self._row.with_delegation(wanted))
        except PartagendaError as error:
            self.show_error(error)
            self._show_row()

    # -- buttons

    def pressed(self, button: str) -> None:
        """What the buttons do."""
        match button:
            case "save":
                self.action_save()
            case "add":
                self.action_add()
            case "remove":
                self.action_remove()
            case "view":
                self.dismiss(Wanted(self._table, save=False, view_as=self._row.key, marked=self._row.key))
            case "undo":
                self.dismiss(Wanted(self._table, save=False, undo=True))
            case _other:
                self.action_back()

    def action_save(self) -> None:
        """OK: the caller shows the difference."""
        self.dismiss(Wanted(self._table, marked=self._row.key))

    def action_add(self) -> None:
        """Somebody new."""
        self.dismiss(Wanted(self._table, save=False, add=True, marked=self._row.key))

    def action_remove(self) -> None:
        """Take the marked row out; Default and Anonymous stay."""
        try:
            self._table = self._table.without(self._row.key)
        except PartagendaError as error:
            self.show_error(error)
            return
        self._marked = self._table.entries[-1].key
        self._show_rows()
        self._show_row()


def added(table: PermissionTable, address: str, name: str, offered: Sequence[PermissionLevel]) -> PermissionTable:
    """The table with somebody new, at the least that lets them see something."""
    who = person(address, name)
    if table.get(who.key) is not None:
        return table
    least = next((level for level in offered if level is not PermissionLevel.NONE), PermissionLevel.FREE_BUSY)
    return table.having(replace(entry(who, least)))


def _edit_label(reach: Reach) -> str:
    match reach:
        case Reach.NONE:
            return _("Edit none")
        case Reach.OWN:
            return _("Edit own")
        case Reach.ALL:
            return _("Edit all")
