"""The ports PermissionStore and SharingGateway: `calendarPermissions`, one request for a row.

Granting invites by itself, and nobody can ask Graph not to; a change of an existing row says nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.backends.graph import roles
from core.backends.graph.boundary import reads, writes
from core.backends.graph.wire import Answer, Json
from core.calendar.people import Address
from core.errors import Conflict, DeliveryUnknown, NotFound, PartagendaError, Refused, Unreachable
from core.language import _
from core.ports.sharing import (
    FolderReference,
    Granted,
    Offered,
    Place,
    RefusedChange,
    Standing,
    StoredPermissions,
    WrittenPermissions,
)
from core.sharing.permission_table import (
    ANONYMOUS,
    DEFAULT,
    PermissionChange,
    PermissionEntry,
    apply_changes,
    entry,
    person,
)
from core.sharing.permissions import PermissionLevel

if TYPE_CHECKING:
    from core.backends.graph.session import Session
    from core.sharing.policy import SharingPolicy


class GraphSharing:
    """Implements `core.ports.sharing.PermissionStore` and `SharingGateway`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.account

    @property
    def invites(self) -> bool:
        """The server sends the invitation itself."""
        return True

    # --- the table -----------------------------------------------------------------------------------------------

    @reads
    async def permissions(self, calendar: str) -> StoredPermissions:
        """The table as it is now. Raises Refused for a calendar of somebody else's."""
        return _stored(calendar, await self._rows(calendar))

    async def _rows(self, calendar: str) -> list[Json]:
        if calendar.startswith("users/"):
            raise Refused(_("Only the owner of a calendar sees its permissions in Microsoft 365."))
        return await self._session.everything(f"{calendar}/calendarPermissions", top="100")

    @writes
    async def write_permissions(
        self, calendar: str, changes: Sequence[PermissionChange], *, expected: str
    ) -> WrittenPermissions:
        """Row by row; what is refused is said, all else is made."""
        now = await self.permissions(calendar)
        if now.mark != expected:
            apply_changes(now.table, changes)  # names the row that differs, if it is one of these
            raise Conflict(
                _("Somebody changed the permissions meanwhile."), _("Look at the permissions again, then decide.")
            )
        apply_changes(now.table, changes)
        refused, made = [], False
        for change in changes:
            try:
                refusal = await self._write(calendar, now, change)
            except Refused as error:
                refusal = RefusedChange(change, error.message, now.offered.levels_for(change.principal))
            except Unreachable as error:
                if made:
                    raise DeliveryUnknown(error.message, _("Look at the permissions again, then decide.")) from error
                raise
            made = made or refusal is None
            if refusal is not None:
                refused.append(refusal)
        return WrittenPermissions(await self.permissions(calendar), tuple(refused))

    async def _write(self, calendar: str, now: StoredPermissions, change: PermissionChange) -> RefusedChange | None:
        there = now.table.get(change.key)
        row = there.principal.id if there else ""
        place = f"{calendar}/calendarPermissions"
        if change.after is None:
            await self._session.ask("DELETE", f"{place}/{quote(row, safe='')}")
            return None
        role = roles.role_of(change.after)
        if role is None or change.key == ANONYMOUS.key:
            return RefusedChange(change, roles.why_not_all(), now.offered.levels_for(change.principal))
        if row:
            await self._session.send("PATCH", f"{place}/{quote(row, safe='')}", {"role": role})
        else:
            await self._session.send("POST", place, _new_row(change.principal.address, change.principal.name, role))
        return None

    # --- sharing -------------------------------------------------------------------------------------------------

    async def policy(self) -> SharingPolicy | None:
        """Graph does not tell it: what may be given to whom is asked for each person."""
        return None

    @reads
    async def standing(self, calendar: str, people: Sequence[Address]) -> Sequence[Standing]:
        """The roles that the server offers for each."""
        paths = [f"{calendar}/allowedCalendarSharingRoles(User='{quote(one.address, safe='@')}')" for one in people]
        answers = await self._session.batch(paths)
        return [_standing(one, answer) for one, answer in zip(people, answers, strict=True)]

    @writes
    async def grant(
        self, calendar: str, people: Sequence[Address], level: PermissionLevel, message: str = ""
    ) -> Sequence[Granted]:
        """Grants and invites in one; who has a row already gets another role and no message."""
        role = roles.role_of(entry(person(people[0]), level)) if people else None
        if role is None:
            raise Refused(_("Microsoft 365 cannot set “{level}”.").format(level=level.label), roles.why_not_all())
        now = roles.table_of(await self._rows(calendar))
        found: list[Granted] = []
        for one in people:
            try:
                found.append(await self._grant(calendar, one, role, level, now.get(one.address)))
            except DeliveryUnknown:
                raise
            except Refused as error:
                found.append(await self._refused(calendar, one, error))
            except PartagendaError as error:
                if not any(granted.level for granted in found):
                    raise
                found.append(Granted(one, None, error.message))
        return found

    async def _grant(
        self, calendar: str, who: Address, role: str, level: PermissionLevel, before: PermissionEntry | None
    ) -> Granted:  # fmt: skip
        place = f"{calendar}/calendarPermissions"
        if before is not None:
            if before.level is not level or before.delegation is not None:
                await self._session.send("PATCH", f"{place}/{quote(before.principal.id, safe='')}", {"role": role})
            told = _("Microsoft 365 writes no second invitation to somebody who has one: only the level was changed.")
            return Granted(who, level, told, invited=True, before=before)
        await self._session.send("POST", place, _new_row(who.address, who.name, role))
        return Granted(who, level, invited=True)

    async def _refused(self, calendar: str, who: Address, error: PartagendaError) -> Granted:
        try:
            (standing,) = await self.standing(calendar, [who])
        except PartagendaError:
            return Granted(who, None, error.message)
        return Granted(who, None, standing.reason or error.message, standing.levels)

    @writes
    async def revoke(self, calendar: str, address: str) -> bool:
        """Take the row away; who was outside loses the addresses that they were sent."""
        row = roles.table_of(await self._rows(calendar)).get(address)
        if row is None or not row.principal.id:
            return False
        try:
            await self._session.ask("DELETE", f"{calendar}/calendarPermissions/{quote(row.principal.id, safe='')}")
        except NotFound:
            return False
        return True

    @reads
    async def reference(self, calendar: str) -> FolderReference:
        """There is none: the server writes the invitations."""
        raise Refused(_("Microsoft 365 writes its invitations itself."))


