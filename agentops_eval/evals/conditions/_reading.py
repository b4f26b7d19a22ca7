"""How values are compared: what counts as the same number, the same text, the same list."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from agentops_eval.domain import Json, nearest
from agentops_eval.evals._assign import assigned

Numbers: TypeAlias = Literal["equal", "int_for_float", "typed"]
"""``equal``: 5 is 5.0. ``int_for_float``: 5 may stand for 5.0, not the reverse. ``typed``: neither."""

TextStep: TypeAlias = Literal["case", "space", "quotes", "unicode"]
Text: TypeAlias = Literal["exact", "loose"] | Sequence[TextStep]
"""``loose`` is all four steps."""

Lists: TypeAlias = Literal["ordered", "unordered"]

_SCALARS = frozenset({str, int, float, bool, type(None)})
_STEPS = ("case", "space", "quotes", "unicode")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the values of one expectation are compared. Raises ValueError for a word that means nothing."""

    numbers: Numbers = "equal"
    text: Text = "exact"
    lists: Lists = "ordered"

    def __post_init__(self) -> None:
        _known("numbers", self.numbers, ("equal", "int_for_float", "typed"))
        _known("lists", self.lists, ("ordered", "unordered"))
        if isinstance(self.text, str):
            _known("text", self.text, ("exact", "loose"))
        else:
            object.__setattr__(self, "text", tuple(self.text))  # hashable, as what is frozen should be
            for step in self.text:
                _known("text", step, _STEPS)

    @property
    def steps(self) -> tuple[str, ...]:
        """What is done to texts before they are compared."""
        if isinstance(self.text, str):
            return _STEPS if self.text == "loose" else ()
        return tuple(self.text)

    def words(self, text: str) -> str:
        """A text as it is compared."""
        steps = self.steps
        return _normal(text, steps) if steps else text

    def same(self, wanted: Json, given: Json) -> bool:
        """Whether two JSON values are the same: the keys of an object in any order, true is never 1."""
        if type(wanted) is type(given) and type(wanted) in _SCALARS:  # nearly all values, at little cost
            return wanted == given or (isinstance(wanted, str) and self._same_text(wanted, given))
        if isinstance(wanted, str) or isinstance(given, str):
            return isinstance(wanted, str) and self._same_text(wanted, given)
        if isinstance(wanted, Mapping) or isinstance(given, Mapping):
            return (
                isinstance(wanted, Mapping)
                and isinstance(given, Mapping)
                and wanted.keys() == given.keys()
                and not is_cut(given)
                and all(self.same(wanted[key], given[key]) for key in wanted)
            )
        if isinstance(wanted, (list, tuple)) or isinstance(given, (list, tuple)):
            if not (isinstance(wanted, (list, tuple)) and isinstance(given, (list, tuple))):
                return False
            return self._same_lists(wanted, given)
        return self._same_scalars(wanted, given)

    def _same_text(self, wanted: str, given: Json) -> bool:
        return isinstance(given, str) and self.words(wanted) == self.words(given)

    def _same_lists(self, wanted: Sequence[Json], given: Sequence[Json]) -> bool:
        if len(wanted) != len(given):
            return False
        if all(map(self.same, wanted, given)):
            return True
        if self.lists == "ordered":
            return False
        fits = [[at for at, other in enumerate(given) if self.same(one, other)] for one in wanted]
        return None not in assigned(fits)

    def _same_scalars(self, wanted: object, given: object) -> bool:
        if isinstance(wanted, bool) or isinstance(given, bool) or wanted is None or given is None:
            return wanted is given
        if wanted != given:
            return False
        if self.numbers == "equal" or type(wanted) is type(given):
            return True
        return self.numbers == "int_for_float" and isinstance(given, int)


def is_cut(value: Json) -> bool:
    """Whether a value stands for one that was nested too deep to be kept: it is like no other."""
    return isinstance(value, (dict, Mapping)) and len(value) == 1 and "$truncated" in value


@lru_cache(maxsize=4096)
def _normal(text: str, steps: tuple[str, ...]) -> str:
    if "unicode" in steps:
        text = unicodedata.normalize("NFKC", text)
    if "quotes" in steps:
        text = text.translate(_PLAIN)
    if "case" in steps:
        text = text.casefold()
        if "unicode" in steps:  # folding may leave a form that is not composed
            text = unicodedata.normalize("NFKC", text)
    return " ".join(text.split()) if "space" in steps else text


def _known(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}: {nearest(str(value), known)}")


EXACTLY = Reading()
"""Numbers by value, texts letter by letter, lists in their order."""
