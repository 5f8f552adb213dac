"""Files on a WebDAV server (RFC 4918), written so that what lies there is known and not hoped."""

from core.backends.webdav.session import Limits
from core.backends.webdav.target import WebDavSettings, WebDavTarget

__all__ = ["Limits", "WebDavSettings", "WebDavTarget"]
