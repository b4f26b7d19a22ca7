"""Pairs as rows of samples, an arm a file, with the traces beside them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from agentops_eval.domain import Arm, Ending, Json, RunMisuse
from agentops_eval.evals.comparing import sample_of
from agentops_eval.harness.evaluating._store import keep_trace
from agentops_eval.harness.shadowing._session import Pair, Side


class ShadowFiles:
    """What a shadow session leaves in its folder, by names that never change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.baseline = folder / "baseline.jsonl"
        self.candidate = folder / "candidate.jsonl"
        self.recordings = folder / "recordings"


class PairsWriter:
    """Writes both rows of a pair as soon as it is there. Rows that are there are not overwritten unasked.

    Raises RunMisuse where there are any and ``force`` is not set.
    """

    def __init__(self, files: ShadowFiles, *, force: bool = False) -> None:
        self._files, self._force = files, force
        self._stack = ExitStack()
        self._open: dict[Arm, IO[str]] = {}

    def __enter__(self) -> Self:
        places = {Arm.BASELINE: self._files.baseline, Arm.CANDIDATE: self._files.candidate}
        for path in places.values():
            if path.exists() and not self._force:
                raise RunMisuse(
                    "there are rows in that folder already",
                    where=str(path),
                    remedy="name another folder with --out, or add --force",
                )
        self._files.folder.mkdir(parents=True, exist_ok=True)
        for arm, path in places.items():
            self._open[arm] = self._stack.enter_context(
                path.open("w", encoding="utf-8", errors="backslashreplace")
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def write(self, pair: Pair) -> None:
        """Keep both traces, and write both rows."""
        for arm, side, path in (
            (Arm.BASELINE, pair.baseline, self._files.baseline),
            (Arm.CANDIDATE, pair.candidate, self._files.candidate),
        ):
            row = row_of(pair.case, arm, side, trace=keep_trace(side.trace, path))
            self._open[arm].write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
            self._open[arm].flush()


def row_of(case: str, arm: Arm, side: Side, *, trace: str = "") -> dict[str, Json]:
    """One side of a pair as the row that a gate reads.

    What a run spent that left its recording is not told: it did not come to its end. An ``error`` is told
    only of a run that ended without a verdict.
    """
    result = side.result
    known = result.passed is not None
    reason = "; ".join(filter(None, (one.reason for one in result.verdicts)))
    row: dict[str, Json] = {"case": case, "trial": 1, "arm": arm.value, "passed": result.passed}
    if reason:
        row["reason"] = reason
    if result.ending is Ending.ERROR and result.error is not None:
        row |= {"error": result.error.source.value, "reason": result.error.message}
    if known:
        row |= {name: round(value, 9) for name, value in sample_of(result).metrics.items()}
        row["errors"] = int(result.error is not None)
    row |= {"suppressed_effects": side.counts.suppressed, "coverage": round(side.counts.coverage, 6)}
    if result.output is not None:
        row["answer"] = result.output
    optional: dict[str, Json] = {
        "labels": dict(result.labels),
        "recording": result.recording,
        "trace": trace,
    }
    return row | {name: value for name, value in optional.items() if value}
