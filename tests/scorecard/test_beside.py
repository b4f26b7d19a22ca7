"""Scorecards beside each other: over time, agent by agent, and against thresholds."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from agentops_eval.domain import ConfigInvalid, ScorecardInvalid, Standing
from agentops_eval.scorecard import (
    badge_svg,
    below,
    compare,
    scorecard_from_json,
    scorecard_json,
    thresholds_of,
    trend,
)
from tests.scorecard._made import criterion, failed, item, made, scored

CRITERIA = made(criterion("platform.a"), criterion("platform.b", 2), criterion("security.a"))
OLD = scored(CRITERIA, item("a"), at="2026-11-25T00:00:00Z")
NEW = scored(CRITERIA, item("b"), failed("a", at="2026-11-26T00:00:00Z"))


def test_a_trend_is_in_order_of_time_and_tells_what_changed():
    """What was gained and lost since the one before; of the first nothing is told."""
    first, second = trend([NEW, OLD])
    assert (first.at, first.gained, first.lost) == (OLD.at, (), ())
    assert (second.gained, second.lost) == (("platform.b",), ("platform.a", "security.a"))
    assert (first.levels["platform"], second.levels["platform"]) == (1, 0)
    assert not second.moved
    assert trend([]) == ()


def test_a_trend_tells_where_the_criteria_changed():
    """Levels by other criteria do not compare."""
    assert trend([OLD, replace(NEW, criteria_digest="another")])[1].moved


def test_agents_are_compared_where_they_differ():
    """Levels and scores agent by agent, and the criteria that one meets and another does not."""
    found = compare([OLD, replace(NEW, agent="other")])
    assert found.agents == ("desk", "other")
    assert found.levels["platform"] == (1, 0)
    assert found.levels["overall"] == (0, 0)
    assert [one.criterion for one in found.apart] == ["platform.a", "platform.b", "security.a"]
    assert found.apart[0].standings == (Standing.MET, Standing.FAILED)
    assert found.same_criteria
    assert not compare([OLD, replace(NEW, criteria_digest="another")]).same_criteria


def test_thresholds_are_for_the_whole_or_for_a_dimension():
    """Of several for the same the highest holds."""
    assert thresholds_of(["3", "security=2", "security=4"]) == {"overall": 3, "security": 4}


@pytest.mark.parametrize("word", ["", "high", "6", "security", "security=", "securty=3", "=3", "-1"])
def test_a_threshold_that_is_none_is_refused(word):
    """With the nearest dimension, or how it is written."""
    with pytest.raises(ConfigInvalid):
        thresholds_of([word])


def test_what_is_below_its_threshold_is_told():
    """One text for each; a dimension that a scorecard lacks is below."""
    assert below(OLD, {"platform": 1, "overall": 0}) == ()
    assert below(OLD, {"platform": 2}) == ("platform is at level 1, and 2 is asked for",)
    assert below(replace(OLD, dimensions=()), {"security": 1}) != ()


@pytest.mark.parametrize("number", range(6))
def test_a_badge_is_xml_that_says_the_level(number):
    """Without a script, an address but that of SVG, or an entity; harm is said on it."""
    text = badge_svg(replace(OLD, level=number, agent='<script>"&\x00'))
    root = ET.fromstring(text)
    assert f"level {number} of 5" in "".join(root.itertext())
    assert "<script" not in text
    assert text.count("http") == 1
    unsafe = replace(OLD, unsafe=scored(CRITERIA, failed("a", harms=("secret-leaked",))).unsafe)
    assert "unsafe" in badge_svg(unsafe)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"format": "agentops-gameday", "version": 1},
        {"format": "agentops-scorecard", "version": 2},
    ],
)
def test_what_is_no_scorecard_is_refused(value):
    """Another document, another version, or nothing."""
    with pytest.raises(ScorecardInvalid):
        scorecard_from_json(value, where="scorecard.json")


def test_a_scorecard_with_a_wrong_value_names_its_place():
    """The path of the field, and what is expected there."""
    told = scorecard_json(OLD) | {"level": "high"}
    with pytest.raises(ScorecardInvalid, match="level"):
        scorecard_from_json(told)
    with pytest.raises(ScorecardInvalid, match="surrogates"):
        scorecard_from_json(scorecard_json(OLD) | {"gaps": [{"standing": "\ud800"}]})
    assert scorecard_from_json(scorecard_json(OLD) | {"another": 1}) == OLD
