"""Lint as it is configured: ``[tool.agentops.lint]`` in pyproject.toml, and the command line above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from agentops_eval.domain import ConfigInvalid, Level
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._settings import pyproject_table, settings_for_reading
from agentops_eval.harness._wrong import TOML_NOTATION, unknown_name, wrong_value
from agentops_eval.traces.lint import LintConfig, levels_of

WHERE = "[tool.agentops.lint] in pyproject.toml"
_COMMAND = "the command line"
_LEVELS = 'levels = {AL402 = "error"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class LintSettings:
    """What ``[tool.agentops.lint]`` may hold; names are its keys."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    levels: dict[str, str] = field(default_factory=dict)
    destructive_tools: tuple[str, ...] = ()
    allowed_keys: tuple[str, ...] = ()


_KINDS: Mapping[str, object] = {
    "select": tuple,
    "ignore": tuple,
    "levels": dict,
    "destructive_tools": tuple,
    "allowed_keys": tuple,
}


def load_lint_config(
    root: Path, *, select: Iterable[str] = (), ignore: Iterable[str] = (), destructive: Iterable[str] = ()
) -> LintConfig:
    """The configuration that holds below ``root``; the arguments are the command line's.

    ``select`` replaces what the file selects; ``ignore`` and ``destructive`` add to it. What counts as
    a secret, and where an authority is told, follows the settings of ``[tool.agentops]``. Raises
    ConfigInvalid, naming the nearest valid name.
    """
    config = _from_file(root)
    levels_of(config, where=WHERE)
    selected, ignored = tuple(select), tuple(ignore)
    levels_of(LintConfig(select=selected, ignore=ignored), where=_COMMAND)
    settings = settings_for_reading(root)
    return replace(
        config,
        select=selected or config.select,
        ignore=(*config.ignore, *ignored),
        destructive_tools=(*config.destructive_tools, *destructive),
        redaction=settings.redaction_rules,
        redactor=redactor_of(settings),
        attribution=settings.attributed_by,
    )


def _from_file(root: Path) -> LintConfig:
    table = pyproject_table(root).get("lint", {})
    if not isinstance(table, dict):
        remedy = "write [tool.agentops.lint] on a line of its own, and a setting on each line below it"
        raise ConfigInvalid("lint is not a table", where="[tool.agentops] in pyproject.toml", remedy=remedy)
    values: dict[str, object] = {}
    for name, value in table.items():
        key = name.replace("-", "_")
        if key not in _KINDS:
            raise unknown_name(f"there is no setting {name!r} of lint", _KINDS, key, where=WHERE)
        try:
            values[key] = getattr(msgspec.convert({key: value}, LintSettings), key)
        except msgspec.ValidationError:
            if key == "levels":
                raise ConfigInvalid("levels is not a table of texts", where=WHERE, remedy=_LEVELS) from None
            raise wrong_value(key, value, _KINDS[key], where=WHERE, notation=TOML_NOTATION) from None
    found = LintSettings(**values)  # type: ignore[arg-type]  # converted above, key by key
    return LintConfig(
        select=found.select,
        ignore=found.ignore,
        levels={rule: _level(rule, level) for rule, level in found.levels.items()},
        destructive_tools=found.destructive_tools,
        allowed_keys=found.allowed_keys,
    )


def _level(rule: str, value: str) -> Level:
    try:
        return Level(value)
    except ValueError:
        what = f"the lint rule {rule} cannot have the level {value!r}"
        raise unknown_name(what, [level.value for level in Level], value, where=WHERE) from None
