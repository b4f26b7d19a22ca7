"""Results judged again, without running anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import Expectation, Result, ResultsInvalid, Verdict, VerdictValue
from agentops_eval.harness.evaluating import against, read_results, run_of, under
from tests.harness.evaluating._kit import HOME, PAY, run_suite, suite

CLOSE = Verdict(value=VerdictValue.FAIL, score=0.8, reason="near", evaluator="answer_similar")
ROW = Result(suite="s", case="c", value=VerdictValue.FAIL, verdicts=(CLOSE,))


@pytest.mark.parametrize(
    ("least", "value"), [(0.8, VerdictValue.PASS), (0.81, VerdictValue.FAIL)], ids=["reached", "missed"]
)
def test_another_threshold_moves_the_verdict(least: float, value: VerdictValue) -> None:
    """The score stays what it was; what is made of it changes."""
    (found,) = under([ROW], {"answer_similar": least})
    assert (found.value, found.verdicts[0].score) == (value, 0.8)


def test_a_verdict_without_a_score_stays() -> None:
    """Nobody can say from where on it would have passed."""
    row = replace(ROW, verdicts=(replace(CLOSE, score=None),))
    assert under([row], {"answer_similar": 0.1}) == (row,)


def test_an_evaluator_that_judged_nothing_is_named() -> None:
    """A misspelt name does not pass as a threshold that is kept."""
    with pytest.raises(ResultsInvalid, match="answer_simlar judged nothing"):
        under([ROW], {"answer_simlar": 0.1})


def test_results_are_judged_by_what_is_expected_today(tmp_path: Path) -> None:
    """The run that was kept is judged by new expectations: its answer, its end state, its tool calls."""
    out = tmp_path / "r.jsonl"
    run_suite(tmp_path, suite(PAY), record="once")
    (before,) = run_suite(tmp_path, suite(PAY), out=out)
    stricter = replace(PAY, expect=(Expectation(evaluator=f"{HOME}:holds", arguments=96),))
    (after,), gone = against(read_results(out).rows, [suite(stricter)], beside=out, root=tmp_path)
    assert (before.value, after.value, gone) == (VerdictValue.PASS, VerdictValue.FAIL, ())
    same, _ = against(read_results(out).rows, [suite(PAY)], beside=out, root=tmp_path)
    assert same[0].verdicts == before.verdicts


def test_a_run_comes_back_from_its_files(tmp_path: Path) -> None:
    """What an evaluator sees of a kept run is what it saw of the run itself."""
    out = tmp_path / "r.jsonl"
    run_suite(tmp_path, suite(PAY), record="once")
    (row,) = run_suite(tmp_path, suite(PAY), out=out)
    run = run_of(row, out)
    assert (run.output, run.state) == ("paid 5", {"cents": 95})
    assert [(call.name, call.arguments) for call in run.calls] == [("take", {"cents": 5})]
    assert run.trace.trace_id == row.trace_id


def test_a_case_that_is_gone_is_told(tmp_path: Path) -> None:
    """Results of scenarios that no suite has any more are left out, by name."""
    found, gone = against([ROW], [suite(PAY)], beside=tmp_path / "r.jsonl", root=tmp_path)
    assert (found, gone) == ((), ("s::c",))


def test_a_trace_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """An evaluator is never shown an empty trace in the place of a lost one."""
    out = tmp_path / "r.jsonl"
    run_suite(tmp_path, suite(PAY), record="once")
    (row,) = run_suite(tmp_path, suite(PAY), out=out)
    (tmp_path / row.trace_file).unlink()
    with pytest.raises(ResultsInvalid, match="cannot be read"):
        run_of(row, out)
    with pytest.raises(ResultsInvalid, match="elsewhere"):
        run_of(replace(row, trace_file="../other.json"), out)


def long_winded(text: str) -> str:
    """An agent whose answer ends with what it must not say."""
    return "x" * 200_000 + "guaranteed"


def silent_on(output: str, word: str) -> bool:
    """An evaluator: a word is not said."""
    return word not in output


def test_an_answer_of_which_the_end_is_not_kept_is_not_judged_again(tmp_path: Path) -> None:
    """It failed by what stands at its end: judged by its beginning it would pass."""
    here = "tests.harness.evaluating.test_rejudge"
    expect = (Expectation(evaluator=f"{here}:silent_on", arguments="guaranteed"),)
    shop = suite(replace(PAY, agent=f"{here}:long_winded", world=None, expect=expect))
    out = tmp_path / "r.jsonl"
    (found,) = run_suite(tmp_path, shop, record="once", out=out)
    (again,), _ = against(read_results(out).rows, [shop], beside=out, root=tmp_path)
    assert (found.value, again.value) == (VerdictValue.FAIL, VerdictValue.UNKNOWN)
    assert "run it again" in again.verdicts[0].reason
