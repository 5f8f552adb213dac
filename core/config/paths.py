"""Where things are: the XDG Base Directory Specification's folders, each with a `partagenda` of our own in it.

Light on purpose (no pathlib until a Path is asked for): the reading commands of the command line use `folders`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

TYPE_CHECKING = False  # typing itself costs 4 ms, and reading commands load this
if TYPE_CHECKING:
    from pathlib import Path

NAME = "partagenda"
_XDG = (
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
    ("XDG_CACHE_HOME", ".cache"),
)


def folders(env: Mapping[str, str] | None = None) -> tuple[str, str, str, str]:
    """Our folders for configuration, data, state and cache. A relative XDG value is ignored, as the standard says."""
    values = os.environ if env is None else env
    home = values.get("HOME") or os.path.expanduser("~")
    found = []
    for variable, default in _XDG:
        given = values.get(variable, "")
        base = given if os.path.isabs(given) else os.path.join(home, default)
        found.append(os.path.join(base, NAME))
    return found[0], found[1], found[2], found[3]


def config_file(given: str = "", env: Mapping[str, str] | None = None) -> str:
    """The file that `--config` names, else $PARTAGENDA_CONFIG, else config.toml in our folder (it may be missing)."""
    values = os.environ if env is None else env
    named = given or values.get("PARTAGENDA_CONFIG", "")
    return os.path.expanduser(named) if named else os.path.join(folders(env)[0], "config.toml")


class Paths:
    """Our four folders. None has to exist; whoever writes there makes it (0700)."""

    __slots__ = ("cache", "config", "data", "state")

    def __init__(self, config: Path, data: Path, state: Path, cache: Path) -> None:
        self.config = config
        self.data = data
        self.state = state
        self.cache = cache

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Paths:
        """The folders that the environment (by default this process's) says."""
        from pathlib import Path

        return cls(*(Path(folder) for folder in folders(env)))

    @classmethod
    def below(cls, root: Path) -> Paths:
        """All four below one folder: the sandbox and the tests live there."""
        return cls(*(root / part / NAME for part in ("config", "data", "state", "cache")))

    def __repr__(self) -> str:
        return f"Paths(config={self.config!s}, data={self.data!s}, state={self.state!s}, cache={self.cache!s})"
