"""The picture of a simulation: shares over effects, for eyes and for readers of text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.reports import CandidateShares, power_page, power_svg

SHARE = st.floats(0, 1).map(lambda one: (one, one * 0.9, one + (1 - one) * 0.1))
POINTS = st.lists(
    st.builds(
        CandidateShares,
        name=st.text(max_size=30),
        effect=st.floats(-10, 10),
        promote=SHARE,
        hold=SHARE,
        rollback=SHARE,
        peeking=st.none() | SHARE,
    ),
    min_size=1,
    max_size=8,
)


@given(POINTS, st.text(max_size=200))
def test_any_figures_make_a_well_formed_picture(points: list[CandidateShares], title: str):
    """Whatever names and figures hold, the picture is XML, and no line leaves it."""
    root = ET.fromstring(power_svg(points, title=title, axis="effect"))
    for circle in root.findall(".//{http://www.w3.org/2000/svg}circle"):
        assert 0 <= float(circle.get("cx")) <= 640
        assert 0 <= float(circle.get("cy")) <= 400


def test_without_peeking_there_is_no_line_of_it():
    """What nobody asked for is neither drawn nor in the legend."""
    point = CandidateShares(
        name="one", effect=0, promote=(0.5, 0.4, 0.6), hold=(0.5, 0.4, 0.6), rollback=(0, 0, 0.1)
    )
    assert "peeking at" not in power_svg([point], title="t", axis="a")
    assert "<td>-</td>" in power_page([point], title="t", axis="a")


def test_names_are_text_in_a_page():
    """Markup in a name stays text."""
    point = CandidateShares(
        name="<script>x</script>", effect=0, promote=(1, 1, 1), hold=(0, 0, 0), rollback=(0, 0, 0)
    )
    assert "<script>" not in power_page([point], title="<b>", axis="<i>")


def test_nothing_is_not_drawn():
    """A picture of no point is an error."""
    with pytest.raises(ValueError, match="nothing to draw"):
        power_svg([], title="t", axis="a")
