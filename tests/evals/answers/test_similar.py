"""Answers that are like a text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evals._judged import FAIL, PASS, UNKNOWN, judged, refused, value

HOUSE = "Your order was refunded to your card"


@pytest.mark.parametrize(
    ("by", "output", "found"),
    [
        pytest.param("ratio", "your  order was REFUNDED to your card!", PASS, id="ratio"),
        pytest.param("ratio", "Nothing of the kind happened", FAIL, id="ratio-no"),
        pytest.param("token_sort", "To your card your order was refunded", PASS, id="token-sort"),
        pytest.param("token_set", "Your order, your order was refunded to your card", PASS, id="token-set"),
        pytest.param(
            "partial", "Hello. Your order was refunded to your card. Bye, and thank you", PASS, id="partial"
        ),
        pytest.param(
            "ratio", "Hello. Your order was refunded to your card. Bye, and thank you", FAIL, id="not-partial"
        ),
    ],
)
def test_lexical_likeness(by, output, found):
    """Without case and white space, by letters or words."""
    assert value("answer_similar", {"expected": HOUSE, "by": by}, output=output) is found


@given(st.text(min_size=1, max_size=60).filter(str.strip), st.text(max_size=60))
def test_scores_are_shares_and_a_text_is_like_itself(text, other):
    """From 0 to 1, and 1 for the same."""
    assert judged("answer_similar", text, output=text).score == 1
    score = judged("answer_similar", text, output=other).score
    assert score is not None
    assert 0 <= score <= 1


def embed(texts: list[str]) -> list[list[float]]:
    """Vectors by the vowels of each text."""
    return [[float(text.count(vowel)) for vowel in "aeiou"] for text in texts]


@pytest.mark.parametrize(
    ("output", "score"),
    [
        pytest.param("a e", 1.0, id="same-direction"),
        pytest.param("a", math.sqrt(0.5), id="half"),
        pytest.param("i", 0.0, id="nothing-in-common"),
        pytest.param("xyz", 0.0, id="no-length"),
    ],
)
def test_an_embedder_gives_the_cosine(output, score):
    """Of its two vectors."""
    arguments = {"expected": "ae", "embedder": "shop.embed:vowels", "at_least": 0.9}
    verdict = judged("answer_similar", arguments, output=output, resolve=lambda name: embed)
    assert verdict.score == pytest.approx(score)
    assert verdict.value is (PASS if score >= 0.9 else FAIL)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda texts: [[1.0]], id="one-vector"),
        pytest.param(lambda texts: [[1.0], [1.0, 2.0]], id="two-lengths"),
        pytest.param(lambda texts: [[math.nan], [1.0]], id="nan"),
        pytest.param(lambda texts: 1 / 0, id="raises"),
    ],
)
def test_an_embedder_that_fails_gives_no_verdict(broken):
    """It is not the agent's failure."""
    arguments = {"expected": "ae", "embedder": "shop.embed:vowels"}
    assert value("answer_similar", arguments, output="ae", resolve=lambda name: broken) is UNKNOWN


@pytest.mark.parametrize(("by", "most"), [("ratio", "20,000"), ("partial", "4,000")])
def test_a_huge_answer_fails_without_being_compared(by, most):
    """It would take time that grows with its square, or more."""
    assert most in judged("answer_similar", {"expected": HOUSE, "by": by}, output="x" * 1_000_000).reason


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param({"expected": HOUSE, "at_least": 0}, "at_least", id="everything"),
        pytest.param({"expected": HOUSE, "at_least": 80}, "at_least", id="percent"),
        pytest.param(" ", "empty", id="empty"),
        pytest.param("x" * 30_000, "20,000", id="too-long"),
        pytest.param({"expected": HOUSE, "embedder": "vowels"}, "module:callable", id="no-callable"),
        pytest.param({"expected": HOUSE, "embedder": "shop.embed:vowels"}, "nothing finds", id="no-resolver"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, why):
    """They are errors of the file."""
    assert why in refused("answer_similar", arguments)
