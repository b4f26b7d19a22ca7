"""Several files changed as one: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from agentops_eval.domain import CassetteWrite
from agentops_eval.traces import write_whole


def change_files(changes: Mapping[Path, bytes | None]) -> None:
    """Write each file whole, in this order; one that becomes None is removed.

    Where one cannot be changed, all are as they were before, and so are their folders. Raises
    CassetteWrite, which names what could not be put back.
    """
    before: dict[Path, bytes | None] = {}
    made: list[Path] = []
    path = Path()
    try:
        for path, data in changes.items():
            was = _content(path)
            if was != data:
                made += _missing(path.parent)
                before[path] = was
                _put(path, data)
    except BaseException as error:
        lost = _put_back(before, made)
        if not isinstance(error, OSError):
            raise
        told = f"not put back: {', '.join(map(str, lost))}" if lost else "every file is as it was"
        raise CassetteWrite(
            f"nothing was renamed, because a file cannot be written: {error.strerror or error}",
            where=str(path),
            difference=told,
            remedy="make room or mend the permissions there, then run the command again",
        ) from error


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _missing(folder: Path) -> list[Path]:
    """The folders that writing into ``folder`` makes, outermost first."""
    return [one for one in (*reversed(folder.parents), folder) if not one.exists()]


def _put(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)


def _put_back(before: Mapping[Path, bytes | None], made: list[Path]) -> list[Path]:
    """Undo, last change first, and give the files with which that failed."""
    lost = []
    for path, data in reversed(list(before.items())):
        try:
            if _content(path) != data:
                _put(path, data)
        except OSError:
            lost.append(path)
    for folder in reversed(made):
        with suppress(OSError):  # another's file came to be there
            folder.rmdir()
    return lost
