"""An impact as the pages show it: its picture, its figures, and all of it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Harm, Mode, counted
from agentops_eval.reports._text import cut, figure, percent
from agentops_eval.reports._titles import MODES, faults_words, harm_words
from agentops_eval.reports.chaos._graph import graph
from agentops_eval.reports.chaos._impact import ImpactView

_TITLE = 160
_TONES = {
    Mode.FULL: "passed",
    Mode.DEGRADED_AS_DECLARED: "passed",
    Mode.FAILED_SAFE: "passed",
    Mode.DEGRADED_UNDECLARED: "needs",
    Mode.UNKNOWN: "unknown",
}
_GLYPHS = {"passed": "\u2713", "needs": "\u25bc", "unknown": "?", "failed": "\u2715"}


def impact_values(view: ImpactView) -> Mapping[str, object]:
    """What the template of an impact is filled with."""
    tone = _TONES.get(Mode(view.mode), "failed") if view.mode in {*Mode} else "unknown"
    return {
        "title": cut(_title(view.faults), _TITLE),
        "whole": view.faults,
        "mode": view.mode,
        "told": MODES.get(view.mode, ""),
        "tone": tone,
        "glyph": _GLYPHS[tone],
        "why": view.why,
        "reasons": [(harm_words(harm), harm, *rest) for harm, *rest in _reasons(view)],
        "unsafe": any(harm in {*Harm} - {Harm.UNDECLARED} for harm in view.harms),
        "facts": _facts(view),
        "graph": graph(view),
        "contained": view.contained,
        "origin": _origin(view),
        "test": view.test,
    }


def _title(faults: str) -> str:
    told = faults_words(faults)
    return f"{told[:1].upper()}{told[1:]}"


def _reasons(view: ImpactView) -> Sequence[tuple[str, str, str]]:
    return view.reasons or tuple((harm, "", "") for harm in view.harms)


def _facts(view: ImpactView) -> list[tuple[str, str]]:
    recovered = figure(view.recovered_s, "s") if view.recovered_s is not None else "not seen"
    return [
        ("calls that differ", percent(view.changed_share)),
        ("farthest", counted(view.hops, "hop")),
        ("calls made", _times(view.asked_ratio)),
        ("cost", _times(view.cost_ratio)),
        ("recovered after", recovered),
    ]


def _times(ratio: float | None) -> str:
    return "?" if ratio is None else f"{figure(ratio, '')}\u00d7"


def _origin(view: ImpactView) -> list[tuple[str, str]]:
    """How it was found, where that is told."""
    runs = "" if view.runs is None else counted(view.runs, "run")
    found = [("check", view.check), ("found under", view.found_with), ("made smaller in", runs)]
    return [(name, text) for name, text in found if text]
