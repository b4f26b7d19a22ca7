"""What is wrong with a setting, in the words of the place that sets it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap

from agentops_eval.domain import ConfigInvalid

_SHOWN = 80
_TRUE, _FALSE = frozenset({"yes", "on", "y", "t"}), frozenset({"no", "off", "n", "f"})
_TAKES = {
    "RecordMode": "one of none, once, all",
    "bool": "true or false",
    "float": "a number",
    "float | None": "a number",
    "str": "text",
    "tuple[str, ...]": "a list of texts",
    "dict[str, str] | None": "a table of texts: kind = regular expression",
}
_MODES = ("none", "once", "all")
_NUMBERS = {"pace": "0.5", "max_age_days": "30"}


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


def unknown_name(what: str, known: Iterable[str], name: str, *, where: str) -> ConfigInvalid:
    """The error for a name that nothing has: ``what`` says so, the valid ones are listed."""
    names = sorted(known)
    near = difflib.get_close_matches(name.lower(), names, n=1)
    return ConfigInvalid(
        what,
        where=where,
        difference="\n  ".join(wrap(f"valid: {', '.join(names)}", width=_SHOWN - 4)),
        remedy=f"did you mean {near[0]!r}?" if near else "",
    )


def wrong_value(key: str, value: object, kind: str, *, where: str, notation: Notation) -> ConfigInvalid:
    """The error for a value of another kind than ``kind``, which is the setting's annotation."""
    truth = {True: notation.true, False: notation.false}
    shown = truth[value] if isinstance(value, bool) else repr(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
    example = _example(key, value, kind, notation)
    remedy = notation.write(key, example)
    if not example:
        remedy = f"[tool.agentops] in pyproject.toml: {TOML_NOTATION.write(key, TOML_NOTATION.table)}"
    return ConfigInvalid(
        f"the setting {key} cannot be {shown}",
        where=where,
        difference=f"it takes {_TAKES[kind]}",
        remedy=remedy,
    )


def _example(key: str, value: object, kind: str, notation: Notation) -> str:
    """The nearest value that would do, as the place writes it; empty where the place cannot hold one."""
    word = str(value).strip().lower()
    if kind == "RecordMode":
        near = difflib.get_close_matches(word, _MODES, n=1)
        return notation.text(near[0] if near else _MODES[0])
    if kind == "bool":
        return notation.false if word in _FALSE else notation.true
    if kind.startswith("float"):
        return _NUMBERS.get(key, "1")
    if kind.startswith("tuple"):
        items = value if isinstance(value, (list, tuple)) else [value]
        return f"[{', '.join(map(notation.text, items))}]"
    return notation.table if kind.startswith("dict") else notation.text(value)
