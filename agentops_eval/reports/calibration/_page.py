"""A calibration as one HTML page that needs nothing else: the diagram, the error, and who may act alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import CalibrationReport, ReliabilityBin, Threshold, counted
from agentops_eval.reports import _charts
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._text import finite, one_line
from agentops_eval.reports.calibration import _diagram
from agentops_eval.reports.calibration._diagram import diagram, place_x, place_y, word

MOST_CLASSES = 200
_NAME, _TEXT = 200, 1_000
_TONES = {"pass": "ready", "fail": "short", "unknown": "unknown"}
_GLYPHS = {"pass": "\u2713", "fail": "\u25bc", "unknown": "?"}
_PILLS = {"pass": "passed", "fail": "needs", "unknown": "unknown"}
_WORDS = {"over": "overconfident", "under": "underconfident", "fair": "as chance has it"}
_OFF = {"over": "\u25bc over", "under": "\u25b2 under", "fair": "no"}
_HEADLINES = {
    "pass": "Confidence means what it says: chance explains the error",
    "fail": "Confidence does not mean what it says: chance does not explain the error",
}


def calibration_html(found: CalibrationReport, *, title: str = "", note: str = "", evidence: str = "") -> str:
    """Whether confidence can be taken at its word, and the confidence from which each class may act alone.

    ``title`` says of whom, ``note`` of how many runs; ``evidence`` is the address of the item that
    proves it, where the page is part of a report, one folder below its index. Classes that agents named are
    text to it. What is not known is told as unknown, and drawn nowhere.
    """
    verdict = found.verdict.value
    picture = diagram(found.bins)
    more = f"Unknown: it takes {counted(found.n_needed, 'more stated confidence')} to say"
    return page_of(
        "calibration.html.j2",
        styles=["style.css", "fleet.css", "calibration.css"],
        scripts=["theme.js", "ready.js"],
        title=one_line(title, _NAME) or "calibration",
        note=one_line(note, _TEXT),
        evidence=evidence,
        back="../index.html" if evidence else "",
        headline=_HEADLINES.get(verdict, more),
        tone=_TONES[verdict],
        glyph=_GLYPHS[verdict],
        facts=_facts(found),
        place=_diagram,
        picture=picture,
        told=_in_words(found),
        ticks=[(f"{at:g}", place_x(at), place_y(at)) for at in (0, 0.25, 0.5, 0.75, 1)],
        bins=[_bin(one) for one in found.bins[: _diagram.MOST_BINS]],
        chart=_chart(found.thresholds),
        classes=[_class(one) for one in found.thresholds[:MOST_CLASSES]],
        more=max(len(found.thresholds) - MOST_CLASSES, 0),
    )


def _facts(found: CalibrationReport) -> list[tuple[str, str, str]]:
    error, even = found.ece, found.ece_equal_mass
    return [
        ("stated confidences", f"{found.n:,}", ""),
        ("expected calibration error", _figure(error.value), _within(error.low, error.high)),
        ("the same by chance alone", _figure(found.noise), ""),
        ("over bins of equal mass", _figure(even.value), _within(even.low, even.high)),
        ("largest gap of a bin", _figure(found.mce), ""),
        ("Brier's score", _figure(found.brier), ""),
    ]


def _figure(value: float | None, digits: int = 3) -> str:
    known = finite(value)
    return "unknown" if known is None else f"{known:.{digits}f}"


def _share(value: float | None) -> str:
    """A share in percent, to the nearest tenth: of an error, rounding down would be too kind."""
    known = finite(value)
    return "unknown" if known is None else f"{100 * known:.1f} %"


def _within(low: float | None, high: float | None, digits: int = 3) -> str:
    if finite(low) is None or finite(high) is None:
        return ""
    return f"{_figure(low, digits)} to {_figure(high, digits)}, 95 %"


def _in_words(found: CalibrationReport) -> str:
    words = [word(one) for one in found.bins if one.n]
    if not words:
        return "No bin is known: too few confidences were stated."
    off = [f"{words.count(one)} {_WORDS[one]}" for one in ("over", "under") if one in words]
    told = counted(len(words), "bin")
    if not off:
        return f"Of {told}, none is off beyond chance."
    return f"Of {told}, {' and '.join(off)} beyond chance."


def _bin(one: ReliabilityBin) -> Mapping[str, str]:
    found = word(one)
    gap = finite(one.gap)
    return {
        "range": f"{_figure(one.low, 2)} to {_figure(one.high, 2)}",
        "n": f"{one.n:,}",
        "confidence": _share(one.confidence),
        "rate": _share(one.rate),
        "limits": f"{_share(one.rate_low)} to {_share(one.rate_high)}",
        "gap": "?" if gap is None else f"{100 * gap:+.1f} pp",
        "off": _OFF[found],
    }


def _chart(thresholds: Sequence[Threshold]) -> _charts.Chart:
    """Each class's threshold on the scale of confidence; nothing is drawn where none is known."""
    marks = [_mark(one) for one in thresholds[:MOST_CLASSES]]
    title = "From which confidence on a class may act alone"
    return _charts.Chart(title=title, marks=marks, low="0", high="1", note="with 95 % intervals")


def _mark(one: Threshold) -> _charts.Mark:
    known = finite(one.value) is not None
    high = finite(one.high)
    told = f"from {_figure(one.value)}{_interval(one)}" if known else _none(one)
    return _charts.Mark(
        name=one_line(one.action, _NAME) or "runs without a class",
        text=told,
        told=told,
        n=one.n,
        at=_charts.place(one.value),
        low=_charts.place(one.low) if known else None,
        high=(100.0 if high is None else _charts.place(high)) if known else None,
        open=["high"] if high is None else [],
    )


def _interval(one: Threshold) -> str:
    low, high = finite(one.low), finite(one.high)
    if low is None:
        return ""
    return f" ({low:.2f} to {'none at all' if high is None else f'{high:.2f}'})"


def _none(one: Threshold) -> str:
    return "unknown" if one.verdict.value == "unknown" else "no confidence suffices"


def _class(one: Threshold) -> Mapping[str, str]:
    known = finite(one.value) is not None
    return {
        "name": one_line(one.action, _NAME) or "runs without a class",
        "verdict": one.verdict.value,
        "tone": _PILLS[one.verdict.value],
        "glyph": _GLYPHS[one.verdict.value],
        "value": f"{_figure(one.value)}{_interval(one)}" if known else _none(one),
        "error": _share(one.error.value),
        "limit": "" if finite(one.error.high) is None else f"at most {_share(one.error.high)}",
        "target": _share(one.target),
        "covers": _share(one.covered) if known else "?",
        "n": f"{one.n:,}",
        "needed": f"{one.n_needed:,} more" if one.n_needed else "",
        "why": one_line(one.why, _TEXT),
    }
