"""Our side, in a process of its own: results with traces beside them, judged by what is expected of them.

``python -m benchmarks._eval_ours FOLDER KIND,KIND...`` prints what it took as JSON. It is what
``agentops-eval eval decide RESULTS --against SCENARIOS`` does before it prints.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from agentops_eval.domain import Result, Spend, Suite, VerdictValue
from agentops_eval.evals import build_all
from agentops_eval.harness import load_suites
from agentops_eval.harness.evaluating import against, read_results, run_of
from agentops_eval.harness.evaluating._rows import ResultsHeader, header_line, row_line
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.otlp import OtlpScope, encode_request
from benchmarks._eval_load import SUITE, Made, written

RESULTS, TRACES = "results.jsonl", "results.jsonl.traces"
ALONE = 2_000
"""Runs on which each evaluator is measured alone, with the run in memory and the evaluator built."""


def write(cases: Iterable[Made], folder: Path, chosen: Iterable[Sequence[str]]) -> None:
    """The files that a run of the suite leaves behind, without its many waits for the disk.

    There is a file of scenarios for each choice of kinds.
    """
    (folder / TRACES).mkdir()
    digest = ""
    with ExitStack() as files:
        results = files.enter_context((folder / RESULTS).open("wb"))
        results.write(header_line(ResultsHeader(tool="benchmark", suites={SUITE: ""})))
        suites = {
            kinds: files.enter_context(_suite_file(folder, kinds).open("w")) for kinds in map(tuple, chosen)
        }
        for case in cases:
            for kinds, file in suites.items():
                file.write(json.dumps(written(case, kinds)) + "\n")
            line, digest = row_line(_row(case, folder), after=digest)
            results.write(line)


def _suite_file(folder: Path, kinds: Sequence[str]) -> Path:
    path = folder / "-".join(kinds) / f"{SUITE}.jsonl"
    path.parent.mkdir(exist_ok=True)
    return path


def _row(case: Made, folder: Path) -> Result:
    """The row of a run, whose trace is written as it is kept."""
    scope = OtlpScope(resource={}, scope="agentops_eval", schema_url=sc.SCHEMA_URL, spans=case.spans)
    text = json.dumps(encode_request(scope), ensure_ascii=False, separators=(",", ":"))
    data = text.encode() + b"\n"
    name = f"{TRACES}/{hashlib.sha256(data).hexdigest()[:32]}.otlp.json"
    (folder / name).write_bytes(data)
    return Result(
        suite=SUITE,
        case=case.id,
        output=case.output,
        spend=Spend(tool_calls=len(case.calls)),
        trace_id=case.spans[0].trace_id,
        trace_file=name,
    )


def main(folder: Path, kinds: Sequence[str]) -> None:
    """Judge everything, then say what it took and what came of it."""
    path, file = folder / RESULTS, _suite_file(folder, kinds)
    start = time.process_time()
    loaded = load_suites([file], root=file.parent)
    assert not loaded.problems, loaded.problems[0]
    read, wall = time.process_time(), time.perf_counter()
    judged, _ = against(read_results(path).rows, loaded.suites, beside=path, root=folder)
    cpu_s, wall_s, peak = time.process_time() - read, time.perf_counter() - wall, peak_mb()
    passed = {
        kind: sum(one.verdicts[number].value is VerdictValue.PASS for one in judged)
        for number, kind in enumerate(kinds)
    }
    told = {"cases_s": read - start, "cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak}
    alone = _alone(loaded.suites[0], judged[:ALONE], path, kinds)
    print(json.dumps({**told, "cases": len(judged), "passed": passed, "alone_us": alone}))


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
