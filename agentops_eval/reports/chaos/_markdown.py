"""A game day in Markdown, for an issue, a pull request or a CI job's summary."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.domain import GamedayReport
from agentops_eval.reports._markdown import LIMIT, MOST_ROWS
from agentops_eval.reports._markup import Section, code, document, words
from agentops_eval.reports.chaos._words import (
    KINDS,
    clock_text,
    ending,
    headline,
    moments,
    outcome,
    rollbacks_word,
    state_word,
)

_TEXT = 600


def gameday_markdown(report: GamedayReport, *, limit: int = LIMIT) -> str:
    """What came of it, findings with owner and remedy, experiments, and the timeline folded.

    Titles and whatever agents said stand in it as code and can be no link, mention, image or HTML. At most
    ``limit`` characters: of long tables the rest is counted.
    """
    said = headline(report)
    opening = f"### {words(f'{said[0].upper()}{said[1:]}', 300)}\n\n{code(report.title, 300)}: "
    opening += f"{words(ending(report), 400)}\n"
    if report.hypothesis:
        opening += f"\nHypothesis: {code(report.hypothesis, _TEXT)}\n"
    if report.roles:
        told = ", ".join(f"{code(name, 80)} {code(role, 80)}" for name, role in sorted(report.roles.items()))
        opening += f"\nRoles: {told}\n"
    return document(opening, _sections(report), "", limit=limit, most=MOST_ROWS)


def _sections(report: GamedayReport) -> Iterator[Section]:
    yield Section(
        title="Findings",
        head=("kind", "experiment", "what", "owner", "remedy"),
        rows=[
            (
                words(KINDS[one.kind]),
                code(one.experiment, 120),
                code(one.what, _TEXT),
                code(one.owner, 80) or "nobody",
                code(one.remedy, _TEXT),
            )
            for one in report.weaknesses
        ],
    )
    yield from _experiments(report)
    yield Section(
        title="Undone before it began",
        head=("what an earlier one had left",),
        rows=[(code(one, _TEXT),) for one in report.recovered],
    )
    yield Section(
        title="Timeline",
        head=("at", "what"),
        rows=[(clock_text(one.at_s), code(one.what, 300)) for one in moments(report)],
        folded=True,
    )


def _experiments(report: GamedayReport) -> Iterator[Section]:
    yield Section(
        title="Experiments",
        head=("experiment", "outcome", "before", "after", "undone", "seconds"),
        rows=[
            (
                code(one.title, 120),
                words(outcome(one)),
                words(state_word(one.before)),
                words(state_word(one.after)),
                code(rollbacks_word(one), 200),
                f"{one.duration_s:,.1f}",
            )
            for one in report.journals
        ],
        right=frozenset({5}),
    )
    started = len(report.journals)
    yield Section(
        title="Not begun",
        head=("experiment",),
        rows=[(code(title, 120),) for title in report.planned[started:]],
    )
