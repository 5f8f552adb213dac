"""Which backend takes the files that are published at an address: one target for each entry of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from core.errors import UsageError
from core.language import _

if TYPE_CHECKING:
    from core.config.settings import WebDavEntry
    from core.ports.publishing import PublishTarget
    from core.ports.world import Secrets


class ConfiguredTargets:
    """Implements `core.services.uploads.Targets` over the `[webdav."…"]` entries of config.toml.

    An entry serves every address below it; the longest one that fits counts. A server without an entry is tried
    without signing in.
    """

    def __init__(self, entries: Sequence[WebDavEntry], secrets: Secrets) -> None:
        self._entries = sorted(entries, key=lambda entry: -len(entry.url))
        mine = [entry for entry in entries if entry.sign_in.wanted or entry.url.startswith(("/", "sftp://"))]
        self._known = tuple(_slash(entry.url) for entry in mine or entries)
        self._secrets = secrets
        self._made: dict[str, PublishTarget] = {}

    def known(self) -> Sequence[str]:
        """The entries' addresses, in the order of the file; one that only names an authority is for reading."""
        return self._known

    def target(self, address: str) -> PublishTarget:
        """Who takes files there. Raises UsageError for what is no place that one can publish to."""
        if address.startswith("/"):
            return self._folder()
        if address.startswith("sftp://"):
            return self._behind_ssh(address)
        parts = urlsplit(address)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            raise UsageError(
                _("“{address}” is no place to publish to.").format(address=address),
                _("Give a WebDAV address or a folder, as https://dav.example.org/calendars/, /srv/www/ or host:www/."),
            )
        if parts.username or parts.query or parts.fragment:
            raise UsageError(
                _("An address to publish to has no password, question mark or # in it."),
                _('Put name and password_command into config.toml, under [webdav."{address}"].').format(
                    address=f"{parts.scheme}://{parts.hostname}/"
                ),
            )
        entry = self._entry(address)
        base = _slash(entry.url) if entry else f"{parts.scheme}://{parts.netloc}/"
        if base not in self._made:
            self._made[base] = self._webdav(base, entry)
        return self._made[base]

    def read_address(self, address: str) -> str:
        """Below the entry's `public` address, if it names one; else the address itself."""
        entry = self._entry(address)
        if entry is None or not entry.public:
            return address
        rest = address[len(_slash(entry.url)) :]
        return entry.public + (quote(unquote(rest)) if address.startswith("/") else rest)

    def _entry(self, address: str) -> WebDavEntry | None:
        return next((entry for entry in self._entries if address.startswith(_slash(entry.url))), None)

    def _webdav(self, base: str, entry: WebDavEntry | None) -> PublishTarget:
        from core.backends.webdav import WebDavSettings, WebDavTarget

        if entry is None:
            return WebDavTarget(WebDavSettings(base))
        # the secret is kept under the entry's own spelling
        return WebDavTarget(WebDavSettings(base, entry.sign_in.username, entry.ca, secret=entry.url), self._secrets)

    def _folder(self) -> PublishTarget:
        if "/" not in self._made:
            from core.backends.folder import FolderTarget

            self._made["/"] = FolderTarget()
        return self._made["/"]

    def _behind_ssh(self, address: str) -> PublishTarget:
        from core.backends.sftp import SftpTarget
        from core.backends.sftp.address import SftpAddress

        SftpAddress.read(address)  # what cannot be one is said before anything is made or asked
        if "sftp:" not in self._made:
            self._made["sftp:"] = SftpTarget()
        return self._made["sftp:"]

    async def close(self) -> None:
        """Let go of the connections."""
        for target in self._made.values():
            await target.close()


def _slash(address: str) -> str:
    return address if address.endswith("/") else address + "/"
