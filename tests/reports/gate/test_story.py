"""Evidence in words: what was bet, what it takes, when it was reached, and what it would have needed."""

from __future__ import annotations

import math

import pytest

from agentops_eval.domain import EvidencePoint
from agentops_eval.gate import Gate, Metric, decide
from agentops_eval.reports import decision_html
from agentops_eval.reports.gate._paths import picture
from agentops_eval.reports.gate._story import stories
from tests.gate._made import outcomes
from tests.reports.gate._decisions import decision, metric, planned, unpaid, walk
from tests.reports.test_page import words_of


def path(*evidence: tuple[float, float]) -> tuple[EvidencePoint, ...]:
    """Points of e-values for both sides, ten units apart."""
    return tuple(
        EvidencePoint(n=10 * at, promote=math.log(up), rollback=math.log(down))
        for at, (up, down) in enumerate(evidence, 1)
    )


def test_both_bets_are_told_with_what_they_must_come_to() -> None:
    """Within the margin on the one side, worse than may be on the other; each with its threshold."""
    promote, rollback = stories(metric())
    assert promote.bet == "the change stays within its margin of -5.0 pp"
    assert rollback.bet == "the candidate is worse than it may be"
    assert (promote.asks, rollback.asks) == ("a stake of 1 must become 20", "a stake of 1 must become 40")
    assert stories(unpaid())[0].bet == "events stay rarer than 2 %"
    assert stories(metric(rollback_at=None))[1].asks == "nobody asks for it"


def test_the_first_point_that_suffices_is_named_and_marked() -> None:
    """In words and in the picture; what is lost again is said, for a promotion takes evidence as it is."""
    given = metric(path=path((2, 1), (25, 1), (30, 1)))
    assert stories(given)[0].came == "reached by n = 20"
    found = picture(given)
    assert found is not None
    (there,) = found.reached
    x, y = (float(part) for part in found.curves[0].points.split()[1].split(","))
    assert (there.side, there.x, there.y, there.words) == ("promote", x, y, "n = 20")
    lost = metric(path=path((25, 1), (3, 1)))
    told = stories(lost)[0].came
    assert told.startswith("reached by n = 10, and lost again: now it is 3; about 212 more pairs would do")
    proven = metric(path=path((1, 45), (1, 3)))
    assert stories(proven)[1].came == "reached by n = 10; once proven, it stays"


def test_what_was_not_reached_says_what_it_would_have_needed() -> None:
    """Where it stands, and how many more units would do; nothing is made up for the other side."""
    promote, rollback = stories(metric(path=path((2, 1), (3, 1))))
    assert (
        promote.came
        == "not reached by n = 20, where it is 3; about 212 more pairs would do, were all as it is now"
    )
    assert rollback.came == "not reached by n = 20, where it is 1"


@pytest.mark.parametrize("losses", [20, 30, 2], ids=["equal", "worse", "few"])
def test_what_is_told_of_a_decision_is_what_was_decided(losses: int) -> None:
    """Of real evidence: a side that suffices is the one that the gate went by, and no other is reached."""
    ties, wins = (360, 20) if losses == 20 else (166, 4) if losses == 30 else (38, 2)
    found = decide(Gate(metrics=(Metric(name="passed", margin=0.05),)), outcomes(losses, wins, ties))
    (only,) = found.metrics
    there = {one.side: one.there for one in stories(only)}
    assert there["promote"] == (only.promote_at is not None and only.e_promote >= only.promote_at)
    assert there["rollback"] == (only.rollback_at is not None and only.peak_rollback >= only.rollback_at)
    assert there == {"promote": found.value == "promote", "rollback": found.value == "rollback"}


def test_planned_looks_are_reached_at_their_own_bounds() -> None:
    """The look whose bound was met, not the first whose z-value is as large as the last bound."""
    promote, rollback = stories(planned())
    assert (promote.asks, promote.came) == (
        "its z-value must reach the bound of a planned look",
        "reached by n = 120",
    )
    assert rollback.came == "not reached by n = 120, where it is -1.2"


def test_the_page_tells_the_story_below_each_picture() -> None:
    """Two sentences a metric that has a path; none for one that has none."""
    given = decision(metrics=[metric(path=walk(9)), metric(path=())])
    told = words_of(decision_html(given))
    assert told.count("Promote : the bet is that") == 1
    assert told.count("Roll back : the bet is that") == 1
