"""The same work by DeepEval, in an environment of its own: nothing of this project is imported here.

``python deepeval_runs.py prepare FOLDER KIND,KIND...`` writes the cases in its own form: one file of test
cases with the tools that were called, for it reads no traces. ``run`` reads them and measures each with its
metrics that need no llm, one after the other. ``evaluate()``, which also prints and keeps a test run, costs
more. Its ToolCorrectnessMetric wants an llm when it is made, and asks none where no available tools are
given: it is handed one that raises if it is asked. It has no metric for how many calls there are.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

os.environ |= {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "DEEPEVAL_FILE_SYSTEM": "READ_ONLY",
    "DEEPEVAL_NO_INSPECT_PROMPT": "1",
    "DEEPEVAL_DISABLE_DOTENV": "1",
}

from deepeval.dataset import EvaluationDataset
from deepeval.metrics import ExactMatchMetric, PatternMatchMetric, ToolCorrectnessMetric
from deepeval.models import DeepEvalBaseLLM
from deepeval.test_case import LLMTestCase, ToolCallParams

ALONE = 2_000


class Nobody(DeepEvalBaseLLM):
    """An llm that must not be asked."""

    def load_model(self, *args: object, **kwargs: object) -> None:
        """There is none."""

    def generate(self, *args: object, **kwargs: object) -> str:
        """Never."""
        raise RuntimeError("a deterministic metric asked an llm")

    async def a_generate(self, *args: object, **kwargs: object) -> str:
        """Never."""
        raise RuntimeError("a deterministic metric asked an llm")

    def get_model_name(self) -> str:
        """What reports call it."""
        return "nobody"


def metrics(kinds: list[str]) -> dict[str, Any]:
    """Its metrics for each kind; that of patterns has one pattern, and is made for each case."""
    tools = {"model": Nobody(), "async_mode": False, "threshold": 1}
    known = {
        "equals": ExactMatchMetric(),
        "matches": None,
        "strict": ToolCorrectnessMetric(
            should_exact_match=True, evaluation_params=[ToolCallParams.INPUT_PARAMETERS], **tools
        ),
        "any_order": ToolCorrectnessMetric(**tools),
    }
    return {kind: known[kind] for kind in kinds}


def prepare(folder: Path, kinds: list[str]) -> None:
    """Write everything in its own form."""
    cases, patterns = [], []
    with (folder / "neutral.jsonl").open() as file:
        for line in file:
            case = json.loads(line)
            patterns.append(case["pattern"])
            cases.append(
                {
                    "input": case["question"],
                    "actual_output": case["output"],
                    "expected_output": case["expected_output"],
                    "tools_called": own(case["calls"]),
                    "expected_tools": own(case["expected_calls"]),
                }
            )
    (folder / "deepeval.json").write_text(json.dumps(cases))
    (folder / "deepeval.patterns.json").write_text(json.dumps(patterns))


def own(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tool calls in its own form."""
    return [{"name": call["name"], "input_parameters": call["arguments"]} for call in calls]


def run(folder: Path, kinds: list[str]) -> dict[str, Any]:
    """Judge everything, then say what it took and what came of it."""
    start, wall = time.process_time(), time.perf_counter()
    dataset = EvaluationDataset()
    dataset.add_test_cases_from_json_file(
        str(folder / "deepeval.json"),
        "input",
        "actual_output",
        "expected_output",
        tools_called_key_name="tools_called",
        expected_tools_key_name="expected_tools",
    )
    patterns = json.loads((folder / "deepeval.patterns.json").read_text()) if "matches" in kinds else None
    using = metrics(kinds)
    results = []
    for number, case in enumerate(dataset.test_cases):
        if patterns is not None:
            using["matches"] = PatternMatchMetric(patterns[number])
        results.append([measured(metric, case) for metric in using.values()])
    cpu_s, wall_s, peak = time.process_time() - start, time.perf_counter() - wall, peak_mb()
    passed = {kind: sum(bool(row[number][1]) for row in results) for number, kind in enumerate(kinds)}
    told = {
        "cases_s": 0.0,
        "cpu_s": cpu_s,
        "wall_s": wall_s,
        "peak_mb": peak,
        "passed": passed,
        "cases": len(results),
    }
    return {**told, "alone_us": alone(dataset.test_cases[:ALONE], using, patterns)}


def measured(metric: Any, case: LLMTestCase) -> tuple[float, bool, str]:
    """What a metric makes of a case; it is used again for the next one."""
    metric.measure(case, _show_indicator=False)
    return metric.score, metric.success, metric.reason


def alone(cases: list[LLMTestCase], using: dict[str, Any], patterns: list[str] | None) -> dict[str, float]:
    """What each kind takes with the cases in memory and the metrics made."""
    made = {kind: [metric] * len(cases) for kind, metric in using.items()}
    if patterns is not None:
        made["matches"] = [PatternMatchMetric(pattern) for pattern in patterns[: len(cases)]]
    found = {}
    for kind, each in made.items():
        start = time.process_time()
        for metric, case in zip(each, cases, strict=True):
            metric.measure(case, _show_indicator=False)
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
    what, where, which = sys.argv[1], Path(sys.argv[2]), sys.argv[3].split(",")
    if what == "prepare":
        prepare(where, which)
    else:
        print(json.dumps(run(where, which)))
