"""Runs out of folders of traces and results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import Ending, ErrorSource, Result, ResultsInvalid, RunError, Spend, VerdictValue
from agentops_eval.harness.evaluating import ResultsHeader, ResultsWriter
from agentops_eval.harness.operating import Lens, Operated, files_in, operated
from agentops_eval.traces.prices import Pricing
from agentops_eval.traces.reading import Problems
from agentops_eval.traces.redaction import Redactor
from tests.operations._runs import NOW_S, made, write


def lens(**more: Any) -> Lens:
    """One that finds prices in traces alone."""
    return Lens(price=Pricing(), redactor=Redactor(), **more)


def read(*paths: Path) -> list[Operated]:
    """Every run in files and folders."""
    return list(operated(files_in(paths), Problems()))


def results(path: Path, *told: tuple[str, dict[str, Any]]) -> Path:
    """A file of results with a trace for each case."""
    with ResultsWriter(path, ResultsHeader(planned=len(told))) as writer:
        for number, (case, more) in enumerate(told):
            file = writer.keep_trace(made(number, at_s=NOW_S + number))
            writer.append(Result(suite="shop", case=case, **{"trace_file": file, **more}))
    return path


def test_a_suites_judgement_goes_before_what_the_trace_tells(tmp_path):
    """The run ended well and its answer was wrong; moment, steps and group are those of the trace."""
    results(
        tmp_path / "r.jsonl",
        ("late", {"value": VerdictValue.FAIL, "spend": Spend(cost_usd=0.5, latency_s=9.0)}),
    )
    (found,) = lens().facts(read(tmp_path))
    assert (found.succeeded, found.cost_usd, found.took_s, found.at_s) == (False, 0.5, 9.0, NOW_S)
    assert (found.group, [one.kind for one in found.steps]) == ("desk", ["agent", "llm", "tool"])


def test_what_the_infrastructure_broke_is_told_apart(tmp_path):
    """A trial that ended with somebody else's error says nothing of the agent."""
    error = RunError(source=ErrorSource.INFRASTRUCTURE, kind="ConnectionError")
    results(tmp_path / "r.jsonl", ("late", {"ending": Ending.ERROR, "error": error}))
    (found,) = lens().facts(read(tmp_path))
    assert (found.succeeded, found.infrastructure) == (None, True)


def test_what_a_judge_broke_is_no_incident(tmp_path):
    """Nor is a trial that was not run for want of a recording a run."""
    error = RunError(source=ErrorSource.JUDGE, kind="TimeoutError")
    results(
        tmp_path / "r.jsonl",
        ("late", {"ending": Ending.ERROR, "error": error}),
        ("early", {"ending": Ending.NEEDS_RECORDING, "error": error}),
    )
    (run,) = read(tmp_path)
    looked = lens()
    assert (looked.happened(run), looked.undecided) == (None, 1)


def test_of_a_trial_the_last_row_counts(tmp_path):
    """A trial that ran again is one run."""
    again = ("late", {"value": VerdictValue.PASS})
    results(tmp_path / "r.jsonl", ("late", {"value": VerdictValue.FAIL}), again, ("early", {}))
    assert [one.succeeded for one in lens().facts(read(tmp_path))] == [True, None]


def test_a_trial_without_its_trace_is_counted_apart(tmp_path):
    """Nobody knows when it was."""
    results(tmp_path / "r.jsonl", ("late", {"value": VerdictValue.PASS, "trace_file": ""}))
    looked = lens()
    assert (looked.facts(read(tmp_path)), looked.without_trace) == ([], 1)


def test_results_that_were_edited_are_refused(tmp_path):
    """Each row's digest covers the rows before it."""
    path = results(tmp_path / "r.jsonl", ("late", {"value": VerdictValue.FAIL}))
    path.write_bytes(path.read_bytes().replace(b'"fail"', b'"pass"'))
    with pytest.raises(ResultsInvalid, match="not as it was written"):
        read(path)


def test_a_row_that_was_cut_off_is_left_out(tmp_path):
    """As a crash leaves it."""
    path = results(tmp_path / "r.jsonl", ("late", {}), ("early", {}))
    path.write_bytes(path.read_bytes()[:-5])
    assert len(read(path)) == 1


def test_a_folder_is_read_once_and_without_what_is_hidden(tmp_path):
    """Traces beside results are theirs, a golden and its recording are one run, and pictures none."""
    results(tmp_path / "deep/r.jsonl", ("late", {"value": VerdictValue.PASS}))
    write(tmp_path / "prod.jsonl", [made(7), made(8)])
    for name in (".agentops/evidence/a.jsonl", "x.otlp.jsonl", "x.cassette.jsonl", "chart.svg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    found = [path.relative_to(tmp_path).as_posix() for path in files_in([tmp_path, tmp_path / "prod.jsonl"])]
    assert found == ["prod.jsonl", "x.cassette.jsonl", "deep/r.jsonl"]
    assert len(read(tmp_path / "deep", tmp_path / "prod.jsonl")) == 3


def test_further_actions_of_a_class_are_no_observations(tmp_path):
    """One outcome stands for all actions of a run, so that the first of each class counts."""
    runs = read(write(tmp_path / "a.jsonl", [made(1, confidence=0.9), made(2, confidence=0.8, right=False)]))
    told = [each for run in runs for each in lens().confident(run)]
    assert [(each.action, each.confidence, each.correct) for each in told] == [
        ("issue_refund", 0.9, True),
        ("issue_refund", 0.8, False),
    ]


def test_a_run_without_actions_states_its_own_confidence(tmp_path):
    """What only reads has no class; eighty is no probability."""
    runs = read(
        write(
            tmp_path / "a.jsonl",
            [made(n, effect="read", confidence=sure) for n, sure in enumerate((0.9, 80.0))],
        )
    )
    told = [each for run in runs for each in lens().confident(run)]
    assert [(each.action, each.confidence) for each in told] == [("", 0.9)]


def test_names_hold_no_secret_and_have_an_end(tmp_path):
    """Whatever an agent calls itself."""
    secret = "sk-proj-" + "A1b2C3d4" * 5
    (run,) = read(
        write(tmp_path / "a.jsonl", [made(1, agent=f"{secret} {'x' * 500}", error="timeout", right=False)])
    )
    looked = lens()
    happened = looked.happened(run)
    assert happened is not None
    (facts,) = looked.facts([run])
    assert secret not in f"{happened}{facts.group}"
    assert max(len(facts.group), len(happened.incident.agent)) <= 120
