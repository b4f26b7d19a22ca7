"""The folder of an exploration: a journal that is only appended to, from which it goes on after any end.

``explore.jsonl`` holds a head, then one line for each run and each finding in the order of the search. The
same agent, faults and seed give the same bytes, whatever the number of processes and however often it was
ended in between: no line tells a time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from agentops_eval.chaos.exploring import Seen, seen_from_json, seen_to_json
from agentops_eval.domain import ExplorationInvalid, Json, Schedule, canonical_json
from agentops_eval.traces.redaction import Redactor

JOURNAL = "explore.jsonl"
VERSION = 1


class ExplorationFolder:
    """The journal of one exploration, as what it needs to remember its runs by.

    What a redactor would change in a line is written changed and marked: from there on it is explored anew.
    Raises ExplorationInvalid for a journal of another exploration, or one that two would write at once.
    """

    def __init__(self, folder: Path, head: Mapping[str, Json], redactor: Redactor) -> None:
        self._path = folder / JOURNAL
        self._redactor = redactor
        self._head = _line({"exploration": VERSION, **head})
        self._known: list[bytes] = []
        self._at = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = self._path.open("a+b")  # closed by ``close``
        try:
            _lock(self._file, self._path)
            self._open()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what a full disk did not take was told already
            self._file.close()

    def _open(self) -> None:
        self._file.seek(0)
        whole = self._file.read().split(b"\n")[:-1]  # a torn last line was never written
        if not whole:
            self._rewind([])
            self._write(self._head)
            return
        if whole[0] + b"\n" != self._head:
            raise self._other(whole[0])
        kept: list[bytes] = []
        for number, text in enumerate(whole[1:], start=2):
            told = self._parsed(text, number)
            if "coverage" in told or "redacted" in told:
                break
            kept.append(text + b"\n")
        self._known = kept
        self._rewind([self._head, *kept])

    def _parsed(self, text: bytes, number: int) -> Mapping[str, object]:
        try:
            told = json.loads(text)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise ExplorationInvalid(
                "a line of the journal is not as it was written",
                where=f"{self._path}:{number}",
                remedy=f"begin anew: rm {self._path}",
            )
        return told

    def _other(self, found: bytes) -> ExplorationInvalid:
        """Name what differs between two heads."""
        try:
            theirs, ours = json.loads(found), json.loads(self._head)
            names = [name for name in ours if not isinstance(theirs, dict) or theirs.get(name) != ours[name]]
            lines = [f"{name}: there {_short(theirs.get(name))}, now {_short(ours[name])}" for name in names]
        except (ValueError, AttributeError):
            lines = ["its first line is no head"]
        return ExplorationInvalid(
            "the folder holds another exploration",
            where=str(self._path),
            difference="\n".join(lines),
            remedy="give another folder with --state, or delete this one",
        )

    def _rewind(self, lines: list[bytes]) -> None:
        """Cut off what does not count: a torn line, the coverage of an earlier end."""
        self._file.truncate(sum(map(len, lines)))
        self._file.seek(0, os.SEEK_END)

    # -- the journal of an exploration --------------------------------------------------------

    def recorded(self, schedule: Schedule) -> Seen | None:
        """What the next known run showed. Raises ExplorationInvalid where that is not this one."""
        if self._at >= len(self._known):
            return None
        told = self._next()
        try:
            if told["faults"] != schedule.to_json()["faults"]:
                raise ValueError
            return seen_from_json(told["seen"])  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError):
            raise self._strayed(f"a run of {schedule}") from None

    def keep(self, schedule: Schedule, seen: Seen) -> None:
        """Write down one run."""
        self._append({"faults": schedule.to_json()["faults"], "seen": seen_to_json(seen)})

    def found(self, document: Json) -> None:
        """Write down a finding; one that was known has to be the same again."""
        if self._at >= len(self._known):
            self._append({"finding": document})
        elif self._next().get("finding") != json.loads(_line({"finding": document}))["finding"]:
            raise self._strayed("another finding")

    def finish(self, coverage: Json) -> None:
        """Write the last line."""
        self._append({"coverage": coverage})
        self._file.flush()
        os.fsync(self._file.fileno())

    def _next(self) -> Mapping[str, object]:
        text = self._known[self._at]
        self._at += 1
        told: Mapping[str, object] = json.loads(text)
        return told

    def _strayed(self, wanted: str) -> ExplorationInvalid:
        return ExplorationInvalid(
            f"the journal goes another way than the search: it should hold {wanted}",
            where=f"{self._path}:{self._at + 1}",
            remedy=f"the agent or the journal was changed; begin anew: rm {self._path}",
        )

    def _append(self, document: Mapping[str, Json]) -> None:
        shown = self._redactor.json(dict(document))
        told: Mapping[str, Json] = document
        if shown != document:
            assert isinstance(shown, dict)
            told = {**shown, "redacted": True}
        self._write(_line(told))
        self._known.append(b"")
        self._at += 1

    def _write(self, line: bytes) -> None:
        try:
            self._file.write(line)
            self._file.flush()  # what was told to the system survives the end of this process
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from None


def _line(document: Mapping[str, Json]) -> bytes:
    return canonical_json(document).encode("utf-8", "backslashreplace") + b"\n"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _lock(file: IO[bytes], path: Path) -> None:
    """Two explorations that wrote one journal would make it nobody's."""
    try:
        import fcntl
    except ImportError:  # no POSIX system: nobody is kept out
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ExplorationInvalid(
            "another exploration is writing this folder",
            where=str(path),
            remedy="wait for its end, or give another folder with --state",
        ) from None
