"""Files of samples that grow, and watches of them that are in memory or have a log."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from agentops_eval.domain import Arm
from agentops_eval.gate import Columns, Gate, GateFile, Kind, Metric, Stage
from agentops_eval.harness.gating import Watched

Row = dict[str, object]
PASSED = Metric(name="passed", margin=0.05)
NEVER = Metric(name="payments", kind=Kind.LIMIT, limit=0, margin=0.05)
PAIRS = Gate(metrics=(PASSED,), seed=7)
TWO_STEPS = Gate(metrics=(PASSED,), stages=(Stage(name="five", share=0.2), Stage(name="half", share=0.5)))


def appended(path: Path, rows: Iterable[Row]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def cases(count: int, *, rate: float, seed: int, first: int = 0, **more: object) -> list[Row]:
    """One trial of each case, passed by chance."""
    chance = random.Random(seed)
    return [{"case": f"c{first + at}", "passed": chance.random() < rate, **more} for at in range(count)]


def sessions(
    count: int, *, share: float, rates: tuple[float, float], seed: int, start: float = 0.0, **more: object
) -> tuple[list[Row], list[Row]]:
    """One session a second, of the baseline or the candidate by chance, passed at each one's rate."""
    chance = random.Random(seed)
    arms: tuple[list[Row], list[Row]] = ([], [])
    for at in range(count):
        mine = chance.random() < share
        row = {"case": f"s{start:g}-{at}", "at": start + at, "passed": chance.random() < rates[mine], **more}
        arms[mine].append(row)
    return arms


def watched(folder: Path, gate: Gate = PAIRS, **more: object) -> Watched:
    told = GateFile(gate=gate, columns=Columns(), path=str(folder / "gate.yaml"), digest="d1")
    return Watched(gate=told, baseline=folder / "b.jsonl", candidate=folder / "c.jsonl", **more)  # type: ignore[arg-type]


def grown(asked: Watched, baseline: Sequence[Row], candidate: Sequence[Row]) -> None:
    for path, rows in ((asked.baseline, baseline), (asked.candidate, candidate)):
        appended(path, rows)


ARMS = (Arm.BASELINE, Arm.CANDIDATE)
