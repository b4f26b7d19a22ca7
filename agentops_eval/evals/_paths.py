"""Places in JSON values, as files spell them: ``orders[*].total``, ``files["a.txt"]``, ``lines[0]``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Json


@dataclass(frozen=True, slots=True)
class Every:
    """Any field, or any item."""


EVERY = Every()
Part: TypeAlias = "str | int | Every"
Path: TypeAlias = tuple[Part, ...]

_PART = re.compile(
    r"""\.?(?P<name>[^.\[\]"'\s][^.\[\]"']*)
    | \[(?P<item>[0-9]{1,9}|\*)\]
    | \[(?P<quote>["'])(?P<key>.*?)(?P=quote)\]""",
    re.VERBOSE,
)


def path_of(text: str) -> Path:
    """Read a path; a leading ``$`` may stand. Raises ValueError for what is none."""
    rest = text.strip().removeprefix("$")
    parts: list[Part] = []
    at = 0
    while at < len(rest):
        match = _PART.match(rest, at)
        if match is None:
            raise ValueError(f"{text[:80]!r} is no path: write names and items as in orders[*].total")
        parts.append(_part(match))
        at = match.end()
    return tuple(parts)


def _part(match: re.Match[str]) -> Part:
    if match["key"] is not None:
        return match["key"]
    if match["item"] is not None:
        return EVERY if match["item"] == "*" else int(match["item"])
    return EVERY if match["name"] == "*" else match["name"]


def spelled(path: Iterable[Part]) -> str:
    """A path as it is written in files."""
    text = ""
    for part in path:
        if isinstance(part, str):
            plain = re.fullmatch(r"[\w-]+", part) is not None
            text += (f".{part}" if text else part) if plain else f'["{part[:80]}"]'
        else:
            text += "[*]" if isinstance(part, Every) else f"[{part}]"
    return text


def found_at(value: Json, path: Path) -> tuple[Json, ...]:
    """What stands at a path: nothing, one value, or several where it says ``*``."""
    level: list[Json] = [value]
    for part in path:
        level = [inner for outer in level for inner in _inside(outer, part)]
    return tuple(level)


def _inside(value: Json, part: Part) -> Sequence[Json]:
    if isinstance(value, Mapping):
        if isinstance(part, Every):
            return list(value.values())
        return [value[part]] if isinstance(part, str) and part in value else []
    if isinstance(value, (list, tuple)):
        if isinstance(part, Every):
            return value
        return [value[part]] if isinstance(part, int) and part < len(value) else []
    return []


def without(value: Json, paths: Sequence[Path]) -> Json:
    """The value with everything taken out that one of the paths leads to."""
    if not paths:
        return value
    if isinstance(value, Mapping):
        return {
            key: without(item, _below(paths, key)) for key, item in value.items() if not _ends(paths, key)
        }
    if isinstance(value, (list, tuple)):
        return [
            without(item, _below(paths, number))
            for number, item in enumerate(value)
            if not _ends(paths, number)
        ]
    return value


def _below(paths: Sequence[Path], part: str | int) -> list[Path]:
    return [path[1:] for path in paths if len(path) > 1 and (path[0] is EVERY or path[0] == part)]


def _ends(paths: Sequence[Path], part: str | int) -> bool:
    return any(len(path) == 1 and (path[0] is EVERY or path[0] == part) for path in paths)
