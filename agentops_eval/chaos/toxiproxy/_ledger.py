"""The ledger: every change to a server with the step that takes it back, on disk before the change is made.

A JSON line for the server, then one for each step, and one for each step that is settled. Its process holds
a lock on the file, which the system lets go when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agentops_eval.chaos.toxiproxy._undo import Undo, read_undo
from agentops_eval.domain import Json, LedgerInvalid

_LONGEST = 64 * 1024 * 1024

_ours: dict[str, int] = {}  # the ledgers that this process holds, with their descriptors
_ours_guard = threading.Lock()


def _let_go() -> None:
    """In a forked child: it would hold the locks of its parent on, after its parent's end."""
    for descriptor in _ours.values():
        os.close(descriptor)
    _ours.clear()


os.register_at_fork(before=_ours_guard.acquire, after_in_parent=_ours_guard.release, after_in_child=_let_go)
os.register_at_fork(after_in_child=_ours_guard.release)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """Which server the changes were made to; an embedded one ended with its process."""

    server: str
    embedded: bool


class Ledger:
    """What is to be taken back, oldest first. Without a file it lasts as long as the process."""

    def __init__(self, head: LedgerHead, file: LedgerFile | None = None) -> None:
        self.head = head
        self._file = file
        self._guard = threading.Lock()
        self._steps: dict[int, Undo] = {}
        self._count = 0

    @classmethod
    def create(cls, head: LedgerHead, path: Path | None) -> Self:
        """An empty ledger; its file must not hold steps yet. Raises LedgerInvalid."""
        if path is None:
            return cls(head)
        file = LedgerFile.take(path, create=True)
        try:
            if file.size():
                raise LedgerInvalid("the ledger is not empty", where=str(path), remedy=_put_back(path))
            file.append({"ledger": 1, "server": head.server, "embedded": head.embedded, "pid": os.getpid()})
        except BaseException:
            file.close()
            raise
        return cls(head, file)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The ledger of a process that is gone. Raises LedgerInvalid."""
        file = LedgerFile.take(path, create=False)
        try:
            head, steps = _read_steps(file.lines(), path)
        except BaseException:
            file.close()
            raise
        made = cls(head, file)
        made._steps = steps
        made._count = max(steps, default=0)
        return made

    def __len__(self) -> int:
        return len(self._steps)

    def intend(self, undo: Undo) -> int:
        """Write a step down, and return when it is on the disk; its number."""
        with self._guard:
            number = self._count + 1
            if self._file is not None:
                self._file.append({"n": number, "undo": undo.to_json()})
            self._count = number
            self._steps[number] = undo
            return number

    def settle(self, *numbers: int) -> None:
        """Note that these steps need not be taken any more."""
        with self._guard:
            for number in numbers:
                if self._steps.pop(number, None) is not None and self._file is not None:
                    self._file.append({"n": number, "settled": True}, durable=False)

    @property
    def latest(self) -> int:
        """The number of the latest step."""
        return self._count

    def steps(self) -> list[tuple[int, Undo]]:
        """What is to be taken back, latest first."""
        with self._guard:
            return sorted(self._steps.items(), reverse=True)

    def added(self, proxy: str, toxic: str = "") -> list[int]:
        """The steps about what was added here and removed again, from its addition on; none where it was not.

        What was there before under its name has earlier steps, which stay.
        """
        about = [
            (number, undo)
            for number, undo in self.steps()
            if undo.proxy == proxy and (not toxic or undo.toxic == toxic)
        ]
        kind = "remove-toxic" if toxic else "remove-proxy"
        since = next((number for number, undo in about if undo.kind == kind), None)
        return [] if since is None else [number for number, _ in about if number >= since]

    def close(self) -> None:
        """Let go of the file; where nothing is to be taken back, it goes away."""
        if self._file is not None:
            self._file.close(remove=not self._steps)
            self._file = None


class LedgerFile:
    """A file of JSON lines that one process holds."""

    def __init__(self, path: Path, descriptor: int, key: str) -> None:
        self.path = path
        self._descriptor, self._key, self._owner = descriptor, key, os.getpid()

    @classmethod
    def take(cls, path: Path, *, create: bool) -> Self:
        """Open and lock it. Raises LedgerInvalid."""
        key = os.path.realpath(path)
        with _ours_guard:
            if key in _ours:
                raise _busy(path)
            try:
                if create:
                    path.parent.mkdir(parents=True, exist_ok=True)
                descriptor = os.open(path, os.O_RDWR | os.O_APPEND | (os.O_CREAT if create else 0), 0o600)
            except OSError as error:
                raise LedgerInvalid(
                    f"the ledger cannot be opened: {error.strerror or error}",
                    where=str(path),
                    remedy="name the file that was given as ledger=; one that was put back whole is removed",
                ) from None
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
                raise _busy(path) from None
            _ours[key] = descriptor
        return cls(path, descriptor, key)

    def size(self) -> int:
        """How long it is, in bytes."""
        return os.fstat(self._descriptor).st_size

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Every line with its number; a last one that was not written to its end is left out."""
        if self.size() > _LONGEST:
            raise LedgerInvalid("this is no ledger: it is too long", where=str(self.path))
        data = os.pread(self._descriptor, _LONGEST, 0)
        yield from enumerate(data.split(b"\n")[:-1], 1)

    def append(self, document: Json, *, durable: bool = True) -> None:
        """Write a line, to the disk where it is to be durable. Raises LedgerInvalid."""
        if os.getpid() != self._owner:
            raise LedgerInvalid(
                "a forked process uses the ledger of its parent",
                where=str(self.path),
                remedy="open a Toxiproxy of its own in each process",
            )
        data = json.dumps(document, sort_keys=True).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            if durable:
                os.fsync(self._descriptor)
        except OSError as error:
            raise LedgerInvalid(
                f"the ledger cannot be written: {error.strerror or error}",
                where=str(self.path),
                remedy="make room there, or name another file as ledger=; nothing was changed without it",
            ) from None

    def close(self, *, remove: bool = False) -> None:
        """Let go of it, and remove it before that where that is asked."""
        if os.getpid() != self._owner:
            return
        with _ours_guard:
            if remove:
                with suppress(OSError):
                    self.path.unlink()
            os.close(self._descriptor)
            _ours.pop(self._key, None)


