"""Another answer in place of the one that was given: empty, half, wrong, old or of another shape; all pure.

Values are JSON as tools' results are kept: what is no JSON by itself is tagged (``{"$decimal": "59.90"}``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from random import Random
from typing import Any, TypeAlias

from agentops_eval.domain import Json, shorten

Path: TypeAlias = tuple[str | int, ...]
Change: TypeAlias = Callable[[Json], Json]

_SEQUENCES = frozenset({"$tuple", "$set", "$frozenset"})
_IDENTITY = re.compile(r"(?i)(^|_)(id|ids|key|code|ref|number|no|nr|uuid|sku|iban|account)$|[a-z]Id$")
_NOUNS = frozenset({"order", "customer", "user", "tenant", "invoice", "booking", "ticket", "email", "sender"})
_MOVING = re.compile(
    r"(?i)price|amount|total|rate|cost|balance|quantity|stock|score|temperature|fee|sum|count"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?\Z")
_EPOCH = range(1_000_000_000, 5_000_000_000)


class NoWay(Exception):
    """This value has nothing that could be changed so."""


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every part that holds no other, with the way to it; tagged texts are such parts."""
    if isinstance(value, Mapping) and not _is_tagged_text(value):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    else:
        yield path, value


def at(value: Json, path: Path, change: Change) -> Json:
    """The same value, changed at one place; what was given stays as it is."""
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {name: at(item, rest, change) if name == step else item for name, item in value.items()}
    assert isinstance(value, Sequence)
    return [at(item, rest, change) if number == step else item for number, item in enumerate(value)]


def put(value: Json, path: Path, part: Json) -> Json:
    """The same value, with ``part`` at that place."""
    return at(value, path, lambda _: part)


def emptied(value: Json) -> Json:
    """Nothing, of the same kind: an empty list, object or text; null for anything else."""
    tag, inner = _tag_of(value)
    if tag in _SEQUENCES:
        return {tag: []}
    if tag:
        return None
    if isinstance(inner, str):
        return ""
    if isinstance(inner, Mapping):
        return {}
    return [] if isinstance(inner, Sequence) else None


def cut(value: Json, share: float) -> Json:
    """The first part of a list, of a record's fields, or of a text; of what holds one thing, part of that."""
    tag, inner = _tag_of(value)
    if tag in _SEQUENCES:
        return {tag: cut(inner, share)}
    if tag:
        raise NoWay("a single value has no half")
    if isinstance(inner, Mapping):
        if len(inner) == 1:
            (name, item), *_ = inner.items()
            return {name: cut(item, share)}
        kept = list(inner.items())[: _part(len(inner), share)]
        return dict(kept)
    if isinstance(inner, str):
        if len(inner) < 2:
            raise NoWay("its text is too short to be cut")
        return inner[: _part(len(inner), share)]
    if not isinstance(inner, Sequence) or not inner:
        raise NoWay("a single value has no half")
    if len(inner) == 1:
        return [cut(inner[0], share)]
    return list(inner[: _part(len(inner), share)])


def _part(size: int, share: float) -> int:
    return max(0, min(size - 1, int(size * share)))


def mistaken(value: Json, how: str, factor: float, random: Random) -> tuple[Json, str]:
    """One part of it wrong and of the same form: a number, a yes or no, an identity. Says which, and how."""
    for sort in ("number", "id", "boolean") if how == "any" else (how,):
        found = [(path, leaf) for path, leaf in leaves(value) if _sort_of(path, leaf) == sort]
        if not found:
            continue
        path, leaf = random.choice(found)
        other = _other(leaf, sort, factor, [one for where, one in found if _name(where) == _name(path)])
        return put(value, path, other), f"{_told(path)}{_short(leaf)} became {_short(other)}"
    raise NoWay("it holds no number, no yes or no and no identity" if how == "any" else f"it holds no {how}")


def _sort_of(path: Path, leaf: Json) -> str:
    name = _name(path)
    if isinstance(leaf, bool):
        return "boolean"
    if isinstance(leaf, str):
        coded = any(c.isdigit() for c in leaf) and not re.search(r"\s", leaf) and not _DAY.match(leaf)
        return "id" if leaf and (coded or _is_identity(name)) else ""
    if isinstance(leaf, (int, float)):
        return "id" if _is_identity(name) else "number"
    return {"$decimal": "number", "$uuid": "id"}.get(_tag_of(leaf)[0], "")


def _is_identity(name: str) -> bool:
    return bool(_IDENTITY.search(name)) or name.lower() in _NOUNS


def _other(leaf: Json, sort: str, factor: float, peers: Sequence[Json]) -> Json:
    """Another value of the same form. An identity becomes one of its peers where there are others."""
    if sort == "boolean":
        return not leaf
    if sort == "number":
        return scaled(leaf, factor)
    strangers = [peer for peer in peers if peer != leaf]
    if strangers:
        return strangers[0]
    tag, inner = _tag_of(leaf)
    return {tag: _next_id(str(inner))} if tag else _next_id(inner)


def _next_id(value: Json) -> Json:
    """The neighbour: 1042 -> 1043, ``o-1049`` -> ``o-1040``, ``ann`` -> ``anm``."""
    if isinstance(value, (int, float)):
        return value + 1
    text = str(value)
    place = max((n for n, c in enumerate(text) if c in "0123456789"), default=-1)
    if place < 0:
        last = text[-1]
        return text[:-1] + ("m" if last != "m" else "n")
    return f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"


