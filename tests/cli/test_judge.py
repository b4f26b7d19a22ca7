"""``judge``: calibrate, label and list, as a user does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.evals.judging import RUBRICS
from agentops_eval.testing import LlmServer, judge_rules

if TYPE_CHECKING:
    from tests.cli._kit import Commands

CORRECT = RUBRICS["correctness"]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def told(count: int = 40, wrong: int = 2) -> list[dict[str, object]]:
    """Rows that tell label and verdict; the first ``wrong`` disagree."""
    words = ("pass", "fail")
    return [{"id": n, "label": words[n % 2], "verdict": words[(n + (n < wrong)) % 2]} for n in range(count)]


def result(case: str = "refund", **more: object) -> dict[str, object]:
    verdict = {
        "value": "pass", "evaluator": "correctness", "reason": "fine",
        "evidence": [f"rubric:correctness@{CORRECT.digest}", "llm:judge-1"],
    }  # fmt: skip
    other = {"value": "fail", "evaluator": "contains", "reason": "no"}
    return {
        "suite": "s",
        "case": case,
        "trial": 1,
        "output": "It is 42.",
        "verdicts": [other, verdict],
        **more,
    }


def test_labels_that_tell_the_verdict_need_no_llm(ae: Commands) -> None:
    """Rows with both words are counted at once, and a file says what the judge is worth."""
    write(ae.folder / "told.jsonl", told())
    done = ae("judge", "calibrate", "told.jsonl", "--observed", "150/200")
    assert (done.code, done.err) == (0, "")
    assert "kappa                 0.900" in done.out
    assert "told is trusted" in done.out
    kept = json.loads((ae.folder / "judges/told.calibration.json").read_text())
    assert (kept["trusted"], kept["confusion"]["pass_pass"], kept["observed"]["value"]) == (True, 19, 0.75)


def test_a_judge_below_the_floor_is_exit_code_1(ae: Commands) -> None:
    """A judge that is not to be trusted is a finding, and what it lacks is said."""
    write(ae.folder / "told.jsonl", told(40, wrong=20))
    done = ae("judge", "calibrate", "told.jsonl")
    assert done.code == 1
    assert "told is not trusted: kappa 0.000, at least 0.6" in done.out
    lowered = ae("judge", "calibrate", "told.jsonl", "--min-kappa", "-1", "--min-agreement", "0.1")
    assert lowered.code == 0


def test_answers_are_judged_recorded_and_replayed(ae: Commands) -> None:
    """The first time needs --record; then the command gives the same without a server."""
    answers = [
        {"id": n, "label": ("pass", "fail")[n % 2], "answer": f"It is {42 - n % 2}: {n}"} for n in range(24)
    ]
    write(ae.folder / "answers.jsonl", [*answers, {"id": "new", "answer": "It is 42"}])
    words = ("judge", "calibrate", "answers.jsonl", "--rubric", "correctness")
    with LlmServer(judge_rules(lambda shown: "pass" if "42" in shown["answer"] else "fail")) as server:
        table = f'\n[tool.agentops.judge]\nbase_url = "{server.url}/v1"\nllm = "judge-1"\n'
        (ae.folder / "pyproject.toml").write_text(table)
        needed = ae(*words)
        assert (needed.code, server.hits) == (3, 0)
        assert not (ae.folder / "judges").exists()
        recorded = ae.paste(needed.remedy.partition("CI:")[2].strip())
        assert (recorded.code, server.hits) == (0, 25)
    replayed = ae(*words)
    assert (replayed.code, replayed.out) == (0, recorded.out)
    kept = json.loads((ae.folder / "judges/correctness.calibration.json").read_text())
    assert (kept["rubric"], kept["llm"]) == (CORRECT.digest, "judge-1")


def test_a_judge_that_is_out_of_reach_has_not_become_worse(ae: Commands) -> None:
    """Where nobody answers nothing is measured, and an earlier calibration stays as it is."""
    table = '[tool.agentops.judge]\nbase_url = "http://127.0.0.1:1/v1"\nllm = "j"\n'
    (ae.folder / "pyproject.toml").write_text(table)
    write(ae.folder / "a.jsonl", [{"id": 1, "label": "pass", "answer": "x"}])
    done = ae("judge", "calibrate", "a.jsonl", "--rubric", "correctness", "--record")
    assert (done.code, "could not be asked about 1 line" in done.err) == (2, True)
    assert not (ae.folder / "judges").exists()


def test_ci_does_not_record(ae: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI set, --record is refused."""
    monkeypatch.setenv("CI", "1")
    write(ae.folder / "a.jsonl", [{"id": 1, "label": "pass", "answer": "x"}])
    done = ae("judge", "calibrate", "a.jsonl", "--rubric", "correctness", "--record")
    assert (done.code, "AE301" in done.err) == (2, True)


