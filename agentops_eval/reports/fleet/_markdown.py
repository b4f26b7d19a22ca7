"""A project in Markdown, for a comment on a pull request: how it is, what is open, what was run."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.reports._markdown import LIMIT
from agentops_eval.reports._markup import Section, code, document, words
from agentops_eval.reports._text import percent
from agentops_eval.reports.fleet._nouns import AgentView, Fleet, ItemView, RunKind
from agentops_eval.reports.fleet._words import (
    NAME,
    TEXT,
    TITLES,
    burn,
    harms_of,
    headline,
    hottest,
    kept,
    level,
    moment_of,
    money,
    name_of,
    says_of,
    title_of,
)

MOST_ROWS = 25


def fleet_markdown(fleet: Fleet, *, limit: int = LIMIT) -> str:
    """Agents, open findings, suites and runs as tables; what is missing with its command.

    Texts of whoever stand in it as code and can be no link, mention, image or HTML. At most ``limit``
    characters: rows beyond are left out and counted.
    """
    said = headline(fleet)
    opening = f"### {words(f'{said[0].upper()}{said[1:]}', 300)}\n"
    closing = (
        f"\n{fleet.count:,} items of evidence in {code(fleet.project, NAME)}, as of {words(fleet.at, 40)}\n"
    )
    return document(opening, _sections(fleet), closing, limit=limit, most=MOST_ROWS)


def _sections(fleet: Fleet) -> Iterator[Section]:
    yield Section(
        title="Agents",
        head=("agent", "health", "level", "findings", "objectives", "burn rate", "cost of a success"),
        rows=[_agent(one) for one in fleet.agents],
        right=frozenset({3, 5, 6}),
    )
    yield Section(
        title="Open findings",
        head=("finding", "agent", "what", "shown"),
        rows=[_finding(one.item) for one in fleet.findings],
    )
    yield Section(
        title="Suites",
        head=("suite", "agent", "verdict", "pass rate", "shown"),
        rows=[_suite(one) for one in fleet.suites],
        right=frozenset({3}),
    )
    for kind in RunKind:
        runs = fleet.of(kind)
        rows = [
            (code(one.name), code(one.word, 80), code(one.problem or one.going or one.told)) for one in runs
        ]
        yield Section(title=TITLES[kind], head=("name", "outcome", "what came of it"), rows=rows, folded=True)
    yield Section(
        title="Missing",
        head=("what", "command"),
        rows=[(code(one.what), code(one.command)) for one in fleet.missing],
    )
    yield Section(
        title="Not counted",
        head=("item, and why",),
        rows=[(code(text),) for text in fleet.refused],
        folded=True,
    )


def _suite(one: ItemView) -> tuple[str, ...]:
    rate = percent(one.measures.get("pass_rate"))
    return code(one.subject), code(one.agent), one.verdict, rate, code(moment_of(one.at))


def _finding(item: ItemView) -> tuple[str, ...]:
    harms = ", ".join(f"{words(told, NAME)} {code(name)}" for told, name in harms_of(item))
    unsafe = f" **unsafe**: {harms}" if harms else ""
    return (
        f"{words(title_of(item), NAME)} {code(name_of(item))}{unsafe}",
        code(item.agent, 80) or "every agent",
        code(says_of(item, TEXT)),
        code(moment_of(item.at)),
    )


def _agent(one: AgentView) -> tuple[str, ...]:
    return (
        code(one.name, 80) + ("" if one.known else " **unknown**: no inventory names it"),
        str(one.health),
        level(one),
        f"{one.findings}",
        kept(one) or "none measured",
        burn(hottest(one)) or "?",
        money(one.cost_usd),
    )
