"""The log of a watch: append-only, one line a look, whole after any crash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from agentops_eval.domain import Decision, WatchInvalid
from agentops_eval.harness._chained import AppendedFile
from agentops_eval.harness.gating._watch_rows import (
    BEGINNING,
    LookRow,
    WatchHeader,
    header_row,
    look_line,
    read_header,
    read_row,
    step_line,
)

_LONGEST_HEADER = 1024 * 1024
_FIXED = ("gate_digest", "seed", "trials", "settle_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLogged:
    """What a log holds. ``whole`` is how many bytes of it are; behind them a line may be cut off.

    ``confirmed`` has the stages that a rollout was let out of, in order; empty for its first step.
    """

    header: WatchHeader
    looks: tuple[LookRow, ...]
    digest: str
    whole: int
    confirmed: tuple[str, ...] = ()


def read_watch_log(path: Path) -> WatchLogged:
    """Read a log. A last line that was cut off, as by a crash, is left out: nobody was told of it.

    Raises WatchInvalid, naming the line, for anything else that is not as it was written.
    """
    try:
        with path.open("rb") as file:
            return _read(file, str(path))
    except OSError as error:
        raise WatchInvalid(
            f"the log cannot be read: {error.strerror or error}",
            where=str(path),
            remedy="give the file that `agentops-eval gate watch --log` wrote",
        ) from None


def _read(file: IO[bytes], name: str) -> WatchLogged:
    first = file.readline(_LONGEST_HEADER)
    if not first.endswith(b"\n"):
        raise WatchInvalid("the log is empty", where=name, remedy="begin it with agentops-eval gate watch")
    header, digest = read_header(first, where=f"{name}:1")
    looks: list[LookRow] = []
    confirmed: list[str] = []
    whole = len(first)
    for number, line in enumerate(file, start=2):
        if not line.endswith(b"\n"):
            break
        row, digest = read_row(line, after=digest, where=f"{name}:{number}")
        if isinstance(row, str):
            confirmed.append(row)
        else:
            looks.append(row)
        whole += len(line)
    return WatchLogged(
        header=header, looks=tuple(looks), digest=digest, whole=whole, confirmed=tuple(confirmed)
    )


class WatchLog(AppendedFile):
    """Appends looks to one file, which no other process may write meanwhile.

    What is there already is taken up if it is of the same gate and the same rules, and is in ``before`` and
    ``confirmed``.
    A look is on the disk, whole, before anybody is told of it.
    """

    def __init__(self, path: Path, header: WatchHeader) -> None:
        super().__init__(path, what="this log")
        self.header = header
        self.before: tuple[LookRow, ...] = ()
        self.confirmed: tuple[str, ...] = ()
        self._digest = ""

    def _begin(self, file: IO[bytes]) -> None:
        """Write the header, or take up what is there; a line that a crash cut off is taken away."""
        if _is_half_a_header(self.path):
            file.truncate(0)
            line, self._digest = header_row(self.header)
            self._write(line)
            return
        found = read_watch_log(self.path)
        _check_same(found.header, self.header, self.path)
        file.truncate(found.whole)
        self.header, self.before, self._digest = found.header, found.looks, found.digest
        self.confirmed = found.confirmed

    def append(self, row: LookRow, decision: Decision) -> None:
        """Write one look, down to the disk. Raises OSError, and leaves the log as it was."""
        self._append(look_line(row, decision, after=self._digest))

    def confirm(self, stage: str, at_s: float) -> None:
        """Write that a step was confirmed, down to the disk. Raises OSError, and leaves the log as it was."""
        self._append(step_line(stage, at_s, after=self._digest))

    def _append(self, made: tuple[bytes, str]) -> None:
        line, digest = made
        self._write(line)
        self._digest = digest


def _is_half_a_header(path: Path) -> bool:
    """Whether nothing is there, or nothing but the beginning of what a crash cut off."""
    with path.open("rb") as file:
        first = file.readline(_LONGEST_HEADER)
    return not first.endswith(b"\n") and (first.startswith(BEGINNING) or BEGINNING.startswith(first))


def _check_same(there: WatchHeader, here: WatchHeader, path: Path) -> None:
    pairs = [(name, getattr(there, name), getattr(here, name)) for name in _FIXED]
    lines = [f"{name}: {a} in the log, {b} here" for name, a, b in pairs if a != b]
    if lines:
        raise WatchInvalid(
            "this log is of another gate, or of a watch with other rules",
            where=str(path),
            difference="\n".join(lines),
            remedy="give the gate file and the options as they were, or begin anew with another --log",
        )
