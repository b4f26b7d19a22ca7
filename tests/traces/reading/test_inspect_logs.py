"""Logs of inspect_ai: each sample of each epoch is a run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import TraceUnreadable
from agentops_eval.traces import semconv as sc
from tests.traces.reading import _documents as d

TEXT = "data:image/png;base64,AAAA"


def one(path: Path, data: Any) -> tuple[Any, list[str]]:
    runs, problems = d.read(path, data)
    assert len(runs) == 1
    return runs[0], problems


FORMS: dict[str, bytes] = {
    "json": json.dumps(d.log(d.sample())).encode(),
    "pretty": json.dumps(d.log(d.sample()), indent=2).encode(),
    "gzip": gzip.compress(json.dumps(d.log(d.sample())).encode(), mtime=0),
    "eval": d.archive(d.sample()),
    "eval without compression": d.archive(d.sample(), packed=0),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same_run(tmp_path: Path, form: str) -> None:
    """A log as JSON and as an archive tells one run, under one id, whatever the file's name."""
    run, problems = one(tmp_path / "log", FORMS[form])
    expected, _ = one(tmp_path / "other", FORMS["json"])
    assert problems == []
    assert run.trace == expected.trace
    assert [span.name for span in run.trace] == [
        "invoke_agent refunds",
        "chat big",
        "execute_tool refund",
        "chat big",
    ]


def test_what_an_event_tells_is_kept(tmp_path: Path) -> None:
    """Provider, llms, settings, tools, reasons, tokens and times of a call; what a tool got and gave."""
    run, _ = one(tmp_path / "log", d.log(d.sample()))
    first, last = d.attributes(run, "chat")
    assert (first["provider.name"], first["request.model"], first["response.model"]) == (
        "openai",
        "big",
        "big-1",
    )
    assert (first["request.temperature"], first["request.max_tokens"]) == (0.5, 64)
    assert json.loads(first["tool.definitions"])[0]["description"] == "Gives back."
    assert (first["response.finish_reasons"], last["response.finish_reasons"]) == (("tool_call",), ("stop",))
    assert first["usage.input_tokens"] == 57  # the total shows that 17 cached ones stand beside the 40
    assert first["usage.cache_read.input_tokens"] == 17
    assert d.told(run)["usage"]["input_tokens"] == 160
    assert d.told(run)["usage"]["output_tokens"] == 45
    (call,) = d.attributes(run, "execute_tool")
    assert (call["tool.call.id"], json.loads(call["tool.call.arguments"])) == ("c1", d.ARGUMENTS)
    assert json.loads(call["tool.call.result"]) == d.RESULT
    took = [(span.end_ns - span.start_ns) / 1e9 for span in run.trace]
    assert took == [2.5, 0.5, 0.25, 0.5]
    assert not sc.is_logical(run.trace.spans[0].start_ns)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_tokens_cache_read": 4},
            (10, 5, 4, None),
        ),
        (
            {"input_tokens": 10, "output_tokens": 5, "total_tokens": 19, "input_tokens_cache_write": 4},
            (14, 5, None, None),
        ),
        (
            {"input_tokens": 10, "output_tokens": 5, "total_tokens": 18, "reasoning_tokens": 3},
            (10, 8, None, 3),
        ),
        (
            {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "reasoning_tokens": 3},
            (10, 5, None, 3),
        ),
        (
            {
                "input_tokens": 10,
                "output_tokens": 5,
                "total_tokens": 22,
                "reasoning_tokens": 3,
                "input_tokens_cache_read": 4,
            },
            (14, 8, 4, 3),
        ),
        ({"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}, (None, None, None, None)),
        ({}, (None, None, None, None)),
    ],
    ids=[
        "in it",
        "cache beside",
        "thought beside",
        "thought in it",
        "both beside",
        "nobody counted",
        "empty",
    ],
)
def test_tokens_are_counted_as_the_conventions_do(tmp_path: Path, told: Any, expected: Any) -> None:
    """Cached and reasoning tokens are part of input and output, whether the log counts them so or not."""
    event = d.model(d.SAID[:2], d.output(d.SAID[4], usage=told), 1)
    run, _ = one(tmp_path / "log", d.log(d.sample(events=[event])))
    usage = d.told(run)["usage"]
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens")
    assert tuple(usage[name] for name in names) == expected


