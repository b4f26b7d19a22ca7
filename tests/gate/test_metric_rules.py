"""What cannot be meant by a metric is said with its place, the reason and an edit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.gate import (
    Direction,
    Kind,
    Metric,
    Role,
    RollbackNull,
    check_gate,
)
from tests.gate._gates import COST, GATE, NEVER, PASSED, SCORE, found, only


@pytest.mark.parametrize(
    ("metric", "field", "message", "remedy"),
    [
        (replace(PASSED, margin=None), "margin", "passed has no margin", "margin: 0.05"),
        (replace(COST, margin=None), "margin", "cost has no margin", "margin: 0.2"),
        (replace(SCORE, margin=None), "margin", "score has no margin", "margin: 0.2"),
        (replace(PASSED, margin=-0.1), "margin", "0 or more, not -0.1", "margin: 0.1, or role: goal"),
        (replace(PASSED, margin=1), "margin", "further apart than 1: its margin is less", "margin: 0.05"),
        (replace(PASSED, margin=-1, role=Role.GOAL), "margin", "further apart than 1", "margin: 0.05"),
        (replace(SCORE, margin=4), "margin", "further apart than 4: its margin is less", "margin: 0.2"),
        (replace(PASSED, margin=0, direction=Direction.SAME), "margin", "room on both sides", "margin: 0.05"),
        (
            replace(COST, margin=1, direction=Direction.HIGHER),
            "margin",
            "so 0.999 at most, not 1",
            "margin: 0.2",
        ),
        (
            replace(COST, margin=1, direction=Direction.SAME),
            "margin",
            "so 0.999 at most, not 1",
            "margin: 0.2",
        ),
        (replace(COST, margin=-1, role=Role.GOAL), "margin", "so -0.999 or more, not -1", "margin: 0.2"),
        (
            replace(COST, kind=Kind.COUNT, margin=-2, role=Role.GOAL),
            "margin",
            "so -0.999 or more, not -2",
            "margin",
        ),
        (replace(PASSED, margin=math.nan), "margin", "a finite number, not nan", "margin: 0.05"),
        (replace(COST, margin=math.inf), "margin", "a finite number, not inf", "margin: 0.05"),
        (replace(NEVER, margin=0), "margin", "above the limit, 0, and below 1, not 0", "margin: 0.01"),
        (replace(NEVER, limit=0.1, margin=0.1), "margin", "above the limit, 0.1", "margin: 0.11"),
        (replace(NEVER, limit=0.995, margin=1), "margin", "and below 1, not 1", "margin: 0.9975"),
        (replace(NEVER, margin=1e-9), "margin", "above the limit, 0", "margin: 0.01"),
        (replace(NEVER, limit=1e-9), "limit", "0, for none ever, or 0.000001 or more", "limit: 0"),
        (
            replace(COST, margin=2e6),
            "margin",
            "15 lets 16 times as much pass, and is the most",
            "20 % is 0.2:  margin: 0.2",
        ),
        (replace(COST, margin=20), "margin", "is the most, not 20", "20 % is 0.2:  margin: 0.2"),
        (replace(COST, margin=15.5), "margin", "is the most, not 15.5", "20 % is 0.2:  margin: 0.155"),
        (replace(COST, kind=Kind.COUNT, margin=50), "margin", "the most, not 50", "margin: 0.5"),
        (
            replace(COST, margin=25, direction=Direction.HIGHER),
            "margin",
            "so 0.999 at most, not 25",
            "20 % is 0.2:  margin: 0.25",
        ),
        (
            replace(COST, margin=-2e6, direction=Direction.HIGHER, role=Role.GOAL),
            "margin",
            "-1,000,000 for the most",
            "margin: 0.2",
        ),
        (replace(NEVER, limit=-0.1), "limit", "from 0 to below 1, not -0.1", "limit: 0"),
        (replace(NEVER, limit=1), "limit", "from 0 to below 1, not 1", "limit: 0"),
        (
            replace(PASSED, limit=0.1),
            "limit",
            "only a metric of kind limit",
            "kind: limit, or leave limit out",
        ),
        (replace(NEVER, role=Role.GOAL), "role", "a hard limit is a guardrail", "leave role out"),
        (replace(NEVER, direction=Direction.LOWER), "direction", "has no direction", "leave direction out"),
        (replace(NEVER, rollback=RollbackNull.MARGIN), "rollback", "beyond its limit", "leave rollback out"),
        (
            replace(PASSED, rollback=RollbackNull.MARGIN, margin=0),
            "rollback",
            "needs a margin above 0",
            "rollback: baseline, or margin: 0.05",
        ),
        (
            replace(PASSED, rollback=RollbackNull.MARGIN, role=Role.GOAL),
            "rollback",
            "a goal rolls nothing back",
            "leave rollback out",
        ),
        (replace(PASSED, weight=0), "weight", "from 0.000001 to 1,000,000, not 0", "weight: 1"),
        (replace(PASSED, weight=2, role=Role.GOAL), "weight", "a goal has no part of it", "leave weight out"),
        (replace(COST, quantile=0), "quantile", "above 0 and below 1, not 0", "quantile: 0.95"),
        (replace(COST, quantile=1.0), "quantile", "above 0 and below 1, not 1", "quantile: 0.95"),
        (replace(PASSED, quantile=0.9), "quantile", "only the tail of an unbounded", "kind: unbounded, or"),
        (
            replace(COST, quantile=0.9, direction=Direction.HIGHER),
            "quantile",
            "where less is better, and of cost it is higher",
            "direction: lower",
        ),
        (replace(SCORE, range=(5, 1)), "range", "from a finite number to a greater one", "range: [0, 1]"),
        (replace(SCORE, range=(1, 1)), "range", "not [1, 1]", "range: [0, 1]"),
        (replace(SCORE, range=(0, math.inf)), "range", "not [0, inf]", "range: [0, 1]"),
        (replace(SCORE, range=(-1e308, 1e308)), "range", "a finite number to a greater one", "range: [0, 1]"),
        (replace(PASSED, range=(0, 2)), "range", "only a bounded metric has a range", "kind: bounded"),
        (replace(COST, most=0), "most", "a number above 0, not 0", "most: 1e+09"),
        (replace(PASSED, most=5), "most", "has its ends already", "leave most out"),
        (replace(PASSED, min_n=50, max_n=40), "min_n", "min_n, 50, is more than max_n, 40", "min_n: 40"),
        (replace(PASSED, min_n=-1), "min_n", "a whole number from 0 to 1,000,000,000, not -1", "min_n: 20"),
        (replace(PASSED, max_n=0), "max_n", "from 1 to 1,000,000,000, not 0", "max_n: 400"),
        (replace(PASSED, name=""), "name", "1 to 200 characters", "name: passed"),
        (replace(PASSED, name=" a"), "name", "without spaces at its ends", "name: passed"),
        (replace(PASSED, name="a\nb"), "name", "one line", "name: passed"),
        (replace(PASSED, kind="binary"), "kind", "a Kind, not 'binary'", "Kind.BINARY"),
        (replace(PASSED, role=None), "role", "a Role, not None", "Role.GUARDRAIL"),
        (replace(PASSED, min_n=2.5), "min_n", "a whole number", "min_n: 20"),
        (replace(PASSED, weight="1"), "weight", "a number from", "weight: 1"),
    ],
    ids=str,
)
def test_a_metric_that_cannot_be_meant(metric, field, message, remedy):
    """Each mistake of a metric is said once: the field, the reason with the value, and what to write."""
    path, what, edit = only(replace(GATE, metrics=(metric,)))
    assert path == field
    assert message in what
    assert remedy in edit


@pytest.mark.parametrize(
    "metric",
    [
        PASSED,
        replace(PASSED, margin=0),
        replace(PASSED, margin=0, role=Role.GOAL),
        replace(PASSED, margin=-0.05, role=Role.GOAL),
        replace(PASSED, margin=0.05, rollback=RollbackNull.MARGIN),
        replace(PASSED, direction=Direction.SAME),
        replace(SCORE, margin=3.9),
        replace(COST, margin=15),
        replace(COST, margin=-0.5, role=Role.GOAL),
        replace(COST, margin=-3, role=Role.GOAL, direction=Direction.HIGHER),
        replace(COST, quantile=0.95, direction=Direction.LOWER),
        NEVER,
        replace(NEVER, limit=0.05, margin=0.1),
    ],
    ids=str,
)
def test_a_metric_that_can_be_meant(metric):
    """Margins up to their ends, goals that ask for a gain, and limits without a margin are fine."""
    assert found(replace(GATE, metrics=(metric,))) == []


NUMBERS = st.sampled_from([0, 1, -1, 0.05, 0.5, 2, 1e300, -1e300, math.nan, math.inf, -math.inf, 10**400])


@given(
    st.builds(
        Metric,
        name=st.sampled_from(["a", ""]),
        kind=st.sampled_from(Kind),
        direction=st.sampled_from([None, *Direction]),
        margin=st.none() | NUMBERS,
        role=st.sampled_from(Role),
        rollback=st.sampled_from(RollbackNull),
        weight=NUMBERS,
        range=st.tuples(NUMBERS, NUMBERS),
        quantile=st.none() | NUMBERS,
        limit=NUMBERS,
        most=NUMBERS,
        max_n=st.none() | NUMBERS,
    )
)
def test_any_numbers_are_judged(metric):
    """Whatever numbers a metric has, they are fine, or problems with place, message and remedy."""
    problems = check_gate(replace(GATE, metrics=(metric,)))
    assert all(one.path[:2] == ("metrics", 0) and one.message and one.remedy for one in problems)
