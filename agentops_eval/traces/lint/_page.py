"""The page of rules, made from their table: docs/reference/lint-rules.md is what this gives."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.domain import Rule
from agentops_eval.traces.lint._model import Group
from agentops_eval.traces.lint._table import RULES

_HEAD = """# Lint rules

Every rule of [`agentops-eval trace lint`](cli.md#trace-lint), by its id. Ids are stable and never reused; the
first digit is the group, 0 the tenth. Rules are selected and ignored by id, by slug, or by the beginning of
an id (`AL4`). How the score is computed and what is configured: [lint](lint.md). This page is made from the
table of rules, which `agentops-eval trace lint --explain all` prints.

| level | meaning |
|---|---|
| error | the trace misleads, or something unsafe happened |
| warn | worth mending |
| info | good to know; does not count in the score |
"""


def rules_page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for group in Group for line in _group(group))])


def _group(group: Group) -> Iterator[str]:
    rules = [rule for rule in RULES.values() if rule.group == group]
    yield f"## AL{(list(Group).index(group) + 1) % 10}xx: {group}"
    yield ""
    if group is Group.EMITTED:
        yield "About spans as their sender wrote them. They do not count in the score."
        yield ""
    for rule in rules:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id} {rule.slug} ({rule.level})"
    yield ""
    yield f"{rule.title[0].upper()}{rule.title[1:]}. {rule.explanation}"
    yield ""
    yield f"Fix: {rule.fix}."
    yield ""
    if rule.upstream:
        yield f"Upstream: `{rule.upstream}`."
        yield ""
