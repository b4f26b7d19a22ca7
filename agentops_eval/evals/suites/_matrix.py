"""The candidates of a suite: every combination of the axes, and single ones by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TypeAlias

from agentops_eval.documents import Place, shown
from agentops_eval.domain import Json, Variant, nearest
from agentops_eval.evals.suites._fields import MatrixFields
from agentops_eval.evals.suites._ids import is_id
from agentops_eval.evals.suites._kind import Problems

MAX_VARIANTS = 1_000

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")

Axes: TypeAlias = Mapping[str, Mapping[str, Json]]
"""The values of each axis by their names."""


def variants_of(matrix: MatrixFields | None, place: Place, problems: Problems) -> tuple[Variant, ...]:
    """The baseline, which has no name, and then the candidates in their order."""
    if matrix is None:
        return (Variant(),)
    axes = _axes(matrix, (*place, "axes"), problems)
    size = prod(map(len, axes.values()))
    if size > MAX_VARIANTS:
        what = f"the axes make {size:,} combinations, and {MAX_VARIANTS:,} are the most"
        problems.add((*place, "axes"), what)
        return (Variant(),)
    baseline = _baseline(matrix, axes, (*place, "baseline"), problems)
    excluded = _excluded(matrix, axes, (*place, "exclude"), problems)
    found: dict[str, Variant] = {}
    base = {axis: baseline.get(axis) for axis in axes}
    for chosen in _combinations(axes):
        parameters = {axis: axes[axis][name] for axis, name in chosen.items()}
        out = any(all(chosen[axis] == name for axis, name in one.items()) for one in excluded)
        if parameters == base or out:
            continue
        name = "-".join(name for axis, name in chosen.items() if len(axes[axis]) > 1)
        if name in found:
            problems.add(
                (*place, "axes"), f"two combinations are called {shown(name)}", "name the values of an axis"
            )
        found[name] = Variant(name=name, parameters=parameters)
    for name, variant in _named(matrix, (*place, "variants"), problems):
        if name in found:
            what = f"a combination of the axes is called {shown(name)} already"
            problems.add((*place, "variants", name), what, "give it another name")
        found[name] = variant
    return (Variant(parameters=baseline), *found.values())


def _axes(matrix: MatrixFields, place: Place, problems: Problems) -> Axes:
    axes: dict[str, Mapping[str, Json]] = {}
    for axis, values in (matrix.axes or {}).items():
        if not values:
            problems.add((*place, axis), f"the axis {axis} has no values")
            continue
        named = values if isinstance(values, dict) else {_name_of(axis, value): value for value in values}
        if len(named) < len(values):
            problems.add((*place, axis), f"the axis {axis} has a value twice")
        for name in named:
            if not is_id(name):
                what = f"the value {shown(name)} is no name of a file, which a candidate's has to be"
                problems.add((*place, axis), what, f"{axis}: {{a-name: {shown(named[name])}}}")
        axes[axis] = named
    return axes


def _name_of(axis: str, value: Json) -> str:
    """A value as part of a file's name: ``openai/small`` becomes ``openai-small``.

    A number, or true or false, says nothing alone: ``share: 0.5`` becomes ``share-0.5``.
    """
    text = value if isinstance(value, str) else f"{axis}-{str(value).lower().replace('+', '')}"
    return _UNSAFE.sub("-", text).strip("-.")


def _combinations(axes: Axes) -> Iterator[dict[str, str]]:
    for names in product(*axes.values()) if axes else ():
        yield dict(zip(axes, names, strict=True))


def _baseline(matrix: MatrixFields, axes: Axes, place: Place, problems: Problems) -> Mapping[str, Json]:
    """The first value of each axis, unless another is named; and whatever else the baseline is given."""
    found: dict[str, Json] = {axis: next(iter(values.values())) for axis, values in axes.items()}
    for name, value in (matrix.baseline or {}).items():
        if name not in axes:
            found[name] = value
            continue
        chosen = _chosen(axes, name, value, (*place, name), problems)
        if chosen is not None:
            found[name] = axes[name][chosen]
    return found


def _excluded(
    matrix: MatrixFields, axes: Axes, place: Place, problems: Problems
) -> Sequence[Mapping[str, str]]:
    found = []
    for number, one in enumerate(matrix.exclude or []):
        at = (*place, number)
        parts: dict[str, str] = {}
        for axis, value in one.items():
            if axis not in axes:
                problems.add((*at, axis), f"there is no axis {shown(axis)}", nearest(axis, axes))
                continue
            chosen = _chosen(axes, axis, value, (*at, axis), problems)
            if chosen is not None:
                parts[axis] = chosen
        if len(parts) == len(one) and parts:
            found.append(parts)
        elif not one:
            problems.add(
                at, "an exclusion without values leaves everything out", "name an axis with its value"
            )
    return found


def _chosen(axes: Axes, axis: str, value: Json, place: Place, problems: Problems) -> str | None:
    """The name of an axis' value, which may be given by its name as well."""
    for name, known in axes[axis].items():
        if type(known) is type(value) and known == value:
            return name
    if isinstance(value, str) and value in axes[axis]:
        return value
    remedy = nearest(str(value), axes[axis])
    problems.add(place, f"the axis {axis} has no value {shown(value)}", remedy)
    return None


def _named(matrix: MatrixFields, place: Place, problems: Problems) -> Iterator[tuple[str, Variant]]:
    for name, parameters in (matrix.variants or {}).items():
        if not is_id(name):
            what = f"{shown(name)} is no name of a file, which a candidate's has to be"
            problems.add((*place, name), what, "use letters from a to z, digits, _, . and -")
        yield name, Variant(name=name, parameters=parameters)