def _read_steps(lines: Iterator[tuple[int, bytes]], path: Path) -> tuple[LedgerHead, dict[int, Undo]]:
    """The head of a ledger, and its steps that are not settled, by their numbers. Raises LedgerInvalid."""
    head: LedgerHead | None = None
    steps: dict[int, Undo] = {}
    for place, line in lines:
        try:
            document = json.loads(line)
            if not isinstance(document, dict):
                raise ValueError("a line is an object")
            if head is None:
                head = _read_head(document)
            elif "settled" in document:
                steps.pop(document["n"], None)
            elif isinstance(document.get("n"), int):
                steps[document["n"]] = read_undo(document.get("undo"))
            else:
                raise ValueError("it has no number")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise LedgerInvalid(
                "the ledger is damaged, so nothing is put back",
                where=f"{path}:{place}",
                difference=str(error)[:200],
                remedy="remove all toxics of the server:  curl -X POST SERVER/reset",
            ) from None
    if head is None:
        head = LedgerHead(server="", embedded=True)  # its process ended before it changed anything
    return head, steps


def _read_head(document: dict[str, Json]) -> LedgerHead:
    server, embedded = document.get("server"), document.get("embedded")
    if (
        document.get("ledger") != 1
        or not isinstance(server, str)
        or not server
        or not isinstance(embedded, bool)
    ):
        raise ValueError("this is no ledger of changes to a Toxiproxy server")
    return LedgerHead(server=server, embedded=embedded)


def _busy(path: Path) -> LedgerInvalid:
    return LedgerInvalid(
        "the ledger belongs to a process that is still at work",
        where=str(path),
        remedy="end that process, which puts everything back itself; or give each a ledger of its own",
    )


def _put_back(path: Path) -> str:
    import shlex

    return f"agentops-eval toxiproxy restore {shlex.quote(str(path))}"
