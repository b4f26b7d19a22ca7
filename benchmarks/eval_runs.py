"""Runs with recorded traces judged by five evaluators: evaluations per CPU second, and peak memory.

Our side is what ``agentops-eval eval decide --against`` does: the rows of a file of results are read and
their digests checked, for each the trace beside it is read, its tool calls are derived, the evaluators of
its case are built, and the verdicts are kept with their reasons. Each case has its own answer, pattern and
calls, 10,000 times five evaluations in all.

The peers do the same work on the same runs, each in its own form and in the cheapest way that its
documentation has, in a process and an environment of its own (``build/bench-envs``, pinned versions):

============  =====================  ===============================  ===================================
kind          ours                   pydantic-evals                   DeepEval
============  =====================  ===============================  ===================================
``equals``    answer_equals          EqualsExpected                   ExactMatchMetric
``matches``   answer_matches, whole  has none                         PatternMatchMetric
``strict``    tools, order: strict   TrajectoryMatch exact, and for   ToolCorrectnessMetric, exact match,
              with arguments         each call ArgumentCorrectness    with input parameters
``any_order`` tools, names,          ToolCorrectness, allow_extra     ToolCorrectnessMetric
              order: superset
``at_most``   budget, tool_calls     MaxToolCalls                     has none
============  =====================  ===============================  ===================================

DeepEval reads no traces: it is given the tool calls. A peer is compared with our side on the kinds that it
has, and only where both let as many runs pass. Reading what is expected (our scenario files, with every
expectation checked; pydantic-evals' dataset; DeepEval has it in its test cases) is told apart, once with it
and once without. A peer that is not there and cannot be installed is left out, and the row says so; where
none is there the row is skipped.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import _eval_ours
from benchmarks._eval_load import KINDS, Made, made, neutral
from benchmarks._eval_peers import PEERS, Measured, Peer, Unavailable, ours, prepare, theirs
from benchmarks._rows import Row, at_least, at_most

IDS = ("eval.throughput", "eval.memory")
CASES = 10_000
SEED = 7
ROUNDS = 3
"""How often both sides run, one after the other; the middle one counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A peer, and our side on the kinds that the peer has."""

    peer: Peer
    theirs: Measured
    ours: Measured

    @property
    def speed(self) -> float:
        """How many times more evaluations we do in a second of CPU time."""
        return self.theirs.cpu_s / self.ours.cpu_s


def rows() -> Iterator[Row]:
    """Measure our side and every peer that can be had."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(made(CASES, random.Random(SEED)), folder)
        everything = middle([ours(folder, KINDS) for _ in range(ROUNDS)])
        pairs, missing = _pairs(folder)
    yield from judged(everything, pairs, missing)


def judged(everything: Measured, pairs: Sequence[Pair], missing: Sequence[str]) -> Iterator[Row]:
    """The rows of what was measured; ``missing`` says which peers were not, and why."""
    yield _throughput(everything, pairs, missing)
    yield _memory(everything, pairs, missing)


def write(cases: Iterator[Made], folder: Path) -> None:
    """The same runs for every side: files as we keep them, and lines of which each peer makes its own."""
    chosen = [KINDS, *(peer.kinds for peer in PEERS)]
    _eval_ours.write(_noted(cases, folder / "neutral.jsonl"), folder, chosen)


def _noted(cases: Iterator[Made], path: Path) -> Iterator[Made]:
    with path.open("w") as file:
        for case in cases:
            file.write(json.dumps(neutral(case)) + "\n")
            yield case


def _pairs(folder: Path) -> tuple[list[Pair], list[str]]:
    """What could be measured, and what could not."""
    pairs: list[Pair] = []
    missing: list[str] = []
    for peer in PEERS:
        try:
            prepare(peer, folder)
            rounds = [(theirs(peer, folder), ours(folder, peer.kinds)) for _ in range(ROUNDS)]
        except Unavailable as reason:
            missing.append(str(reason))
            continue
        pair = Pair(
            peer=peer, theirs=middle([one for one, _ in rounds]), ours=middle([one for _, one in rounds])
        )
        agree(pair)
        pairs.append(pair)
    return pairs, missing


