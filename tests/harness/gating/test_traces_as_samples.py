"""Traces become samples: a run is one, by what its trace tells."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from agentops_eval.domain import Arm, ErrorSource
from agentops_eval.gate import Columns, read_gate
from agentops_eval.harness.gating import Form, Source, decide_files
from tests.harness.gating._kit import read, refused, written

GOLDENS = Path(__file__).resolve().parents[3] / "golden_traces/tests/demo/test_goldens"
START_S = 1_777_636_800


def attribute(key: str, value: object) -> dict[str, object]:
    kind = {bool: "boolValue", int: "intValue", float: "doubleValue"}.get(type(value), "stringValue")
    return {"key": key, "value": {kind: str(value) if kind == "intValue" else value}}


def span(run: int, number: int, start_s: float, took_s: float, error: str = "", **told: object) -> dict:
    """A span; ``told`` are its attributes, with two underscores for a dot."""
    attributes = [attribute(name.replace("__", "."), value) for name, value in told.items()]
    return {
        "traceId": f"{run:032x}",
        "spanId": f"{run:08x}{number:08x}",
        "parentSpanId": "" if number == 1 else f"{run:08x}{1:08x}",
        "name": f"step {number}",
        "startTimeUnixNano": str(int((START_S + start_s) * 1e9)),
        "endTimeUnixNano": str(int((START_S + start_s + took_s) * 1e9)),
        "attributes": [*attributes, *([attribute("error.type", error)] if error else [])],
        "status": {"code": 2} if error else {},
    }


def request(*spans: dict) -> str:
    scope = {"scope": {"name": "shop"}, "spans": list(spans)}
    return json.dumps({"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [scope]}]}) + "\n"


def run_of(run: int, *, session: str = "", error: str = "", at_s: float = 0, **told: object) -> str:
    """A run of two seconds with one llm call."""
    if session:
        told["gen_ai__conversation__id"] = session
    root = span(run, 1, at_s, 2, error, gen_ai__operation__name="invoke_agent", **told)
    llm = span(run, 2, at_s, 1, error, gen_ai__operation__name="chat", gen_ai__request__model="m",
               gen_ai__usage__input_tokens=100, gen_ai__usage__output_tokens=20,
               agentops__cost__amount=0.25)  # fmt: skip
    return request(root, llm)


def test_each_run_is_a_sample_of_its_conversation(tmp_path: Path):
    """Success, time, money, tokens and calls are those of the service levels; the id leads to the trace."""
    text = (
        run_of(1, session="s1", at_s=5)
        + run_of(2, session="s1", error="ValueError", at_s=6)
        + run_of(3, at_s=7)
    )
    path = written(tmp_path, text, "prod.jsonl")
    found = read(
        path, "passed", "cost_usd", "latency_s", "tokens", "input_tokens", "llm_calls", stage="canary"
    )
    assert (found.form, found.rows, found.doubts) == (Form.TRACES, 3, ())
    assert [(one.case, one.trial, one.passed) for one in found.samples] == [
        ("s1", 1, True),
        ("s1", 2, False),
        (f"{3:032x}", 1, True),
    ]
    first = found.samples[0]
    assert first.metrics == {
        "cost_usd": 0.25,
        "latency_s": 2.0,
        "tokens": 120.0,
        "input_tokens": 100.0,
        "llm_calls": 1.0,
    }
    assert (first.at_s, first.arm, first.stage) == (START_S + 5, Arm.CANDIDATE, "canary")
    assert first.trace == f"{path}:1#{1:032x}"
    assert {"cost_usd", "passed", "gen_ai.conversation.id"} <= set(found.columns)


def test_a_run_that_reached_nobody_is_no_failure_of_the_agent(tmp_path: Path):
    """It is an error of the infrastructure, which is in no rate."""
    (sample,) = read(written(tmp_path, run_of(1, error="ConnectionError"))).samples
    assert (sample.passed, sample.error) == (None, ErrorSource.INFRASTRUCTURE)


def test_columns_name_attributes_of_the_run(tmp_path: Path):
    """Any attribute may be the case, the outcome or a metric; one that is nowhere is an error."""
    path = written(tmp_path, run_of(1, shop__case="c7", shop__solved=False, shop__rating=4.5))
    columns = Columns(case="shop.case", passed="shop.solved", metrics={"rating": "shop.rating"})
    (sample,) = read(path, "passed", "rating", columns=columns).samples
    assert (sample.case, sample.passed, sample.metrics) == ("c7", False, {"rating": 4.5})
    error = refused(path, "rating", columns=Columns(metrics={"rating": "shop.ratings"}))
    assert "did you mean 'shop.rating'?" in str(error)


def test_attributes_that_are_called_as_columns_are_none(tmp_path: Path):
    """A span's ``stage`` is whatever its sender means by it, and its ``trial`` may be a word."""
    told = {"stage": "checkout", "trial": "free", "arm": "left", "case": "upper", "at": "home"}
    (sample,) = read(written(tmp_path, run_of(1, session="s", **told))).samples
    assert (sample.case, sample.stage, sample.trial, sample.at_s) == ("s", "", 1, START_S)


