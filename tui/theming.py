"""Themes are files: those that come with the program, and a person's own in `<config>/themes`.

A theme is TOML: `name`, `label`, `dark`, `ansi`, Textual's colours (`primary` … `error`) and a table `variables` with
finer ones (see `themes/midnight.toml`). What is wrong with a person's files is gathered, for one notice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import field
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

from core.language import N_, _
from core.values import dataclass
from tui.text import clean

DEFAULT = "midnight"
PLAIN = "terminal"
"""The theme without mixed colours; NO_COLOR takes this one."""
SHIPPED = ("midnight", "daylight", "terminal", "contrast")
LABELS = (N_("Midnight"), N_("Daylight"), N_("Terminal Colours"), N_("High Contrast"))
_COLOURS = (
    *("primary", "secondary", "accent", "foreground", "background"),
    *("surface", "panel", "boost", "success", "warning", "error"),
)
_KEYS = {"name", "label", "dark", "ansi", "variables", *_COLOURS}
_MAX_BYTES = 8 * 1024


class BadTheme(Exception):
    """A theme's file that cannot be used; says why in the person's language."""


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme that has been read and checked."""

    theme: Theme
    label: str

    @property
    def name(self) -> str:
        """What `ui.theme` in config.toml says."""
        return self.theme.name


@dataclass(slots=True)
class Themes:
    """All themes that can be chosen, and what was wrong with the others."""

    files: dict[str, ThemeFile] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def shipped_folder() -> Path:
    """Where the shipped themes are: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "themes"
    return installed if installed.is_dir() else here.parent / "themes"


def own_folder(config: Path) -> Path:
    """Where a person's own themes are."""
    return config / "themes"


def load(name: str, config: Path) -> tuple[ThemeFile, str]:
    """One theme by its name, and a line about it when another one had to be taken: the only file read at start."""
    wanted = name or DEFAULT
    for path in _candidates(wanted, config):
        try:
            return read(path), ""
        except BadTheme as error:
            return read(shipped_folder() / f"{DEFAULT}.toml"), str(error)
    found = next((file for file in load_all(config).files.values() if file.name == wanted), None)
    if found:
        return found, ""
    names = ", ".join(load_all(config).files)
    problem = _("There is no theme “{name}”; there are {names}.").format(name=clean(wanted), names=names)
    return read(shipped_folder() / f"{DEFAULT}.toml"), problem


def _candidates(name: str, config: Path) -> Iterator[Path]:
    """Files of that name: a person's own goes before a shipped one. A name is never a path."""
    if not name.replace("-", "").replace("_", "").isalnum():
        return
    for folder in (own_folder(config), shipped_folder()):
        path = folder / f"{name}.toml"
        if path.is_file():
            yield path


def load_all(config: Path) -> Themes:
    """Every theme: shipped ones first, a person's own after them (and in place of one with the same name)."""
    found = Themes()
    paths = [shipped_folder() / f"{name}.toml" for name in SHIPPED]
    own = own_folder(config)
    if own.is_dir():
        paths += sorted(own.glob("*.toml"))
    for path in paths:
        try:
            file = read(path)
        except BadTheme as error:
            found.problems.append(str(error))
        else:
            found.files[file.name] = file
    return found


def read(path: Path) -> ThemeFile:
    """Read and check one file. Raises BadTheme."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ValueError(_("A theme has at most {count} KB.").format(count=_MAX_BYTES // 1024))
        data = tomllib.loads(content.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise BadTheme(f"{clean(path.name)}: {clean(str(error))}") from None
    problems = list(_problems(data))
    if problems:
        raise BadTheme(f"{clean(path.name)}: " + " ".join(problems))
    variables = {str(key): str(value) for key, value in data.get("variables", {}).items()}
    name = str(data.get("name", path.stem))
    colours = {key: data[key] for key in _COLOURS if key in data}
    theme = Theme(name=name, dark=data.get("dark", True), ansi=data.get("ansi", False), variables=variables, **colours)
    return ThemeFile(theme, _(str(data.get("label", name))))


def _problems(data: dict[str, object]) -> Iterator[str]:
    for key in sorted(set(data) - _KEYS):
        yield _("“{key}” is not a key of a theme.").format(key=clean(key))
    if "primary" not in data:
        yield _("“primary” is missing.")
    for key in ("dark", "ansi"):
        if not isinstance(data.get(key, True), bool):
            yield _("“{key}” is true or false.").format(key=key)
    colours = {key: data[key] for key in _COLOURS if key in data}
    variables = data.get("variables", {})
    if not isinstance(variables, dict):
        yield _("“variables” is a table.")
        variables = {}
    named = {key: value for key, value in variables.items() if not key.endswith("-style")}
    for key, value in {**colours, **named}.items():
        if not isinstance(value, str) or not _is_colour(value):
            yield _("“{key}” is no colour: {value}.").format(key=clean(key), value=clean(str(value)))


def _is_colour(text: str) -> bool:
    try:
        Color.parse(text)
    except ColorParseError:
        return False
    return True


def notice(problems: Sequence[str]) -> str:
    """All that is wrong with a person's themes, in one text."""
    return _("These themes cannot be used:") + "\n" + "\n".join(problems)
