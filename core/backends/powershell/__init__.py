"""Exchange's remote PowerShell, by pypsrp (the extra `powershell`): the one way by which it publishes a calendar."""

from core.backends.powershell.shell import RemoteShell, ShellSettings

__all__ = ["RemoteShell", "ShellSettings"]