def test_scores_of_evaluations_are_metrics(tmp_path: Path):
    """By their names; of several of one name the mean."""
    document = json.loads(run_of(1))
    root = document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    root["events"] = [
        {
            "name": "gen_ai.evaluation.result",
            "timeUnixNano": root["endTimeUnixNano"],
            "attributes": [
                attribute("gen_ai.evaluation.name", "tone"),
                attribute("gen_ai.evaluation.score.value", score),
            ],
        }
        for score in (0.5, 1.0)
    ]
    (sample,) = read(written(tmp_path, json.dumps(document)), "tone").samples
    assert sample.metrics == {"tone": 0.75}


def test_answers_are_compared_by_what_the_run_said(tmp_path: Path):
    """Equal messages have one digest; a run that tells none has none."""
    said = [
        json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": text}]}]) for text in "aab"
    ]
    text = "".join(run_of(at, gen_ai__output__messages=one) for at, one in enumerate(said, start=1))
    answers = [one.answer for one in read(written(tmp_path, text + run_of(9))).samples]
    assert answers[0] == answers[1] != answers[2]
    assert answers[3] == ""


def test_a_folder_is_read_as_one_set_of_traces(tmp_path: Path):
    """A trace may be spread over its files; their names and bytes make its digest, other files none."""
    folder = tmp_path / "traces"
    (folder / "b").mkdir(parents=True)
    written(folder, run_of(1), "a.json")
    written(folder / "b", run_of(2), "x.otlp.json")
    written(folder, "notes", "README.md")
    written(folder, "no traces", ".hidden.json")
    found = read(folder, "cost_usd")
    assert (found.rows, found.doubts) == (2, ())
    shutil.copytree(folder, tmp_path / "other")
    assert read(tmp_path / "other").digest == found.digest
    written(tmp_path / "other", run_of(3), "c.json")
    assert read(tmp_path / "other").digest != found.digest


def test_what_was_passed_over_is_told_and_blocks(tmp_path: Path):
    """It may have held the runs that failed."""
    found = read(written(tmp_path, run_of(1) + "broken\n" + run_of(2)))
    assert found.rows == 2
    assert [(one.code, one.blocks) for one in found.doubts] == [("unread-traces", True)]
    assert "1 part of the traces was not read in full" in found.doubts[0].message


@pytest.mark.parametrize("suffix", [".otlp.jsonl", ".cassette.jsonl"])
def test_goldens_and_recordings_are_runs(tmp_path: Path, suffix: str):
    """A golden's times are logical, and tell nothing; what lies beside its recording is one run with it."""
    golden = next(iter(sorted(GOLDENS.glob(f"*{suffix}"))))
    (sample,) = read(golden, "latency_s", "llm_calls").samples
    timed = suffix == ".cassette.jsonl"
    assert ("latency_s" in sample.metrics, sample.at_s is not None) == (timed, timed)
    assert sample.metrics["llm_calls"] > 0
    assert sample.case in golden.name
    stem = golden.name.removesuffix(suffix)
    for file in GOLDENS.glob(f"{stem}.*"):
        shutil.copy(file, tmp_path)
    assert read(tmp_path).rows == 1


def test_a_pretty_document_and_protobuf_are_told_by_their_form(tmp_path: Path):
    """A document over many lines is one export; a binary file that is none says so."""
    pretty = json.dumps(json.loads(run_of(1)), indent=2)
    assert read(written(tmp_path, pretty, "x.json")).form is Form.TRACES
    assert "neither rows nor traces" in str(refused(written(tmp_path, b"\x0a\0\0junk", "x.pb")))


def test_runs_come_in_the_order_of_their_times(tmp_path: Path):
    """Files are read by name, and runs exported when they end: neither is the order in which they began."""
    folder = tmp_path / "traces"
    folder.mkdir()
    written(folder, run_of(1, session="late", at_s=9) + run_of(2, session="first"), "a.json")
    written(folder, run_of(3, session="second", at_s=4) + run_of(4, session="too", at_s=4), "b.json")
    assert [one.case for one in read(folder).samples] == ["first", "second", "too", "late"]
    assert [one.case for one in read(folder / "a.json").samples] == ["first", "late"]
    kept = read(folder / "a.json", as_written=True).samples
    assert [one.case for one in kept] == ["late", "first"]


def test_a_folder_of_traces_does_not_run_backwards(tmp_path: Path):
    """A stage of pairs takes it, whatever its files are called."""
    sources = []
    for arm in Arm:
        folder = tmp_path / arm
        folder.mkdir()
        for at in range(4):
            run = run_of(at + 1, session=f"s{at}", at_s=at)
            written(folder, run, f"{9 - at}.json")
        sources.append(Source(arm=arm, path=folder))
    gate = read_gate(b"metrics: [{name: passed, margin: 0.05}]", "gate.yaml")
    decision = decide_files(gate, sources, root=tmp_path)
    assert "time-backwards" not in {one.code for one in decision.reasons}


def test_traces_beside_results_are_no_verdicts(tmp_path: Path):
    """What ended well may have failed its suite: the results are to be given, and the decision says so."""
    folder = tmp_path / "base.jsonl.traces"
    folder.mkdir()
    written(folder, run_of(1), "a.otlp.json")
    assert read(folder).doubts == ()
    results = written(tmp_path, '{"case": "a", "passed": true}\n', "base.jsonl")
    assert read(folder).doubts == ()
    written(tmp_path, '{"agentops_results":1,"tool":"t"}\n', "base.jsonl")
    (told,) = read(folder).doubts
    assert (told.code, told.blocks) == ("traces-of-results", False)
    assert told.remedy == f"give the results: {results}"
