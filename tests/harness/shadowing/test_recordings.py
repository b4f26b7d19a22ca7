"""Recorded runs in files and folders: what can be gone by, and what cannot and why."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from agentops_eval.domain import (
    Arm,
    CassetteCorrupt,
    CassetteMissing,
    DecisionValue,
    Expectation,
    RunMisuse,
    Scenario,
    Suite,
    VerdictValue,
)
from agentops_eval.gate import Gate, Kind, Metric, decide
from agentops_eval.harness import Settings
from agentops_eval.harness.gating import read_samples
from agentops_eval.harness.shadowing import Pair, PairsWriter, ShadowFiles, read_recordings
from agentops_eval.traces.reading import Problems
from tests.harness.shadowing._kit import ASKED, Desk, new_desk, record, recordings, shadow


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk that was recorded in production, where it sends emails to nobody."""
    made = new_desk(tmp_path / "shop", "http://127.0.0.1:9")
    record(made, tmp_path / "production", {"broken": ASKED}, agent=_without_email)
    return made


def _without_email(desk: Desk, text: str) -> str:
    get_order, issue_refund, _ = desk.tools()
    desk.ask(text)
    issue_refund(1042, get_order(1042)["total"])
    return "You get your money back."


def _exported(tmp_path: Path) -> Path:
    """The production run as another tool exports it: OTLP JSON without any effect of tools."""
    from agentops_eval.harness import read_recorded
    from agentops_eval.traces.otlp import OtlpScope, encode_request

    trace = read_recorded(tmp_path / "production/broken.cassette.jsonl").timed
    scope = OtlpScope(resource={}, scope="shop", schema_url=trace.schema_url, spans=trace.spans)
    path = tmp_path / "export" / "traces.json"
    path.parent.mkdir()
    text = json.dumps(encode_request(scope))
    path.write_text(text.replace("agentops.tool.effect", "shop.effect"), encoding="utf-8")
    return path


def test_a_trace_of_another_tool_is_gone_by(desk: Desk, tmp_path: Path) -> None:
    """It becomes a recording, the same each time, and answers llm and tools."""
    export = _exported(tmp_path)
    out = tmp_path / "out"
    for _ in range(2):
        (pair,) = shadow(export.parent, partial(_without_email, desk), out=out)
        assert isinstance(pair, Pair)
        assert pair.candidate.result.value is VerdictValue.PASS, pair.candidate.result.verdicts
        assert pair.candidate.counts.coverage == 1.0
    assert len(list((out / "recordings").iterdir())) == 1
    assert desk.refunds == [(1042, 59.9)]


def test_a_call_of_which_nobody_says_whether_it_acts_leaves_the_verdict_open(
    desk: Desk, tmp_path: Path
) -> None:
    """A trace tells no effects; a candidate that does not call the tool is unknown until it is told."""
    export = _exported(tmp_path)

    def idle(text: str) -> str:
        return desk.ask(text)

    (pair,) = shadow(export.parent, idle, out=tmp_path / "out")
    assert isinstance(pair, Pair)
    assert pair.candidate.result.value is VerdictValue.UNKNOWN
    told = {"acts": ["issue_refund"], "reads": ["get_order"]}
    (pair,) = shadow(export.parent, idle, out=tmp_path / "out", **told)
    assert isinstance(pair, Pair)
    assert pair.candidate.result.value is VerdictValue.FAIL
    assert "issue_refund" in pair.candidate.result.verdicts[0].reason


def test_a_recording_without_a_question_is_left_out_with_the_reason(desk: Desk, tmp_path: Path) -> None:
    """An agent that asks no llm does not tell what it was asked; a suite can."""
    record(desk, tmp_path / "mute", {"mute": ASKED}, agent=lambda desk, text: desk.tools()[0](1042))
    (reason,) = shadow(tmp_path / "mute", partial(_without_email, desk), out=tmp_path / "out")
    assert reason == "the recording does not tell what was asked: give a suite that does"


def test_a_run_that_was_interrupted_is_left_out(desk: Desk, tmp_path: Path) -> None:
    """A recording that is no whole run is nothing to go by."""
    path = tmp_path / "production/broken.cassette.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"outcome":"completed"', '"outcome":"interrupted"'), encoding="utf-8")
    if '"interrupted"' not in path.read_text(encoding="utf-8"):  # a completed one may say nothing of it
        *lines, last = text.splitlines()
        end = json.loads(last)
        end["end"]["outcome"] = "interrupted"
        path.write_text("\n".join([*lines, json.dumps(end)]) + "\n", encoding="utf-8")
    found = recordings(tmp_path / "production", tmp_path / "out")
    assert found.runs == ()
    assert found.left_out == ((str(path), "the recorded run interrupted"),)


def test_nothing_to_go_by_is_an_error(tmp_path: Path) -> None:
    """An empty folder and a path that is not there are told, not passed over."""
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(CassetteMissing):
            read_recordings([path], keep_in=tmp_path / "r", settings=Settings(), problems=Problems())


