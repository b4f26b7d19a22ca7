"""A game day as one HTML page that needs nothing else: findings, experiments, and the day on a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import ActivityStatus, EntryKind, GamedayReport, Journal, Weakness
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._text import block, fitting, one_line
from agentops_eval.reports.chaos._impact import ImpactView, impact_view
from agentops_eval.reports.chaos._impact_words import impact_values
from agentops_eval.reports.chaos._words import (
    KINDS,
    clock_text,
    date_text,
    ending,
    headline,
    moments,
    outcome,
    rollbacks_word,
    run_word,
    seconds_between,
    state_word,
    verdict,
)

MOST_ROWS, MOST_MOMENTS, MOST_BARS = 200, 1_000, 400
MOST_IMPACTS = 40
_NAME, _TEXT = 200, 2_000
_LONGEST_ROW, _LEAST_BAR, _ROW = 46, 0.4, 42
_GLYPHS = {"steady": "\u2713", "weak": "\u25bc", "broken": "\u2715"}
_TONES = {"steady": "steady", "dry run": "steady", "deviated": "weak", "aborted": "weak"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    x: float
    y: float
    width: float
    name: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The day drawn: a bar an activity, a row an experiment. Across in percent, down in pixels."""

    bars: Sequence[_Bar]
    rows: Sequence[tuple[float, str]]
    ticks: Sequence[tuple[float, str]]
    height: int
    more: int


def gameday_html(report: GamedayReport, *, back: str = "") -> str:
    """The whole day as one page. Titles and what agents said are text to it, whatever they say.

    It forbids itself to load anything, and to run anything but its own script. Long lists are thinned and
    what is left out is counted. ``back`` is the address of an index that the page leads back to.
    """
    found = list(moments(report))
    impacts = [view for journal in report.journals for view in _impacts(journal)]
    return page_of(
        "gameday.html.j2",
        styles=["style.css", "gameday.css", "impact.css"],
        scripts=["theme.js", "ready.js"],
        back=back,
        title=one_line(report.title, _NAME) or "game day",
        headline=headline(report),
        verdict=verdict(report),
        glyph=_GLYPHS[verdict(report)],
        ending=one_line(ending(report), _TEXT),
        hypothesis=block(report.hypothesis, _TEXT),
        facts=_facts(report),
        roles=[(one_line(a, _NAME), one_line(b, _NAME)) for a, b in sorted(report.roles.items())],
        findings=[_finding(one) for one in report.weaknesses[:MOST_ROWS]],
        experiments=[_experiment(one) for one in report.journals[:MOST_ROWS]],
        waiting=[one_line(title, _NAME) for title in report.planned[len(report.journals) :][:MOST_ROWS]],
        recovered=[one_line(one, _TEXT) for one in report.recovered[:MOST_ROWS]],
        impacts=[impact_values(view) for view in impacts[:MOST_IMPACTS]],
        line=_drawn(report),
        moments=[(clock_text(one.at_s), one.what, one.tone) for one in found[:MOST_MOMENTS]],
        more={
            "findings": max(len(report.weaknesses) - MOST_ROWS, 0),
            "experiments": max(len(report.journals) - MOST_ROWS, 0),
            "impacts": max(len(impacts) - MOST_IMPACTS, 0),
            "moments": max(len(found) - MOST_MOMENTS, 0),
        },
    )


def _facts(report: GamedayReport) -> list[tuple[str, str]]:
    steady = sum(journal.steady and not journal.dry for journal in report.journals)
    lasted = seconds_between(report.start, report.end)
    return [
        ("experiments", f"{len(report.journals)} of {len(report.planned)}"),
        ("steady", str(steady)),
        ("findings", str(len(report.weaknesses))),
        ("lasted", clock_text(lasted)),
        ("began", one_line(date_text(report.start), 40)),
    ]


def _finding(one: Weakness) -> Mapping[str, str]:
    return {
        "kind": KINDS[one.kind],
        "experiment": one_line(one.experiment, _NAME),
        "activity": one_line(one.activity, _NAME),
        "what": one_line(one.what, _TEXT),
        "owner": one_line(one.owner, _NAME) or "nobody",
        "remedy": block(one.remedy, _TEXT),
    }


def _experiment(journal: Journal) -> Mapping[str, object]:
    word = outcome(journal)
    return {
        "title": one_line(journal.title, _NAME),
        "outcome": word,
        "tone": _TONES.get(word, "broken"),
        "before": state_word(journal.before),
        "after": state_word(journal.after),
        "undone": one_line(rollbacks_word(journal), _NAME),
        "seconds": f"{journal.duration_s:,.1f} s",
        "notes": [one_line(note, _TEXT) for note in journal.notes],
        "runs": [
            (one_line(run.name, _NAME), str(run.status or "not ended"), one_line(run_word(run), _TEXT))
            for run in journal.run[:MOST_ROWS]
        ],
        "count": f"{len(journal.run)} activit{'y' if len(journal.run) == 1 else 'ies'}",
    }


def _impacts(journal: Journal) -> Iterator[ImpactView]:
    """What the runs of agents under faults came to, in their order."""
    for run in journal.run:
        provider, output = run.activity.get("provider"), run.output
        if not (isinstance(provider, Mapping) and provider.get("type") == "agent"):
            continue
        if isinstance(output, Mapping) and output.get("faults") and output.get("blast_radius"):
            view = impact_view(output)
            if view is not None:
                yield view


def _drawn(report: GamedayReport) -> _Line:
    """The activities of the day on a line of its time."""
    last = report.timeline[-1].at if report.timeline else report.start
    whole = max(seconds_between(report.start, report.end or last), 0.001)
    starts: dict[tuple[int, object], tuple[float, str, str]] = {}
    bars: list[_Bar] = []
    for entry in report.timeline:
        key = (entry.experiment, entry.data.get("id"))
        at = seconds_between(report.start, entry.at) / whole * 100
        activity = entry.data.get("activity")
        if entry.kind is EntryKind.START and entry.experiment and isinstance(activity, Mapping):
            starts[key] = (at, one_line(str(activity.get("name", "")), _NAME), entry.part)
        elif entry.kind is EntryKind.END and key in starts:
            begun, name, part = starts.pop(key)
            bad = entry.data.get("status") != ActivityStatus.SUCCEEDED
            tone = "bad" if bad or entry.data.get("tolerance_met") is False else part
            width = max(round(at - begun, 2), _LEAST_BAR)
            x = round(min(begun, 100 - width), 2)
            bars.append(_Bar(x=x, y=(entry.experiment - 1) * _ROW + 18, width=width, name=name, tone=tone))
    rows = [
        (at * _ROW + 13.0, fitting(one_line(journal.title, _NAME), _LONGEST_ROW))
        for at, journal in enumerate(report.journals[:MOST_ROWS])
    ]
    shown = [bar for bar in bars if bar.y < len(rows) * _ROW][:MOST_BARS]
    told = {clock_text(share * whole): round(share * 100, 1) for share in (1.0, 0.75, 0.5, 0.25, 0.0)}
    ticks = sorted((at, text) for text, at in told.items())  # a day of no time has one moment
    height = max(len(rows), 1) * _ROW
    return _Line(bars=shown, rows=rows, ticks=ticks, height=height, more=len(bars) - len(shown))
