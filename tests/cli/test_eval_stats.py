"""``eval stats``: outcomes summed up for scripts and for people."""

from __future__ import annotations

import io
import json
import sys
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from agentops_eval.stats import clustered_rate, wilson
from tests.cli._kit import process

if TYPE_CHECKING:
    from tests.cli._kit import Commands

FOUR = {"a": "pppp", "b": "ppff", "c": "pfff", "d": "ffff", "e": "ppppi?", "gone": "i"}
VALUES = {
    "p": {"passed": True},
    "f": {"passed": False},
    "?": {"passed": None},
    "i": {"error": "infrastructure"},
}


def rows(cases: dict[str, str], **more: str) -> str:
    return "".join(
        json.dumps({"case": case, "trial": at, **VALUES[letter], **more}) + "\n"
        for case, letters in cases.items()
        for at, letter in enumerate(letters)
    )


@pytest.fixture
def outcomes(ae: Commands) -> str:
    (ae.folder / "o.jsonl").write_text(rows(FOUR))
    return "o.jsonl"


def test_scripts_get_one_document(ae: Commands, outcomes: str) -> None:
    """Counts, exact means by k, limits as pairs, and what was left out."""
    found = ae("eval", "stats", outcomes, "--json").document
    counts = [(4, 4), (2, 4), (1, 4), (0, 4), (4, 4)]
    assert found == {
        "cases": 5,
        "trials": 20,
        "pass_hat_k": {"1": 11 / 20, "2": float(Fraction(13, 30)), "3": 2 / 5, "4": 2 / 5},
        "pass_at_k": {"1": 11 / 20, "2": float(Fraction(2, 3)), "3": 3 / 4, "4": 4 / 5},
        "wilson": list(wilson(11, 20).limits),
        "clustered": list(clustered_rate(counts).limits),
        "excluded_infrastructure": 2,
        "excluded_judge": 0,
        "excluded_simulator": 0,
        "unknown": 1,
        "replays": 0,
        "unjudged_cases": 1,
    }


def test_people_get_a_table(ae: Commands, outcomes: str) -> None:
    """The rate with both intervals, a row for each k, and everything that was left out."""
    out = ae("eval", "stats", outcomes).out
    assert out.startswith("o.jsonl: 5 cases, 20 trials, pass rate 55.0%\n")
    assert "trials within 5 cases, clustered" in out
    assert "if all trials were independent (Wilson)" in out
    table = [text.split() for text in out.splitlines() if text[:3] in {f"{k}  " for k in range(1, 10)}]
    assert table == [
        ["1", "55.0%", "55.0%"],
        ["2", "43.3%", "66.6%"],
        ["3", "40.0%", "75.0%"],
        ["4", "40.0%", "80.0%"],
    ]
    assert "k ends at 4: a has 4 trials" in out
    assert "left out of all rates: 2 for an error of infrastructure, 1 that nobody could judge" in out
    assert "1 case without any judged trial" in out


@pytest.mark.parametrize("columns", ["30", "80"])
def test_narrow_terminals_keep_every_column(ae: Commands, outcomes: str, monkeypatch, columns: str) -> None:
    """No figure is cut off where there is little room."""
    monkeypatch.setenv("COLUMNS", columns)
    assert "4   40.0%   80.0%" in ae("eval", "stats", outcomes).out


def test_standard_input_is_a_file_too(ae: Commands, monkeypatch) -> None:
    """- reads what another command prints, as CSV or JSON lines; a terminal is nobody's output."""
    for text in ("case,trial,passed\na,1,true\na,2,0\n", rows({"a": "pf"})):
        monkeypatch.setattr(
            sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode()), isatty=lambda: False)
        )
        assert ae("eval", "stats", "-", "--json").document["pass_hat_k"] == {"1": 0.5, "2": 0.0}
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    assert ae("eval", "stats", "-").code == 2


def test_k_goes_as_far_as_was_asked_and_tried(ae: Commands) -> None:
    """Of 150 trials k ends at 100 by default, and says how to go on; a table shows the first and the last."""
    (ae.folder / "many.jsonl").write_text(rows({"a": "pf" * 75}))
    out = ae("eval", "stats", "many.jsonl").out
    assert "larger k up to 150: --k 150" in out
    assert "--json lists all up to 100" in out
    assert len(ae("eval", "stats", "many.jsonl", "--json").document["pass_hat_k"]) == 100
    assert len(ae("eval", "stats", "many.jsonl", "--k", "150", "--json").document["pass_hat_k"]) == 150
    assert list(ae("eval", "stats", "many.jsonl", "--k", "2", "--json").document["pass_at_k"]) == ["1", "2"]


