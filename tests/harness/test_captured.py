"""Spans that an instrumented agent emits during a run, merged with what crossed its seams."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval import Settings, recording, replaying
from agentops_eval.domain import RunMisuse
from agentops_eval.testing import Fail, LlmServer, Rule, Say
from agentops_eval.traces import semconv as sc
from tests.harness import _instrumented as agents
from tests.harness._instrumented import COLLECTING, own_provider, server, settled, tracer, tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_eval.traces.dialects import NormalTrace

TOOL_USE = ["invoke_agent desk", "  plan desk", "  chat m", "  execute_tool get_order", "  chat m"]


def both(tmp_path: Path, agent: Callable[[str], object], *first: Fail) -> tuple[NormalTrace, NormalTrace]:
    """What was captured in a recording and in its replay."""
    path = tmp_path / "a.cassette.jsonl"
    with server(*first) as llm:
        url = llm.url
        with recording(path, agent="desk", settings=COLLECTING) as run:
            agent(url)
    with replaying(path, agent="desk", settings=COLLECTING) as again:
        agent(url)
    assert run.digest == again.digest
    return run.captured, again.captured


def calls(run: NormalTrace) -> list[Any]:
    return [span for span in run.trace if span.attributes.get(sc.OPERATION_NAME) == "chat"]


def test_every_call_is_told_once(tmp_path):
    """Agent, plan, llm calls and tool make one tree; tokens are those of the wire, not of the agent."""
    agents.global_exporter()
    run, again = both(tmp_path, lambda url: agents.with_anthropic(url, tracer()))
    assert tree(run) == tree(again) == TOOL_USE
    assert settled(run) == settled(again)
    wire = [(c.attributes[sc.USAGE_INPUT_TOKENS], c.attributes[sc.USAGE_OUTPUT_TOKENS]) for c in calls(run)]
    assert (run.usage.input_tokens, run.usage.output_tokens) == tuple(map(sum, zip(*wire, strict=True)))
    assert run.usage.input_tokens < 1000
    (executed,) = [span for span in run.trace if span.name.startswith("execute_tool")]
    assert executed.attributes[sc.TOOL_CALL_ARGUMENTS] == '{"order":1042}'
    assert executed.attributes[sc.TOOL_CALL_RESULT] == '"order 1042: broken"'
    assert executed.attributes[sc.TOOL_CALL_ID] == "call_1"
    assert '"call_1"' in calls(run)[0].attributes[sc.OUTPUT_MESSAGES]
    assert any("acme.prompt" in source.span.attributes for source in run.sources.values())


def test_the_sdks_own_spans_are_told_once_too(tmp_path):
    """Without an instrumentation, the Anthropic SDK's own span and the wire are one call."""
    agents.global_exporter()
    run, again = both(tmp_path, lambda url: agents.with_anthropic(url, tracer(), instrumented=False))
    assert tree(run) == TOOL_USE
    assert {run.dialects[span.span_id] for span in calls(run)} == {"anthropic-sdk"}
    assert len({*run.duplicates} & {*run.dialects}) == 0
    assert settled(run) == settled(again)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("current", [True, False], ids=["current", "not current"])
def test_spans_that_are_not_current_find_their_call(tmp_path, current, streamed):
    """An instrumentation that only starts its span, around a stream or not, tells no second call."""
    run, again = both(
        tmp_path, lambda url: agents.with_openai(url, tracer(), current=current, streamed=streamed)
    )
    assert tree(run) == ["invoke_agent desk", "  chat m"]
    assert sc.OUTPUT_MESSAGES in calls(run)[0].attributes
    assert settled(run) == settled(again)


def test_attempts_stand_beside_the_call_that_succeeded(tmp_path):
    """A request that failed and was sent again is a call of its own, and the span is that of the last."""
    busy = Fail(status=429, retry_after_s=0.0)
    run, again = both(tmp_path, lambda url: agents.with_openai(url, tracer()), busy)
    assert tree(run) == ["invoke_agent desk", "  chat m", "  chat m"]
    failed, done = sorted(calls(run), key=lambda span: sc.ERROR_TYPE not in span.attributes)
    assert (failed.attributes[sc.ERROR_TYPE], sc.OUTPUT_MESSAGES in done.attributes) == ("429", True)
    assert sc.ERROR_TYPE not in done.attributes
    assert settled(run) == settled(again)


def test_a_handoff_holds_what_the_other_agent_emits(tmp_path):
    """Spans from the body of a hand-off hang below it."""
    run, again = both(tmp_path, lambda url: agents.with_handoff(url, tracer()))
    assert tree(run) == [
        "invoke_agent chief",
        "  invoke_agent clerk",
        "    plan clerk",
        "      invoke_agent desk",
        "        chat m",
    ]
    assert settled(run) == settled(again)


def test_without_spans_it_is_what_the_seams_saw(tmp_path):
    """An agent that is not instrumented has the trace that its golden has."""

    def agent(url: str) -> None:
        from opentelemetry.trace import NoOpTracer

        agents.with_openai(url, NoOpTracer())

    run, again = both(tmp_path, agent)
    assert tree(run) == ["invoke_agent desk", "  chat m"]
    assert settled(run) == settled(again)


def test_goldens_do_not_change(tmp_path):
    """The run's own trace is the same with and without collecting."""
    digests = []
    for settings in (COLLECTING, Settings()):
        with server() as llm, recording(tmp_path / "a.cassette.jsonl", settings=settings) as run:
            agents.with_anthropic(llm.url, tracer())
        digests.append(run.digest)
    assert digests[0] == digests[1]


