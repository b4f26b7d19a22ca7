"""What a scenario expects, and that every evaluator of it exists and takes what it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import UNSET, UnsetType

from agentops_eval.domain import Expectation, Json, ScenarioInvalid
from agentops_eval.evals._evaluator import Factory, build
from agentops_eval.evals.suites._document import Place, shown
from agentops_eval.evals.suites._fields import TARGET
from agentops_eval.evals.suites._problems import Problems
from agentops_eval.evals.suites._walk import meant
from agentops_eval.traces import canonical_json

Expected: TypeAlias = dict[str, Json] | list[str | dict[str, Json]] | UnsetType | None
Entry: TypeAlias = tuple[str, Json, Place]
"""An evaluator's name, what it is given, and where that stands."""


def entries(expect: Expected, place: Place) -> Iterator[Entry]:
    """The single expectations of a mapping, or of a list."""
    if isinstance(expect, Mapping):
        for name, arguments in expect.items():
            yield name, arguments, (*place, name)
    elif isinstance(expect, list):
        for number, item in enumerate(expect):
            if isinstance(item, str):
                yield item, None, (*place, number)
            else:
                for name, arguments in item.items():
                    yield name, arguments, (*place, number, name)


def both(defaults: list[Entry], own: list[Entry]) -> list[Entry]:
    """What defaults expect and what the scenario does; of one evaluator the scenario's own holds."""
    named = {name for name, _, _ in own}
    return [entry for entry in defaults if entry[0] not in named] + own


def sugar(name: str, default: Json | UnsetType, own: Json | UnsetType, places: tuple[Place, Place]) -> list[Entry]:
    """``budget`` and ``state`` beside ``expect``: of two mappings the scenario's fields hold."""
    if own is None or (own is UNSET and default is UNSET):
        return []
    if own is UNSET:
        return [] if default is None else [(name, default, places[0])]
    if isinstance(own, Mapping) and isinstance(default, Mapping):
        own = {**default, **own}
    return [(name, own, places[1])]  # type: ignore[list-item]  # UNSET is gone


class Checks:
    """Checks expectations against the evaluators that there are, each spelling once."""

    def __init__(self, known: Mapping[str, Factory], problems: Problems) -> None:
        self._known = known
        self._problems = problems
        self._sound: set[tuple[str, str]] = set()

    def named(self, name: str, place: Place) -> bool:
        """Whether an evaluator of that name can be there; what is not is noted."""
        if name in self._known or re.search(TARGET, name):
            return True
        what = f"there is no evaluator {shown(name)}"
        remedy = meant(name, self._known) or "module:callable names one of your own"
        if ":" in name:
            what, remedy = f"{shown(name)} is no module:callable", "package.module:function"
        self._problems.shape(place, what, remedy)
        return False

    def fits(self, expectation: Expectation) -> None:
        """Note what an evaluator of ours does not take. One of the user's is asked when it is imported."""
        factory = self._known.get(expectation.evaluator)
        if factory is None:
            return
        spelt = (expectation.evaluator, canonical_json(expectation.arguments))
        if spelt in self._sound:
            return
        try:
            build(expectation, factory)
        except ScenarioInvalid as error:
            self._problems.shapes += 1
            self._problems.take(error)
        else:
            self._sound.add(spelt)
