"""The person's language: English in the source, other languages from gettext catalogues in `locale/`.

One process has one language, chosen at start from config.toml or LANG. Wrap a literal in `_()` where it is shown,
in `N_()` where it is only named (a table of labels) and pass it through `_()` when it is drawn.
"""

from __future__ import annotations

import os
from collections.abc import Callable

DOMAIN = "partagenda"
LANGUAGES = ("en", "fr")

_current = "en"
_translate: Callable[[str], str] | None = None
_translate_plural: Callable[[str, str, int], str] | None = None


def _(message: str) -> str:
    """The message in the person's language."""
    return _translate(message) if _translate and message else message


def ngettext(singular: str, plural: str, count: int) -> str:
    """The right form for `count`; the caller formats the number in."""
    if _translate_plural:
        return _translate_plural(singular, plural, count)
    return singular if count == 1 else plural


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a literal for the catalogue without translating it here."""
    return message


def language() -> str:
    """The language in use: `en` or `fr`."""
    return _current


def use_language(wanted: str = "") -> str:
    """Choose the language: `wanted` (config.toml), else LC_ALL, LC_MESSAGES, LANG; unknown ones give English."""
    global _current, _translate, _translate_plural  # noqa: PLW0603 - one process, one language
    env = os.environ
    asked = wanted or env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or "en"
    code = asked.replace("-", "_").split(".")[0].split("_")[0].lower()
    _current = code if code in LANGUAGES else "en"
    _translate = _translate_plural = None
    if _current != "en":
        import gettext

        folder = os.path.join(os.path.dirname(__file__), "locale")
        catalogue = gettext.translation(DOMAIN, folder, [_current], fallback=True)
        _translate, _translate_plural = catalogue.gettext, catalogue.ngettext
    return _current
