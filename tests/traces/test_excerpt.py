"""Texts in short: cut, or two of them without what they share."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces._excerpt import clipped, elide_text

WORDS = " ".join(f"word{number}" for number in range(200))


def test_long_texts_show_the_neighbourhood():
    """Of long texts only the differing words and a few around them are shown."""
    assert elide_text(WORDS, WORDS.replace("word100", "WORD100")) == (
        '"... word97 word98 word99 word100 word101 word102 word103 ..."',
        '"... word97 word98 word99 WORD100 word101 word102 word103 ..."',
    )


def test_an_insertion_into_a_long_text_is_found():
    """A sentence that came in is shown whole, between the words that it parts."""
    left, right = elide_text(WORDS, WORDS.replace("word50 ", "word50 only on Fridays "))
    assert "word50 word51" in left
    assert "word50 only on Fridays word51" in right


def test_differences_far_apart_are_all_shown():
    """What is equal between two differences is left out as well."""
    assert elide_text(WORDS, WORDS.replace("word20 ", "first ").replace("word150 ", "second "))[1] == (
        '"... word17 word18 word19 first word21 word22 word23 ... '
        'word147 word148 word149 second word151 word152 word153 word154 ..."'
    )


def test_short_texts_stay_whole():
    """What fits on the line is not shortened."""
    pair = ("Refund order 1042 today, for it came broken.", "Refund order 1042 never, for it came broken.")
    assert elide_text(*pair) == (f'"{pair[0]}"', f'"{pair[1]}"')


def test_a_cut_text_says_how_much_is_missing():
    """The beginning and the end are kept."""
    assert clipped("x" * 1000).startswith("x" * 133 + " ... (817 characters) ... ")


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_is_elided_stays_different(left, right):
    """Leaving out what is equal never makes two texts look the same, and never grows without bound."""
    shown = elide_text(left, right)
    assert (shown[0] == shown[1]) <= (left == right)
    assert all(side.isprintable() and len(side) < 350 * 10 for side in shown)
