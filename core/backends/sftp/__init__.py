"""A folder that one reaches by SSH as a target of publishing: through the person's own OpenSSH."""

from core.backends.sftp.target import SftpTarget

__all__ = ["SftpTarget"]
