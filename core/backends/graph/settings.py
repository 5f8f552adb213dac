"""How an account of Microsoft 365 is reached."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from core.errors import ConfigError
from core.language import _
from core.values import dataclass

WORLD = "https://graph.microsoft.com"
_SIGN_IN = {
    "graph.microsoft.com": "https://login.microsoftonline.com",
    "graph.microsoft.us": "https://login.microsoftonline.us",
    "dod-graph.microsoft.us": "https://login.microsoftonline.us",
    "microsoftgraph.chinacloudapi.cn": "https://login.partner.microsoftonline.cn",
}
"""Microsoft's clouds: Graph's host to where one signs in. Any other server signs in on its own address."""

SCOPES = (
    "User.Read",
    "Calendars.ReadWrite",
    "Calendars.ReadWrite.Shared",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.Read",
    "People.Read",
    "User.ReadBasic.All",
)
"""The least that everything together needs; README says what each is for."""


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """One account. `tokens` is the file in which msal keeps what it was given (0600)."""

    name: str
    client_id: str
    tokens: Path
    tenant: str = "common"
    address: str = ""
    server: str = WORLD
    ca: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.server)
        if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ConfigError(
                _("“{address}” is no address of a Microsoft Graph server.").format(address=self.server),
                _("Leave “server” out for Microsoft 365; a national cloud is written as https://graph.microsoft.us."),
            )

    @property
    def base(self) -> str:
        """The server without a slash at its end."""
        return self.server.rstrip("/")

    @property
    def known(self) -> bool:
        """Whether it is one of Microsoft's own clouds."""
        return urlsplit(self.server).hostname in _SIGN_IN

    @property
    def sign_in_server(self) -> str:
        """Where one signs in."""
        return _SIGN_IN.get(str(urlsplit(self.server).hostname), self.base)

    @property
    def authority(self) -> str:
        """The same with the organisation."""
        return f"{self.sign_in_server}/{self.tenant or 'common'}"
