"""All that one account of Microsoft 365 offers, over one session and one sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.backends.graph.calendars import GraphCalendars
    from core.backends.graph.directory import GraphDirectory
    from core.backends.graph.freebusy import GraphFreeBusy
    from core.backends.graph.messages import GraphMessages
    from core.backends.graph.session import Session
    from core.backends.graph.settings import GraphSettings
    from core.backends.graph.sharing import GraphSharing
    from core.backends.graph.signin import SignIn
    from core.backends.graph.transport import GraphTransport


class GraphAccount:
    """Each part is made, and its code loaded, when it is first asked for. `zone`: where floating times are meant."""

    def __init__(self, settings: GraphSettings, zone: tzinfo, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self._zone = zone
        self._now = now

    @cached_property
    def sign_in(self) -> SignIn:
        """Tokens, and how one gets them."""
        from core.backends.graph.signin import SignIn

        return SignIn(self.settings)

    @cached_property
    def session(self) -> Session:
        """The requests."""
        from core.backends.graph.session import Session

        return Session(self.settings, self.sign_in)

    @cached_property
    def calendars(self) -> GraphCalendars:
        """The port RemoteCalendars."""
        from core.backends.graph.calendars import GraphCalendars

        return GraphCalendars(self.session, self._zone, self._now)

    @cached_property
    def free_busy(self) -> GraphFreeBusy:
        """The port FreeBusySource."""
        from core.backends.graph.freebusy import GraphFreeBusy

        return GraphFreeBusy(self.session)

    @cached_property
    def directory(self) -> GraphDirectory:
        """The port Directory."""
        from core.backends.graph.directory import GraphDirectory

        return GraphDirectory(self.session)

    @cached_property
    def transport(self) -> GraphTransport:
        """The port MailTransport."""
        from core.backends.graph.transport import GraphTransport

        return GraphTransport(self.session)

    @cached_property
    def messages(self) -> GraphMessages:
        """The port MessageSource."""
        from core.backends.graph.messages import GraphMessages

        return GraphMessages(self.session)

    @cached_property
    def sharing(self) -> GraphSharing:
        """The ports PermissionStore and SharingGateway."""
        from core.backends.graph.sharing import GraphSharing

        return GraphSharing(self.session)
