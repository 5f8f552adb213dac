"""A plain folder as a target of publishing: a web server's own, or one that is mounted or copied from by others."""

from core.backends.folder.target import FolderTarget

__all__ = ["FolderTarget"]
