"""The source of feeds as config.toml says: sign-ins by address, and hosts that are known because they stand there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from core.backends.feed.source import Entry, WebFeedSource
from core.config.secrets import ConfiguredSecrets
from core.config.settings import ServerAccount, Settings, SmtpAccount


def feed_source(settings: Settings) -> WebFeedSource:
    """Fetches with the [webdav] entries; goes into private networks only to hosts that the configuration names."""
    entries = [Entry(one.url, one.sign_in.username, one.ca) for one in settings.webdav]
    return WebFeedSource(entries, ConfiguredSecrets.of(settings), trusted=set(_named(settings)))


def _named(settings: Settings) -> Iterator[str]:
    for entry in settings.webdav:
        for address in (entry.url, entry.public):
            if host := urlsplit(address).hostname:
                yield host
    for account in settings.accounts.values():
        if isinstance(account, SmtpAccount):
            yield account.host
        elif isinstance(account, ServerAccount) and (host := urlsplit(account.server).hostname):
            yield host
