"""Importing an export of production traces: spans per second, and what it takes of memory."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agentops_eval.traces.reading import Problems, read_traces
from benchmarks._rows import Row, at_most

IDS = ("trace.import", "trace.import_memory")
TURNS = 4
PER_RUN = 2 * TURNS + 1  # an agent, and a chat with a tool call in every turn
SMALL, HALF, LARGE = 4_500, 22_500, 45_000
WORDS = "order parcel refund late broken size address invoice voucher courier return label stock".split()

# What a measured process does: import, then say its CPU seconds and its peak memory.
IMPORT = """
import json, resource, sys, time
from pathlib import Path
from agentops_eval.harness import ImportFilter, ImportKind, Settings, import_runs, read_runs
from agentops_eval.traces.reading import Problems
start = time.process_time()
found = import_runs(read_runs([Path(sys.argv[1])], Problems()), Settings(), kind=ImportKind.GOLDEN,
                    out=Path(sys.argv[2]), wanted=ImportFilter())
status = Path("/proc/self/status")
if status.exists():  # Linux counts what the parent had before exec into ru_maxrss
    line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
    peak = int(line.split()[1]) / 2**10
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps([time.process_time() - start, peak, len(found.runs), found.sieve.read]))
"""


def rows() -> Iterator[Row]:
    """Measure a whole import against reading the same file as plain JSON, and its memory at two sizes."""
    with tempfile.TemporaryDirectory() as folder:
        small, half, large = (
            write_export(Path(folder, f"{n}.jsonl"), n, random.Random(7)) for n in (SMALL, HALF, LARGE)
        )
        few, many = _imported(half), _imported(large)
        peer_s, alone_s = _cpu_s(_parsed_by_protobuf, small), _cpu_s(_read, small)
        megabytes = large.stat().st_size / 2**20
    ours_us, peer_us = many.cpu_s / LARGE * 1e6, peer_s / SMALL * 1e6
    goal, met = at_most(12, ours_us / peer_us)
    yield Row(
        id="trace.import",
        what=(
            f"spans imported per CPU second: {megabytes:.0f} MB read and normalised, repetitions found, "
            f"{many.kept} of {many.read} runs written as goldens"
        ),
        n=LARGE,
        settings=(
            f"one process, one run, {ours_us:.0f} us a span; other: only reading the same JSON, by "
            f"protobuf's json_format ({peer_us:.0f} us; ours {alone_s / SMALL * 1e6:.0f} us); of CPU time"
        ),
        ours=1e6 / ours_us,
        other=1e6 / peer_us,
        ratio=ours_us / peer_us,
        goal=goal,
        met=met,
    )
    goal, met = at_most(1.25, many.peak_mb / few.peak_mb)
    yield Row(
        id="trace.import_memory",
        what=f"peak MB of a process that imports {LARGE} spans ({megabytes:.0f} MB), against {HALF}",
        n=LARGE,
        settings="resident set, interpreter and libraries included; what waits is written out at 32 MB",
        ours=many.peak_mb,
        other=few.peak_mb,
        ratio=many.peak_mb / few.peak_mb,
        goal=goal,
        met=met,
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    cpu_s: float
    peak_mb: float
    kept: int
    read: int


def _imported(export: Path) -> _Measured:
    command = [sys.executable, "-c", IMPORT, str(export), str(export.with_suffix(""))]
    return _Measured(*json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def _cpu_s(work: Callable[[Path], object], export: Path) -> float:
    start = time.process_time()
    work(export)
    return time.process_time() - start


def _read(export: Path) -> None:
    problems = Problems()
    for _ in read_traces([export], problems):
        pass
    assert problems.count == 0


def _parsed_by_protobuf(export: Path) -> None:
    with export.open() as file:
        for line in file:
            json_format.ParseDict(json.loads(line), ExportTraceServiceRequest())


def write_export(path: Path, spans: int, rng: random.Random) -> Path:
    """Runs of a support agent with histories that grow, one request a run."""
    with path.open("w") as file:
        for number in range(spans // PER_RUN):
            named = {"name": "opentelemetry.instrumentation.genai"}
            scope = {"scope": named, "spans": list(_run(number, rng))}
            file.write(json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": [scope]}]}) + "\n")
    return path


def _run(number: int, rng: random.Random) -> Iterator[dict[str, object]]:
    question = " ".join(rng.choices(WORDS, k=30))
    history: list[object] = [_message("user", {"type": "text", "content": question})]
    tools = rng.choices(["get_order", "find_customer", "issue_refund"], k=TURNS)
    at = rng.randrange(10**9)
    yield _span(number, 0, at, {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "desk"})
    for turn, tool in enumerate(tools):
        given = {"order": number, "turn": turn}
        call = {"type": "tool_call", "id": f"c{turn}", "name": tool, "arguments": given}
        asked, answer = history[:], _message("assistant", call)
        result = " ".join(rng.choices(WORDS, k=40))
        told = {"type": "tool_call_response", "id": f"c{turn}", "response": result}
        history += [answer, _message("tool", told)]
        chat = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "demo-1",
            "gen_ai.response.finish_reasons": ["tool_call"],
            "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Help customers. " * 40}]),
            "gen_ai.input.messages": json.dumps(asked),
            "gen_ai.output.messages": json.dumps([answer]),
            "gen_ai.usage.input_tokens": 200 + turn,
            "gen_ai.usage.output_tokens": 20,
        }
        yield _span(number, 2 * turn + 1, at, chat)
        done = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": tool,
            "gen_ai.tool.call.id": f"c{turn}",
            "gen_ai.tool.call.arguments": json.dumps(given),
            "gen_ai.tool.call.result": result,
        }
        yield _span(number, 2 * turn + 2, at, done)


def _message(role: str, part: object) -> dict[str, object]:
    return {"role": role, "parts": [part]}


def _span(run: int, number: int, at: int, attributes: dict[str, object]) -> dict[str, object]:
    start = 1_790_000_000_000_000_000 + at * 1000 + number * 10**9
    return {
        "traceId": f"{run + 1:032x}",
        "spanId": f"{run * 100 + number + 1:016x}",
        "parentSpanId": f"{run * 100 + 1:016x}" if number else "",
        "name": attributes["gen_ai.operation.name"],
        "kind": 1,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 9 * 10**8 if number else start + 10**10),
        "attributes": [{"key": key, "value": _value(value)} for key, value in attributes.items()],
    }


def _value(value: object) -> dict[str, object]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": value}
