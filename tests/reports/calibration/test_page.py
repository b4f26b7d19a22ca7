"""Calibrations as pages: places that are known, nothing that nobody knows, deaf to texts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import CalibrationReport, Estimate, ReliabilityBin, Threshold, VerdictValue
from agentops_eval.reports import calibration_html
from agentops_eval.reports.calibration._diagram import (
    BARS_BOTTOM,
    BARS_TOP,
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    diagram,
    place_x,
    place_y,
)
from tests.reports._results import HOSTILE
from tests.reports.calibration._calibrations import bin_of, calibration
from tests.reports.test_page import HARMLESS, LOADS, Page, words_of

ANY = st.floats()


def said(found: CalibrationReport) -> str:
    """What stands on the page."""
    return words_of(calibration_html(found, title="desk"))


def test_what_means_what_it_says_lies_on_the_diagonal() -> None:
    """A bin that is right as often as it says, at known places; its interval around it; no gap."""
    (dot,) = diagram([bin_of(0.5, 0.5)]).dots
    assert (dot.x, dot.y, dot.fair, dot.word) == ((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2, dot.y, "fair")
    assert dot.high < dot.y < dot.low, "places grow downwards"
    assert dot.bar_height == BARS_BOTTOM - BARS_TOP, "the fullest bin is as high as there is room"


@pytest.mark.parametrize(("rate", "word", "tip"), [(0.6, "over", 1), (0.95, "under", -1)])
def test_what_is_off_beyond_chance_points_to_where_it_is_off(rate: float, word: str, tip: int) -> None:
    """Overconfidence points down and underconfidence up: the shape tells what the colour tells."""
    (dot,) = diagram([bin_of(0.8, rate)]).dots
    assert dot.word == word
    first = float(re.findall(r"M[\d.]+,([\d.]+)", dot.path)[0])
    assert (first - dot.y) * tip > 0


@given(
    st.lists(
        st.builds(
            ReliabilityBin, low=ANY, high=ANY, n=st.integers(-1, 10**12), confidence=ANY, rate=ANY,
            rate_low=ANY, rate_high=ANY,
        ),
        max_size=80,
    )
)  # fmt: skip
def test_any_bins_are_drawn_inside_the_picture_or_counted(bins: list[ReliabilityBin]) -> None:
    """Infinite, missing and absurd figures are at an edge, or not drawn and counted."""
    found = diagram(bins)
    assert len(found.dots) + found.more == len(bins)
    for dot in found.dots:
        assert LEFT <= dot.x <= RIGHT <= WIDTH
        assert all(TOP <= y <= BOTTOM <= HEIGHT for y in (dot.y, dot.low, dot.high, dot.fair))
        assert LEFT <= dot.bar_x <= RIGHT + 1
        assert 0 < dot.bar_width <= RIGHT - LEFT
        assert 0 < dot.bar_height <= BARS_BOTTOM - BARS_TOP
        assert not re.search("nan|inf", dot.path)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_is_further_right_and_higher(one: float, other: float) -> None:
    """Places keep the order of what they stand for."""
    low, high = sorted((one, other))
    assert place_x(low) <= place_x(high)
    assert place_y(low) >= place_y(high)


def test_error_bins_and_thresholds_are_told_with_their_intervals() -> None:
    """The figures of the report, each with its limits, and the counts of all bins."""
    told = said(calibration())
    for words in (
        "0.089 (0.079 to 0.098, 95 %)",
        "1,200",
        "80.0 % 60.0 % 57.0 % to 63.0 % +20.0 pp",
        "from 0.950 (0.93 to 0.97)",
        "2.6 % at most 4.7 %",
        "144 more",
        "9 runs are too few",
        "(0.50 to none at all)",
    ):
        assert words in told, words


def test_an_error_is_not_made_smaller_by_rounding() -> None:
    """A limit of 0.5589 is told as 55.9 %, as the command tells it, and not rounded down."""
    one = calibration(classes=["never"])
    error = Estimate(value=0.51, low=0.46, high=0.5589, n=300)
    found = replace(one, thresholds=tuple(replace(each, error=error) for each in one.thresholds))
    assert "51.0 % at most 55.9 %" in said(found)


def test_what_is_unknown_is_said_and_drawn_nowhere() -> None:
    """Too few runs: no diagram, no figure, and how many more it takes."""
    found = CalibrationReport(n=400, n_needed=600)
    html = calibration_html(found)
    told = words_of(html)
    assert "Unknown: it takes 600 more stated confidences to say" in told
    assert "expected calibration error unknown" in told
    assert 'class="banner unknown"' in html
    assert 'class="reliability"' not in html
    (mark,) = re.findall(r'<tr class="">.*?</tr>', calibration_html(calibration(classes=["rare"])), re.DOTALL)
    assert 'class="dot"' not in mark


@pytest.mark.parametrize("text", [*HOSTILE, "\u202eevil", "x" * 100_000])
def test_what_anybody_wrote_is_text(text: str) -> None:
    """Classes of actions that agents named, and why there is no threshold, are text to the page."""
    found, plain = (
        Page(calibration_html(calibration(text=one), title=one, note=one)) for one in (text, HARMLESS)
    )
    for one in (found, plain):
        del one.tags["wbr"]  # ours: where a long name may go on in the next line
    assert found.tags == plain.tags
    assert found.attributes == plain.attributes
    assert found.attributes & LOADS == set()


def test_many_classes_are_cut_and_counted() -> None:
    """A thousand classes make a page of the first two hundred."""
    some = tuple(
        Threshold(action=f"a{n}", verdict=VerdictValue.UNKNOWN, target=0.05, error=Estimate())
        for n in range(1_000)
    )
    assert "and 800 more" in said(replace(calibration(), thresholds=some))
