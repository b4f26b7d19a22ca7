"""Our side, in a process of its own: results with traces beside them, judged by what is expected of them.

``python -m benchmarks._eval_ours FOLDER KIND,KIND...`` prints what it took as JSON. It is what
``agentops-eval eval decide RESULTS --against SCENARIOS`` does between reading and printing.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from agentops_eval.domain import Result, Spend, Suite, VerdictValue
from agentops_eval.evals import build_all
from agentops_eval.harness.evaluating import against, read_results, run_of
from agentops_eval.harness.evaluating._rows import ResultsHeader, header_line, row_line
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.otlp import OtlpScope, encode_request
from benchmarks._eval_load import SUITE, Made, form, scenario

CASES, RESULTS, TRACES = "cases.jsonl", "results.jsonl", "results.jsonl.traces"
ALONE = 2_000
"""Runs on which each evaluator is measured alone, with the run in memory and the evaluator built."""


def write(cases: Iterable[Made], folder: Path) -> None:
    """The files that a run of the suite leaves behind, without its many waits for the disk."""
    (folder / TRACES).mkdir()
    digest = ""
    with (folder / CASES).open("w") as forms, (folder / RESULTS).open("wb") as results:
        results.write(header_line(ResultsHeader(tool="benchmark", suites={SUITE: ""})))
        for case in cases:
            forms.write(json.dumps(form(case)) + "\n")
            scope = OtlpScope(
                resource={}, scope="agentops_eval", schema_url=sc.SCHEMA_URL, spans=case.spans
            )
            data = json.dumps(encode_request(scope), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            name = f"{TRACES}/{hashlib.sha256(data).hexdigest()[:32]}.otlp.json"
            (folder / name).write_bytes(data)
            row = Result(
                suite=SUITE,
                case=case.id,
                output=case.output,
                spend=Spend(tool_calls=len(case.calls)),
                trace_id=case.spans[0].trace_id,
                trace_file=name,
            )
            line, digest = row_line(row, after=digest)
            results.write(line)


def main(folder: Path, kinds: Sequence[str]) -> None:
    """Judge everything, then say what it took and what came of it."""
    path, start, wall = folder / RESULTS, time.process_time(), time.perf_counter()
    suite = _suite(folder, kinds)
    judged, _ = against(read_results(path).rows, [suite], beside=path, root=folder)
    cpu_s, wall_s, peak = time.process_time() - start, time.perf_counter() - wall, peak_mb()
    passed = {
        kind: sum(one.verdicts[number].value is VerdictValue.PASS for one in judged)
        for number, kind in enumerate(kinds)
    }
    told = {"cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak, "passed": passed, "cases": len(judged)}
    print(json.dumps({**told, "alone_us": _alone(suite, judged[:ALONE], path, kinds)}))


def _suite(folder: Path, kinds: Sequence[str]) -> Suite:
    with (folder / CASES).open() as file:
        scenarios = tuple(scenario(json.loads(line), kinds) for line in file)
    return Suite(name=SUITE, scenarios=scenarios)


def _alone(suite: Suite, rows: Sequence[Result], path: Path, kinds: Sequence[str]) -> dict[str, float]:
    cases = [(run_of(row, path), one) for row, one in zip(rows, suite.scenarios, strict=False)]
    built = [build_all(one) for _, one in cases]
    return {
        kind: cpu_us(
            lambda number=number: [
                evaluators[number](run, one) for (run, one), evaluators in zip(cases, built, strict=True)
            ]
        )
        for number, kind in enumerate(kinds)
    }


def cpu_us(work: Callable[[], Sequence[object]]) -> float:
    """CPU microseconds for each thing that ``work`` gives."""
    start = time.process_time()
    done = work()
    return (time.process_time() - start) / len(done) * 1e6


def peak_mb() -> float:
    """The most memory that this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts what the parent had before exec into ru_maxrss
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].split(","))
