"""``{{name}}`` in the texts of a scenario. What is filled in is data: it is not looked through again."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping

from agentops_eval.documents import Place, shown
from agentops_eval.domain import Json, nearest
from agentops_eval.evals.suites._kind import Problems

VARIABLE = r"\{\{\s*([A-Za-z_][A-Za-z0-9_.\-]*)\s*\}\}"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")

_ITSELF = "\\"
_HOLE = re.compile(rf"(\\*)({VARIABLE})")
_ALONE = re.compile(VARIABLE)


def verbatim(value: Json) -> Json:
    r"""The same value with every text written so that filling gives it back: ``\{{name}}``."""
    return filled(value, ())


def is_alone(value: Json) -> bool:
    """Whether a value is a text that is one variable and nothing else."""
    return isinstance(value, str) and _ALONE.fullmatch(value) is not None


def filled(value: Json, known: Container[str]) -> Json:
    """A value in which the known variables stay, and whatever else looks like one stands for itself."""
    if isinstance(value, str):
        return _HOLE.sub(
            lambda match: f"{match[1] * 2}{'' if match[3] in known else _ITSELF}{match[2]}", value
        )
    if isinstance(value, Mapping):
        return {key: filled(item, known) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(item, known) for item in value]
    return value


class Filling:
    """Fills the variables of one scenario in; what is unknown is noted once a name."""

    def __init__(self, variables: Mapping[str, Json], problems: Problems) -> None:
        self._variables = variables
        self._problems = problems
        self._missed: set[str] = set()
        self.missed = 0
        """How many variables were not there so far."""

    def value(self, value: Json, place: Place) -> Json:
        """A JSON value. A text that is one variable and nothing else becomes its value, of any kind."""
        if isinstance(value, str):
            alone = _ALONE.fullmatch(value) if "{{" in value else None
            if alone is None:
                return self.text(value, place)
            known = alone[1] in self._variables
            return self._variables[alone[1]] if known else self._miss(alone[1], value, place)
        if isinstance(value, Mapping):
            return {key: self.value(item, (*place, key)) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, (*place, number)) for number, item in enumerate(value)]
        return value

    def text(self, text: str, place: Place) -> str:
        """A text with its variables written out. Two backslashes before a variable stand for one."""
        if "{{" not in text:
            return text

        def written(match: re.Match[str]) -> str:
            slashes, hole, name = match[1], match[2], match[3]
            kept = "\\" * (len(slashes) // 2)
            if len(slashes) % 2:
                return kept + hole
            if name not in self._variables:
                return self._miss(name, match[0], place)
            return kept + self._written(name, place)

        return _HOLE.sub(written, text)

    def _written(self, name: str, place: Place) -> str:
        value = self._variables[name]
        if isinstance(value, (Mapping, list, tuple)):
            kind = "mapping" if isinstance(value, Mapping) else "list"
            what = f"the variable {name} is a {kind}, which has no place within a text"
            self._problems.add(place, what, f'write "{{{{{name}}}}}" alone, or give a text')
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def _miss(self, name: str, text: str, place: Place) -> str:
        self.missed += 1
        if name not in self._missed:
            self._missed.add(name)
            remedy = nearest(name, self._variables) if self._variables else f"variables: {{{name}: ...}}"
            what = f"there is no variable {shown(name)}"
            self._problems.add(place, what, f"{remedy}; \\{{{{{name}}}}} stands for the text itself")
        return text
