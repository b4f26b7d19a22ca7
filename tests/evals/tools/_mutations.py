"""Calls made from acceptable ones, right or spoilt in one way each, with the verdict that follows.

What is right and wrong is read off the lists of accepted values here, without the matcher.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

Accepted = Sequence[Mapping[str, Mapping[str, Sequence[Any]]]]
Calls = list[dict[str, Any]]


@dataclass(frozen=True)
class Mutation:
    """Calls with what was done to them. ``names`` is what a reason should name."""

    kind: str
    calls: Calls
    passes: bool
    names: str = ""
    tools: Sequence[Any] = field(default=())


def right(accepted: Accepted) -> Calls:
    """The calls that the lists describe, with the first value of each."""
    found: Calls = []
    for one in accepted:
        ((tool, arguments),) = one.items()
        given = {name: chosen(values) for name, values in arguments.items() if any(v != "" for v in values)}
        found.append({"name": tool, "arguments": given})
    return found


def chosen(values: Sequence[Any]) -> Any:
    """The first value that is one, not the mark of what may be left out."""
    return plain(next(value for value in values if value != ""))


def plain(value: Any) -> Any:
    """An accepted object holds lists of accepted values for its fields."""
    if isinstance(value, dict):
        return {name: chosen(inner) for name, inner in value.items() if any(one != "" for one in inner)}
    return [plain(one) for one in value] if isinstance(value, list) else value


def spoilt(value: Any) -> Any:
    """Another value of the same type, which no list here accepts."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1_000_003
    if isinstance(value, str):
        return f"{value} (changed)"
    if isinstance(value, list):
        return [*value[:-1], spoilt(value[-1])] if value else ["changed"]
    if isinstance(value, dict):
        return {**value, next(iter(value)): spoilt(next(iter(value.values())))} if value else {"changed": 1}
    return "changed"


def mutations(accepted: Accepted, tools: Sequence[Any], rng: random.Random) -> Iterator[Mutation]:
    """Every kind that the calls allow, each at a place of its own."""
    calls = right(accepted)
    yield Mutation("correct", calls, passes=True)
    yield Mutation("correct, with schemas", calls, passes=True, tools=tools)
    yield from _dropped(accepted, calls, rng)
    yield from _changed(accepted, calls, rng)
    yield from _numbers(accepted, calls, tools)
    if len(calls) > 1:
        shuffled = calls[:]
        rng.shuffle(shuffled)
        yield Mutation("parallel calls reordered", shuffled, passes=True)
        yield Mutation("parallel calls reversed", calls[::-1], passes=True)
    number = rng.randrange(len(calls))
    name = calls[number]["name"]
    further = deepcopy(calls)
    further[number]["arguments"]["not_an_argument"] = "x"
    yield Mutation("extra argument", further, passes=False, names=f"{name}.not_an_argument")
    other = {"name": "another_tool", "arguments": {}}
    yield Mutation("extra call of another tool", [*calls, other], passes=False, names="another_tool")
    yield Mutation("extra call of the same tool", [*calls, calls[number]], passes=False, names=name)
    yield Mutation("call dropped", calls[:number] + calls[number + 1 :], passes=False, names=name)
    renamed = deepcopy(calls)
    renamed[number]["name"] = "another_tool"
    yield Mutation("another tool", renamed, passes=False, names=name)


def _dropped(accepted: Accepted, calls: Calls, rng: random.Random) -> Iterator[Mutation]:
    for optional in (False, True):
        places = [
            (number, name) for number, name, values in _places(accepted, calls) if ("" in values) == optional
        ]
        if places:
            number, name = rng.choice(places)
            without = deepcopy(calls)
            del without[number]["arguments"][name]
            kind = "optional argument dropped" if optional else "required argument dropped"
            names = "" if optional else f"{calls[number]['name']} lacks {name}"
            yield Mutation(kind, without, passes=optional, names=names)
    bare = deepcopy(calls)
    for number, name, values in _places(accepted, calls):
        if "" in values:
            del bare[number]["arguments"][name]
    yield Mutation("every optional argument dropped", bare, passes=True)


def _changed(accepted: Accepted, calls: Calls, rng: random.Random) -> Iterator[Mutation]:
    places = [
        (number, name, changed)
        for number, name, values in _places(accepted, calls)
        if (changed := spoilt(calls[number]["arguments"][name])) not in values
    ]
    if places:
        number, name, changed = rng.choice(places)
        wrong = deepcopy(calls)
        wrong[number]["arguments"][name] = changed
        yield Mutation("value changed", wrong, passes=False, names=f"{calls[number]['name']}.{name}")
    others = [
        (number, name, plain(value))
        for number, name, values in _places(accepted, calls)
        for value in values
        if value != "" and value is not values[0]
    ]
    if others:
        number, name, value = rng.choice(others)
        same = deepcopy(calls)
        same[number]["arguments"][name] = value
        yield Mutation("another accepted value", same, passes=True)


def _numbers(accepted: Accepted, calls: Calls, tools: Sequence[Any]) -> Iterator[Mutation]:
    """A whole number may be written as an int everywhere; as a float not where the schema says integer."""
    ints, floats, text = deepcopy(calls), deepcopy(calls), deepcopy(calls)
    whole = typed = texts = False
    spoilt_at = ""
    for number, name, values in _places(accepted, calls):
        value = calls[number]["arguments"][name]
        if isinstance(value, float) and value.is_integer():
            ints[number]["arguments"][name] = int(value)
            whole = True
        if isinstance(value, int) and not isinstance(value, bool):
            floats[number]["arguments"][name] = float(value)
            typed = typed or _kind(tools, calls[number]["name"], name) == "integer"
        if isinstance(value, str) and not texts and 5 not in values:
            text[number]["arguments"][name] = 5
            texts, spoilt_at = True, f"{calls[number]['name']}.{name}"
    if whole:
        yield Mutation("int for float", ints, passes=True)
        yield Mutation("int for float, with schemas", ints, passes=True, tools=tools)
    yield Mutation("float for int", floats, passes=True)
    yield Mutation("float for int, with schemas", floats, passes=not typed, tools=tools)
    if texts:
        yield Mutation("int for text", text, passes=False, names=spoilt_at)


def _places(accepted: Accepted, calls: Calls) -> Iterator[tuple[int, str, Sequence[Any]]]:
    """Each argument that is given, with its accepted values."""
    for number, one in enumerate(accepted):
        ((_, arguments),) = one.items()
        for name, values in arguments.items():
            if name in calls[number]["arguments"]:
                yield number, name, values


def _kind(tools: Sequence[Any], tool: str, argument: str) -> str:
    for one in tools:
        if one["name"] == tool:
            return str(one["parameters"]["properties"].get(argument, {}).get("type", ""))
    return ""
