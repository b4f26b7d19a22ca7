"""Two texts word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.prompts import PieceKind, compare_words, hunks

SAME, REMOVED, ADDED = PieceKind.SAME, PieceKind.REMOVED, PieceKind.ADDED
texts = st.lists(st.sampled_from(["a", "b", "the", " ", "\n", ".", "é", "word", "  "]), max_size=40).map(
    "".join
)


def sides(pieces):
    """Both texts, put together again."""
    return tuple(
        "".join(piece.text for piece in pieces if piece.kind in (SAME, kind)) for kind in (REMOVED, ADDED)
    )


def shown(before, after):
    """The differences in one line each."""
    marks = {SAME: "{}", REMOVED: "[-{}-]", ADDED: "{{+{}+}}"}
    found = hunks(compare_words(before, after))
    return [
        (one.line, "".join(marks[piece.kind].format(piece.text) for piece in one.pieces)) for one in found
    ]


@given(texts)
def test_equal_texts_have_no_difference(text):
    """Between a text and itself there is nothing."""
    assert compare_words(text, text) == ()


@given(texts, texts)
def test_both_texts_can_be_put_together_again(before, after):
    """What is the same or removed is the one text, what is the same or added the other."""
    pieces = compare_words(before, after)
    assert sides(pieces) == (("", "") if before == after else (before, after))
    assert all(piece.text for piece in pieces)


@given(texts, texts)
def test_every_difference_is_in_a_hunk(before, after):
    """What is shown holds each removed and added piece once, in order."""
    pieces = compare_words(before, after)
    inside = [piece for hunk in hunks(pieces) for piece in hunk.pieces if piece.kind is not SAME]
    assert inside == [piece for piece in pieces if piece.kind is not SAME]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Refund up to 80.00 EUR.", "Refund up to 120.00 EUR.", [(1, "Refund up to [-80-]{+120+}.00 EUR.")]),
        ("One.\nTwo.", "One.\nTwo.\nThree.", [(2, "Two.{+\nThree.+}")]),
        ("One.\nTwo.\nThree.", "One.\nThree.", [(2, "[-Two.\n-]Three.")]),
        ("cat", "cart", [(1, "[-cat-]{+cart+}")]),
        ("be kind", "be  kind", [(1, "be[- -]{+  +}kind")]),
        (
            "a b c d e f g h i j k l m n o p x",
            "a b c d e f g h i j k l m n o p y",
            [(1, "k l m n o p [-x-]{+y+}")],
        ),
        ("x\n" + "w " * 40 + "\nz", "y\n" + "w " * 40 + "\nv", [(1, "[-x-]{+y+}"), (3, "[-z-]{+v+}")]),
        ("the quick brown fox", "a slow old dog", [(1, "[-the quick brown fox-]{+a slow old dog+}")]),
    ],
    ids="number line-added line-removed word space context two-places rewritten".split(),
)
def test_differences_are_shown_as_a_person_would_mark_them(before, after, expected):
    """Whole words and whole lines are marked, with a few words of the line around them."""
    assert shown(before, after) == expected


def test_long_texts_are_compared_by_lines():
    """Texts that have too many words for a comparison word by word still show which lines differ."""
    words = " ".join(f"w{number}" for number in range(60_000))
    other = " ".join(f"v{number}" for number in range(60_000))
    pieces = compare_words(f"first\n{words}\nlast", f"first\n{other}\nlast")
    assert [piece.kind for piece in pieces] == [SAME, REMOVED, ADDED, SAME]
    assert sides(pieces) == (f"first\n{words}\nlast", f"first\n{other}\nlast")
