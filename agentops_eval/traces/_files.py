"""Writing a file so that a reader, or a crash, never meets half of it."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from typing import IO

PARTIAL_SUFFIX = ".partial"

_NO_LINKS = frozenset(
    (errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK)
)


def write_whole(target: Path, data: bytes) -> None:
    """Replace a file whole, or leave it as it was; its permissions stay. Raises OSError.

    A device or pipe (``/dev/null``, ``/dev/stdout``) is written to and stays what it is.
    """
    with replacing(target) as file:
        file.write(data)


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A file to write to piece by piece, which replaces ``target`` when the body ends well.

    What holds of ``write_whole`` holds of it, too.
    """
    if target.is_symlink():  # /dev/stdout is one, and must stay one
        target = Path(os.path.realpath(target)) if target.is_file() else target
    if target.exists() and not target.is_file():
        with target.open("wb") as device:  # a folder raises IsADirectoryError
            yield device
        return
    partial = _partial_of(target)
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            partial.chmod(S_IMODE(target.stat().st_mode))
        partial.replace(target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def write_new(target: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole or not at all.

    Raises FileExistsError where it is there, also where another process makes it meanwhile, and
    OSError. Nothing is ever overwritten.
    """
    partial = _partial_of(target)
    try:
        _fill(partial, data)
        place_new(partial, target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def place_new(partial: Path, target: Path) -> None:
    """Give a file that was written whole the name ``target``, which nothing has yet.

    Raises FileExistsError, and OSError; the file then keeps its name.
    """
    try:
        os.link(partial, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _claim(partial, target)
        return
    with suppress(OSError):  # what matters is done
        partial.unlink()


def _claim(partial: Path, target: Path) -> None:
    """The same where the file system has no links: the name is taken first, by an empty file."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        partial.replace(target)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise


def _partial_of(target: Path) -> Path:
    return target.with_name(f".{target.name[:60]}.{os.getpid()}.{secrets.token_hex(4)}{PARTIAL_SUFFIX}")


def _fill(partial: Path, data: bytes) -> None:
    with partial.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