def middle(measured: Sequence[Measured]) -> Measured:
    """The round that took neither the most nor the least of CPU time."""
    return sorted(measured, key=lambda one: one.cpu_s)[len(measured) // 2]


def agree(pair: Pair) -> None:
    """Both sides let as many runs pass, of each kind. Raises ValueError: else they did other work."""
    if pair.ours.passed != pair.theirs.passed:
        raise ValueError(f"{pair.peer.name} lets pass {pair.theirs.passed}, and ours {pair.ours.passed}")


def _throughput(everything: Measured, pairs: Sequence[Pair], missing: Sequence[str]) -> Row:
    slowest = min(pairs, key=lambda pair: pair.speed, default=None)
    ratio = 0.0 if slowest is None else slowest.speed
    goal, met = at_least(1, ratio)
    return Row(
        id=IDS[0],
        what=(
            f"evaluations per CPU s: {everything.cases} recorded runs, each with its own {len(KINDS)} "
            "evaluators, from their files to verdicts"
        ),
        n=everything.cases,
        settings=". ".join(
            [
                f"median of {ROUNDS} rounds",
                f"with reading the scenarios, each expectation checked: {everything.in_all_per_cpu_s:.0f}/s",
                *map(_beside, pairs),
                *_alone(everything, pairs),
                *missing,
            ]
        ),
        ours=everything.per_cpu_s,
        other=0.0 if slowest is None else slowest.theirs.per_cpu_s,
        ratio=ratio,
        goal=goal,
        met=met and bool(pairs),
        skipped=_skipped(pairs),
    )


def _beside(pair: Pair) -> str:
    """Both sides on the kinds that the peer has."""
    version = pair.peer.pinned.partition("==")[2]
    return (
        f"{pair.peer.name} {version}: {pair.theirs.per_cpu_s:.0f}/s on {', '.join(pair.peer.kinds)}; "
        f"ours {pair.ours.per_cpu_s:.0f}/s on the same ({pair.speed:.2f}x); "
        f"{pair.theirs.wall_s:.1f} s and {pair.ours.wall_s:.1f} s of wall time; "
        f"with reading what is expected {pair.theirs.in_all_per_cpu_s:.0f}/s and "
        f"{pair.ours.in_all_per_cpu_s:.0f}/s; {pair.peer.note}"
    )


def _alone(everything: Measured, pairs: Sequence[Pair]) -> list[str]:
    """What one evaluation takes with everything in memory, in microseconds, side by side."""
    sides = [("ours", everything), *((pair.peer.name, pair.theirs) for pair in pairs)]
    return [
        f"{name}, evaluators alone, us: "
        + ", ".join(f"{kind} {us:.1f}" for kind, us in side.alone_us.items())
        for name, side in sides
    ]


def _memory(everything: Measured, pairs: Sequence[Pair], missing: Sequence[str]) -> Row:
    leanest = min(pairs, key=lambda pair: pair.theirs.peak_mb, default=None)
    told = [
        f"{pair.peer.name} {pair.theirs.peak_mb:.0f} MB on {len(pair.peer.kinds)} kinds" for pair in pairs
    ]
    ratio = 0.0 if leanest is None else everything.peak_mb / leanest.theirs.peak_mb
    goal, met = at_most(1, ratio)
    return Row(
        id=IDS[1],
        what=f"peak MB of the process that does it, all verdicts and reasons kept, on {len(KINDS)} kinds",
        n=everything.cases,
        settings=". ".join([*told, "resident set, interpreter and libraries included", *missing]),
        ours=everything.peak_mb,
        other=0.0 if leanest is None else leanest.theirs.peak_mb,
        ratio=ratio,
        goal=goal,
        met=met and bool(pairs),
        skipped=_skipped(pairs),
    )


def _skipped(pairs: Sequence[Pair]) -> str:
    return "" if pairs else "no peer could be had"
