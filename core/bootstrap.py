"""From settings to services: the only module that names backends. What is heavy is imported when it is first used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.concurrency import JobRunner
from core.config.clock import SystemClock, iana_zone
from core.config.paths import Paths
from core.config.secrets import ConfiguredSecrets
from core.config.settings import (
    Account,
    MaildirAccount,
    OtherAccount,
    SendmailAccount,
    Settings,
    SmtpAccount,
    VdirAccount,
    built_in_later,
)
from core.errors import NotFound
from core.language import _, ngettext
from core.ports import Clock, MailTransport, MessageSource
from core.services.drafts import DraftStore
from core.services.inbox import Inbox
from core.services.ledger import Ledger
from core.services.library import Library
from core.services.outbox import Outbox
from core.services.people import AddressBook

if TYPE_CHECKING:
    from core.index.session import IndexSession
    from core.services.editing import Editing
    from core.services.email_calendar import EmailCalendar
    from core.services.meetings import Meetings


@dataclass
class Services:
    """Everything that a screen or a command can ask for."""

    settings: Settings
    paths: Paths
    clock: Clock
    library: Library
    editing: Editing
    email: EmailCalendar
    outbox: Outbox
    ledger: Ledger
    inbox: Inbox
    meetings: Meetings
    people: AddressBook
    drafts: DraftStore
    jobs: JobRunner
    _index: IndexSession

    async def close(self) -> None:
        """Let go of files. What the outbox holds stays there."""
        self.outbox.close()
        self._index.close()


class Transports:
    """The transport of an account, made when it is first asked for; `""` is the first account that can send."""

    def __init__(self, settings: Settings, secrets: ConfiguredSecrets) -> None:
        self._settings = settings
        self._secrets = secrets
        self._made: dict[str, MailTransport] = {}

    def __call__(self, name: str) -> MailTransport | None:
        """None when nothing can send. Raises NotFound for an account that is not there or does not send."""
        able = self._settings.mail_accounts
        account = next((one for one in able if one.name == name), None) if name else next(iter(able), None)
        if account is None:
            if name:
                raise NotFound(
                    _("There is no account “{name}” that can send.").format(name=name),
                    ", ".join(one.name for one in able),
                )
            return None
        if account.name not in self._made:
            self._made[account.name] = transport_of(account, self._secrets)
        return self._made[account.name]


def transport_of(account: SmtpAccount | SendmailAccount, secrets: ConfiguredSecrets) -> MailTransport:
    """What hands mail over for this account."""
    if isinstance(account, SendmailAccount):
        from core.backends.sendmail import SendmailTransport

        return SendmailTransport(account.name, account.command)
    from core.backends.smtp import Security, SmtpSettings, SmtpTransport

    reached = SmtpSettings(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        username=account.sign_in.username,
        ca=account.ca,
    )
    return SmtpTransport(account.name, reached, secrets)


def keep_sent_copy(settings: Settings, account: str, content: bytes) -> None:
    """Put a message that was sent into the account's Sent folder, if it has one. Raises StorageError."""
    able = settings.mail_accounts
    found = next((one for one in able if one.name == account), None) if account else next(iter(able), None)
    if found is not None and found.sent_copy is not None:
        from core.backends.maildir import keep_copy

        keep_copy(found.sent_copy, content)


def _sources(settings: Settings) -> list[MessageSource]:
    from core.backends.maildir import MaildirSource

    accounts = settings.accounts.values()
    return [MaildirSource(one.name, one.path) for one in accounts if isinstance(one, MaildirAccount)]


def _library(settings: Settings, paths: Paths, clock: Clock) -> tuple[Library, IndexSession]:
    from core.backends.vdir import LookedAtStore, VdirStore
    from core.index.session import IndexSession

    home = paths.data / "calendars"
    others = [one for one in settings.accounts.values() if isinstance(one, VdirAccount)]
    roots = [("local", str(home / "*")), *((one.name, one.pattern) for one in others)]
    index = IndexSession(str(paths.cache / "index.sqlite3"), roots)
    stores = [VdirStore("local", index, clock, home=home, data=paths.data, state=paths.state)]
    stores += [VdirStore(one.name, index, clock, home=None, data=paths.data, state=paths.state) for one in others]
    return Library([*stores, LookedAtStore(clock)], clock, paths.state), index


def open_services(settings: Settings, paths: Paths, clock: Clock | None = None) -> Services:
    """The services over these settings; nothing is read, connected or made before it is asked for."""
    from core.services.edit_writer import Writer
    from core.services.editing import Editing
    from core.services.email_calendar import EmailCalendar, Owner
    from core.services.history import History
    from core.services.meeting_records import MeetingRecords
    from core.services.meetings import Meetings

    clock = clock or SystemClock(iana_zone(settings.me.time_zone))
    secrets = ConfiguredSecrets.of(settings)
    library, index = _library(settings, paths, clock)
    ledger = Ledger(paths.data / "ledger.sqlite3")
    outbox = Outbox(
        paths.state / "outbox.sqlite3",
        Transports(settings, secrets),
        ledger,
        clock,
        lambda account, content: keep_sent_copy(settings, account, content),
    )
    me = Owner(settings.me.name, settings.me.address, clock.zone, settings.working_hours)
    addresses = settings.addresses
    inbox = Inbox(_sources(settings), library, clock)
    meetings = Meetings(
        library=library,
        inbox=inbox,
        outbox=outbox,
        writer=Writer(library, History(paths.data / "history.sqlite3"), clock),
        me=me,
        clock=clock,
        records=MeetingRecords(paths.data / "meetings.sqlite3"),
    )
    return Services(
        settings=settings,
        paths=paths,
        clock=clock,
        library=library,
        editing=Editing(library, paths.data / "history.sqlite3", clock),
        email=EmailCalendar(library, outbox, me, clock),
        outbox=outbox,
        ledger=ledger,
        inbox=inbox,
        meetings=meetings,
        people=AddressBook(
            ledger,
            vcards=addresses.vcards,
            mutt_aliases=addresses.mutt_aliases,
            query_command=addresses.query_command,
        ),
        drafts=DraftStore(paths.state / "drafts"),
        jobs=JobRunner(),
        _index=index,
    )


async def check_account(settings: Settings, account: Account) -> str:
    """Sign in, or look, and say in a line what is there. Raises the account's errors."""
    match account:
        case SmtpAccount() | SendmailAccount():
            return await transport_of(account, ConfiguredSecrets.of(settings)).check()
        case MaildirAccount():
            return await _check_maildir(account)
        case VdirAccount():
            return _check_folders(account)
        case OtherAccount():
            raise built_in_later(account)


async def _check_maildir(account: MaildirAccount) -> str:
    from core.backends.maildir import MaildirSource

    count = len(await MaildirSource(account.name, account.path).messages())
    text = ngettext("{count} message carries a calendar", "{count} messages carry a calendar", count)
    return text.format(count=count)


def _check_folders(account: VdirAccount) -> str:
    from glob import glob

    folders = [path for path in glob(account.pattern) if Path(path).is_dir()]
    if not folders:
        raise NotFound(_("There is no folder {path}.").format(path=account.pattern))
    return ngettext("{count} calendar folder", "{count} calendar folders", len(folders)).format(count=len(folders))
