"""What is wrong with a setting, in the words of the place that sets it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from types import NoneType, UnionType
from typing import get_args, get_origin

from agentops_eval.domain import ConfigInvalid

_SHOWN = 80
_BELOW_FIX = " " * len("  fix:   ")
_TRUE, _FALSE = frozenset({"yes", "on", "y", "t"}), frozenset({"no", "off", "n", "f"})
_TAKES: dict[object, str] = {
    bool: "true or false",
    float: "a number",
    str: "text",
    tuple: "a list of texts",
    dict: "a table of texts: kind = regular expression",
}
_NUMBERS = {"pace": "0.5", "max_age_days": "30"}
_TABLES = {"attribution": ("a table of lists of attribute names", '{team = ["team", "org.team"]}')}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How a place writes a setting. ``table`` is empty where it has no way to write one."""

    form: str
    true: str = "true"
    false: str = "false"
    quoted: bool = True
    table: str = '{badge = "B-[0-9]+"}'

    def write(self, key: str, value: str) -> str:
        """The line to paste; ``value`` is written already."""
        return self.form.format(key=key, upper=key.upper(), value=value)

    def text(self, value: object) -> str:
        """A text as this place writes it."""
        return json.dumps(str(value), ensure_ascii=False) if self.quoted else str(value)


TOML_NOTATION = Notation(form="{key} = {value}")
ENVIRONMENT_NOTATION = Notation(form="AGENTOPS_{upper}={value}", quoted=False, table="")
MARK_NOTATION = Notation(form="{key}={value}", true="True", false="False", table='{"badge": "B-[0-9]+"}')
INI_NOTATION = Notation(form="agentops_{key} = {value}", quoted=False, table="badge = B-[0-9]+")


def unknown_name(
    what: str, known: Iterable[str], name: str, *, where: str, remedy: str = ""
) -> ConfigInvalid:
    """The error for a name that nothing has: ``what`` says so, the valid ones are listed.

    ``remedy`` is what to do instead, where that is not to use the nearest of them.
    """
    names = sorted(known)
    near = difflib.get_close_matches(name.lower(), names, n=1)
    remedy = remedy or "".join(f"did you mean {one!r}?" for one in near)
    if not remedy:
        listed = wrap(f"use one of {', '.join(names)}", width=_SHOWN - len(_BELOW_FIX))
        return ConfigInvalid(what, where=where, remedy=f"\n{_BELOW_FIX}".join(listed))
    return ConfigInvalid(
        what,
        where=where,
        difference="\n  ".join(wrap(f"valid: {', '.join(names)}", width=_SHOWN - 4)),
        remedy=remedy,
    )


def wrong_value(key: str, value: object, kind: object, *, where: str, notation: Notation) -> ConfigInvalid:
    """The error for a value of another kind than ``kind``, which is the setting's type."""
    kind = _bare(kind)
    truth = {True: notation.true, False: notation.false}
    shown = truth[value] if isinstance(value, bool) else repr(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
    example = _example(key, value, kind, notation)
    remedy = notation.write(key, example)
    if not example:
        table = _table(key, TOML_NOTATION)
        remedy = f"[tool.agentops] in pyproject.toml: {TOML_NOTATION.write(key, table)}"
    return ConfigInvalid(
        f"the setting {key} cannot be {shown}",
        where=where,
        difference=f"it takes {_TABLES[key][0] if key in _TABLES else _takes(kind)}",
        remedy=remedy,
    )


def _bare(kind: object) -> object:
    """The class that values of a type are of, None left aside: an enumeration, ``bool``, ``tuple``, ..."""
    if isinstance(kind, UnionType):
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return get_origin(kind) or kind


def _takes(kind: object) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    return _TAKES.get(kind) or f"a value of the type {getattr(kind, '__name__', kind)}"


def _example(key: str, value: object, kind: object, notation: Notation) -> str:
    """The nearest value that would do, as the place writes it; empty where the place cannot hold one."""
    word = str(value).strip().lower()
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        words = [member.value for member in kind]
        return notation.text((difflib.get_close_matches(word, words, n=1) or words)[0])
    if kind is bool:
        return notation.false if word in _FALSE else notation.true
    if kind is float:
        return _NUMBERS.get(key, "1")
    if kind is tuple:
        items = value if isinstance(value, (list, tuple)) else [value]
        return f"[{', '.join(map(notation.text, items))}]"
    return _table(key, notation) if kind is dict else notation.text(value)


def _table(key: str, notation: Notation) -> str:
    """A table that the setting takes, as the place writes it; empty where the place cannot."""
    if key in _TABLES:
        return _TABLES[key][1] if notation is TOML_NOTATION else ""
    return notation.table