def test_answers_from_a_cache_used_no_tokens(tmp_path: Path) -> None:
    """What an answer used when it was first given was not used again."""
    event = d.model(d.SAID[:2], d.output(d.SAID[4], usage=d.USED), 1, cache="read")
    run, _ = one(tmp_path / "log", d.log(d.sample(events=[event])))
    assert d.told(run)["usage"]["input_tokens"] is None


def test_older_logs_tell_when_a_call_ended(tmp_path: Path) -> None:
    """Without ``completed`` a timestamp is the end; where the time taken is not told, it is unknown."""
    events = [
        {**d.model(d.SAID[:2], d.output(d.SAID[4], time=0.25), 1), "completed": None},
        {**d.model(d.SAID[:2], d.output(d.SAID[4]), 2), "completed": None},
    ]
    run, _ = one(tmp_path / "log", d.log(d.sample(events=events)))
    _, known, unknown = run.trace.spans
    assert known.end_ns - known.start_ns == 250_000_000
    assert unknown.end_ns == 0


def test_transcripts_and_their_quotes_are_read(tmp_path: Path) -> None:
    """Logs of 2024 keep events in a transcript and quote long texts from its content."""
    said = [{"role": "user", "content": "tc://abc"}]
    transcript = {"events": [d.model(said, d.output(d.SAID[4]), 1)], "content": {"abc": d.QUESTION}}
    run, problems = one(tmp_path / "log", d.log(d.sample(events=None, transcript=transcript)))
    assert d.QUESTION in d.attributes(run, "chat")[0]["input.messages"]
    assert problems == []


def test_attachments_stand_where_they_are_quoted(tmp_path: Path) -> None:
    """Texts, images, arguments and descriptions are taken from attachments; a missing one is said once."""
    quote = "attachment://abc"
    said = [
        {"role": "system", "content": quote},
        {
            "role": "user",
            "content": [{"type": "image", "image": "attachment://img"}, {"type": "text", "text": quote}],
        },
        {"role": "user", "content": "attachment://gone"},
        {"role": "user", "content": "attachment://gone"},
    ]
    asked = {"role": "assistant", "content": "", "tool_calls": [{**d.CALL, "arguments": {"note": quote}}]}
    events = [
        d.model(said, d.output(asked), 1, tools=[{"name": "refund", "description": quote}]),
        d.tool(2, arguments={"note": quote}, result=quote),
    ]
    attachments = {"abc": "a long text", "img": TEXT}
    run, problems = one(tmp_path / "log", d.log(d.sample(events=events, attachments=attachments)))
    (call,) = d.attributes(run, "chat")
    (ran,) = d.attributes(run, "execute_tool")
    assert "a long text" in call["system_instructions"]
    assert '"content":"AAAA"' in call["input.messages"]
    assert json.loads(call["output.messages"])[0]["parts"][0]["arguments"] == {"note": "a long text"}
    assert json.loads(call["tool.definitions"])[0]["description"] == "a long text"
    assert json.loads(ran["tool.call.arguments"]) == {"note": "a long text"}
    assert json.loads(ran["tool.call.result"]) == "a long text"
    assert problems == ["samples[0]: the attachment gone is not there: what it held is unknown"]


@pytest.mark.parametrize("newer", [False, True], ids=["message_pool", "events_data"])
def test_pooled_messages_are_put_back(tmp_path: Path, newer: bool) -> None:
    """Events that quote places in a pool are read as if the messages stood in them."""
    events = [
        d.model([], d.output(d.SAID[2]), 1, input_refs=[[0, 2]]),
        d.tool(2),
        d.model([], d.output(d.SAID[4]), 3, input_refs=[[0, 1], [1, 4]]),
    ]
    pool = {"events_data": {"messages": d.SAID[:4], "calls": []}} if newer else {"message_pool": d.SAID[:4]}
    run, problems = one(tmp_path / "log", d.log(d.sample(events=events, **pool)))
    whole, _ = one(tmp_path / "whole", d.log(d.sample()))
    assert problems == []
    told, expected = (
        [call["input.messages"] for call in d.attributes(found, "chat")] for found in (run, whole)
    )
    assert told == expected


