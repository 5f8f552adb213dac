"""Sharing calendars of an Exchange mailbox: who people are, what they may be given, and how an invitation names it.

Inside the organisation a permission is all that is needed, and we send the invitation. With a partner organisation
(federation) the server seals what an invitation says (GetSharingMetadata), so that only their server can read it.
Everybody else outside could get a permission and never an address to open: Exchange makes those for Outlook alone, no
operation of EWS gives them; so nothing is given, and it is said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from core.backends.exchange.permissions import ExchangePermissions, read
from core.backends.exchange.session import ExchangeSession
from core.calendar.people import Address, clean_name
from core.errors import Refused
from core.language import _
from core.ports.sharing import FolderReference, Granted, Place, RefusedChange, Standing
from core.sharing.detail import DetailLevel
from core.sharing.permission_table import PermissionChange, PermissionTable, entry, person
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel, level_for
from core.sharing.policy import SharingPolicy
from core.values import dataclass

if TYPE_CHECKING:
    from exchangelib import Account

_READING = tuple(level_for(detail) for detail in DetailLevel)
_STORE_ENTRY_ID = "0x0ffb"
"""PidTagStoreEntryId ([MS-OXPROPS]): the mailbox as an invitation names it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the server says of people outside: sealed data for those who may be invited, a code for the others."""

    data: dict[str, str] = field(default_factory=dict)
    """By address in lower case: EncryptedSharedFolderData as XML."""
    codes: dict[str, str] = field(default_factory=dict)


class ExchangeSharing:
    """The gateway of one account. `policy`: as the person wrote it down, since EWS does not tell it."""

    invites = False
    """Exchange gives permissions; the invitation is a message of ours."""

    def __init__(self, session: ExchangeSession, policy: SharingPolicy | None, federated: Collection[str] = ()) -> None:
        self._session = session
        self._policy = policy
        self._federated = frozenset(federated)
        self._permissions = ExchangePermissions(session)

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.name

    async def policy(self) -> SharingPolicy | None:
        """The organisation's policy as config.toml has it."""
        return self._policy

    async def standing(self, calendar: str, people: Sequence[Address]) -> list[Standing]:
        """What may be given to each, in their order."""
        return await self._session.run(lambda account: self._standings(account, calendar, people))

    def _standings(self, account: Account, calendar: str, people: Sequence[Address]) -> list[Standing]:
        known = {one.key: resolve(account, one) for one in people}
        outside = [one for one in people if known[one.key] is None and one.domain != _domain(account)]
        sealed = metadata(account, calendar, outside) if outside else Sealed()
        found = []
        for one in people:
            inside = known[one.key]
            if inside is not None:
                found.append(Standing(inside, Place.INSIDE, NAMED_LEVELS))
            elif one.domain == _domain(account):
                found.append(Standing(one, Place.INSIDE, (), _("Nobody in your organisation has this address.")))
            else:
                found.append(self._outside(one, sealed))
        return found

    def _outside(self, one: Address, sealed: Sealed) -> Standing:
        decision = self._policy.decide(one.address, self._federated) if self._policy else None
        if decision is not None and decision.most is None:
            return Standing(one, Place.OUTSIDE, (), decision.reason)
        if one.key not in sealed.data:
            return Standing(one, Place.OUTSIDE, (), _refused_by(sealed.codes.get(one.key, "")))
        if decision is None:
            reason = _("What your organisation's sharing policy allows is known when the server answers.")
            return Standing(one, Place.OUTSIDE, _READING, reason)
        return Standing(one, Place.OUTSIDE, decision.levels, decision.reason)

    async def grant(
        self, calendar: str, people: Sequence[Address], level: PermissionLevel, message: str = ""
    ) -> list[Granted]:
        """Give each this permission in one write; whom the server refuses is told apart from the others."""
        stored = await self._permissions.permissions(calendar)
        changes = {one.key: _change(stored.table, one, level) for one in people}
        open_ = [change for change in changes.values() if change.before is None or change.before.level is not level]
        refused: dict[str, RefusedChange] = {}
        if open_:
            written = await self._permissions.write_permissions(calendar, open_, expected=stored.mark)
            refused = {one.change.key: one for one in written.refused}
        given = [one for one in people if one.key not in refused]
        sealed = await self._session.run(lambda account: self._sealed(account, calendar, given))
        return [
            Granted(
                one,
                None if one.key in refused else level,
                refused[one.key].reason if one.key in refused else "",
                before=changes[one.key].before,
                sealed=sealed.data.get(one.key, ""),
            )
            for one in people
        ]

    def _sealed(self, account: Account, calendar: str, people: Sequence[Address]) -> Sealed:
        outside = [one for one in people if one.domain != _domain(account) and resolve(account, one) is None]
        return metadata(account, calendar, outside) if outside else Sealed()

    async def revoke(self, calendar: str, address: str) -> bool:
        """Take this person's row out; False when there is none."""
        stored = await self._permissions.permissions(calendar)
        row = stored.table.get(address)
        if row is None:
            return False
        written = await self._permissions.write_permissions(
            calendar, [PermissionChange(row, None)], expected=stored.mark
        )
        if written.refused:
            raise Refused(written.refused[0].reason)
        return True

    async def reference(self, calendar: str) -> FolderReference:
        """The folder's and the mailbox's EntryIDs in hex."""
        return await self._session.run(lambda account: reference(account, calendar))


def _change(rows: PermissionTable, one: Address, level: PermissionLevel) -> PermissionChange:
    before = rows.get(one.key)
    return PermissionChange(before, before.with_level(level) if before else entry(person(one), level))


def _domain(account: Account) -> str:
    return str(account.primary_smtp_address).rpartition("@")[2].lower()


