"""A scorecard as one HTML page that needs nothing else: the answer, why, what is missing, what proves it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agentops_eval.domain import (
    Cap,
    CriterionResult,
    DimensionScore,
    Remedy,
    Scorecard,
    SideBySide,
    Standing,
    TrendPoint,
)
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._text import block, one_line
from agentops_eval.reports.scorecard._beside import agents_view, trend_view
from agentops_eval.reports.scorecard._radar import HEIGHT, WIDTH, radar
from agentops_eval.reports.scorecard._words import (
    NAME,
    OVERALL,
    TEXT,
    TOP,
    address,
    asked_for,
    counts,
    criteria_of,
    day_of,
    headline,
    held,
    holding,
    levels_of,
    meaning,
    short_digest,
    verdict,
    weakest,
)

MOST_DIMENSIONS, MOST_CRITERIA, MOST_STEPS, MOST_REFUSED, MOST_HARMS = 24, 200, 200, 200, 50
FIRST_STEPS, FIRST_LACKING = 10, 5
_MOST_FILES, _MOST_DIGESTS = 5, 3
_DIGESTS = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24,}(?:-[0-9a-f]{20,})?")
_GLYPHS = {"unsafe": "\u2715", "short": "\u25bc", "ready": "\u2713"}
MARKS = {
    Standing.MET: "\u2713",
    Standing.ATTESTED: "\u270e",
    Standing.FAILED: "\u2715",
    Standing.EXPIRED: "\u2298",
    Standing.MISSING: "\u25cb",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cited:
    """What proves a thing: files with their addresses, empty for none, and digests, short and whole."""

    files: Sequence[tuple[str, str]]
    digests: Sequence[tuple[str, str]]
    more: int


def scorecard_html(
    scorecard: Scorecard,
    *,
    trend: Sequence[TrendPoint] = (),
    beside: SideBySide | None = None,
    thresholds: Mapping[str, int] = MappingProxyType({}),
    root: str = "",
    back: str = "",
) -> str:
    """The whole scorecard as one page. Names and reasons are text to it, whatever they say.

    ``trend`` are scorecards of the same agent in time, ``beside`` several agents. ``thresholds`` are the
    levels that production asks for, by dimension, and under ``overall`` that of the whole: 3 where it is not
    given. ``root`` leads from the page's folder to the project's (``../``), so that links find the files of
    evidence, ``back`` to an index. Long lists are cut and what is left out is counted.
    """
    asked = asked_for(thresholds)
    anchors = _anchors(scorecard)
    dimensions = scorecard.dimensions[:MOST_DIMENSIONS]
    return page_of(
        "scorecard.html.j2",
        styles=["style.css", "scorecard.css"],
        scripts=["theme.js", "ready.js"],
        back=back,
        title=f"readiness of {one_line(scorecard.agent, NAME)}",
        headline=headline(scorecard, asked),
        verdict=verdict(scorecard, asked),
        glyph=_GLYPHS[verdict(scorecard, asked)],
        meaning=meaning(scorecard.level),
        level=scorecard.level,
        marks=MARKS,
        facts=_facts(scorecard),
        unsafe=[_harm(scorecard, cap, root) for cap in scorecard.unsafe[:MOST_HARMS]],
        weakest=_weakest(scorecard, anchors),
        radar=radar(dimensions, asked.get(OVERALL, 0)),
        size=(WIDTH, HEIGHT),
        top=TOP,
        dimensions=[_dimension(one, at, scorecard, anchors, root) for at, one in enumerate(dimensions)],
        plan=[_step(one, anchors) for one in scorecard.plan[:MOST_STEPS]],
        first=FIRST_STEPS,
        trend=trend_view(trend, list(levels_of(scorecard))),
        agents=agents_view(beside),
        refused=[one_line(text, TEXT) for text in scorecard.refused[:MOST_REFUSED]],
        more=_left_out(scorecard),
        versions=_versions(scorecard),
    )


def _left_out(scorecard: Scorecard) -> Mapping[str, int]:
    return {
        "unsafe": max(len(scorecard.unsafe) - MOST_HARMS, 0),
        "dimensions": max(len(scorecard.dimensions) - MOST_DIMENSIONS, 0),
        "plan": max(len(scorecard.plan) - MOST_STEPS, 0),
        "refused": max(len(scorecard.refused) - MOST_REFUSED, 0),
    }


def _anchors(scorecard: Scorecard) -> Mapping[str, str]:
    """Where on the page each criterion and dimension stands, by id and by name. Ids are never of a text."""
    found: dict[str, str] = {}
    for at, one in enumerate(scorecard.dimensions[:MOST_DIMENSIONS]):
        found[one.name] = f"#d-{at}"
        found |= {each.id: f"#c-{at}-{n}" for n, each in enumerate(one.criteria[:MOST_CRITERIA])}
    return found


def _facts(scorecard: Scorecard) -> list[tuple[str, str, str]]:
    """Figures of the whole: a name, the figure, and where it comes from."""
    criteria = list(criteria_of(scorecard))
    found = counts(criteria)
    return [
        ("criteria shown", f"{found[Standing.MET]} of {len(criteria)}", "#dimensions"),
        ("signed only", f"{found[Standing.ATTESTED]}", "#dimensions"),
        ("not met", f"{len(scorecard.gaps)}", "#plan"),
        ("items of evidence", f"{scorecard.items:,}", "#made-of"),
        ("not counted", f"{len(scorecard.refused)}", "#refused"),
        ("as of", day_of(scorecard.at), ""),
    ]


def _versions(scorecard: Scorecard) -> list[tuple[str, str]]:
    facts = [
        ("at", scorecard.at),
        ("criteria", scorecard.criteria),
        ("digest of the criteria", scorecard.criteria_digest),
        ("digest of the evidence", scorecard.evidence_digest),
    ]
    return [(name, one_line(value, NAME)) for name, value in facts if value]


def _cited(digests: Sequence[str], sources: Sequence[str], root: str) -> _Cited:
    return _Cited(
        files=[_file(one_line(one, NAME), address(one, root)) for one in sources[:_MOST_FILES]],
        digests=[(short_digest(one), one_line(one, NAME)) for one in digests[:_MOST_DIGESTS]],
        more=max(len(digests) - _MOST_DIGESTS, 0),
    )


def _file(name: str, link: str) -> tuple[str, str]:
    """A file's name, in short where a link has the whole: those of proofs are digests."""
    return (_DIGESTS.sub("\\1\u2026", name) if link else name), link


