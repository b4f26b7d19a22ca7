"""A scenario file that is written means the same when it is read, by us and by readers of YAML 1.1."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.suites import parse, suite_yaml
from tests.documents.test_json import JSON, WORDS

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TRAPS = (
    "no 1e3 1_000 007 0x1F .5 ~ null <<  =  12:30 2026-11-26 - ? ! & * {{a}} true -1 0.1 'a \"b #c a:b".split(
        " "
    )
)
TEXTS = (
    WORDS
    | st.sampled_from(TRAPS)
    | st.lists(st.sampled_from([*TRAPS, "\n", " ", "\t", "\r", "\x85", "\u2028", "😀", "\x07"])).map("".join)
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES | JSON, min_size=1, max_size=3))
def test_what_is_written_is_read(document):
    """Every value comes back as it was: numbers, truth, null, and texts that look like them."""
    found = parse(suite_yaml(document).encode(), "a.yaml").value
    assert found == document
    assert repr(found) == repr(document)


@given(
    st.dictionaries(
        st.sampled_from(["a", "b"]), st.sampled_from(TRAPS) | st.booleans() | st.integers(), max_size=2
    )
)
def test_other_readers_see_the_same(document):
    """What a reader of YAML 1.1 would turn into something else is quoted."""
    assert (yaml.safe_load(suite_yaml(document)) or {}) == document


def test_texts_of_several_lines_stand_in_blocks():
    """A long answer is readable in the file, and in its diffs."""
    text = suite_yaml({"a": "one: x\ntwo\n\nthree\n", "b": ["x"], "c": "  in\nout", "d": "end \nout"})
    assert text == 'a: |\n  one: x\n  two\n\n  three\nb:\n  - x\nc: "  in\\nout"\nd: "end \\nout"\n'


@pytest.mark.parametrize(
    "text", ["\ud800", "a\udfffb", "\ud83d\ude00"], ids=["half", "other half", "two halves"]
)
def test_halves_of_characters_are_written_as_the_sign_for_none(text):
    """Half of a surrogate pair is no character, and no file can hold it."""
    written = suite_yaml({"a": text})
    assert "\ufffd" in str(parse(written.encode(), "a.yaml").value)
