"""The same work by pydantic-evals, in an environment of its own: nothing of this project is imported here.

``python pydantic_evals_runs.py prepare FOLDER KIND,KIND...`` writes the cases and the runs in its own form: a
dataset file, and a span tree for each run. ``run`` reads them and evaluates each run with ``run_evaluators``,
which it offers for stored data. ``Dataset.evaluate_sync``, which runs a task for each case, costs more.
It has no evaluator that matches an answer with a pattern.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
import warnings
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import (
    ArgumentCorrectness,
    EqualsExpected,
    Evaluator,
    EvaluatorContext,
    MaxToolCalls,
    ToolCorrectness,
    TrajectoryMatch,
)
from pydantic_evals.online import run_evaluators
from pydantic_evals.otel.span_tree import SpanNode, SpanTree
from typing_extensions import TypedDict

ALONE = 2_000


class Recorded(TypedDict):
    """A run: what was answered, and its spans."""

    output: str
    spans: SpanTree


RECORDED = TypeAdapter(Recorded)


def evaluators(case: dict[str, Any], kinds: list[str]) -> list[Evaluator]:
    """Its evaluators for each kind. Arguments are compared call by call, each by an evaluator of its own."""
    expected = case["expected_calls"]
    names = [call["name"] for call in expected]
    before: Counter[str] = Counter()
    found: list[Evaluator] = []
    for kind in kinds:
        if kind == "equals":
            found.append(EqualsExpected(evaluation_name="equals"))
        if kind == "any_order":
            found.append(ToolCorrectness(names, allow_extra=True, evaluation_name="any_order"))
        if kind == "at_most":
            found.append(MaxToolCalls(len(names), evaluation_name="at_most"))
        if kind == "strict":
            found.append(TrajectoryMatch(names, order="exact", evaluation_name="strict"))
            for number, call in enumerate(expected):
                name = call["name"]
                found.append(
                    ArgumentCorrectness(
                        name,
                        call["arguments"],
                        match_mode="exact",
                        occurrence=before[name],
                        evaluation_name=f"strict {number}",
                    )
                )
                before[name] += 1
    return found


def prepare(folder: Path, kinds: list[str]) -> None:
    """Write everything in its own form."""
    runs = folder / "pydantic_evals"
    runs.mkdir(exist_ok=True)
    cases = []
    with (folder / "neutral.jsonl").open() as file:
        for line in file:
            case = json.loads(line)
            tree = SpanTree()
            tree.add_spans([node(span) for span in case["spans"]])
            path = runs / f"{case['id']}.json"
            path.write_bytes(RECORDED.dump_json({"output": case["output"], "spans": tree}))
            cases.append(
                Case(
                    name=case["id"],
                    inputs=case["question"],
                    expected_output=case["expected_output"],
                    evaluators=tuple(evaluators(case, kinds)),
                )
            )
    Dataset(name="desk", cases=cases).to_file(runs / "cases.json", schema_path=None)


def node(span: dict[str, Any]) -> SpanNode:
    """A span in its own form."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return SpanNode(
        name=span["name"],
        trace_id=int(span["trace_id"], 16),
        span_id=int(span["span_id"], 16),
        parent_span_id=int(span["parent_id"], 16) if span["parent_id"] else None,
        start_timestamp=epoch + timedelta(microseconds=span["start_ns"] // 1000),
        end_timestamp=epoch + timedelta(microseconds=span["end_ns"] // 1000),
        attributes=span["attributes"],
    )


def context(folder: Path, case: Case) -> EvaluatorContext:
    """What its evaluators see of a run."""
    run = RECORDED.validate_json((folder / f"{case.name}.json").read_bytes())
    return EvaluatorContext(
        name=case.name,
        inputs=case.inputs,
        metadata=None,
        expected_output=case.expected_output,
        output=run["output"],
        duration=0.0,
        _span_tree=run["spans"],
        attributes={},
        metrics={},
    )


async def run(folder: Path, kinds: list[str]) -> dict[str, Any]:
    """Judge everything, then say what it took and what came of it."""
    runs, start = folder / "pydantic_evals", time.process_time()
    dataset: Any = Dataset.from_file(runs / "cases.json")
    read, wall = time.process_time(), time.perf_counter()
    results = [await run_evaluators(case.evaluators, context(runs, case)) for case in dataset.cases]
    cpu_s, wall_s, peak = time.process_time() - read, time.perf_counter() - wall, peak_mb()
    passed = dict.fromkeys(kinds, 0)
    for found, failures in results:
        assert not failures, failures
        by_kind: dict[str, bool] = {}
        for one in found:
            kind = one.name.split()[0]
            by_kind[kind] = by_kind.get(kind, True) and one.value == 1
        for kind, well in by_kind.items():
            passed[kind] += well
    del results
    told = {"cases_s": read - start, "cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak}
    told |= {"passed": passed, "cases": len(dataset.cases)}
    return {**told, "alone_us": await alone(dataset.cases[:ALONE], runs, kinds)}


async def alone(cases: list[Case], runs: Path, kinds: list[str]) -> dict[str, float]:
    """What each kind takes with the runs in memory, one evaluator after the other."""
    from pydantic_evals.evaluators._run_evaluator import run_evaluator

    contexts = [context(runs, case) for case in cases]
    found = {}
    for kind in kinds:
        chosen = [
            [one for one in case.evaluators if one.evaluation_name.split()[0] == kind] for case in cases
        ]
        start = time.process_time()
        for seen, using in zip(contexts, chosen, strict=True):
            for one in using:
                await run_evaluator(one, seen)
        found[kind] = (time.process_time() - start) / len(cases) * 1e6
    return found


def peak_mb() -> float:
    """The most memory that this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of type parameters, which plain JSON has none of
    what, where, which = sys.argv[1], Path(sys.argv[2]), sys.argv[3].split(",")
    if what == "prepare":
        prepare(where, which)
    else:
        print(json.dumps(asyncio.run(run(where, which))))
