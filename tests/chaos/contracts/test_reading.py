"""How answers are read."""

from __future__ import annotations

import pytest

from agentops_eval.chaos import Contract
from agentops_eval.chaos.contracts import Reading, normalised, read_output, text_of
from agentops_eval.domain import EndedBy, FaultedRun, Json


def reading(output: Json, contract: Contract | None = None, usual: str = "all is well") -> Reading:
    """How an answer is read where the fault-free one is ``usual``."""
    run = FaultedRun(output=output, answered=True)
    return read_output(run, contract or Contract(), text=text_of(output), usual=normalised(usual))


@pytest.mark.parametrize(
    "output",
    [
        "Sorry, no.",
        "I apologise.",
        "We apologize for that",
        "I can't do that",
        "I can\u2019t do that",
        "I cannot",
        "It could not be done",
        "It couldn't be done",
        "The refund was not sent",
        "It has not been booked",
        "It failed",
        "Failure",
        "an error occurred",
        "The service is unavailable",
        "Something went wrong",
        "Please try again later",
        "It timed out",
        "Your card was declined",
        "We gave up",
        {"status": "failed"},
        {"ok": False, "id": 1},
        {"error": {"code": 3}},
        {"success": False},
    ],
)
def test_words_and_fields_of_failure(output: Json) -> None:
    """In English, whatever else is in the answer; success beside them does not count."""
    assert reading(output) is Reading.FAILURE


@pytest.mark.parametrize(
    "output",
    [
        "Done.",
        "Your refund was sent",
        "BOOKED",
        "successfully processed",
        "Sorry for the delay! It was refunded.",
        "All good, your money is on its way!",
        "A refund of 59.90 EUR has been issued",
        {"status": "ok"},
        {"success": True},
    ],
)
def test_words_and_fields_of_success(output: Json) -> None:
    """A claim that something was done."""
    assert reading(output) is Reading.SUCCESS


@pytest.mark.parametrize("output", ["", "Hello", None, 17, [], {"a": 1}, "doneness", "errorless"])
def test_anything_else_is_neither(output: Json) -> None:
    """Parts of words, numbers and empty answers say nothing."""
    assert reading(output) is Reading.OTHER


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("All is  WELL\n", "all is well"),
        ("ref 00000000-0000-4000-8000-000000000001", "ref 00000000-0000-4000-8000-00000000000a"),
        ("at 2026-01-01T10:00:00Z", "at 2026-01-02T11:30:00.5+01:00"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_what_differs_from_run_to_run_does_not_count(one: str, other: str) -> None:
    """Case, spaces, uuids, moments, and how letters are composed."""
    assert normalised(one) == normalised(other)


def test_the_usual_answer_comes_before_words() -> None:
    """An agent whose answer always says sorry is equivalent when it says it."""
    assert reading("Sorry, sold out.", usual="sorry, sold out.") is Reading.EQUIVALENT


def test_both_ends_of_a_long_answer_are_searched() -> None:
    """An apology behind a megabyte of text is found; one in the middle of it is not."""
    long = "word " * 100_000
    assert reading(f"{long} sorry") is Reading.FAILURE
    assert reading(f"sorry {long}") is Reading.FAILURE
    assert reading(f"{long} sorry {long}") is Reading.OTHER


def test_a_contract_has_its_own_words() -> None:
    """They replace the usual ones; an empty list has none."""
    german = Contract(success=("erledigt",), failure=("leider",))
    assert reading("Leider nicht erledigt", german) is Reading.FAILURE
    assert reading("Erledigt", german) is Reading.SUCCESS
    assert reading("sorry, done", german) is Reading.OTHER
    assert reading("sorry, done", Contract(failure=())) is Reading.SUCCESS


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (EndedBy.ERROR, Reading.FAILURE),
        (EndedBy.KILL, Reading.FAILURE),
        (EndedBy.LEFT, Reading.NOTHING),
        (EndedBy.ANSWER, Reading.NOTHING),
    ],
)
def test_how_a_run_without_an_answer_is_read(ended: EndedBy, expected: Reading) -> None:
    """An error and a death say that it failed; where nobody knows the answer, nothing is said."""
    run = FaultedRun(output="done", answered=False, ended=ended)
    assert read_output(run, Contract(), text="", usual=None) is expected
