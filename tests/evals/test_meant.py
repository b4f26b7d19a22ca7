"""Misspelt words of a file are told with the word that was probably meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal

import msgspec
import pytest

from agentops_eval.evals._meant import meant


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
    assert meant(str(caught.value), kind) == remedy