def test_a_confidence_widens_the_limits(ae: Commands, outcomes: str) -> None:
    """99 of 100 need more room than 80."""
    wide, narrow = (
        ae("eval", "stats", outcomes, "--confidence", share, "--json").document for share in ("0.99", "0.8")
    )
    for key in ("wilson", "clustered"):
        assert wide[key][0] < narrow[key][0] < narrow[key][1] < wide[key][1]
    assert ae("eval", "stats", outcomes, "--confidence", "95").code == 2


def test_without_a_judged_trial_the_exit_code_is_1(ae: Commands) -> None:
    """All trials lost to the infrastructure are no pass rate, and no success."""
    (ae.folder / "lost.jsonl").write_text(rows({"a": "ii", "b": "?"}))
    done = ae("eval", "stats", "lost.jsonl", "--json")
    assert (done.code, done.document["wilson"], done.document["clustered"]) == (1, None, None)
    assert (done.document["pass_hat_k"], done.document["excluded_infrastructure"]) == ({}, 2)
    assert "no trial was judged" in ae("eval", "stats", "lost.jsonl").out


def test_replays_and_variants_are_told(ae: Commands) -> None:
    """Replays of one recording count once, variants are chosen by name, and both are said."""
    both = rows({"a": "ppp"}, recording="r") + rows({"a": "ff"}, variant="v2")
    (ae.folder / "o.jsonl").write_text(both)
    out = ae("eval", "stats", "o.jsonl").out
    assert "2 trials replay a recording that another trial has replayed" in out
    assert "2 variants are summed up together: (baseline), v2" in out
    assert ae("eval", "stats", "o.jsonl", "--variant", "v2", "--json").document["pass_hat_k"]["1"] == 0
    assert ae("eval", "stats", "o.jsonl", "--variant", "", "--json").document["replays"] == 2
    assert ae("eval", "stats", "o.jsonl", "--variant", "v3").code == 2


def test_hostile_names_are_shown_as_text(ae: Commands) -> None:
    """A case's name neither moves the cursor nor turns the text around."""
    (ae.folder / "o.jsonl").write_text(rows({"\x1b[2Ja\u202e\n": "p"}))
    out = ae("eval", "stats", "o.jsonl").out
    assert "\x1b" not in out
    assert "\\x1b[2Ja\\u202e\\n has 1 trial" in out


@pytest.mark.parametrize(
    ("text", "where"),
    [(rows({"a": "p"}) * 2, "o.jsonl:2"), ("", "o.jsonl"), ('{"case": "a"}', "o.jsonl:1")],
    ids=["twice", "empty", "no trial"],
)
def test_bad_files_are_errors_with_their_line(ae: Commands, text: str, where: str) -> None:
    """Exit code 2, the code AE502, the file and the line."""
    (ae.folder / "o.jsonl").write_text(text)
    done = ae("eval", "stats", "o.jsonl", "--json")
    assert (done.code, done.document["error"]["code"], done.document["error"]["where"]) == (2, "AE502", where)


@pytest.mark.parametrize("name", ["nope.jsonl", "."])
def test_what_is_no_file_is_a_usage_error(ae: Commands, name: str) -> None:
    """A file that is not there, and a folder, end with exit code 2."""
    done = ae("eval", "stats", name)
    assert (done.code, "fix:" in done.err) == (2, True)


def test_the_same_file_gives_the_same_bytes_in_any_process(ae: Commands, outcomes: str) -> None:
    """Neither hash seeds nor the order of rows change a byte of the document."""
    lines = rows(FOUR).splitlines(keepends=True)
    (ae.folder / "turned.jsonl").write_text("".join(reversed(lines)))
    first = process(ae.folder, "eval", "stats", outcomes, "--json", PYTHONHASHSEED="1")
    second = process(ae.folder, "eval", "stats", "turned.jsonl", "--json", PYTHONHASHSEED="2")
    assert first.code == 0
    assert first.out == second.out