def test_the_agents_own_exporter_gets_everything(tmp_path):
    """What the agent exports is complete, inside a run and outside; outside nothing is collected."""
    provider, exporter = own_provider()
    spans = provider.get_tracer("acme.agents")
    with server() as llm:
        with recording(tmp_path / "a.cassette.jsonl", settings=COLLECTING) as run:
            agents.with_openai(llm.url, spans)
        agents.with_openai(llm.url, spans)
    assert [span.name for span in exporter.get_finished_spans()] == ["chat m", "run"] * 2
    assert len(run.captured.trace) == 2


def test_collecting_is_asked_for(tmp_path):
    """Without the setting there is an error that names it."""
    with recording(tmp_path / "a.cassette.jsonl", settings=Settings()) as run:
        agents.get_order(1)
    with pytest.raises(RunMisuse) as found:
        _ = run.captured
    assert "capture=True" in found.value.remedy


def test_secrets_that_an_agent_emits_are_redacted(tmp_path):
    """What is only in an emitted span is redacted like everything else."""
    key = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 2
    with recording(tmp_path / "a.cassette.jsonl", settings=COLLECTING) as run:
        with tracer().start_as_current_span("run", attributes={"acme.token": key}):
            agents.get_order(1)
    assert key not in repr(run.captured)


def test_a_span_that_is_still_open_is_there(tmp_path):
    """Looking inside the run shows what has happened so far."""
    with recording(tmp_path / "a.cassette.jsonl", settings=COLLECTING) as run:
        with tracer().start_as_current_span("run", attributes={"gen_ai.operation.name": "invoke_agent"}):
            agents.get_order(1)
            so_far = run.captured
    assert len(so_far.trace) == len(run.captured.trace) == 2


# -- several runs at once -------------------------------------------------------------------------


def one_of_many(folder: Path, number: int, url: str, spans: Any, turn: threading.Barrier) -> NormalTrace:
    with recording(folder / f"{number}.cassette.jsonl", agent="desk", settings=COLLECTING) as run:
        for _ in range(3):
            turn.wait(timeout=30)
            with spans.start_as_current_span(f"mark {number}"):
                agents.with_openai(url, spans)
    return run.captured


def test_runs_in_threads_do_not_mix(tmp_path):
    """Two runs under one provider, call by call at once, each have their own spans and no others."""
    spans, found, turn = tracer(), dict[int, Any](), threading.Barrier(2)
    with LlmServer([Rule(then=Say("Hello."))]) as llm:

        def work(number: int) -> None:
            found[number] = one_of_many(tmp_path, number, llm.url, spans, turn)

        threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for number in (1, 2):
        names = [name.strip() for name in tree(found[number])]
        assert names.count(f"mark {number}") == 3
        assert names.count(f"mark {3 - number}") == 0
        assert names.count("chat m") == 3


def test_runs_in_tasks_do_not_mix(tmp_path):
    """The same for tasks of one loop that give way to each other between their spans."""
    spans = tracer()

    async def work(number: int) -> NormalTrace:
        with recording(tmp_path / f"{number}.cassette.jsonl", settings=COLLECTING) as run:
            for _ in range(3):
                with spans.start_as_current_span(f"mark {number}"):
                    await asyncio.sleep(0)
                    agents.get_order(number)
                    await asyncio.sleep(0)
        return run.captured

    async def main() -> list[NormalTrace]:
        return await asyncio.gather(*(asyncio.create_task(work(number)) for number in (1, 2)))

    for number, run in enumerate(asyncio.run(main()), start=1):
        names = [name.strip() for name in tree(run)]
        assert names.count(f"mark {number}") == names.count("execute_tool get_order") == 3
        assert len(names) == 7


# -- providers ------------------------------------------------------------------------------------

PROGRAM = """
import sys
from dataclasses import replace
from agentops_eval import Settings, recording, tool

def provide():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    trace.set_tracer_provider(TracerProvider())

@tool
def add(x: int) -> int:
    return x + 1

when = sys.argv[1]
if when == "made before, set in the run":
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    made, tracer = TracerProvider(), trace.get_tracer("early")
if when == "before":
    provide()
with recording("a.cassette.jsonl", settings=replace(Settings(), capture=True)) as run:
    if when == "in the run":
        provide()
    if when == "made before, set in the run":
        trace.set_tracer_provider(made)
    from opentelemetry import trace
    with trace.get_tracer("x").start_as_current_span("outer"):
        add(1)
print([span.name for span in run.captured.trace], type(trace.get_tracer_provider()).__name__)
"""


@pytest.mark.parametrize(
    ("when", "provider"),
    [
        ("before", "TracerProvider"),
        ("in the run", "TracerProvider"),
        ("made before, set in the run", "TracerProvider"),
        ("never", "ProxyTracerProvider"),
    ],
)
def test_it_does_not_matter_when_the_provider_is_set(tmp_path, when, provider):
    """In a process of its own, spans are collected however the provider came; none is set by us."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, when],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    names = ["invoke_agent agent", "outer", "execute_tool add"]
    wanted = [name for name in names if name != "outer" or when != "never"]
    assert done.stdout.strip() == f"{wanted} {provider}", done.stderr


def test_settings_say_nothing_of_it_by_default():
    """Collecting is off unless it is asked for."""
    assert not Settings().capture
    assert replace(Settings(), capture=True).match_rules == Settings().match_rules
