"""An exploration as evidence keeps it, read for its page. Whatever is not as it should be is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json
from agentops_eval.reports._text import one_line
from agentops_eval.reports.chaos._impact import (
    NAME,
    TEXT,
    ImpactView,
    count,
    impact_view,
    listed,
    mapping,
    text,
)

_MOST_RULES, _MOST_NOTES = 20, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsView:
    """What became of all schedules of one size: each is in one of the four.

    ``unreachable`` and ``pruned`` are pairs of why and how many.
    """

    name: str
    covered: int
    pruned: tuple[tuple[str, int], ...] = ()
    unreachable: tuple[tuple[str, int], ...] = ()
    cut: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.covered + self.cut + sum(number for _, number in (*self.pruned, *self.unreachable))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationView:
    """What a search of an agent's faults found and covered.

    ``sizes`` are what is enumerated, single faults and pairs; ``further`` pairs of how many faults at once,
    and how many of such schedules were drawn. ``disagreements`` are pairs of a schedule and the rule that
    was wrong to prune it. Not ``whole`` is what a budget or a person cut short.
    """

    agent: str
    findings: tuple[ImpactView, ...]
    more_findings: int = 0
    sizes: tuple[CountsView, ...] = ()
    further: tuple[tuple[int, int], ...] = ()
    runs: int = 0
    behaviours: int = 0
    left: int = 0
    audited: int = 0
    disagreed: int = 0
    depth: int = 0
    whole: bool = True
    disagreements: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


MOST_FINDINGS = 100


def exploration_view(document: Json) -> ExplorationView | None:
    """The view of a document as evidence of ``chaos explore`` has it; None for any other."""
    told = mapping(document)
    coverage = mapping(told.get("coverage"))
    if not coverage:
        return None
    found = list(findings_of(told.get("findings")))
    names = (("singles", "one fault"), ("pairs", "two faults"))
    sizes = (_counts(name, mapping(coverage.get(key))) for key, name in names)
    drawn = mapping(coverage.get("further")).items()
    return ExplorationView(
        agent=one_line(text(told.get("agent")), NAME),
        findings=tuple(found[:MOST_FINDINGS]),
        more_findings=max(len(found) - MOST_FINDINGS, 0),
        sizes=tuple(one for one in sizes if one.total),
        further=tuple((int(size), count(n)) for size, n in drawn if size in {"3", "4", "5", "6"}),
        runs=count(coverage.get("runs")),
        behaviours=count(coverage.get("behaviours")),
        left=count(coverage.get("left_recording")),
        audited=count(coverage.get("audited")),
        disagreed=count(coverage.get("audit_disagreed")),
        depth=count(told.get("depth")),
        whole=told.get("whole") is not False,
        disagreements=tuple(_pairs(told.get("disagreements"), ("schedule", "rule"))),
        notes=tuple(one_line(text(one), TEXT) for one in listed(told.get("notes"))[:_MOST_NOTES]),
    )


def findings_of(value: Json) -> Iterator[ImpactView]:
    """The impacts of findings as evidence keeps them, with their checks and regression tests."""
    for one in map(mapping, listed(value)):
        runs = one.get("shrink_runs")
        view = impact_view(
            one.get("impact"),
            check=one_line(text(one.get("check")), NAME),
            test=one_line(text(one.get("test")), NAME),
            found_with=one_line(text(one.get("found_with")), TEXT),
            runs=None if runs is None else count(runs),
        )
        if view is not None:
            yield view


def _counts(name: str, told: Mapping[str, Json]) -> CountsView:
    return CountsView(
        name=name,
        covered=count(told.get("covered")),
        pruned=tuple(_rules(told.get("pruned"))),
        unreachable=tuple(_rules(told.get("unreachable"))),
        cut=count(told.get("cut")),
    )


def _rules(value: Json) -> Iterator[tuple[str, int]]:
    for why, number in list(mapping(value).items())[:_MOST_RULES]:
        yield one_line(why, NAME) or "no reason", count(number)


def _pairs(value: Json, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for one in map(mapping, listed(value)[:_MOST_NOTES]):
        first, second = (one_line(text(one.get(name)), TEXT) for name in names)
        yield first, second
