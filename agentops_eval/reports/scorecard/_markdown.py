"""A scorecard in Markdown, for a comment on a pull request: the answer, what blocks it, what to do first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from agentops_eval.domain import DimensionScore, Remedy, Scorecard, Standing, TrendPoint
from agentops_eval.reports._markdown import LIMIT
from agentops_eval.reports._markup import Section, code, document, words
from agentops_eval.reports.scorecard._words import (
    NAME,
    TOP,
    asked_for,
    counts,
    criteria_of,
    day_of,
    headline,
    holding,
    meaning,
    short_digest,
    weakest,
)

MOST_ROWS = 25
_FIRST_STEPS, _FIRST_BLOCKING = 5, 3


def scorecard_markdown(
    scorecard: Scorecard,
    *,
    trend: Sequence[TrendPoint] = (),
    thresholds: Mapping[str, int] = MappingProxyType({}),
    limit: int = LIMIT,
) -> str:
    """The answer, harms, the weakest dimension, levels, five steps, and what changed; the rest folded.

    Names, reasons and commands of whoever stand in it as code and can be no link, mention, image or HTML.
    ``trend`` and ``thresholds`` are those of ``scorecard_html``. At most ``limit`` characters.
    """
    said = headline(scorecard, asked_for(thresholds))
    opening = f"### {words(f'{said[0].upper()}{said[1:]}', 300)}\n\n{_basis(scorecard)}\n"
    return document(opening, _sections(scorecard, trend), _closing(scorecard), limit=limit, most=MOST_ROWS)


def _basis(scorecard: Scorecard) -> str:
    criteria = list(criteria_of(scorecard))
    found = counts(criteria)
    told = (
        f"{code(scorecard.agent, NAME)}, level {scorecard.level}: {meaning(scorecard.level)}. "
        f"{found[Standing.MET]} of {len(criteria)} criteria shown, {found[Standing.ATTESTED]} signed only."
    )
    lowest = weakest(scorecard)
    if not lowest:
        return told
    more = f" and {len(lowest) - TOP} more" if len(lowest) > TOP else ""
    return f"{told} Weakest: {', '.join(code(one.name, 80) for one in lowest[:TOP])}{more}."


def _sections(scorecard: Scorecard, trend: Sequence[TrendPoint]) -> Iterator[Section]:
    yield Section(
        title="Unsafe, whatever else was shown",
        head=("finding", "holds down to", "evidence"),
        rows=[
            (code(cap.reason), f"{cap.level}", " ".join(code(short_digest(one)) for one in cap.evidence[:3]))
            for cap in scorecard.unsafe
        ],
    )
    yield Section(
        title="Dimensions",
        head=("dimension", "level", "score", "what blocks the next level"),
        rows=[_dimension(one) for one in scorecard.dimensions],
        right=frozenset({1, 2}),
    )
    steps = [_step(one) for one in scorecard.plan]
    head = ("step", "priority", "owner", "command")
    yield Section(title="What to do first", head=head, rows=steps[:_FIRST_STEPS], right=frozenset({1}))
    yield from _since(trend)
    further = steps[_FIRST_STEPS:]
    yield Section(title="Further steps", head=head, rows=further, right=frozenset({1}), folded=True)
    yield Section(
        title="Not counted",
        head=("item, and why",),
        rows=[(code(text),) for text in scorecard.refused],
        folded=True,
    )


def _dimension(one: DimensionScore) -> tuple[str, ...]:
    blocked = ", ".join(code(id_, 80) for id_ in one.blocking[:_FIRST_BLOCKING])
    if len(one.blocking) > _FIRST_BLOCKING:
        blocked += f" and {len(one.blocking) - _FIRST_BLOCKING} more"
    short, why = holding(one)
    if short:
        blocked += f"{'; ' if blocked else ''}**{short}**: {code(why)}"
    return code(one.name, 80), f"**{one.level}**", f"{one.score:.1f}", blocked


def _step(one: Remedy) -> tuple[str, ...]:
    return code(one.what), f"{one.priority:.1f}", code(one.owner, 80) or "nobody", code(one.command)


def _since(trend: Sequence[TrendPoint]) -> Iterator[Section]:
    """What the latest scorecard gained and lost against the one before."""
    if len(trend) < 2:
        return
    before, now = trend[-2:]
    moved = ", by other criteria: levels do not compare" if now.moved else ""
    rows = [(code(id_, 80), "lost") for id_ in now.lost] + [(code(id_, 80), "gained") for id_ in now.gained]
    title = f"Since {words(day_of(before.at), 20)} (level {before.level}){moved}"
    yield Section(title=title, head=("criterion", ""), rows=rows)


def _closing(scorecard: Scorecard) -> str:
    facts = {"criteria": scorecard.criteria, "evidence": scorecard.evidence_digest}
    told = ", ".join(f"{name} {code(value, 120)}" for name, value in facts.items() if value)
    return f"\n{scorecard.items:,} items of evidence, as of {words(scorecard.at, 40)}; {told}\n"