def _harm(scorecard: Scorecard, cap: Cap, root: str) -> Mapping[str, object]:
    return {
        "reason": one_line(cap.reason, TEXT),
        "level": cap.level,
        "held": held(scorecard, cap),
        "cited": _cited(cap.evidence, cap.sources, root),
    }


def _weakest(scorecard: Scorecard, anchors: Mapping[str, str]) -> Mapping[str, object] | None:
    """The dimensions that hold the whole down, and what the first of them lacks."""
    found = weakest(scorecard)
    if not found:
        return None
    first = found[0]
    by_id = {one.id: one for one in first.criteria}
    lacking = [by_id[id_] for id_ in first.blocking if id_ in by_id]
    return {
        "names": [(one_line(one.name, NAME), anchors.get(one.name, "")) for one in found[:TOP]],
        "more": max(len(found) - TOP, 0),
        "first": one_line(first.name, NAME),
        "next": first.level + 1,
        "holding": holding(first) if first.level < first.uncapped else ("", ""),
        "lacking": [_criterion(one, anchors.get(one.id, "#criteria")) for one in lacking[:FIRST_LACKING]],
        "left": max(len(lacking) - FIRST_LACKING, 0),
        "anchor": anchors.get(first.name, ""),
    }


def _dimension(
    one: DimensionScore, at: int, scorecard: Scorecard, anchors: Mapping[str, str], root: str
) -> Mapping[str, object]:
    some = enumerate(one.criteria[:MOST_CRITERIA])
    shown = [_criterion(each, f"#c-{at}-{number}", root) for number, each in some]
    found = counts(one.criteria)
    return {
        "name": one_line(one.name, NAME),
        "anchor": f"d-{at}",
        "level": one.level,
        "uncapped": one.uncapped,
        "score": f"{one.score:.1f}",
        "open": one is next(iter(weakest(scorecard)), None),
        "holding": holding(one),
        "harmed": any(cap in scorecard.unsafe for cap in one.caps),
        "blocking": [
            (one_line(id_.removeprefix(f"{one.name}."), NAME), anchors.get(id_, ""))
            for id_ in one.blocking[:FIRST_LACKING]
        ],
        "left": max(len(one.blocking) - FIRST_LACKING, 0),
        "caps": [
            (cap.level, one_line(cap.reason, TEXT), _cited(cap.evidence, cap.sources, root))
            for cap in one.caps[:MOST_HARMS]
        ],
        "counts": [(str(standing), number) for standing, number in found.items()],
        "checked": [each for each in shown if not each["signed"]],
        "signed": [each for each in shown if each["signed"]],
        "more": max(len(one.criteria) - MOST_CRITERIA, 0),
    }


def _criterion(one: CriterionResult, anchor: str, root: str = "") -> Mapping[str, object]:
    maps = [f"{name} {', '.join(clauses)}" for name, clauses in one.mappings.items() if clauses]
    return {
        "id": one_line(one.id, NAME),
        "anchor": anchor.removeprefix("#"),
        "title": one_line(one.title, TEXT),
        "level": one.level,
        "standing": one.standing,
        "reason": one_line(one.reason, TEXT),
        "command": "" if one.met else block(one.command, TEXT),
        "owner": one_line(one.owner, NAME),
        "rationale": one_line(one.rationale, TEXT),
        "maps": one_line("; ".join(maps), TEXT),
        "signed": one.signed,
        "cited": _cited(one.evidence, one.sources, root),
    }


def _step(one: Remedy, anchors: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "criterion": one_line(one.criterion, NAME),
        "anchor": anchors.get(one.criterion, "#unsafe" if one.criterion.startswith("harm:") else "#criteria"),
        "what": one_line(one.what, TEXT),
        "priority": f"{one.priority:.1f}",
        "dimension": one_line(one.dimension, NAME),
        "level": one.level,
        "opens": [one_line(name, NAME) for name in one.opens[:MOST_DIMENSIONS]],
        "owner": one_line(one.owner, NAME) or "nobody",
        "command": block(one.command, TEXT),
    }
