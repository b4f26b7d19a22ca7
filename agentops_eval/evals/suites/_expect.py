"""What a scenario expects, and that every evaluator of it exists and takes what it is given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from msgspec import UNSET, UnsetType

from agentops_eval.documents import Place, has, shown
from agentops_eval.domain import Expectation, Json, ScenarioInvalid, canonical_json
from agentops_eval.evals._evaluator import Factory, build
from agentops_eval.evals.suites._fields import TARGET
from agentops_eval.evals.suites._kind import SCENARIO_FILE, Problems
from agentops_eval.evals.suites._variables import is_alone

_MOST_HOLES = 20
_WANTS_TEXT = re.compile(r"\ba text\b.* is expected")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")

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


def sugar(name: str, default: Any, own: Any, places: tuple[Place, Place]) -> list[Entry]:
    """``budget`` and ``state`` beside ``expect``. Of two budgets one is made, the scenario's limits first."""
    chosen, place = (default, places[0]) if own is UNSET else (own, places[1])
    if chosen is UNSET or chosen is None:
        return []
    if name == "budget" and isinstance(own, Mapping) and isinstance(default, Mapping):
        chosen = {**default, **own}
    return [(name, chosen, place)]


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
        remedy = SCENARIO_FILE.meant(name, self._known) or "module:callable names one of your own"
        if ":" in name:
            what, remedy = f"{shown(name)} is no module:callable", "package.module:function"
        self._problems.shape(place, what, remedy)
        return False

    def settled(self, expectation: Expectation, written: Json, place: Place) -> Expectation:
        """The expectation as its evaluator takes it; what it does not take is noted.

        ``written`` are the arguments before variables were filled in: where a variable stands alone and the
        evaluator wants a text, its value is written out. A user's own evaluator is asked when it is imported.
        """
        factory = self._known.get(expectation.evaluator)
        for _ in range(_MOST_HOLES if factory is not None else 0):
            assert factory is not None
            spelt = (expectation.evaluator, canonical_json(expectation.arguments))
            if spelt in self._sound:
                break
            try:
                build(expectation, factory, resolve=_not_yet)
                self._sound.add(spelt)
            except ScenarioInvalid as error:
                wants_text = _WANTS_TEXT.search(error.what)
                changed = _as_text(expectation, written, error.where) if wants_text else None
                if changed is None:
                    self._problems.take(error if error.where else _placed(error, expectation.where), place)
                    break
                expectation = changed
        return expectation


def _as_text(expectation: Expectation, written: Json, where: str) -> Expectation | None:
    """The expectation with the value at ``where`` written out; None where no variable stands there alone."""
    steps = [int(index) if index else name for name, index in _STEP.findall(where[len(expectation.where) :])]
    if steps and not (isinstance(written, Mapping) and steps[0] in written):
        steps = steps[1:]  # the main argument, without its name
    value, before = expectation.arguments, written
    for step in steps:
        if not (has(value, step) and has(before, step)):
            return None
        value, before = value[step], before[step]  # type: ignore[index]  # both were asked for
    if not is_alone(before) or isinstance(value, (str, Mapping, list, tuple)):
        return None
    return replace(expectation, arguments=_put(expectation.arguments, steps, json.dumps(value)))


def _put(value: Json, steps: Sequence[str | int], text: str) -> Json:
    """A copy of the value with a text in one place."""
    if not steps:
        return text
    first, *more = steps
    if isinstance(value, Mapping):
        return {key: _put(item, more, text) if key == first else item for key, item in value.items()}
    assert isinstance(value, list)
    return [_put(item, more, text) if number == first else item for number, item in enumerate(value)]


def _placed(error: ScenarioInvalid, where: str) -> ScenarioInvalid:
    """The same error, which did not know its place."""
    return ScenarioInvalid(error.what, where=where, difference=error.difference, remedy=error.remedy)


def _not_yet(name: str) -> Callable[..., object]:
    """Stands in for a callable of the user's, which is imported when a suite runs and not when it is read."""
    if not re.search(TARGET, name):
        raise ScenarioInvalid(f"{shown(name)} is no module:callable", remedy="package.module:function")
    return _not_yet
