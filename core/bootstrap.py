"""From settings to services: the only module that names backends. What is heavy is imported when it is first used."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.calendar.people import Address
from core.config.clock import SystemClock, iana_zone
from core.config.paths import Paths
from core.config.roots import index_roots
from core.config.settings import (
    Account,
    ExchangeAccount,
    MaildirAccount,
    Microsoft365Account,
    OtherAccount,
    SendmailAccount,
    Settings,
    SmtpAccount,
    VdirAccount,
    built_in_later,
)
from core.errors import NotFound, PartagendaError
from core.language import _, ngettext
from core.private import sweep_private

if TYPE_CHECKING:
    from core.bootstrap_servers import Servers
    from core.concurrency import JobRunner
    from core.index.session import IndexSession
    from core.ports.calendars import CalendarInfo
    from core.ports.publishing import CalendarFolderShell
    from core.ports.sign_in import InteractiveSignIn
    from core.ports.world import Clock
    from core.services.accounts import Accounts
    from core.services.drafts import DraftStore
    from core.services.editing import Editing
    from core.services.email_calendar import EmailCalendar, Owner
    from core.services.find_time import FindTime
    from core.services.inbox import Inbox
    from core.services.ledger import Ledger
    from core.services.library import Library
    from core.services.meetings import Meetings
    from core.services.outbox import Outbox
    from core.services.people import AddressBook
    from core.services.permissions import Permissions
    from core.services.publish import Publishing
    from core.services.publish_on_exchange import PublishOnExchange
    from core.services.receiving import Receiving
    from core.services.reminders import Reminders
    from core.services.revoking import Revoking
    from core.services.seeing import Seeing
    from core.services.share_calendar import ShareCalendar
    from core.services.sharing_servers import SharingServer, SharingServers
    from core.services.subscriptions import Subscriptions
    from core.sharing.policy import SharingPolicy


@dataclass(eq=False)
class Services:
    """Everything that a screen or a command can ask for; each part is made, and its code loaded, when it is asked for.

    The app's first picture needs the library alone: all parts together cost it 180 ms.
    """

    settings: Settings
    paths: Paths
    clock: Clock

    @cached_property
    def _index(self) -> IndexSession:
        from core.index.session import IndexSession

        return IndexSession(str(self.paths.cache / "index.sqlite3"), index_roots(self.settings, str(self.paths.data)))

    @property
    def _home(self) -> Path:
        return self.paths.data / "calendars"

    @property
    def _folders(self) -> list[VdirAccount]:
        return [one for one in self.settings.accounts.values() if isinstance(one, VdirAccount)]

    @cached_property
    def library(self) -> Library:
        """The calendars."""
        from core.backends.vdir import LookedAtStore, VdirStore
        from core.services.library import Library
        from core.services.recording import Recording

        paths, index, clock = self.paths, self._index, self.clock
        homes = [("local", self._home), *((one.name, None) for one in self._folders)]
        stores = [VdirStore(name, index, clock, home=home, data=paths.data, state=paths.state) for name, home in homes]
        record = Recording(lambda: self.library, paths.data / "history.sqlite3", clock)
        return Library([*stores, *self._servers.stores, LookedAtStore(clock)], clock, paths.state, record)

    @cached_property
    def _servers(self) -> Servers:
        from core.bootstrap_servers import Servers

        return Servers(self.settings, self.paths, self.clock, lambda: self._index)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts on servers: how they are doing, and what waits for them."""
        from core.services.accounts import Accounts

        return Accounts(self._servers.stores, self.clock)

    @cached_property
    def editing(self) -> Editing:
        """Changes to events, with undo."""
        from core.services.editing import Editing

        return Editing(self.library, self.paths.data / "history.sqlite3", self.clock)

    @property
    def _owner(self) -> Owner:
        from core.services.email_calendar import Owner

        me = self.settings.me
        return Owner(me.name, me.address, self.clock.zone, self.settings.working_hours)

    @cached_property
    def email(self) -> EmailCalendar:
        """Sending a calendar by e-mail."""
        from core.services.email_calendar import EmailCalendar

        return EmailCalendar(self.library, self.outbox, self._owner, self.clock)

    @cached_property
    def outbox(self) -> Outbox:
        """What is sent, and what waits."""
        from core.bootstrap_mail import Transports, keep_sent_copy
        from core.services.outbox import Outbox

        transports = Transports(self.settings, self._servers)

        def keep(account: str, content: bytes) -> None:
            keep_sent_copy(self.settings, account, content)

        return Outbox(self.paths.state / "outbox.sqlite3", transports, self.ledger, self.clock, keep)

    @cached_property
    def publishing(self) -> Publishing:
        """Calendars on the web."""
        from core.backends.targets import ConfiguredTargets
        from core.config.secrets import ConfiguredSecrets
        from core.services.publish import Publishing

        return Publishing(
            self.paths.data / "publications.sqlite3",
            library=self.library,
            targets=ConfiguredTargets(self.settings.webdav, ConfiguredSecrets.of(self.settings)),
            ledger=self.ledger,
            me=self._owner,
            clock=self.clock,
        )

    @cached_property
    def exchange_publishing(self) -> PublishOnExchange:
        """Calendars that an Exchange server publishes itself."""
        from core.services.publication_store import PublicationStore
        from core.services.publish_on_exchange import PublishOnExchange

        def address(account: str) -> Address | None:
            found = self.settings.accounts.get(account)
            given = found.address if isinstance(found, ExchangeAccount) else ""
            return Address(given) if given else self.settings.me.address

        return PublishOnExchange(
            store=PublicationStore(self.paths.data / "publications.sqlite3"),
            ledger=self.ledger,
            clock=self.clock,
            shells=self._shell,
            policies=self._policy,
            addresses=address,
        )

    def _shell(self, account: str) -> CalendarFolderShell | None:
        found = self.settings.accounts.get(account)
        if not isinstance(found, ExchangeAccount) or not found.powershell:
            return None
        from core.backends.powershell import RemoteShell, ShellSettings
        from core.config.secrets import ConfiguredSecrets

        settings = ShellSettings(found.powershell, found.sign_in.username, found.name, found.auth, found.ca)
        return RemoteShell(settings, ConfiguredSecrets.of(self.settings))

    async def _policy(self, account: str) -> SharingPolicy | None:
        """The organisation's, as its server tells it; None where no server does, or it cannot be asked now."""
        gateway = self.servers.gateway(account)
        try:
            return await gateway.policy() if gateway else None
        except PartagendaError:
            return None

    @cached_property
    def ledger(self) -> Ledger:
        """Who was given what."""
        from core.services.ledger import Ledger

        return Ledger(self.paths.data / "ledger.sqlite3")

    @cached_property
    def inbox(self) -> Inbox:
        """Calendars that came by mail."""
        from core.bootstrap_mail import message_sources
        from core.services.inbox import Inbox

        return Inbox(message_sources(self.settings, self._servers), self.library, self.clock)

    @cached_property
    def servers(self) -> SharingServers:
        """The servers on which calendars are shared."""
        from core.services.sharing_servers import SharingServers

        return SharingServers(self.library, self._sharing_of)

    def _sharing_of(self, account: str) -> SharingServer | None:
        from core.services.sharing_servers import SharingServer

        found = next((one for one in self.settings.servers if one.name == account), None)
        if found is None:
            return None
        parts = self._servers.parts(found)
        return SharingServer(parts.permissions, parts.sharing)

    def sign_in(self, account: str) -> InteractiveSignIn | None:
        """How a person signs in to an account with a browser; None where that is not the way."""
        found = self.settings.accounts.get(account)
        return self._servers.parts(found).sign_in if isinstance(found, Microsoft365Account) else None

    @cached_property
    def sharing(self) -> ShareCalendar:
        """Sharing a calendar, and answering requests."""
        from core.services.share_calendar import ShareCalendar
        from core.services.share_records import ShareRecords

        return ShareCalendar(
            self.library,
            self.servers,
            outbox=self.outbox,
            ledger=self.ledger,
            records=ShareRecords(self.paths.data / "shares.sqlite3"),
            me=self._owner,
            clock=self.clock,
        )

    @cached_property
    def permissions(self) -> Permissions:
        """Who may do what with a calendar."""
        from core.services.permissions import Permissions

        journal = self.paths.data / "permissions.sqlite3"
        return Permissions(self.library, self.servers, self.ledger, self.clock, journal)

    @cached_property
    def receiving(self) -> Receiving:
        """Calendars that others share."""
        from core.services.receiving import Receiving

        me = self.settings.me.address
        return Receiving(self.inbox, self.library.stores, [me.address] if me else [], self._subscribe)

    @cached_property
    def seeing(self) -> Seeing:
        """What a person's right on a server gives them."""
        from core.services.seeing import Seeing

        return Seeing(self.library, self.permissions, self.clock)

    @cached_property
    def revoking(self) -> Revoking:
        """Taking back what somebody was given."""
        from core.services.revoking import Revoking

        return Revoking(self.library, self.servers, self.outbox, self.ledger, self.clock)

    @cached_property
    def meetings(self) -> Meetings:
        """Invitations and answers."""
        from core.services.edit_writer import Writer
        from core.services.history import History
        from core.services.meeting_records import MeetingRecords
        from core.services.meetings import Meetings

        return Meetings(
            library=self.library,
            inbox=self.inbox,
            outbox=self.outbox,
            writer=Writer(self.library, History(self.paths.data / "history.sqlite3"), self.clock),
            me=self._owner,
            clock=self.clock,
            records=MeetingRecords(self.paths.data / "meetings.sqlite3"),
        )

    async def _subscribe(self, address: str, name: str, allowed: Collection[str]) -> CalendarInfo:
        done = await self.subscriptions.subscribe(address, name=name, allowed=allowed)
        return done.subscription.calendar

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """Calendars on the internet."""
        from core.backends.feed.configured import feed_source
        from core.services.subscriptions import FeedHome, Subscriptions

        home = self.library.own_home
        assert isinstance(home, FeedHome)  # the built-in account can do all of it
        return Subscriptions(self.library, home, feed_source(self.settings), self.clock, self.paths.state)

    @cached_property
    def find_time(self) -> FindTime:
        """When people are free."""
        from core.calendar.freetime import ZonedHours
        from core.services.find_time import FindTime

        settings, clock = self.settings, self.clock
        hours = {
            person.address: ZonedHours(person.hours, iana_zone(person.time_zone) or clock.zone)
            for person in settings.people
        }
        servers = [parts.free_busy for parts in self._servers.all_parts]
        return FindTime(self.library, settings.me.address, settings.working_hours, clock, hours, servers=servers)

    @cached_property
    def reminders(self) -> Reminders:
        """What is due soon."""
        from core.services.reminders import Reminders

        state = self.paths.state / "reminders.sqlite3"
        return Reminders(self.library, self.clock, state, self.settings.reminders.command)

    @cached_property
    def people(self) -> AddressBook:
        """Addresses to complete."""
        from core.services.people import AddressBook

        found = self.settings.addresses
        return AddressBook(
            self.ledger,
            vcards=found.vcards,
            mutt_aliases=found.mutt_aliases,
            query_command=found.query_command,
            directories=[parts.directory for parts in self._servers.all_parts],
        )

    @cached_property
    def drafts(self) -> DraftStore:
        """Messages that were begun."""
        from core.services.drafts import DraftStore

        return DraftStore(self.paths.state / "drafts")

    @cached_property
    def jobs(self) -> JobRunner:
        """Work that outlives the screen that started it."""
        from core.concurrency import JobRunner

        return JobRunner()

    async def heal(self) -> None:
        """Make whole what a crash cut in two while a calendar was changed; nothing where nothing ever was."""
        for folder in (self.settings.path.parent, self.paths.state):
            with suppress(OSError):  # it can be read only: then nothing was left there either
                sweep_private(folder)
        if (self.paths.data / "history.sqlite3").exists():
            await self.editing.heal()

    async def use(self, settings: Settings) -> None:
        """Go on with other settings: every part is made anew when it is asked for; what is queued stays."""
        await self.close()
        for name in [name for name in vars(self) if isinstance(getattr(type(self), name, None), cached_property)]:
            del vars(self)[name]
        self.settings = settings

    async def close(self) -> None:
        """Let go of files. What the outbox holds stays there."""
        made = vars(self)
        if "_servers" in made:
            await self._servers.close()
        if "outbox" in made:
            self.outbox.close()
        if "publishing" in made:
            await self.publishing.close()
        if "_index" in made:
            self._index.close()


def open_services(settings: Settings, paths: Paths, clock: Clock | None = None) -> Services:
    """The services over these settings; nothing is read, connected or made before it is asked for."""
    return Services(settings, paths, clock or SystemClock(iana_zone(settings.me.time_zone)))


async def check_account(settings: Settings, account: Account, paths: Paths | None = None) -> str:
    """Sign in, or look, and say in a line what is there. Raises the account's errors."""
    match account:
        case Microsoft365Account():
            services = open_services(settings, Paths.from_env())
            try:
                return (await services._servers.parts(account).calendars.check()).text
            finally:
                await services.close()
        case SmtpAccount() | SendmailAccount() | ExchangeAccount():
            from core.bootstrap_mail import transport_of

            services = open_services(settings, paths or Paths.from_env())
            try:
                return await transport_of(account, services._servers).check()
            finally:
                await services.close()
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
