"""How far files of samples have been read, and whether what was read is still there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import Arm, RunMisuse, WatchInvalid

_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The whole lines at the beginning of a file: their size, and the SHA-256 of them all."""

    bytes: int = 0
    sha256: str = _NOTHING


def extent_of(path: Path, before: Extent) -> Extent:
    """How far the file goes by now; a last line without its end is left for the next look.

    A file that is not there yet has nothing. Raises WatchInvalid where what was there at an earlier look is
    not any more, and RunMisuse for a folder.
    """
    if path.is_dir():
        raise RunMisuse(
            "a folder does not grow by lines",
            where=str(path),
            remedy="give a file that is appended to; of a folder decide once: agentops-eval gate decide",
        )
    whole, size, met = hashlib.sha256(), 0, not before.bytes
    try:
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole.update(line)
                size += len(line)
                if size == before.bytes:
                    met = whole.hexdigest() == before.sha256
    except FileNotFoundError:
        size = 0
    if not met:
        raise _changed(path, before, size)
    return Extent(bytes=size, sha256=whole.hexdigest())


def _changed(path: Path, before: Extent, size: int) -> WatchInvalid:
    found = f"there are {size:,} now" if size < before.bytes else "other ones are there now"
    return WatchInvalid(
        "the evidence changed under the watch: the file was rotated, cut or rewritten",
        where=str(path),
        difference=f"bytes that were read at earlier looks: {before.bytes:,}; {found}",
        remedy="put the file back as it was, or begin anew with another --log",
    )


Signature = tuple[int, int, int] | None


def signatures_of(paths: Mapping[Arm, Path]) -> dict[Arm, Signature]:
    """What tells cheaply whether a file was written since."""
    return {arm: _signature(path) for arm, path in paths.items()}


def _signature(path: Path) -> Signature:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
