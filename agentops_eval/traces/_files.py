"""Writing a file so that a reader, or a crash, never meets half of it."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

PARTIAL_SUFFIX = ".partial"


def write_whole(target: Path, data: bytes) -> None:
    """Replace a file whole, or leave it as it was; its permissions stay. Raises OSError."""
    partial = target.with_name(f".{target.name[:60]}.{os.getpid()}.{secrets.token_hex(4)}{PARTIAL_SUFFIX}")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            partial.chmod(S_IMODE(target.stat().st_mode))
        partial.replace(target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