def test_places_beyond_the_pool_are_said(tmp_path: Path) -> None:
    """A pool that is too short for what is quoted from it is named."""
    events = [d.model([], d.output(d.SAID[2]), 1, input_refs=[[0, 2], ["x", None], [3]])]
    _, problems = one(tmp_path / "log", d.log(d.sample(events=events, message_pool=d.SAID[:1])))
    assert problems == ["samples[0]: input_refs: the pool holds 1 messages, and not 2"]


def test_failures_keep_their_types(tmp_path: Path) -> None:
    """Errors of tools, llm calls and samples, and limits, are errors with a type and a message."""
    failed = {"type": "timeout", "message": "took too long"}
    events = [
        d.model(d.SAID[:2], {"model": "", "choices": []}, 1, error="RateLimitError('slow down')"),
        d.tool(2, error=failed, result=""),
        d.tool(3, pending=True, completed=None, id="c2"),
    ]
    more = {"error": {"message": "RuntimeError('no disk')", "traceback": ""}}
    run, _ = one(tmp_path / "log", d.log(d.sample(events=events, **more)))
    found = [(error["name"], error["type"], error["message"]) for error in d.told(run)["errors"]]
    assert found == [
        ("invoke_agent refunds", "RuntimeError", "RuntimeError('no disk')"),
        ("chat big", "RateLimitError", "RateLimitError('slow down')"),
        ("execute_tool refund", "timeout", "took too long"),
        ("execute_tool refund", "cancelled", "the run ended before the tool did"),
    ]
    limited, _ = one(tmp_path / "log", d.log(d.sample(limit={"type": "token", "limit": 500.0})))
    assert d.told(limited)["errors"][0]["type"] == "token_limit"
    stopped, _ = one(tmp_path / "log", d.log(d.sample(), status="cancelled"))
    assert d.told(stopped)["errors"][0]["type"] == "cancelled"


def test_several_choices_are_several_answers(tmp_path: Path) -> None:
    """All choices of a call are kept with their reasons."""
    both = [{"message": d.SAID[4], "stop_reason": stop} for stop in ("stop", "max_tokens")]
    event = d.model(d.SAID[:2], {"model": "big-1", "choices": both}, 1, config={"num_choices": 2})
    run, _ = one(tmp_path / "log", d.log(d.sample(events=[event])))
    (call,) = d.attributes(run, "chat")
    assert len(json.loads(call["output.messages"])) == 2
    assert call["response.finish_reasons"] == ("stop", "length")
    assert call["request.choice.count"] == 2


def test_agents_in_tools_hang_below_them(tmp_path: Path) -> None:
    """What an agent asks an llm inside a tool stands below the tool; judges and preparation are left out."""

    def begin(name: str, kind: str, parent: str | None, second: float, title: str = "") -> Any:
        ids = {"event": "span_begin", "id": name, "span_id": name, "parent_id": parent}
        return {**ids, "type": kind, "name": title or name, "timestamp": d.at(second)}

    call = d.model(d.SAID[:2], d.output(d.SAID[4]), 1)
    events = [
        begin("init", "init", None, 0),
        {**call, "span_id": "init"},
        begin("solvers", "solvers", None, 1),
        {**call, "span_id": "solvers"},
        begin("t", "tool", "solvers", 2, "refund"),
        {**d.tool(2), "span_id": "solvers"},
        begin("a", "agent", "t", 2, "helper"),
        {**call, "span_id": "a", "timestamp": d.at(2.1)},
        {"event": "span_end", "id": "a", "span_id": "a", "timestamp": d.at(2.2)},
        begin("scorers", "scorers", None, 4),
        begin("match", "scorer", "scorers", 4),
        {**call, "span_id": "match"},
    ]
    run, _ = one(tmp_path / "log", d.log(d.sample(events=events)))
    names = {span.span_id: span.name for span in run.trace}
    assert [(span.name, names.get(span.parent_id, "")) for span in run.trace] == [
        ("invoke_agent refunds", ""),
        ("chat big", "invoke_agent refunds"),
        ("execute_tool refund", "invoke_agent refunds"),
        ("invoke_agent helper", "execute_tool refund"),
        ("chat big", "invoke_agent helper"),
    ]
    helper = run.trace.spans[3]
    assert helper.end_ns - helper.start_ns == 200_000_000


