"""Patterns match what ``re`` matches, in time that grows with the text alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals._linear import Linear
from agentops_eval.evals._tries import MOST_STEPS, compiled_of

ATOMS = st.sampled_from(
    "a b \\. . [ab] [^a] \\d \\w \\s ^ $ \\b \\B (?=a) (?!b) (?<=a) (?<!b) (?i:A) \\Z \u00e4".split()
)


def _more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeat = st.sampled_from(["*", "+", "?", "*?", "+?", "{2}", "{0,2}", "{1,}"])
    grouped = inner.map("(?:{})".format)
    return (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})")
        | st.tuples(grouped, repeat).map("".join)
        | inner.map("({})".format)
    )


PATTERNS = st.recursive(ATOMS, _more, max_leaves=6)
TEXTS = st.text(alphabet="aAb. 1\n\u00e4", max_size=8)


@given(PATTERNS, TEXTS, st.booleans(), st.sampled_from([0, MOST_STEPS]))
def test_it_finds_what_re_finds(pattern, text, ignore_case, most_steps):
    """Search and full match agree with ``re`` on short texts, whatever the pattern and whoever matches."""
    flags = re.IGNORECASE if ignore_case else 0
    linear = Linear(pattern, ignore_case=ignore_case, most_steps=most_steps)
    assert linear.found(text) == (re.search(pattern, text, flags) is not None)
    assert linear.matches(text) == (re.fullmatch(pattern, text, flags) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        pytest.param("(a+)+$", "a" * 50_000 + "!", False, id="nested"),
        pytest.param("(a|aa)+$", "a" * 50_000 + "!", False, id="ambiguous"),
        pytest.param("(.*?,){20}x", "a," * 25_000, False, id="many"),
        pytest.param("a.*b.*c", "ab" * 25_000, False, id="polynomial"),
        pytest.param("(a?){30}b", "a" * 50_000, False, id="optional"),
        pytest.param("a?" * 40 + "c", "a" * 50_000, False, id="many-optional"),
        pytest.param("(a|b|ab)" * 30 + "c", "ab" * 25_000, False, id="many-branches"),
        pytest.param("(?i)[^b]*[^b]*A*a*!", "a" * 50_000, False, id="ignoring-case"),
        pytest.param("refund.*processed", "refund " * 7_000 + "processed", True, id="plain"),
    ],
)
def test_no_text_makes_it_hang(pattern, text, found):
    """Patterns on which ``re`` would try for years are decided."""
    assert Linear(pattern).found(text) is found


@pytest.mark.parametrize(
    ("pattern", "text", "steps"),
    [
        pytest.param("order", "the order", 2 * (5 + 10), id="begins-with-a-letter"),
        pytest.param(r"[0-9]+\.", "12.", 4 * (3 + 2 * 4), id="one-end"),
        pytest.param("[0-9.]+[.]", "12.", 4 * 4 * (3 + 2 * 4), id="any-end"),
        pytest.param("a{1,3}[ab]", "aab", 4 * 3 * (5 + 2 * 4), id="counted"),
    ],
)
def test_what_re_may_come_to_is_counted(pattern, text, steps):
    """Places to begin, times ways to go on, times the text once for each repeat."""
    _, tries = compiled_of(pattern, ignore_case=False)
    assert tries is not None
    assert tries.steps(text, anywhere=True) == steps


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|aa)*", "(a*b*)*", "((a?){9}){9}", "(?:)*", r"(a)\1", "a*+"])
def test_repeats_in_repeats_are_not_tried(pattern):
    """What may come to more than can be counted is never given to ``re``."""
    assert compiled_of(pattern, ignore_case=False)[1] is None


def test_letters_that_are_repeated_themselves_leave_many_ends():
    """A repeat ends at one place only where what follows is none of what is repeated, in any case."""
    powers = [
        tries.power
        for pattern in (r"\d+x", r"\d+1", "a+A", "(?i)a+A", "(?i:a+)A", "[^a]+A", "(?a:\\w)+\u00e4", ".+\n")
        if (tries := compiled_of(pattern, ignore_case=False)[1]) is not None
    ]
    assert powers == [0, 1, 0, 1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        pytest.param("(", "unterminated", id="none"),
        pytest.param(r"(a)\1", "linear time", id="backreference"),
        pytest.param("(?>a)b", "linear time", id="atomic"),
        pytest.param("a*+", "linear time", id="possessive"),
        pytest.param("(?=.*x)y", "two patterns", id="long-look"),
        pytest.param("((a{100}){100}){9}", "too large", id="too-large"),
        pytest.param("(" * 5000 + ")" * 5000, "is none", id="nested-deep"),
    ],
)
def test_what_cannot_be_matched_is_refused(pattern, why):
    """The reason says what to leave out."""
    with pytest.raises(ValueError, match=why):
        Linear(pattern)
