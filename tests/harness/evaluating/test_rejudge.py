"""Results judged again, without running anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import Expectation, Result, ResultsInvalid, Span, Trace, Verdict, VerdictValue
from agentops_eval.harness.evaluating import against, read_results, read_trace, run_of, under
from agentops_eval.harness.evaluating._store import keep_trace
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


def test_a_trace_comes_back_as_it_was_judged(tmp_path: Path) -> None:
    """Nothing of it is put in other words on the way through its file."""
    out = tmp_path / "r.jsonl"
    span = Span(name="own", trace_id="1" * 32, span_id="2" * 16, attributes={"mine": ("x", 1, None)})
    trace = Trace(spans=(span,), resource={"service.name": "shop"})
    assert read_trace(replace(ROW, trace_file=keep_trace(trace, out)), out) == trace


def test_a_trace_with_fields_of_others_is_read_too(tmp_path: Path) -> None:
    """What a trace was imported with does not keep it from being read."""
    out = tmp_path / "r.jsonl"
    span = Span(name="own", trace_id="1" * 32, span_id="2" * 16, extra={"flags": 1})
    row = replace(ROW, trace_file=keep_trace(Trace(spans=(span,)), out))
    assert [one.name for one in read_trace(row, out)] == ["own"]


def test_a_trace_that_was_changed_is_an_error(tmp_path: Path) -> None:
    """Its name is the digest of what it says: nobody is judged by what did not happen."""
    out = tmp_path / "r.jsonl"
    span = Span(name="own", trace_id="1" * 32, span_id="2" * 16)
    row = replace(ROW, trace_file=keep_trace(Trace(spans=(span,)), out))
    path = tmp_path / row.trace_file
    path.write_bytes(path.read_bytes().replace(b'"own"', b'"other"'))
    with pytest.raises(ResultsInvalid, match="not as it was written"):
        read_trace(row, out)


def test_a_trace_behind_a_link_is_elsewhere(tmp_path: Path) -> None:
    """A link does not lead out of the folder of the results."""
    out = tmp_path / "here" / "r.jsonl"
    (out.parent / "r.jsonl.traces").mkdir(parents=True)
    (tmp_path / "other.json").write_text("{}")
    for name, target in (("linked", tmp_path / "other.json"), ("folder", tmp_path)):
        (out.parent / "r.jsonl.traces" / name).symlink_to(target)
    for name in ("linked", "folder/other.json"):
        with pytest.raises(ResultsInvalid, match="elsewhere"):
            read_trace(replace(ROW, trace_file=f"r.jsonl.traces/{name}"), out)


def test_a_case_that_is_gone_is_told(tmp_path: Path) -> None:
    """Results of scenarios that no suite has any more are left out, by name."""
    found, gone = against([ROW], [suite(PAY)], beside=tmp_path / "r.jsonl", root=tmp_path)
    assert (found, gone) == ((), ("s/c",))


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
