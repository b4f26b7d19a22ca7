"""Between which ends each number of a gate may lie: for files, for gates made in Python, for the schema."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, TypeGuard

from agentops_eval.domain import shorten
from agentops_eval.gate._gate import (
    Asks,
    Direction,
    Gate,
    Kind,
    Metric,
    Planned,
    Quality,
    Role,
    RollbackNull,
    Stage,
)

MAX_NAME = 200
MANIFOLD = 15
"""The greatest relative loss that can be meant: what is above it is most often a percentage, as 20."""
ALMOST_ALL = 0.999
"""What can be lost, or saved, of a value at the most, relative to it."""
MANY_TIMES = 1_000_000
"""The greatest relative gain that can be asked for."""
RAREST = 1e-6
"""The lowest rate of events that can be meant, beside none ever."""

Part: TypeAlias = Gate | Metric | Stage | Planned | Quality
Path: TypeAlias = tuple[str | int, ...]
"""Where something stands in a gate, in the words of gate files."""

_MOST_N = 1_000_000_000
_MOST_BLOCK = 1_000_000
_MOST_LOOKS = 100
_LAST_SEED = 1_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GateProblem:
    """Something in a gate that cannot be meant: where, what it is, and what to write instead."""

    path: Path
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The ends of a number. It may be ``least`` and ``most`` themselves, not ``above`` and ``below``.

    ``whole`` asks for a whole number. ``example`` is what the remedy says to write.
    """

    example: float
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None
    whole: bool = False

    def hold(self, value: object) -> bool:
        """Whether it is a finite number between the ends."""
        if not is_number(value):
            return False
        return (
            (not self.whole or isinstance(value, int))
            and (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
            and (self.below is None or value < self.below)
        )

    @property
    def words(self) -> str:
        """The ends as people say them: ``a number above 0 and below 1``."""
        noun = "a whole number" if self.whole else "a number"
        high = f"below {_told(self.below)}" if self.below is not None else ""
        if self.least is not None:
            high = high or (_told(self.most) if self.most is not None else "")
            ends = f"from {_told(self.least)} to {high}" if high else f"of {_told(self.least)} or more"
        else:
            high = high or (f"up to {_told(self.most)}" if self.most is not None else "")
            low = f"above {_told(self.above)}" if self.above is not None else ""
            ends = " and ".join(part for part in (low, high) if part)
        return f"{noun} {ends}" if ends else "a finite number"

    @property
    def schema(self) -> dict[str, float]:
        """The same in JSON Schema."""
        ends = {
            "minimum": self.least,
            "exclusiveMinimum": self.above,
            "maximum": self.most,
            "exclusiveMaximum": self.below,
        }
        return {key: end for key, end in ends.items() if end is not None}


def _told(end: float) -> str:
    return f"{end:,}" if isinstance(end, int) else f"{end:.9f}".rstrip("0")


_FEWEST = Bounds(example=20, least=0, most=_MOST_N, whole=True)
_MOST = Bounds(example=400, least=1, most=_MOST_N, whole=True)
_ALPHA = Bounds(example=0.05, least=1e-6, below=0.5)
_SHARE = Bounds(example=0.05, least=0, most=1)

BOUNDS: Mapping[type[Part], Mapping[str, Bounds]] = MappingProxyType(
    {
        Gate: {
            "alpha": _ALPHA,
            "alpha_promote": _ALPHA,
            "min_n": _FEWEST,
            "max_n": _MOST,
            "block": Bounds(example=1, least=1, most=_MOST_BLOCK, whole=True),
            "seed": Bounds(example=0, least=-_LAST_SEED, most=_LAST_SEED, whole=True),
        },
        Metric: {
            "margin": Bounds(example=0.05),
            "weight": Bounds(example=1, least=1e-6, most=1_000_000),
            "quantile": Bounds(example=0.95, above=0, below=1),
            "limit": Bounds(example=0, least=0, below=1),
            "most": Bounds(example=1e9, above=0),
            "min_n": _FEWEST,
            "max_n": _MOST,
        },
        Stage: {
            "share": Bounds(example=0.05, least=1e-6, most=1),
            "min_n": _FEWEST,
            "max_n": _MOST,
        },
        Planned: {
            "n": Bounds(example=200, least=1, most=_MOST_N, whole=True),
            "looks": Bounds(example=5, least=1, most=_MOST_LOOKS, whole=True),
        },
        Quality: {
            "most_missing": _SHARE,
            "most_errors": Bounds(example=0.2, least=0, most=1),
            "alpha": Bounds(example=0.001, least=1e-6, below=0.5),
            "max_age_h": Bounds(example=48, above=0),
            "disorder_s": Bounds(example=0, least=0),
            "most_alike": Bounds(example=0.5, above=0, most=1),
        },
    }
)
"""The ends of every number, by the part of a gate that has it. None may stand where it is the default."""

_CHOICES: Mapping[type[Part], Mapping[str, type[StrEnum]]] = MappingProxyType(
    {
        Metric: {"kind": Kind, "direction": Direction, "role": Role, "rollback": RollbackNull},
        Stage: {"asks": Asks},
    }
)


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= sys.float_info.max


def told(value: object) -> str:
    """A value for a message, as a file would have it."""
    return shorten(repr(value).removesuffix(".0"), MAX_NAME)


def check_part(part: Part, path: Path) -> Iterator[GateProblem]:
    """What is wrong with single fields: numbers beyond their ends, and words that are no choices."""
    for name, bounds in BOUNDS[type(part)].items():
        value = getattr(part, name)
        if not bounds.hold(value) and not (value is None and _may_be_none(part, name)):
            message = f"{name} is {bounds.words}, not {told(value)}"
            yield GateProblem(path=(*path, name), message=message, remedy=f"{name}: {bounds.example:g}")
    for name, choices in _CHOICES.get(type(part), {}).items():
        value = getattr(part, name)
        if not isinstance(value, choices) and not (value is None and _may_be_none(part, name)):
            message = f"{name} is a {choices.__name__}, not {value!r}"
            remedy = f"use one of {', '.join(f'{choices.__name__}.{one.name}' for one in choices)}"
            yield GateProblem(path=(*path, name), message=message, remedy=remedy)


def check_name(name: object, path: Path) -> Iterator[GateProblem]:
    """A name stands in messages, tables and files' rows: it is one line of text, and not too long."""
    fits = isinstance(name, str) and 0 < len(name) <= MAX_NAME and name.isprintable() and name == name.strip()
    if not fits:
        message = f"a name is one line of 1 to {MAX_NAME} characters without spaces at its ends"
        yield GateProblem(path=path, message=message, remedy="name: passed")


def _may_be_none(part: Part, name: str) -> bool:
    return bool(part.__dataclass_fields__[name].default is None)
