"""What a gate does to candidates that are made up, drawn over their effect: one SVG file for itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from agentops_eval.reports._text import one_line
from agentops_eval.reports.gate._ticks import numbers

Bounded = tuple[float, float, float]
"""A share with the limits of its interval, the lower one first after it."""

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 624, 56, 340
_LONGEST = 120
_STYLE = (
    "svg{background:#fff;color:#1f2328;font:13px system-ui,sans-serif}"
    ".axis{stroke:currentColor;stroke-opacity:.35}.grid{stroke:currentColor;stroke-opacity:.12}"
    "text{fill:currentColor}.line{fill:none;stroke-width:2}.limits{stroke-width:1.5;stroke-opacity:.6}"
    ".promote{stroke:#1a7f37;fill:#1a7f37}.hold{stroke:#8250df;fill:#8250df}"
    ".rollback{stroke:#cf222e;fill:#cf222e}.peeking{stroke:#6e7781;fill:#6e7781}"
    ".line.promote,.line.hold,.line.rollback,.line.peeking{fill:none}.line.hold{stroke-dasharray:8 4}"
    ".line.rollback{stroke-dasharray:2 3}.line.peeking{stroke-dasharray:1 5}"
    "@media(prefers-color-scheme:dark){svg{background:#0d1117;color:#e6edf3}"
    ".promote{stroke:#3fb950;fill:#3fb950}.hold{stroke:#a371f7;fill:#a371f7}"
    ".rollback{stroke:#f85149;fill:#f85149}.peeking{stroke:#8b949e;fill:#8b949e}}"
)
_PAGE = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:1.5rem}"
    "main{max-width:60rem;margin:auto}h1{font-size:1.2rem}svg{width:100%;height:auto}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.25rem .6rem;text-align:right}"
    "th:first-child{text-align:left}tr+tr>*{border-top:1px solid #8884}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateShares:
    """What befell candidates of one effect: shares that were promoted, held and rolled back.

    ``peeking`` is the share that a z-test, read again and again, rolled back; None where nobody peeked.
    """

    name: str
    effect: float
    promote: Bounded
    hold: Bounded
    rollback: Bounded
    peeking: Bounded | None = None


def power_svg(points: Sequence[CandidateShares], *, title: str, axis: str) -> str:
    """The shares over the effect, a line each with the limits of every point; ``axis`` names the effect.

    Raises ValueError where there is no point.
    """
    if not points:
        raise ValueError("there is nothing to draw")
    ordered = sorted(points, key=lambda one: one.effect)
    low, high = ordered[0].effect, ordered[-1].effect
    room = (high - low) or 1.0

    def x(effect: float) -> float:
        return round(_LEFT + (effect - low) / room * (_RIGHT - _LEFT), 1)

    heading = escape(one_line(title, _LONGEST))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{heading}</title><desc>{escape(_told(ordered))}</desc><style>{_STYLE}</style>",
        f'<text x="{_LEFT}" y="20" font-weight="600">{heading}</text>',
        *_legend(peeking=any(one.peeking is not None for one in ordered)),
        *_grid(),
        *(_x_tick(x(at), at) for at in numbers(low, high, 8)),
        f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(axis)}</text>',
    ]
    for side in ("promote", "hold", "rollback", "peeking"):
        drawn = [(x(one.effect), found) for one in ordered if (found := getattr(one, side)) is not None]
        parts += _curve(side, drawn)
    return "\n".join([*parts, "</svg>", ""])


def _told(points: Iterable[CandidateShares]) -> str:
    """The figures in words, for who cannot see the lines."""
    return "; ".join(
        f"{one_line(one.name, _LONGEST)}: promote {one.promote[0]:.3f}, hold {one.hold[0]:.3f}, "
        f"rollback {one.rollback[0]:.3f}"
        for one in points
    )


def _legend(*, peeking: bool) -> Iterable[str]:
    sides = [("promote", "promoted"), ("hold", "held"), ("rollback", "rolled back")]
    sides += [("peeking", "rolled back by peeking at a z-test")] if peeking else []
    at = _LEFT
    for side, words in sides:
        yield f'<path class="line {side}" d="M{at} 38h24"/><text x="{at + 30}" y="42">{words}</text>'
        at += 48 + 7 * len(words)


def _grid() -> Iterable[str]:
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        yield f'<path class="{"grid" if percent else "axis"}" d="M{_LEFT} {y}H{_RIGHT}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{percent} %</text>'


def _x_tick(x: float, at: float) -> str:
    return f'<text x="{x}" y="{_BOTTOM + 20}" text-anchor="middle">{at:g}</text>'


def _curve(side: str, drawn: Sequence[tuple[float, Bounded]]) -> Iterable[str]:
    if not drawn:
        return
    path = " ".join(f"{x},{_y(share[0])}" for x, share in drawn)
    yield f'<polyline class="line {side}" points="{path}"/>'
    for x, (share, low, high) in drawn:
        yield f'<path class="limits {side}" d="M{x} {_y(low)}V{_y(high)}"/>'
        yield f'<circle class="{side}" cx="{x}" cy="{_y(share)}" r="3"/>'


def _y(share: float) -> float:
    return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def power_page(points: Sequence[CandidateShares], *, title: str, axis: str) -> str:
    """The same picture in an HTML page that needs nothing else, with its figures in a table."""
    heading = escape(one_line(title, _LONGEST))
    rows = "\n".join(
        f"<tr><th scope=row>{escape(one_line(one.name, _LONGEST))}</th><td>{one.effect:g}</td>"
        + "".join(
            f"<td>{'-' if share is None else _spelled(share)}</td>"
            for share in (one.promote, one.hold, one.rollback, one.peeking)
        )
        + "</tr>"
        for one in points
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{heading}</title>'
        f"<style>{_PAGE}</style></head>\n"
        f"<body><main><h1>{heading}</h1>\n{power_svg(points, title=title, axis=axis)}"
        "<table><thead><tr><th>candidate</th><th>effect</th><th>promoted</th><th>held</th>"
        f"<th>rolled back</th><th>peeking rolls back</th></tr></thead>\n"
        f"<tbody>{rows}</tbody></table></main></body></html>\n"
    )


def _spelled(share: Bounded) -> str:
    value, low, high = (f"{100 * one:.1f}" for one in share)
    return f"{value} % [{low}, {high}]"
