"""Several files changed as one: all of them, or none, whatever other processes do there meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from agentops_eval.domain import CassetteWrite
from agentops_eval.replay import drop_blobs
from agentops_eval.traces import write_new, write_whole

_ATTEMPTS = 20


def change_files(
    changes: Mapping[Path, bytes | None],
    *,
    sources: Mapping[Path, bytes],
    shared: frozenset[Path] = frozenset(),
) -> None:
    """Write each file whole, in this order, then remove those that become None.

    Only ``sources``, which have to hold what was read of them, are replaced and removed; ``shared``
    are blobs, which others may have made already; any other file has to be new. Where one cannot be
    changed, what was done here is undone, and nothing else. Raises CassetteWrite, which names what
    could not be put back.
    """
    doing = _Changing(sources, shared)
    path = Path()
    try:
        for path, data in changes.items():
            if data is not None:
                doing.write(path, data)
        for path in shared:
            doing.write(path, changes[path] or b"")  # who made it may have undone it since
        for path, data in changes.items():
            if data is None:
                doing.remove(path)
    except BaseException as error:
        lost = doing.undo()
        if not isinstance(error, OSError):
            raise
        raise _refused(path, error, lost) from error


class _Changed(OSError):
    """A source no longer holds what was read of it."""


class _Changing:
    """What this process did so far, last of all what it did last, and how to undo it."""

    def __init__(self, sources: Mapping[Path, bytes], shared: frozenset[Path]) -> None:
        self._sources = sources
        self._shared = shared
        self._done: list[tuple[Path, bytes | None]] = []  # and what it holds since
        self._made: list[Path] = []

    def write(self, path: Path, data: bytes) -> None:
        """Write one file, unless it is as it has to be."""
        if path in self._sources:
            self._expect(path)
            if self._sources[path] != data:
                write_whole(path, data)
                self._done.append((path, data))
        elif path not in self._shared:
            self._create(path, data)
        elif (was := _content(path)) is None:
            with suppress(FileExistsError):
                self._create(path, data)
        elif was != data:
            write_whole(path, data)

    def remove(self, path: Path) -> None:
        """Remove one source."""
        self._expect(path)
        path.unlink()
        self._done.append((path, None))

    def undo(self) -> list[Path]:
        """Undo, last change first, and give the sources with which that failed.

        Then what was written of them stays: it is all that there is.
        """
        lost: list[Path] = []
        for path, data in reversed(self._done):
            if lost and path not in self._sources:
                break
            try:
                if path in self._shared:
                    drop_blobs(path.parent.parent, frozenset({path.name}))
                elif _content(path) == data:  # else another's by now
                    self._put_back(path)
                elif data is None:
                    lost.append(path)
            except OSError:
                lost.append(path)
        for folder in reversed(self._made):
            with suppress(OSError):  # another's file came to be there
                folder.rmdir()
        return lost

    def _put_back(self, path: Path) -> None:
        was = self._sources.get(path)
        if was is None:
            path.unlink(missing_ok=True)
        elif path.exists():
            write_whole(path, was)
        else:
            write_new(path, was)

    def _expect(self, path: Path) -> None:
        if _content(path) != self._sources[path]:
            raise _Changed

    def _create(self, path: Path, data: bytes) -> None:
        for attempt in range(_ATTEMPTS):
            self._made += _missing(path.parent)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                write_new(path, data)
            except FileNotFoundError:  # another process removed the folder, which was empty
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                self._done.append((path, data))
                return


def _refused(path: Path, error: OSError, lost: list[Path]) -> CassetteWrite:
    told = f"not put back: {', '.join(map(str, lost))}" if lost else "every file is as it was"
    if isinstance(error, FileExistsError):
        what = "there is a file of that name already, and renaming never overwrites one"
        return CassetteWrite(what, where=str(path), difference=told, remedy="name another target")
    if isinstance(error, _Changed):
        what = "nothing was renamed, because another process changed or removed a file meanwhile"
        return CassetteWrite(what, where=str(path), difference=told, remedy="run the command again")
    return CassetteWrite(
        f"nothing was renamed, because a file cannot be written: {error.strerror or error}",
        where=str(path),
        difference=told,
        remedy="make room or mend the permissions there, then run the command again",
    )


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _missing(folder: Path) -> list[Path]:
    """The folders that writing into ``folder`` makes, outermost first."""
    return [one for one in (*reversed(folder.parents), folder) if not one.exists()]
