"""Every rule, and which of them a configuration asks for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from agentops_eval.domain import ConfigInvalid, Level, Rule
from agentops_eval.traces.lint import (
    _audit,
    _confidence,
    _correlation,
    _cost,
    _decision,
    _emitted,
    _human,
    _hygiene,
    _llm,
    _tool,
)
from agentops_eval.traces.lint._model import LintConfig

RULES: Mapping[str, Rule] = {
    rule.id: rule
    for module in (
        _llm,
        _tool,
        _decision,
        _human,
        _cost,
        _confidence,
        _correlation,
        _hygiene,
        _emitted,
        _audit,
    )
    for rule in module.RULES
}
"""Every rule by its id. An id is never given to another rule, even after its own is gone."""

_BY_SLUG = {rule.slug: rule for rule in RULES.values()}
_PREFIX = "AL"
_IN_GROUP = re.compile(r"AL\d\D{1,3}")


def find_rule(name: str, *, where: str = "") -> Rule:
    """The rule of an id or a slug. Raises ConfigInvalid, naming the nearest, where there is none."""
    rule = RULES.get(name.strip().upper()) or _BY_SLUG.get(name.strip().lower())
    if rule is None:
        raise _unknown(name, where)
    return rule


def levels_of(config: LintConfig, *, where: str = "") -> dict[str, Level]:
    """The rules that are checked, with their levels. Raises ConfigInvalid for a name that no rule has."""
    levels = {find_rule(name, where=where).id: level for name, level in config.levels.items()}
    selected = _named(config.select, where) if config.select else set(RULES)
    ignored = _named(config.ignore, where)
    return {
        rule.id: levels.get(rule.id, rule.level)
        for rule in RULES.values()
        if rule.id in selected and rule.id not in ignored
    }


def _named(names: Iterable[str], where: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        start = name.strip().upper()
        group = {key for key in RULES if key.startswith(start)} if start.startswith(_PREFIX) else set[str]()
        near = _group_near(start)
        if not group and near:
            raise _unknown(name, where, told=f"did you mean {near}, which are all rules of that group? ")
        found |= group or {find_rule(name, where=where).id}
    return found


def _group_near(start: str) -> str:
    """The group that a name which is no id seems to mean, as AL9x means AL9."""
    if not _IN_GROUP.fullmatch(start):
        return ""
    return start[:3] if any(key.startswith(start[:3]) for key in RULES) else ""


def _unknown(name: str, where: str, *, told: str = "") -> ConfigInvalid:
    near = difflib.get_close_matches(name.strip().upper(), RULES, n=1) or difflib.get_close_matches(
        name.strip().lower(), _BY_SLUG, n=1
    )
    nearest = find_rule(near[0]) if near else None
    if nearest is not None and not told:
        told = f"did you mean {nearest.id} ({nearest.slug})? "
    return ConfigInvalid(
        f"there is no lint rule {name[:80]!r}",
        where=where,
        remedy=f"{told}agentops-eval trace lint --explain all",
    )
