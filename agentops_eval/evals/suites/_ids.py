"""Ids of scenarios: what they are made of where nobody wrote one, and that none is there twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from agentops_eval.documents import Place, shown
from agentops_eval.domain import Json
from agentops_eval.evals.suites._fields import ID
from agentops_eval.evals.suites._kind import Problems

_LONGEST = 80
_OTHER = re.compile(r"[^a-z0-9]+")
_LETTERS = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def slug(text: str) -> str:
    """A title as an id: small letters without accents, digits, and ``-`` for anything else; maybe empty."""
    plain = "".join(_LETTERS.get(letter, letter) for letter in text.lower())
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
    # A word that is cut would read like another one.
    whole = _OTHER.sub("-", letters).strip("-")
    if len(whole) <= _LONGEST:
        return whole
    return whole[: _LONGEST + 1].rpartition("-")[0] or whole[:_LONGEST]


def is_id(text: str) -> bool:
    """Whether a text can be an id."""
    return re.search(ID, text) is not None


class Ids:
    """The ids of one suite, each with its place."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._taken: dict[str, tuple[str, Place]] = {}

    def take(self, name: str, place: Place) -> None:
        """Note an id. Two that differ in case alone are one file on some systems."""
        taken = self._taken.setdefault(name.lower(), (name, place))
        if taken[1] == place and taken[0] == name:
            return
        before, where = taken
        first = self._problems.document.line_of(where)
        told = f", first on line {first}" if first else ""
        what = f"the id {shown(name)} is there twice{told}"
        if before != name:
            what = f"the ids {shown(before)} and {shown(name)} differ in capitals alone{told}"
        self._problems.add(place, what, "give each scenario an id of its own")


def row_name(row: Mapping[str, Json], number: int, place: Place, problems: Problems) -> str:
    """What a row is called: its ``id``, else its number, counted from 1."""
    given = row.get("id")
    if given is None:
        return str(number)
    name = str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
    if not is_id(name):
        problems.add(
            place, f"the row's id {shown(given)} does not do", "use letters from a to z, digits, _, . and -"
        )
    return name
