"""Spans by trace, in bounded memory: what does not fit goes to a private temporary database."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from agentops_eval.domain import SpanEvent, TraceUnreadable
from agentops_eval.traces.reading._model import SourceSpan

Item: TypeAlias = "SourceSpan | tuple[str, SpanEvent]"
"""A span, or a log record with the id of its span."""

HELD = 50_000
"""Items kept in memory before they are written out."""


class Spool:
    """Items added in any order, given back trace by trace, in the order in which traces were met."""

    def __init__(self, *, held: int = HELD) -> None:
        self._most = held
        self._held: dict[str, list[Item]] = {}
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

    def add(self, trace_id: str, item: Item) -> None:
        """Keep an item. Raises TraceUnreadable where the disk is full."""
        self._held.setdefault(trace_id, []).append(item)
        self._count += 1
        if self._count >= self._most:
            self._write_out()

    def traces(self) -> Iterator[tuple[str, list[Item]]]:
        """Every trace id with its items."""
        if self._database is None:
            yield from self._held.items()
            return
        self._write_out()
        found = self._database.execute(
            "SELECT trace, MIN(n) AS first FROM items GROUP BY trace ORDER BY first"
        )
        for trace_id, _ in found:
            rows = self._database.execute("SELECT batch FROM items WHERE trace = ? ORDER BY n", (trace_id,))
            # Written by this process, into a folder that only its user can read.
            yield trace_id, [item for (batch,) in rows for item in pickle.loads(batch)]  # noqa: S301

    def _write_out(self) -> None:
        try:
            if self._database is None:
                self._folder = tempfile.TemporaryDirectory(prefix="agentops-")
                self._database = sqlite3.connect(Path(self._folder.name) / "spool.db", isolation_level=None)
                self._database.execute("PRAGMA journal_mode = OFF")
                self._database.execute("PRAGMA synchronous = OFF")
                self._database.execute("CREATE TABLE items (n INTEGER PRIMARY KEY, trace TEXT, batch BLOB)")
                self._database.execute("CREATE INDEX by_trace ON items (trace, n)")
            rows = [(trace_id, pickle.dumps(items, -1)) for trace_id, items in self._held.items()]
            self._database.executemany("INSERT INTO items (trace, batch) VALUES (?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            raise TraceUnreadable(
                f"the traces do not fit: {error}",
                where=tempfile.gettempdir(),
                remedy="make room there, or name a larger folder:  TMPDIR=/path agentops-eval ...",
            ) from error
        self._held.clear()
        self._count = 0