def _refused_by(code: str) -> str:
    """What a code of GetSharingMetadata means ([MS-OXWSMSHR] §3.1.4.1.4)."""
    match code:
        case "RecipientOrganizationNotFederated" | "ErrorOrganizationNotFederated" | "":
            return _(
                "Their organisation is no partner of yours (no federation), and Exchange gives this program no address"
                " for others to open."
            )
        case "SystemPolicyBlocksSharingWithThisRecipient":
            return _("Your organisation's sharing policy lets nothing through to this person.")
        case "ErrorInvalidSharingData":
            return _("Only your default calendar can be shared outside.")
        case _:
            return _("The server cannot invite this person: {code}").format(code=code)


# --- in a thread -----------------------------------------------------------------------------------------------


def resolve(account: Account, one: Address) -> Address | None:
    """Somebody's true address and name in the organisation's directory; None for who has no mailbox there."""
    from exchangelib.errors import ErrorNameResolutionNoResults
    from exchangelib.services import ResolveNames

    service = ResolveNames(account.protocol)
    try:
        found = list(service.call([one.address], return_full_contact_data=False))
    except ErrorNameResolutionNoResults:
        return None
    for each in found:
        mailbox = each[0] if isinstance(each, tuple) else each
        if isinstance(mailbox, BaseException) or mailbox is None:
            continue
        inside = mailbox.mailbox_type in ("Mailbox", None) and mailbox.email_address
        if inside and (len(found) == 1 or str(mailbox.email_address).lower() == one.key):
            return Address(str(mailbox.email_address), clean_name(mailbox.name or one.name))
    return None


def metadata(account: Account, calendar: str, people: Sequence[Address]) -> Sealed:
    """GetSharingMetadata: changes nothing; whoever cannot be invited has a code."""
    from exchangelib.errors import ResponseMessageError
    from exchangelib.services.common import EWSAccountService
    from exchangelib.util import MNS, TNS, add_xml_child, create_element
    from lxml import etree

    class Asked(EWSAccountService):  # type: ignore[misc]
        """exchangelib has no such operation; its answer is a response message itself."""

        SERVICE_NAME = "GetSharingMetadata"
        returns_elements = False

        def call(self, payload: Any) -> Any:  # noqa: ANN401 - an element
            return self._get_response_xml(payload=payload)

    payload = create_element("m:GetSharingMetadata")
    payload.append(create_element("m:IdOfFolderToShare", attrs={"Id": calendar}))
    add_xml_child(payload, "m:SenderSmtpAddress", str(account.primary_smtp_address))
    recipients = create_element("m:Recipients")
    for one in people:
        add_xml_child(recipients, "t:SmtpAddress", one.address)
    payload.append(recipients)
    try:
        answer = next(iter(Asked(account=account).call(payload)))
        code = answer.findtext(f"{{{MNS}}}ResponseCode") or ""
    except ResponseMessageError as error:
        answer, code = None, type(error).__name__
    if answer is None or code != "NoError":
        return Sealed(codes={one.key: code for one in people})
    codes = {
        (each.findtext(f"{{{TNS}}}SmtpAddress") or "").lower(): each.findtext(f"{{{TNS}}}ResponseCode") or ""
        for each in answer.iterfind(f"{{{MNS}}}InvalidRecipients/{{{TNS}}}InvalidRecipient")
    }
    able = [one.key for one in people if one.key not in codes]
    boxes = answer.iterfind(f"{{{MNS}}}EncryptedSharedFolderDataCollection/{{{TNS}}}EncryptedSharedFolderData")
    return Sealed(dict(zip(able, (etree.tostring(box, encoding="unicode") for box in boxes), strict=False)), codes)


def reference(account: Account, calendar: str) -> FolderReference:
    """EntryIDs by ConvertId and PidTagStoreEntryId. Raises Refused where the server does not convert."""
    now = read(account, calendar)
    name, store = _name_and_store(account, calendar)
    return FolderReference(_hex_entry_id(account, now.folder), store, name, now.default)


def _name_and_store(account: Account, calendar: str) -> tuple[str, str]:
    """Display name, and PR_STORE_ENTRYID in hex; empty where the server does not tell it."""
    import base64
    import binascii

    from exchangelib.properties import FolderId
    from exchangelib.services.common import folder_ids_element
    from exchangelib.util import TNS, create_element

    from core.backends.exchange.asking import ask, folder_shape, only

    payload = create_element("m:GetFolder")
    store = {"PropertyTag": _STORE_ENTRY_ID, "PropertyType": "Binary"}
    payload.append(folder_shape(("DisplayName",), [create_element("t:ExtendedFieldURI", attrs=store)]))
    payload.append(folder_ids_element(folders=[FolderId(id=calendar)], version=account.version))
    folder = only(ask(account, "GetFolder", payload, "Folders"))
    coded = folder.findtext(f"{{{TNS}}}ExtendedProperty/{{{TNS}}}Value") or ""
    try:
        known = base64.b64decode(coded, validate=True).hex().upper()
    except binascii.Error:
        known = ""
    return (folder.findtext(f"{{{TNS}}}DisplayName") or "").strip(), known


def _hex_entry_id(account: Account, folder: str) -> str:
    from exchangelib.properties import AlternateId
    from exchangelib.services import ConvertId

    asked = AlternateId(id=folder, format="EwsId", mailbox=str(account.primary_smtp_address))
    for each in ConvertId(protocol=account.protocol).call([asked], destination_format="HexEntryId"):
        if isinstance(each, BaseException):
            raise each
        return str(each.id)
    raise Refused(_("The server did not say how an invitation names this calendar."))
