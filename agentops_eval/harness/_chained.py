"""Files that only grow: lines of JSON, each with a digest that covers the one before, by one writer."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from agentops_eval.domain import Json, RunMisuse, ascii_json, canonical_json


def json_line(row: Json) -> bytes:
    """A value as one line."""
    return canonical_json(row, sort_keys=False).encode("utf-8", "backslashreplace") + b"\n"


def chained_digest(row: Mapping[str, Json], *, after: str) -> str:
    """The digest of a row, which also covers the digest of the row before; 32 hexadecimal digits."""
    return digest_of_text(ascii_json(row).encode(), after=after)


def digest_of_text(text: bytes, *, after: str) -> str:
    """The digest of a row whose text, as ``ascii_json`` writes it, is there already."""
    return hashlib.sha256(b"%b\n%b" % (after.encode(), text)).hexdigest()[:32]


def lock_alone(
    file: IO[bytes] | int, path: Path, *, what: str, remedy: str = "wait for it, or give another file"
) -> None:
    """Keep other processes from writing until the file is closed. Raises RunMisuse where one does already.

    A descriptor, of a folder too, is as good as a file; a process that inherits it holds the lock as well.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = f"another process is writing {what}"
        raise RunMisuse(said, where=str(path), remedy=remedy) from None


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


class AppendedFile:
    """A file of lines that grows while its block lasts, and that no other process may write meanwhile.

    ``_begin`` takes up what is there already. ``what`` names the file in the error that it is busy.
    """

    def __init__(self, path: Path, *, what: str) -> None:
        self.path = path
        self._what = what
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what could not be written is not tried again when it is closed.
        self._file = self.path.open("ab", buffering=0)
        try:
            lock_alone(self._file, self.path, what=self._what)
            self._begin(self._file)
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _begin(self, file: IO[bytes]) -> None:
        raise NotImplementedError

    def _write(self, line: bytes) -> None:
        """Write one line, down to the disk. Raises OSError, and leaves the file as it was."""
        assert self._file is not None, "the file is not open"
        append_whole(self._file.fileno(), line, self.path)
