"""What an import leaves out or changes, and the expectations that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Expectation, Json, ScenarioInvalid
from agentops_eval.evals._evaluator import Factory, build
from agentops_eval.evals.suites._ids import slug
from agentops_eval.evals.suites._variables import verbatim

Expect: TypeAlias = list[tuple[str, Json]]
"""Evaluators with what they are given, in their order."""


_ORDER = "id title input user foreach variables expect tags segments source".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something of the other tool's file that is not as it was. ``where`` is its path in the file.

    ``kept`` tells what was changed and is there from what was left out.
    """

    where: str
    what: str
    why: str
    kept: bool = False


class Notebook:
    """Collects the notes of one import, and keeps the ids of its scenarios apart."""

    def __init__(self, evaluators: Mapping[str, Factory]) -> None:
        self._evaluators = evaluators
        self._ids: set[str] = set()
        self.notes: list[Note] = []
        self.place = ""
        """The file that is read, where there are several."""
        self.stem = ""
        """Its name without folders and suffixes, for cases that have none."""

    def left(self, where: str, what: str, why: str) -> None:
        """Something is left out."""
        self.notes.append(Note(where=f"{self.place}{where}", what=what, why=why))

    def changed(self, where: str, what: str, why: str) -> None:
        """Something is kept, and not quite what it was."""
        self.notes.append(Note(where=f"{self.place}{where}", what=what, why=why, kept=True))

    def id_of(self, name: str) -> str:
        """An id for a scenario, like no other of the import."""
        base = slug(name) or "case"
        made, number = base, 1
        while made in self._ids:
            number += 1
            made = f"{base}-{number}"
        self._ids.add(made)
        return made

    def expect(self, found: Expect, name: str, arguments: Json, where: str, what: str) -> None:
        """Add an expectation where the evaluator takes it, else leave it out."""
        factory = self._evaluators.get(name)
        if factory is None:
            self.left(where, what, f"there is no evaluator {name}")
            return
        try:
            build(Expectation(evaluator=name, arguments=arguments), factory, resolve=_found)
        except ScenarioInvalid as error:
            self.left(where, what, error.what)
        else:
            found.append((name, arguments))


def said(found: Expect) -> Json:
    """Expectations as a file says them: a mapping, or a list where an evaluator is wanted twice."""
    names = [name for name, _ in found]
    if len(set(names)) == len(names):
        return dict(found)
    return [{name: arguments} for name, arguments in found]


def beside(common: Expect, own: Expect) -> Expect:
    """A case's expectations where the defaults have the common ones.

    What a scenario expects of an evaluator replaces the defaults of that evaluator; in other tools both
    hold, and so the scenario says both.
    """
    names = {name for name, _ in own}
    return [one for one in common if one[0] in names] + own


def scenario(*, name: str, title: str = "", expect: Expect | None = None, **fields: Json) -> dict[str, Json]:
    """A scenario as a file says it, in the usual order of the fields; what is empty is left out."""
    made: dict[str, Json] = {"id": name, **fields}
    if title and title != name:
        made["title"] = verbatim(title)
    if expect:
        made["expect"] = said(expect)
    kept = {key for key, value in made.items() if key == "input" or value not in (None, {}, [])}
    return {key: made[key] for key in _ORDER if key in kept}


def _found(_: str) -> Callable[..., object]:
    return _found


def text_of(value: Json) -> str:
    """A text, empty for anything else."""
    return value if isinstance(value, str) else ""


def mapping_of(value: Json) -> Mapping[str, Json]:
    """A mapping, empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: Json) -> list[Json]:
    """A list; one value alone is a list of it, and nothing is an empty one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The scenarios of one file, and what its scenario file says beside them."""

    scenarios: list[Json]
    head: Mapping[str, Json]