NONSENSE = {
    "no-file": (None, "cannot be read"),
    "empty": ("", "holds no labels"),
    "not-json": ("pass\n", "this line is no label"),
    "list": ("[1]\n", "this line is no label"),
    "no-id": ('{"label": "pass"}\n', "id"),
    "label": ('{"id": 1, "label": "good", "verdict": "pass"}\n', "good"),
    "unknown-label": ('{"id": 1, "label": "unknown", "verdict": "pass"}\n', "a label is pass or fail"),
    "no-verdict": ('{"id": 1, "label": "pass"}\n', "tells no verdict"),
    "no-label": ('{"id": 1, "verdict": "pass"}\n', "no row has a label"),
    "deep": ("[" * 100_000 + "\n", "this line is no label"),
    "not-utf-8": (b"\xff\xfe\n", "this line is no label"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_told_with_its_line(ae: Commands, name: str) -> None:
    """A file that cannot be meant is exit code 2, names its line, and writes nothing."""
    content, says = NONSENSE[name]
    if content is not None:
        (ae.folder / "x.jsonl").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = ae("judge", "calibrate", "x.jsonl")
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "AE505" in done.err
    assert not (ae.folder / "judges").exists()


@pytest.mark.parametrize("rate", ["1", "3/2", "-1/2", "1/0", "a/b", "1/9999999999"])
def test_rates_that_are_none_are_usage_errors(ae: Commands, rate: str) -> None:
    """A rate is passed over judged."""
    write(ae.folder / "told.jsonl", told())
    done = ae("judge", "calibrate", "told.jsonl", "--observed", rate)
    assert (done.code, "--observed is PASSED/JUDGED" in done.err) == (2, True)


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden"])
def test_a_name_is_no_path(ae: Commands, name: str) -> None:
    """A calibration is written into its folder and nowhere else."""
    write(ae.folder / "told.jsonl", told())
    done = ae("judge", "calibrate", "told.jsonl", "--name", name)
    assert (done.code, "cannot name a calibration" in done.err) == (2, True)


def test_a_misspelt_rubric_names_the_nearest(ae: Commands) -> None:
    """One word that is no rubric is a mistake; several are a criterion."""
    write(ae.folder / "told.jsonl", told())
    done = ae("judge", "calibrate", "told.jsonl", "--rubric", "corectness")
    assert (done.code, "did you mean 'correctness'" in done.err) == (2, True)


def test_of_two_lines_with_one_id_the_later_holds(ae: Commands) -> None:
    """A person may change their mind: an earlier line is counted as replaced, not twice."""
    write(ae.folder / "told.jsonl", [*told(40, wrong=40), *told(40, wrong=0)])
    done = ae("judge", "calibrate", "told.jsonl", "--json")
    assert (done.document["replaced"], done.document["agreement"]["value"]) == (40, 1.0)


def test_fewer_labels_do_not_replace_more_without_a_word(ae: Commands) -> None:
    """A calibration by forty labels stands against one by ten, unless both are given or it is meant."""
    write(ae.folder / "many.jsonl", told())
    write(ae.folder / "few.jsonl", [{**row, "id": f"few-{row['id']}"} for row in told(10)])
    kept = ae.folder / "judges/shop.calibration.json"
    ae("judge", "calibrate", "many.jsonl", "--name", "shop")
    before = kept.read_bytes()
    refused = ae("judge", "calibrate", "few.jsonl", "--name", "shop")
    assert (refused.code, kept.read_bytes()) == (2, before)
    assert "labels: 40 before, 10 now" in refused.err
    assert "name the earlier file of labels as well" in refused.err
    assert ae("judge", "calibrate", "many.jsonl", "few.jsonl", "--name", "shop").code == 0
    assert sum(json.loads(kept.read_text())["confusion"].values()) == 50
    ae("judge", "calibrate", "few.jsonl", "--name", "shop", "--replace")
    assert sum(json.loads(kept.read_text())["confusion"].values()) == 10


def test_as_many_labels_replace_a_calibration(ae: Commands) -> None:
    """Measured again by the same labels, or over a file that nobody can read, there is nothing to lose."""
    write(ae.folder / "told.jsonl", told())
    assert [ae("judge", "calibrate", "told.jsonl").code for _ in range(2)] == [0, 0]
    (ae.folder / "judges/told.calibration.json").write_text("{")
    assert ae("judge", "calibrate", "told.jsonl").code == 0


# -- labels ----------------------------------------------------------------------------------------


def test_an_override_becomes_a_label_and_measures_the_judge(ae: Commands) -> None:
    """What a person says is kept, listed, and read by calibrate."""
    write(ae.folder / "results.jsonl", [{"digest": "x"}, result(), result("other")])
    done = ae("judge", "label", "results.jsonl", "refund", "--verdict", "fail", "--why", "wrong currency")
    assert (done.code, "the judge said pass" in done.out) == (0, True)
    ae("judge", "label", "results.jsonl", "other", "--verdict", "pass", "--why", "right")
    listed = ae("judge", "labels")
    assert "2 labels, 1 as the judge said" in listed.out
    assert "wrong currency" in listed.out
    measured = ae("judge", "calibrate", "judges/labels.jsonl", "--json").document
    assert measured["confusion"]["fail_pass"] == measured["confusion"]["pass_pass"] == 1


@pytest.mark.parametrize(
    ("llm", "rubric", "counted"),
    [("judge-1", "correctness", True), ("judge-2", "correctness", False), ("judge-1", "faithfulness", False)],
    ids=["same", "another-llm", "another-rubric"],
)
def test_labels_measure_the_judge_that_they_are_about(
    ae: Commands, llm: str, rubric: str, *, counted: bool
) -> None:
    """What one llm said under one rubric tells nothing of another llm, or of another rubric."""
    write(ae.folder / "results.jsonl", [result()])
    ae("judge", "label", "results.jsonl", "refund", "--verdict", "fail", "--why", "wrong currency")
    done = ae("judge", "calibrate", "judges/labels.jsonl", "--rubric", rubric, "--llm", llm, "--json")
    assert (done.code, "confusion" in done.document) == ((1, True) if counted else (2, False))


def test_a_verdict_of_unknown_origin_is_not_this_rubrics(ae: Commands) -> None:
    """With --rubric, lines have answers to judge: verdicts from anywhere cannot make this judge trusted."""
    write(ae.folder / "told.jsonl", told())
    done = ae("judge", "calibrate", "told.jsonl", "--rubric", "correctness")
    assert (done.code, "no answer to judge" in done.err) == (2, True)


def test_the_last_word_holds(ae: Commands) -> None:
    """Labels are only added to: a second word on the same verdict replaces the first, which --all shows."""
    write(ae.folder / "results.jsonl", [result()])
    for verdict in ("fail", "pass"):
        ae("judge", "label", "results.jsonl", "refund", "--verdict", verdict, "--why", "so")
    assert ae("judge", "labels", "--json").document["count"] == 1
    assert ae("judge", "labels", "--json").document["agreed"] == 1
    assert ae("judge", "labels", "--all", "--json").document["count"] == 2
    assert ae("judge", "labels", "--rubric", "helpfulness", "--json").document["count"] == 0


def test_a_case_with_several_verdicts_has_to_be_named(ae: Commands) -> None:
    """Trials, variants and rubrics are told apart by options that the error writes out."""
    write(ae.folder / "results.jsonl", [result(), result(trial=2), result(variant="v2")])
    words = ("judge", "label", "results.jsonl", "refund", "--verdict", "fail", "--why", "x")
    several = ae(*words)
    assert (several.code, "several verdicts" in several.err, "--trial 2" in several.err) == (2, True, True)
    assert ae(*words, "--trial", "2").code == 0
    assert ae(*words, "--variant", "v2", "--rubric", "correctness").code == 0
    assert "no verdict on 'refund' fits" in ae(*words, "--trial", "7").err
    assert "did you mean 'refund'" in ae(*words[:3], "refnud", *words[4:]).err


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), ("{", "this line is no result"), ("[]\n", "this line is no result"),
     ('{"case": "refund", "verdicts": []}\n', "only verdicts of judges")],
    ids=["no-file", "torn", "list", "nothing-judged"],
)  # fmt: skip
def test_results_that_cannot_be_labelled_are_told(ae: Commands, content: str | None, says: str) -> None:
    """A file that is none of results names its line, and no label is written."""
    if content is not None:
        (ae.folder / "r.jsonl").write_text(content)
    done = ae("judge", "label", "r.jsonl", "refund", "--verdict", "fail", "--why", "x")
    assert (done.code, says in done.err) == (2, True)
    assert not (ae.folder / "judges").exists()