def test_steps_of_old_logs_leave_the_judge_out(tmp_path: Path) -> None:
    """Events between the brackets of a scorer are no work of the agent's."""
    call = d.model(d.SAID[:2], d.output(d.SAID[4]), 1)
    events = [
        {"event": "step", "action": "begin", "type": "solver", "name": "generate"},
        call,
        {"event": "step", "action": "end", "type": "solver", "name": "generate"},
        {"event": "step", "action": "begin", "type": "scorer", "name": "judge"},
        {"event": "subtask", "events": [call]},
        call,
        {"event": "step", "action": "end", "type": "scorer", "name": "judge"},
        {"event": "subtask", "events": [call]},
    ]
    run, _ = one(tmp_path / "log", d.log(d.sample(events=events)))
    assert len(d.attributes(run, "chat")) == 2


def test_a_person_approves_and_a_policy_does_not(tmp_path: Path) -> None:
    """A human's decision is a question to a person; what a policy decided is none."""
    asked = {"event": "approval", "timestamp": d.at(1.6), "call": d.CALL, "message": "", "decision": "reject"}
    events = [
        d.model(d.SAID[:2], d.output(d.SAID[2]), 1),
        {**asked, "approver": "human", "explanation": "too much"},
        {**asked, "approver": "auto"},
    ]
    run, _ = one(tmp_path / "log", d.log(d.sample(events=events)))
    (question,) = (span for span in run.trace if span.name == sc.HITL_CHECKPOINT)
    assert question.attributes[sc.AGENTOPS_HITL_STATUS] == "rejected"
    assert question.attributes[sc.AGENTOPS_HITL_ACTION] == "refund"
    assert question.attributes[sc.AGENTOPS_HITL_REASON] == "too much"


def test_a_log_without_events_tells_its_messages(tmp_path: Path) -> None:
    """Messages are a run by a logical clock; the tokens of one call of several are not the run's."""
    run, _ = one(tmp_path / "log", d.log(d.sample(events=[], output=d.output(d.SAID[4], usage=d.USED))))
    assert len(d.attributes(run, "chat")) == 2
    assert d.attributes(run, "chat")[-1]["response.model"] == "big-1"
    assert d.told(run)["usage"]["input_tokens"] is None
    assert sc.is_logical(run.trace.spans[0].start_ns)
    alone = d.sample(events=[], messages=d.SAID[:2] + d.SAID[4:], output=d.output(d.SAID[4], usage=d.USED))
    run, _ = one(tmp_path / "log", d.log(alone))
    assert d.told(run)["usage"]["input_tokens"] == 57


def test_numbers_that_are_none_are_let_through(tmp_path: Path) -> None:
    """A bare NaN, as in the scores of old logs, keeps nothing from being read."""
    data = json.dumps(d.log(d.sample(), results={"value": float("nan")})).encode()
    assert b"NaN" in data
    run, problems = one(tmp_path / "log", data)
    assert problems == []
    assert len(run.trace) == 4


def test_a_log_that_breaks_off_tells_what_is_whole(tmp_path: Path) -> None:
    """Samples before the break are read, and the break is told; with none before it, that is an error."""
    data = json.dumps(d.log(d.sample(), d.sample(id="refund-2")), indent=1).encode()
    run, problems = one(tmp_path / "log", data[: data.index(b'"refund-2"')])
    assert len(run.trace) == 4
    assert problems[0].startswith("the document breaks off or is no JSON")
    for cut in (b'"refund-1"', b'"samples"'):
        with pytest.raises(TraceUnreadable, match="breaks off"):
            d.read(tmp_path / "log", data[: data.index(cut)])


def test_a_log_without_samples_says_why(tmp_path: Path) -> None:
    """A log that holds none is no error of ours: its status and error are told."""
    runs, problems = d.read(tmp_path / "log", d.log(status="error", error={"message": "no such task"}))
    assert runs == []
    assert problems == [
        "the log holds no samples, so there is nothing to read (its status is error: no such task)"
    ]
    for empty in ({"id": 1, "epoch": 1}, 7):
        _, problems = d.read(tmp_path / "log", d.log(empty))
        assert problems == ["samples[0]: passed over: no messages and no events"]


def test_epochs_are_runs_of_their_own(tmp_path: Path) -> None:
    """The same sample in two epochs is two conversations."""
    runs, _ = d.read(tmp_path / "log", d.archive(d.sample(), d.sample(epoch=2)))
    assert [d.attributes(run, "invoke_agent")[0]["conversation.id"] for run in runs] == [
        "refund-1/1",
        "refund-1/2",
    ]
