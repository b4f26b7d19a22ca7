"""Files that only grow: lines of JSON, each with a digest that covers the one before, by one writer."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from agentops_eval.domain import Json, RunMisuse, ascii_json, canonical_json


def json_line(row: Json) -> bytes:
    """A value as one line."""
    return canonical_json(row, sort_keys=False).encode("utf-8", "backslashreplace") + b"\n"


def chained_digest(row: Mapping[str, Json], *, after: str) -> str:
    """The digest of a row, which also covers the digest of the row before; 32 hexadecimal digits."""
    return hashlib.sha256(f"{after}\n{ascii_json(row)}".encode()).hexdigest()[:32]


def lock_alone(file: IO[bytes], path: Path, *, what: str) -> None:
    """Keep other processes from writing until the file is closed. Raises RunMisuse where one does already."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = f"another process is writing {what}"
        raise RunMisuse(said, where=str(path), remedy="wait for it, or give another file") from None


def append_whole(descriptor: int, data: bytes, path: Path) -> None:
    """Write at the end, down to the disk: all of it, or nothing where the disk has no room.

    Raises OSError, which names the file.
    """
    before = os.fstat(descriptor).st_size
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except BaseException as error:
        with suppress(OSError):
            os.ftruncate(descriptor, before)
        if isinstance(error, OSError):  # whose file it is, it does not say
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