@pytest.mark.parametrize(
    "more", [("--why", " "), ("--why", "x", "--role", "mia@example.com"), ("--why", "x", "--role", "")],
    ids=["no-reason", "a-person", "no-role"],
)  # fmt: skip
def test_a_label_has_a_reason_and_a_role(ae: Commands, more: tuple[str, ...]) -> None:
    """Whoever reads a label wants to know why; who said it stays out of the file."""
    write(ae.folder / "results.jsonl", [result()])
    assert ae("judge", "label", "results.jsonl", "refund", "--verdict", "fail", *more).code == 2


def test_a_damaged_file_of_labels_is_told(ae: Commands) -> None:
    """A line that is no label names itself; labels are never silently passed over."""
    (ae.folder / "judges").mkdir()
    (ae.folder / "judges/labels.jsonl").write_text('{"id": "x"}\n')
    done = ae("judge", "labels")
    assert (done.code, "labels.jsonl:1" in done.err) == (2, True)


def test_hostile_text_is_shown_as_text(ae: Commands) -> None:
    """What a judge or a case says cannot steer the terminal."""
    write(ae.folder / "results.jsonl", [result("\x1b[2Jx")])
    ae("judge", "label", "results.jsonl", "\x1b[2Jx", "--verdict", "fail", "--why", "\x1b]0;gone\x07")
    shown = ae("judge", "labels").out
    assert "\x1b" not in shown
    assert "\\x1b]0;gone" in shown


def test_rubrics_are_listed(ae: Commands) -> None:
    """Each shipped rubric is there with its question and its scale."""
    done = ae("judge", "rubrics", "--json").document["rubrics"]
    assert [one["id"] for one in done] == list(RUBRICS)
    assert "helpfulness" in ae("judge", "rubrics").out