def _new_row(address: str, name: str, role: str) -> Json:
    return {
        "emailAddress": {"address": address, "name": name or address},
        "isInsideOrganization": False,
        "isRemovable": True,
        "role": role,
    }


def _stored(calendar: str, rows: Sequence[Json]) -> StoredPermissions:
    marks = sorted(f"{data.get('id')} {data.get('role')}" for data in rows)
    mark = blake2s("\n".join(marks).encode(), digest_size=12).hexdigest()
    by_row = {roles.principal_of(data).key: roles.levels_of(data.get("allowedRoles") or ()) for data in rows}
    fixed = {roles.principal_of(data).key for data in rows if not data.get("isRemovable")}
    offered = Offered(
        levels=roles.PERSON_LEVELS,
        by_row={**by_row, ANONYMOUS.key: (PermissionLevel.NONE,)},
        custom=False,
        delegates=roles.may_delegate(rows),
        announces=True,
        fixed=frozenset((*fixed, DEFAULT.key, ANONYMOUS.key)),
        reason=roles.why_not_all(),
    )
    return StoredPermissions(calendar, roles.table_of(rows), mark, offered)


def _standing(who: Address, answer: Answer) -> Standing:
    if answer.status >= 400:
        reason = _("Microsoft 365 knows nobody of this address.")
        return Standing(who, Place.OUTSIDE, (), reason)
    offered = [str(role) for role in answer.json.get("value") or ()]
    levels = roles.levels_of(offered)
    if "write" in offered:
        return Standing(who, Place.INSIDE, levels, roles.why_not_all())
    if not levels:
        return Standing(who, Place.OUTSIDE, (), _("Your organisation's sharing policy lets nothing through to them."))
    reason = _("Outside your organisation at most {level} can be given.").format(level=levels[-1].label)
    return Standing(who, Place.OUTSIDE, levels, reason)
