"""What a user lets differ between a recorded request and the one asked now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeAlias, cast

from agentops_eval.domain import ConfigInvalid

Tree: TypeAlias = "bool | int | float | str | list[Tree] | dict[str, Tree] | None"

CANON = 3
"""The version of the canonical form. It is part of the digest: a change recomputes stored keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRules:
    """Rules of matching, beside those that always hold.

    ``ignore`` are JSONPaths into JSON bodies, tool arguments, messages and approval details: a
    member that one of them finds is left out, a list element counts as null (so that its
    neighbours keep their places). ``any_host`` leaves scheme, host and port out, for traffic
    through gateways. ``headers`` must match besides the body. ``ignore_query`` names query
    parameters to leave out. ``ignore_headers`` names headers that never tell two otherwise equal
    calls apart. Header names are compared without case. ``redaction`` describes redaction rules
    other than the default ones, under which keys differ too.

    Raises ConfigInvalid for a JSONPath that does not parse.
    """

    ignore: tuple[str, ...] = ()
    any_host: bool = False
    headers: tuple[str, ...] = ()
    ignore_query: tuple[str, ...] = ()
    ignore_headers: tuple[str, ...] = ()
    redaction: str = ""

    def __post_init__(self) -> None:
        for path in self.ignore:
            _compiled(path)

    @property
    def digest(self) -> str:
        """A hex digest of all that decides keys; a cassette with another one is keyed anew."""
        parts = {
            "any_host": self.any_host,
            "canon": CANON,
            "headers": sorted({name.lower() for name in self.headers}),
            "ignore": sorted(set(self.ignore)),
            "ignore_query": sorted(set(self.ignore_query)),
            **({"redaction": self.redaction} if self.redaction else {}),
        }
        return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()


def without_ignored(value: Tree, rules: MatchRules) -> Tree:
    """Take what ``rules.ignore`` finds out of ``value``, in place, and give it back."""
    for path in rules.ignore:
        for found in _compiled(path).find(value):
            _cut(found)
    return value


class _Found(Protocol):
    """What jsonpath-ng gives for a match: the container and the step that leads from it."""

    context: _Found | None
    path: object
    value: Tree


class _Path(Protocol):
    def find(self, value: Tree) -> list[_Found]: ...


def _cut(found: _Found) -> None:
    holder = found.context.value if found.context is not None else None
    if isinstance(holder, dict):
        for name in getattr(found.path, "fields", ()):
            holder.pop(name, None)
    elif isinstance(holder, list):
        # jsonpath-ng 1.7 says ``index`` where later releases say ``indices``.
        places = getattr(found.path, "indices", None) or (getattr(found.path, "index", None),)
        for place in places:
            if isinstance(place, int) and -len(holder) <= place < len(holder):
                holder[place] = None


@lru_cache(maxsize=256)
def _compiled(path: str) -> _Path:
    from jsonpath_ng import Root
    from jsonpath_ng.ext.parser import parse

    try:
        compiled = parse(path)
    except Exception as error:
        raise ConfigInvalid(
            f"the JSONPath {path!r} to ignore does not parse",
            difference=f"{type(error).__name__}: {error}",
            remedy="write it like $.metadata.run_id or $.messages[*].name",
        ) from error
    if isinstance(compiled, Root):
        raise ConfigInvalid(
            "the JSONPath '$' would ignore the whole body",
            remedy="name the member to ignore, like $.metadata.run_id",
        )
    return cast("_Path", compiled)
