"""The person's word about a calendar that is suddenly much smaller where it comes from: a server's, or a feed.

Until then the copy is kept (traps: 27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ports.calendars import CalendarInfo, CalendarKind, Smaller

if TYPE_CHECKING:
    from core.services.accounts import Accounts
    from core.services.subscriptions import Subscriptions


class Deciding:
    """Takes what there is now, or keeps the copy."""

    def __init__(self, accounts: Accounts, feeds: Subscriptions) -> None:
        self._accounts = accounts
        self._feeds = feeds

    async def take(self, info: CalendarInfo, question: Smaller) -> Smaller | None:
        """Yes to `question`. Returns the new question where there is even less by now; nothing was taken then.

        Raises what fetching and reading raise; nothing was taken then either.
        """
        if info.kind is not CalendarKind.FEED:
            return await self._accounts.accept_shrink(info, question)
        done = await self._feeds.refresh(info.id, take_smaller=True)
        if done.error is not None:
            raise done.error
        return None

    async def keep(self, info: CalendarInfo) -> None:
        """No: the copy stays. Of a feed the same answer is not asked about again; a server is read anew."""
        if info.kind is CalendarKind.FEED:
            await self._feeds.keep_mine(info.id)
        else:
            await self._accounts.keep_mine(info)
