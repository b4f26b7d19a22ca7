"""The file of a journal: a line and a digest an entry, on the disk before anything goes on."""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from agentops_eval.chaos.experiments import entries_from_lines, entry_json
from agentops_eval.domain import (
    EntryKind,
    GamedayEnding,
    JournalEntry,
    JournalInvalid,
    Json,
    ascii_json,
    to_json,
)
from agentops_eval.harness._chained import AppendedFile, chained_digest
from agentops_eval.traces.redaction import Redactor

JOURNALS = Path(".agentops", "journals")
"""Where journals are, below the project's root, unless a path is given."""

_SUFFIX = ".jsonl"
_NOTHING: Mapping[str, Json] = {}
_LONGEST = 200_000
_numbers = itertools.count(1)
_TAIL = 4 * 1024 * 1024


class JournalFile(AppendedFile):
    """Appends entries to one file, which no other process may write meanwhile.

    A file that is there already is continued. ``listen`` hears of each entry once it is on the disk. Secrets
    that ``redactor`` knows or recognises reach neither the file nor the listeners.
    """

    def __init__(
        self, path: Path, redactor: Redactor, *, listen: Sequence[Callable[[JournalEntry], None]] = ()
    ) -> None:
        super().__init__(path, what="this journal")
        self.redactor = redactor
        self.entries: list[JournalEntry] = []
        self._digest = ""
        self._listen = tuple(listen)
        self._lock = threading.RLock()

    def _begin(self, file: IO[bytes]) -> None:
        """Take up what is there; a line that a crash cut off is taken away."""
        with self.path.open("rb") as before:
            lines = before.readlines()
        self.entries, self._digest = _read(lines, self.path)
        whole = sum(len(line) for line in lines[: len(self.entries)])
        if whole < sum(map(len, lines)):
            file.truncate(whole)

    def append(
        self,
        kind: EntryKind,
        *,
        at: str,
        experiment: int = 0,
        part: str = "",
        data: Mapping[str, Json] = _NOTHING,
    ) -> JournalEntry:
        """Write one entry down to the disk. Raises OSError where there is no room."""
        hidden = self.redactor.json(to_json(data))
        assert isinstance(hidden, dict)
        with self._lock:
            entry = JournalEntry(
                kind=kind,
                at=at,
                number=len(self.entries) + 1,
                experiment=experiment,
                part=part,
                data=_bounded(hidden),
            )
            row = entry_json(entry)
            row["digest"] = digest = chained_digest(row, after=self._digest)
            self._write(ascii_json(row).encode() + b"\n")
            self._digest = digest
            self.entries.append(entry)
            for hear in self._listen:
                hear(entry)
        return entry


def _bounded(data: Mapping[str, Json]) -> dict[str, Json]:
    """What a probe gave may be enormous; a journal keeps its beginning."""
    return {name: _short(value) if name == "output" else value for name, value in data.items()}


def _short(value: Json) -> Json:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= _LONGEST:
        return value
    return {"$truncated": len(text), "text": text[:_LONGEST]}


def new_path(root: Path, name: str, *, now: datetime | None = None) -> Path:
    """A path for a journal that nothing has yet."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S")
    words = "".join(one if one.isascii() and one.isalnum() else "-" for one in name.lower())
    slug = "-".join(filter(None, words.split("-")))[:60].strip("-") or "experiment"
    return root / JOURNALS / f"{stamp}-{os.getpid()}-{next(_numbers)}-{slug}{_SUFFIX}"


def close(file: JournalFile, ending: GamedayEnding, *, at: str, reason: str = "", whole: bool = True) -> None:
    """Write how it ended. Where it is not ``whole`` something is left to undo, and the next process does."""
    told: dict[str, Json] = {"ending": str(ending), "reason": reason}
    file.append(EntryKind.CLOSED, at=at, data=told if whole else {**told, "left": True})


def left_open(root: Path) -> Iterator[Path]:
    """Journals that owe something, the oldest first, or belong to processes that are at work.

    One that is empty is about to be begun, or owes nothing.
    """
    for path in sorted((root / JOURNALS).glob(f"*{_SUFFIX}")):
        if path.is_file() and path.stat().st_size and not _is_closed(path):
            yield path


def _is_closed(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _TAIL, 0))
        lines = file.read().splitlines()
    try:
        last = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return False
    if not isinstance(last, dict) or last.get("kind") != EntryKind.CLOSED:
        return False
    data = last.get("data")
    return not (isinstance(data, dict) and data.get("left"))


def read_entries(path: Path) -> tuple[JournalEntry, ...]:
    """The entries of a journal's file, finished or not. Raises JournalInvalid."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        what = f"the journal cannot be read: {error.strerror or error}"
        raise JournalInvalid(what, where=str(path), remedy=f"journals are in {JOURNALS}") from None
    return tuple(_read(lines, path)[0])


def _read(lines: Sequence[bytes], path: Path) -> tuple[list[JournalEntry], str]:
    """The entries of lines, and the digest of the last. Raises JournalInvalid where one was changed."""
    entries, digest = list(entries_from_lines(lines, where=str(path))), ""
    for entry, line in zip(entries, lines, strict=False):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):  # where the digest stands, which no entry needs
            row = {}
        said = row.pop("digest", "")
        digest = chained_digest(row, after=digest)
        if said != digest:
            what = "a line of the journal was changed: it is not what its digest is of"
            raise JournalInvalid(what, where=f"{path}:{entry.number}", remedy="restore the file")
    return entries, digest
