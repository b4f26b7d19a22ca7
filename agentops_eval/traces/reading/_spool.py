"""Items by key, in bounded memory: what does not fit goes to a private temporary database."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from agentops_eval.domain import TraceUnreadable

T = TypeVar("T")

HELD = 50_000
"""Items kept in memory before they are written out, unless they are large."""

HELD_CHARACTERS = 32 * 1024 * 1024
"""What they may hold together, as their weight says."""


class Spool(Generic[T]):
    """Items added in any order, given back key by key, in the order in which keys were met.

    At most ``held`` items stay in memory, and no more than weigh ``HELD_CHARACTERS`` together.
    """

    def __init__(self, weigh: Callable[[T], int], *, held: int = HELD) -> None:
        self._weigh = weigh
        self._weight = 0
        self._most = held
        self._held: dict[str, list[T]] = {}
        self._count = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._database is not None:
            self._database.close()
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, key: str, item: T) -> None:
        """Keep an item. Raises TraceUnreadable where the disk is full."""
        self._held.setdefault(key, []).append(item)
        self._count += 1
        self._weight += self._weigh(item)
        if self._count >= self._most or self._weight >= HELD_CHARACTERS:
            self._write_out()

    def groups(self) -> Iterator[tuple[str, list[T]]]:
        """Every key with its items. May be gone through again."""
        if self._database is None:
            yield from self._held.items()
            return
        self._write_out()
        found = self._database.execute("SELECT key, MIN(n) AS first FROM items GROUP BY key ORDER BY first")
        for key, _ in found:
            rows = self._database.execute("SELECT batch FROM items WHERE key = ? ORDER BY n", (key,))
            # Written by this process, into a folder that only its user can read.
            yield key, [item for (batch,) in rows for item in pickle.loads(batch)]  # noqa: S301

    def _write_out(self) -> None:
        try:
            if self._database is None:
                self._folder = tempfile.TemporaryDirectory(prefix="agentops-")
                self._database = sqlite3.connect(Path(self._folder.name) / "spool.db", isolation_level=None)
                self._database.execute("PRAGMA journal_mode = OFF")
                self._database.execute("PRAGMA synchronous = OFF")
                self._database.execute("CREATE TABLE items (n INTEGER PRIMARY KEY, key TEXT, batch BLOB)")
                self._database.execute("CREATE INDEX by_key ON items (key, n)")
            rows = [(key, pickle.dumps(items, -1)) for key, items in self._held.items()]
            self._database.executemany("INSERT INTO items (key, batch) VALUES (?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            raise TraceUnreadable(
                f"the traces do not fit: {error}",
                where=tempfile.gettempdir(),
                remedy="make room there, or name a larger folder:  TMPDIR=/path agentops-eval ...",
            ) from error
        self._held.clear()
        self._count = self._weight = 0
