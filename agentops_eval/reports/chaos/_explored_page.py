"""An exploration as one HTML page that needs nothing else: what was found, and how much is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import counted
from agentops_eval.reports._charts import Part, stacked
from agentops_eval.reports._frame import page_of
from agentops_eval.reports.chaos._explored import CountsView, ExplorationView
from agentops_eval.reports.chaos._impact_words import impact_values

_GLYPHS = {"ready": "\u2713", "unsafe": "\u2715", "short": "\u25bc", "unknown": "?"}


def exploration_html(found: ExplorationView, *, evidence: str = "") -> str:
    """Findings at their smallest, each with its blast radius, and the space of faults counted exactly.

    ``evidence`` is the address of the item that proves it, where the page is part of a report, one folder
    below its index. What agents wrote is text to it. It forbids itself to load anything, and to run anything
    but its own script.
    """
    impacts = [impact_values(one) for one in found.findings]
    tone = _tone(found, impacts)
    return page_of(
        "exploration.html.j2",
        styles=["style.css", "fleet.css", "exploration.css", "impact.css"],
        scripts=["theme.js", "ready.js"],
        title=found.agent or "an agent",
        headline=_headline(found),
        tone=tone,
        glyph=_GLYPHS[tone],
        facts=_facts(found),
        impacts=impacts,
        more=found.more_findings,
        sizes=[_size(one) for one in found.sizes],
        further=found.further,
        left=found.left,
        audited=found.audited,
        disagreed=found.disagreed,
        disagreements=found.disagreements,
        notes=found.notes,
        whole=found.whole,
        evidence=evidence,
        back="../index.html" if evidence else "",
    )


def _tone(found: ExplorationView, impacts: Sequence[Mapping[str, object]]) -> str:
    if any(one["unsafe"] for one in impacts):
        return "unsafe"
    if impacts or found.disagreements:
        return "short"
    return "ready" if found.whole else "unknown"


def _headline(found: ExplorationView) -> str:
    number = len(found.findings) + found.more_findings
    wrong = len(found.disagreements)
    told = counted(number, "finding") if number else "nothing found"
    if wrong:
        told += f", and the search was wrong to prune {counted(wrong, 'schedule')}"
    return told if found.whole else f"{told}, and not all was searched"


def _facts(found: ExplorationView) -> list[tuple[str, str]]:
    known = sum(one.covered + sum(number for _, number in one.pruned) for one in found.sizes)
    there = sum(one.total - sum(number for _, number in one.unreachable) for one in found.sizes)
    facts = [
        ("findings", f"{len(found.findings) + found.more_findings:,}"),
        ("schedules known", f"{known:,} of {there:,}" if there else "?"),
        ("runs", f"{found.runs:,}"),
        ("behaviours", f"{found.behaviours:,}"),
    ]
    return [*facts, ("faults at once", f"up to {found.depth}")] if found.depth else facts


def _size(one: CountsView) -> Mapping[str, object]:
    parts = [
        Part(name="run", tone="run", number=one.covered),
        *(Part(name=f"pruned: {why}", tone="pruned", number=number) for why, number in one.pruned),
        *(Part(name=f"unreachable: {why}", tone="unreachable", number=n) for why, n in one.unreachable),
        Part(name="cut by the budget", tone="cut", number=one.cut),
    ]
    return {"name": one.name, "total": f"{one.total:,}", "parts": stacked(parts)}
