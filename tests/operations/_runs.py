"""Made-up production: runs of an agent over days, written as OTLP JSON lines, one run a line."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from agentops_eval.domain import Span, StatusCode, Trace
from agentops_eval.traces.otlp import OtlpScope, encode_request

NOW_S = 1_752_408_000  # 2025-07-13T12:00:00Z
AT = ("--at", "2025-07-13T12:00:00Z")
DAY_S = 86_400


class _Spans:
    """Builds the spans of one run; times are seconds from its beginning."""

    def __init__(self, number: int, at_s: float) -> None:
        self.spans: list[Span] = []
        self._trace_id = f"{(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}"
        self._start = round(at_s * 1e9)

    def add(
        self, name: str, begins: float, ends: float, error: str = "", *, root: bool = False, **told: Any
    ) -> None:
        given = {key.replace("__", "."): value for key, value in told.items() if value is not None}
        self.spans.append(
            Span(
                name=name,
                trace_id=self._trace_id,
                span_id=f"{len(self.spans) + 1:016x}",
                parent_id="" if root else f"{1:016x}",
                start_ns=self._start + round(begins * 1e9),
                end_ns=self._start + round(ends * 1e9),
                attributes={**given, **({"error.type": error} if error else {})},
                status=StatusCode.ERROR if error else StatusCode.UNSET,
            )
        )


def made(
    number: int,
    *,
    at_s: float = NOW_S - 3_600,
    agent: str = "desk",
    right: bool = True,
    took_s: float = 2.0,
    cost_usd: float | None = 0.01,
    confidence: float | None = None,
    tool: str = "issue_refund",
    effect: str | None = "write",
    error: str = "",
    wait_s: float | None = None,
    status: str = "approved",
    team: str = "red",
) -> Trace:
    """One run: an llm call, perhaps a question to a person, and one tool call with an effect."""
    run = _Spans(number, at_s)
    run.add(
        f"invoke_agent {agent}", 0, took_s, "" if right else "ValueError", root=True,
        gen_ai__operation__name="invoke_agent", gen_ai__agent__name=agent,
        agentops__confidence=confidence, agentops__team=team,
    )  # fmt: skip
    run.add(
        "chat acme-1", 0, took_s / 4,
        gen_ai__operation__name="chat", gen_ai__request__model="acme-1", agentops__cost__amount=cost_usd,
    )  # fmt: skip
    if wait_s is not None:
        run.add(
            "agentops.hitl_checkpoint", took_s / 4, took_s / 2,
            agentops__hitl__action=tool, agentops__hitl__status=status, agentops__hitl__wait_ms=wait_s * 1e3,
        )  # fmt: skip
    run.add(
        f"execute_tool {tool}", took_s / 2, took_s, error,
        gen_ai__operation__name="execute_tool", gen_ai__tool__name=tool, agentops__tool__effect=effect,
    )  # fmt: skip
    return Trace(spans=tuple(run.spans))


def write(path: Path, runs: Iterable[Trace]) -> Path:
    """An export of runs, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for trace in runs:
            scope = OtlpScope(resource={}, scope="made", schema_url="", spans=trace.spans)
            file.write(json.dumps(encode_request(scope)) + "\n")
    return path


def days(
    count: int, *, a_day: int = 10, bad: float = 0.02, seed: int = 7, until_s: float = NOW_S, **more: Any
) -> Iterator[Trace]:
    """Runs of so many days that end at ``until_s``, evenly spread; so many of them go wrong."""
    draw, every_s = random.Random(seed), DAY_S / a_day
    for number in range(count * a_day):
        at_s = until_s - (count * a_day - number - 0.5) * every_s
        right = draw.random() >= bad
        yield made(seed * 10**6 + number, at_s=at_s, right=right, **{"took_s": 1 + draw.random(), **more})
