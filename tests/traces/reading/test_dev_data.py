"""Published eval sets, logs and trajectories, against what is counted in them independently."""

from __future__ import annotations

import json
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import TraceUnreadable
from agentops_eval.traces.dialects import NormalTrace, normalise
from agentops_eval.traces.reading import Problems, read_traces, recognised
from tests.traces.reading import _documents as d

pytestmark = pytest.mark.skipif(
    "AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder"
)

# Logs with samples; the others hold none, and one is cut off.
LOGS = [
    "log_formats.eval",
    "log_formats.json",
    "log_images.json",
    "log_images_tc.json",
    "log_length_stop_reason.txt",
    "log_message_deduplication.eval",
    "log_read_sample.eval",
    "log_read_sample.json",
    "log_streaming.eval",
    "log_tool_call_error.json",
]
EMPTY = ["log_valid.txt", "log_version_3.txt", "log_with_nan.txt"]


def folder(name: str) -> Path:
    return Path(os.environ["AGENTOPS_DEV_DATA"]) / name


def runs_of(path: Path) -> tuple[list[NormalTrace], list[str]]:
    with path.open("rb") as file:
        assert recognised(file.read(65536))
    problems = Problems()
    runs = [normalise(found) for found in read_traces([path], problems)]
    assert all(not any(run.unmapped.values()) for run in runs)
    return runs, [problem.what for problem in problems.kept]


def calls(run: NormalTrace) -> list[tuple[str, Any]]:
    return [(call["name"], call["arguments"]) for call in d.told(run)["tool_calls"]]


def test_every_eval_set_tells_its_cases_and_tool_calls() -> None:
    """Cases, turns, tools and their arguments in order, in all eleven files."""
    paths = sorted(folder("adk-evalsets").rglob("*.test.json"))
    assert len(paths) == 11
    turns = tools = 0
    for path in paths:
        document = json.loads(path.read_text(encoding="utf-8"))
        cases = (
            [document] if isinstance(document, list) else [c["conversation"] for c in document["eval_cases"]]
        )
        runs, problems = runs_of(path)
        assert problems == []
        assert len(runs) == len(cases)
        for run, case in zip(runs, cases, strict=True):
            uses = [
                [(use["tool_name"], use["tool_input"]) for use in turn["expected_tool_use"]]
                if "query" in turn
                else [(use["name"], use["args"]) for use in turn["intermediate_data"]["tool_uses"]]
                for turn in case
            ]
            assert calls(run) == [use for turn in uses for use in turn]
            answers = [
                turn.get("reference") or any(part["text"] for part in turn["final_response"]["parts"])
                for turn in case
            ]
            assert len(d.attributes(run, "chat")) == sum(map(bool, answers)) + sum(map(bool, uses))
            turns, tools = turns + len(case), tools + len(calls(run))
    assert (turns, tools) == (21, 18)


def samples_of(path: Path) -> list[Any]:
    if path.suffix != ".eval":
        return list(json.loads(path.read_text(encoding="utf-8"))["samples"])
    with zipfile.ZipFile(path) as members:
        names = [name for name in members.namelist() if name.startswith("samples/")]
        return [json.loads(members.read(name)) for name in names]


@pytest.mark.parametrize("name", LOGS)
def test_every_log_tells_its_samples_calls_and_tokens(name: str) -> None:
    """One run a sample; llm calls, tool calls and tokens as its own events or messages count them."""
    path = folder("inspect-logs") / name
    samples = samples_of(path)
    runs, problems = runs_of(path)
    assert problems == []
    assert len(runs) == len(samples)
    for run, sample in zip(runs, samples, strict=True):
        events = sample.get("events") or sample.get("transcript", {}).get("events") or []
        asked = [event for event in events if event["event"] == "model"]
        ran = [event for event in events if event["event"] == "tool"]
        if not events:
            ran = [message for message in sample["messages"] if message["role"] == "tool"]
        told = d.told(run)
        assert told["llm_calls"] == len(asked)
        assert [call["name"] for call in told["tool_calls"]] == [event["function"] for event in ran]
        for key in ("input_tokens", "output_tokens"):
            counts = [usage[key] for event in asked if (usage := event["output"].get("usage"))]
            assert told["usage"][key] == (sum(counts) if counts else None)
        failed = [event["error"]["type"] for event in ran if event.get("error")]
        assert [error["type"] for error in told["errors"]] == failed


def test_messages_of_a_pool_and_of_attachments_are_whole() -> None:
    """Each call of a log with a pool holds all before it; quoted texts stand where they belong."""
    (run,), _ = runs_of(folder("inspect-logs") / "log_message_deduplication.eval")
    histories = [json.loads(call["input.messages"]) for call in d.attributes(run, "chat")]
    assert [len(history) for history in histories] == [1, 3, 5, 7, 9, 11]
    definitions = json.loads(d.attributes(run, "chat")[0]["tool.definitions"])
    assert definitions[1]["description"].startswith("Use the python function")
    for name in ("log_formats.json", "log_images.json", "log_read_sample.eval"):
        (run,), _ = runs_of(folder("inspect-logs") / name)
        assert not any(mark in str(run.trace) for mark in ("attachment://", "tc://"))


@pytest.mark.parametrize("name", EMPTY)
def test_logs_without_samples_say_so(name: str) -> None:
    """A log that holds no samples, one of them with a bare NaN, is no error: it says what it lacks."""
    runs, problems = runs_of(folder("inspect-logs") / name)
    assert runs == []
    assert problems == ["the log holds no samples, so there is nothing to read (its status is success)"]


def test_a_log_that_was_cut_off_is_an_error() -> None:
    """A file in which nothing is whole is an error with its name."""
    with pytest.raises(TraceUnreadable, match=r"log_invalid\.txt"):
        list(read_traces([folder("inspect-logs") / "log_invalid.txt"], Problems()))


def test_every_trajectory_calls_its_tools_in_order(tmp_path: Path) -> None:
    """Tools, arguments and results of a hundred runs, as their messages tell them."""
    with tarfile.open(folder("tau-bench") / "runs.tar.xz") as packed:
        data = next(packed.extractfile(m).read() for m in packed if m.isfile())  # type: ignore[union-attr]
    path = tmp_path / "runs.jsonl"
    path.write_bytes(data)
    trajectories = [json.loads(line) for line in data.splitlines()]
    runs, problems = runs_of(path)
    assert (len(runs), problems) == (100, [])
    tools = 0
    for run, one in zip(runs, trajectories, strict=True):
        asked = [call["function"] for said in one["traj"] for call in said.get("tool_calls") or ()]
        assert calls(run) == [(call["name"], json.loads(call["arguments"])) for call in asked]
        answers = [said for said in one["traj"] if said["role"] == "assistant"]
        assert d.told(run)["llm_calls"] == len(answers)
        assert d.attributes(run, "invoke_agent")[0]["conversation.id"] == f"{one['task_id']}/{one['trial']}"
        tools += len(asked)
    assert tools == 621