def scaled(value: Json, factor: float) -> Json:
    """A number times a factor, a whole number staying whole; another number in any case."""
    tag, inner = _tag_of(value)
    if tag == "$decimal":
        try:
            number = Decimal(str(inner)) * Decimal(str(factor))
        except InvalidOperation:
            return {tag: "0"}
        return {tag: str(number if number != Decimal(str(inner)) else number + 1)}
    assert isinstance(inner, (int, float))
    if isinstance(inner, int):  # of any size, and exact
        other: float = round(inner * Fraction(str(factor)))
    else:
        other = round(inner * factor, 6)
    return other if other != inner else inner + 1


def aged(value: Json, by_s: float) -> Json:
    """What it may have been some time ago: dates earlier, prices and stocks a tenth lower."""
    parts = list(leaves(value))
    found = [(path, older) for path, leaf in parts if (older := _older(path, leaf, by_s)) != leaf]
    if not found:
        found = [(path, scaled(leaf, 0.9)) for path, leaf in parts if _sort_of(path, leaf) == "number"]
    if not found:
        raise NoWay("nothing in it can be older, and the same was not answered before")
    for path, older in found:
        value = put(value, path, older)
    return value


def _older(path: Path, leaf: Json, by_s: float) -> Json:
    tag, inner = _tag_of(leaf)
    if isinstance(inner, str) and tag in ("", "$datetime", "$date"):
        earlier = _earlier(inner, by_s)
        return {tag: earlier} if tag else earlier
    name = _name(path)
    if isinstance(leaf, (int, float)) and not isinstance(leaf, bool) and int(leaf) in _EPOCH:
        return leaf - int(by_s) if re.search(r"(?i)_at$|time|date", name) else leaf
    return scaled(leaf, 0.9) if _sort_of(path, leaf) == "number" and _MOVING.search(name) else leaf


def _earlier(text: str, by_s: float) -> str:
    """The same kind of date, earlier; what is no date stays as it is."""
    if not _DAY.match(text):
        return text
    try:
        if len(text) == len("2026-01-01"):
            return (date.fromisoformat(text) - timedelta(days=max(1, round(by_s / 86_400)))).isoformat()
        moment = datetime.fromisoformat(text) - timedelta(seconds=by_s)
    except (ValueError, OverflowError):
        return text
    told = moment.isoformat(sep=text[10])
    return told.replace("+00:00", "Z") if text.endswith("Z") else told


def drifted(value: Json, how: str, random: Random) -> tuple[Json, str]:
    """One field renamed, of another type, or moved; in a list of records in each of them. Says which."""
    tag, inner = _tag_of(value)
    if tag in _SEQUENCES and isinstance(inner, Sequence) and inner:
        other, told = drifted(inner, how, random)
        return {tag: other}, told
    if tag or not isinstance(inner, (Mapping, list)) or not inner:
        other = _retyped(value) if how == "retyped" else {"result": value}
        return other, f"the answer {how}"
    if isinstance(inner, Mapping):
        name = random.choice(list(inner))
        return _drifted_field(inner, name, how), f"the field {name} {how}"
    records = [one for one in inner if isinstance(one, Mapping) and not _is_tagged_text(one) and one]
    if not records:
        return (
            {"items": inner} if how != "retyped" else [_retyped(one) for one in inner]
        ), f"the items {how}"
    name = random.choice(list(records[0]))
    drift = [_drifted_field(r, name, how) if isinstance(r, Mapping) and name in r else r for r in inner]
    return drift, f"the field {name} {how}"


def _drifted_field(record: Mapping[str, Json], name: str, how: str) -> Json:
    if how == "renamed":
        return {(_renamed(key) if key == name else key): item for key, item in record.items()}
    if how == "retyped":
        return {key: _retyped(item) if key == name else item for key, item in record.items()}
    rest = {key: item for key, item in record.items() if key != name}
    return {**rest, "details" if name != "details" else "data": {name: record[name]}}


def _renamed(name: str) -> str:
    words = name.split("_")
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    return camel if camel != name else f"{name}_value"


def _retyped(value: Json) -> Json:
    """The same told in another type, as a new version of an interface would."""
    tag, inner = _tag_of(value)
    if tag:
        return str(inner) if isinstance(inner, str) else inner
    if isinstance(inner, bool):
        return "yes" if inner else "no"
    if isinstance(inner, (int, float)):
        return str(inner)
    if inner is None:
        return ""
    if isinstance(inner, str):
        return {"value": inner}
    return [inner] if isinstance(inner, Mapping) else {"items": inner}


def _tag_of(value: Json) -> tuple[str, Json]:
    """The tag of a tagged value and what it holds; an empty tag and the value itself for others."""
    if isinstance(value, Mapping) and len(value) == 1:
        tag, inner = next(iter(value.items()))
        if tag.startswith("$"):
            return tag, inner
    return "", value


def _is_tagged_text(value: Mapping[str, Json]) -> bool:
    return "$repr" in value or (len(value) == 1 and _tag_of(value)[0] not in ("", *_SEQUENCES))


def _name(path: Path) -> str:
    """The nearest field's name."""
    return next((step for step in reversed(path) if isinstance(step, str) and not step.startswith("$")), "")


def _told(path: Path) -> str:
    return f"{'.'.join(map(str, path))}: " if path else ""


def _short(value: Any) -> str:
    return shorten(repr(value), 60)