def test_branches_are_no_runs_of_their_own(desk: Desk, tmp_path: Path) -> None:
    """A folder with a branch in it holds as many runs as recordings."""
    path = tmp_path / "production/broken.cassette.jsonl"
    path.with_name("broken@kind.cassette.jsonl").write_bytes(path.read_bytes())
    assert [run.case for run in recordings(tmp_path / "production", tmp_path / "out").runs] == ["broken"]


def test_a_suite_judges_both_sides(desk: Desk, tmp_path: Path) -> None:
    """The scenario with the run's name gives the question and what is expected; others are left out."""
    expect = (Expectation(evaluator="tools", arguments=["get_order", "issue_refund"]),)
    known = Scenario(id="broken", suite="refunds", turns=(ASKED,), expect=expect)
    suite = Suite(name="refunds", scenarios=(known,))
    out, production = tmp_path / "out", tmp_path / "production"
    (pair,) = shadow(production, partial(_without_email, desk), out=out, suites=(suite,))
    assert isinstance(pair, Pair)
    assert (pair.baseline.result.value, pair.candidate.result.value) == (VerdictValue.PASS, VerdictValue.PASS)
    (pair,) = shadow(production, lambda text: desk.ask(text), out=out, suites=(suite,))
    assert isinstance(pair, Pair)
    assert (pair.baseline.result.value, pair.candidate.result.value) == (VerdictValue.PASS, VerdictValue.FAIL)
    other = Suite(name="refunds", scenarios=(Scenario(id="late", turns=("Where is it?",), expect=expect),))
    (reason,) = shadow(production, partial(_without_email, desk), out=out, suites=(other,))
    assert reason == "no scenario has its name or its input"


def test_rows_are_what_a_gate_reads(tmp_path: Path) -> None:
    """Of 30 runs, half with a second refund: rolled back, with the traces of both sides of the worst."""
    desk = new_desk(tmp_path / "shop", "http://127.0.0.1:9")
    cases = {f"case-{n}": f"Order {n} arrived broken." for n in range(30)}
    record(desk, tmp_path / "production", cases, agent=_without_email)

    def candidate(text: str) -> str:
        _without_email(desk, text)
        if int(text.split()[1]) % 2:
            desk.tools()[1](1042, 59.9)
        return "done"

    files = ShadowFiles(tmp_path / "out")
    with PairsWriter(files) as writer:
        for pair in shadow(tmp_path / "production", candidate, out=tmp_path / "out"):
            assert isinstance(pair, Pair)
            writer.write(pair)
    gate = Gate(
        metrics=(Metric(name="passed", margin=0.05), Metric(name="tool_calls", kind=Kind.COUNT, margin=0.2))
    )
    names = [one.name for one in gate.metrics]
    samples = [
        sample
        for path, arm in ((files.baseline, Arm.BASELINE), (files.candidate, Arm.CANDIDATE))
        for sample in read_samples(path, arm=arm, metrics=[*names, "suppressed_effects", "coverage"]).samples
    ]
    assert sum(sample.metrics["suppressed_effects"] for sample in samples) == 15
    decision = decide(gate, samples)
    assert decision.value is DecisionValue.ROLLBACK, decision.reasons
    worst = decision.worst[0]
    for trace in (worst.baseline_trace, worst.candidate_trace):
        assert Path(trace).exists() or (files.folder / trace).exists()
    assert len(desk.refunds) == 30
    with pytest.raises(RunMisuse):
        PairsWriter(files).__enter__()


def test_yaml_that_is_no_recording_is_passed_over_in_a_folder_and_told(desk: Desk, tmp_path: Path) -> None:
    """A gate file beside the recordings ends nothing; what may be left of a recording still does."""
    stray = tmp_path / "production" / "gate.yaml"
    stray.write_text("metrics: [{name: passed, margin: 0.05}]\n", encoding="utf-8")
    problems = Problems()
    settings = Settings(record="none")
    found = read_recordings([stray.parent], keep_in=tmp_path / "kept", settings=settings, problems=problems)
    assert [run.case for run in found.runs] == ["broken"]
    assert [str(one) for one in problems.kept] == [f"{stray}: passed over: YAML that is no recording"]
    with pytest.raises(CassetteCorrupt, match="this is a gate file") as caught:
        read_recordings([stray], keep_in=tmp_path / "kept", settings=settings, problems=Problems())
    assert caught.value.remedy.startswith(f"agentops-eval gate decide --gate {stray}")
    for cut in ("", "interactions:\n- request: {body: nul"):
        stray.write_text(cut, encoding="utf-8")
        with pytest.raises(CassetteCorrupt):
            read_recordings([stray.parent], keep_in=tmp_path / "kept", settings=settings, problems=Problems())


def test_runs_of_one_agent_alone_are_gone_by(desk: Desk, tmp_path: Path) -> None:
    """By the name in the trace, in recordings and in exports alike."""
    export = _exported(tmp_path)
    own = tmp_path / "production" / "broken.cassette.jsonl"
    for path in (own, export):
        for name, count in (("refund", 1), ("billing", 0)):
            found = read_recordings(
                [path],
                keep_in=tmp_path / "kept",
                settings=Settings(),
                problems=Problems(),
                agents=(name,),
            )
            assert (len(found.runs), len(found.left_out)) == (count, 1 - count)
            assert all("of another agent" in reason for _, reason in found.left_out)
