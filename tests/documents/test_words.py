"""Misspelt words of a file are told with the word that was probably meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
import pytest

from agentops_eval.documents import in_words, number_meant, word_meant


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    colour: Colour = Colour.RED
    mode: Literal["exact", "subset"] = "exact"
    inner: Sequence[Inner] = ()


@pytest.mark.parametrize(
    ("value", "kind", "remedy"),
    [
        pytest.param(
            "gren", Annotated[Colour, msgspec.Meta(description="d")], "did you mean 'green'?", id="told"
        ),
        pytest.param("exakt", Literal["exact", "subset"], "did you mean 'exact'?", id="a literal"),
        pytest.param({"modus": "x"}, Inner, "did you mean 'mode'?", id="a field"),
        pytest.param({"mode": "subst"}, Inner, "did you mean 'subset'?", id="within a structure"),
        pytest.param(
            [{"inner": [{"colour": "gren"}]}], list[Inner], "did you mean 'green'?", id="an enum, deep"
        ),
        pytest.param(
            {"a": "exac"}, Mapping[str, Literal["exact"] | Inner], "did you mean 'exact'?", id="in a union"
        ),
        pytest.param("zzz", Literal["exact", "subset"], "use one of exact, subset", id="nothing near"),
        pytest.param(5, str, "", id="another complaint"),
    ],
)
def test_the_nearest_word_of_the_type(value, kind, remedy: str):
    """The remedy is found wherever in the type the word would stand; other complaints have none."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, kind)
    assert word_meant(str(caught.value), kind) == remedy


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        pytest.param(
            5, Mapping[str, int] | None, "a mapping is expected, not a whole number", id="a mapping"
        ),
        pytest.param("x", int | float, "a number is expected, not a text", id="a number"),
        pytest.param(True, str | list[str], "a text or a list is expected, not true or false", id="a union"),
        pytest.param(None, list[str], "a list is expected, not nothing", id="nothing"),
        pytest.param(-1, Annotated[int, msgspec.Meta(ge=0)], "a whole number >= 0 is expected", id="a limit"),
        pytest.param("rad", Literal["red"], "Invalid enum value 'rad'", id="another complaint"),
    ],
)
def test_kinds_are_told_in_words_of_files(value, kind, said: str):
    """No one has to know how the types of a programming language are called."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, kind)
    assert in_words(str(caught.value)) == said


@pytest.mark.parametrize(
    ("value", "kind", "remedy"),
    [
        pytest.param("5 %", float, "write 0.05", id="a percentage"),
        pytest.param("100%", float | None, "write 1", id="a whole percentage"),
        pytest.param(".5", float, "write 0.5", id="no digit before the point"),
        pytest.param("-3", int, "write -3", id="quoted"),
        pytest.param("1e3", float, "", id="another form"),
        pytest.param("much", float, "", id="no number"),
        pytest.param("5", list[int], "", id="another kind"),
        pytest.param(True, float, "", id="no text"),
    ],
)
def test_the_number_of_a_text(value, kind, remedy: str):
    """A text that people would read as a number is told with the number; all else is not guessed at."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, kind)
    assert number_meant(str(caught.value), value) == remedy
