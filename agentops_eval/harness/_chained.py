"""Files that only grow: lines of JSON, each with a digest that covers the one before, by one writer."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from agentops_eval.domain import Json, RunMisuse


def json_line(row: Json) -> bytes:
    """A value as one line."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace") + b"\n"


def chained_digest(row: Mapping[str, Json], *, after: str) -> str:
    """The digest of a row, which also covers the digest of the row before; 32 hexadecimal digits."""
    return digest_of_text(canonical(row), after=after)


def canonical(row: Mapping[str, Json]) -> bytes:
    """The one text of a row, by which it is digested."""
    return json.dumps(row, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def digest_of_text(text: bytes, *, after: str) -> str:
    """The digest of a row whose canonical text is there already."""
    return hashlib.sha256(b"%b\n%b" % (after.encode(), text)).hexdigest()[:32]


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
