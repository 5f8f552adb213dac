"""The web page that stands beside a published calendar: one file, no script, nothing fetched. Pure."""

from __future__ import annotations

from core.sharing.web.options import WebPageOptions, page_days, webcal_address
from core.sharing.web.page import by_right, web_page

__all__ = ["WebPageOptions", "by_right", "page_days", "web_page", "webcal_address"]
