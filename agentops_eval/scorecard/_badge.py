"""A badge: the level in a small picture for a README, as SVG without a script, a font or an address."""

from __future__ import annotations

from html import escape

from agentops_eval.domain import Scorecard

_COLOURS = ("#9f2d20", "#b0431f", "#8a6100", "#5d6b13", "#2f7031", "#1d6b52")
"""White text has a contrast of 4.5 or more on each, by level from 0 to 5."""
_UNSAFE = "#9f2d20"
_HEIGHT = 20
_LETTER = 6.6
_SIDE = 12
_LEFT = "readiness"


def badge_svg(scorecard: Scorecard) -> str:
    """The level of a scorecard as SVG; harm that stands is said on it."""
    right = f"level {scorecard.level} of 5" + (", unsafe" if scorecard.unsafe else "")
    colour = _UNSAFE if scorecard.unsafe else _COLOURS[min(max(scorecard.level, 0), 5)]
    left_width, right_width = _width(_LEFT), _width(right)
    width = left_width + right_width
    title = escape(f"{_LEFT} of {_printable(scorecard.agent)}: {right}")
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" role="img"'
        f' aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left_width}" height="{_HEIGHT}" fill="#444"/>'
        f'<rect x="{left_width}" width="{right_width}" height="{_HEIGHT}" fill="{colour}"/>'
        f'<g fill="#fff" text-anchor="middle" {font}>'
        f'<text x="{left_width / 2:g}" y="14">{_LEFT}</text>'
        f'<text x="{left_width + right_width / 2:g}" y="14">{escape(right)}</text></g></svg>\n'
    )


def _width(text: str) -> int:
    return round(len(text) * _LETTER) + _SIDE


def _printable(text: str) -> str:
    """XML has no place for control characters, however they are written."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
