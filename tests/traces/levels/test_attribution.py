"""Who or what a call is for: its own attribute, its nearest ancestor's, or its resource's."""

from __future__ import annotations

from typing import Any

import pytest

from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attribution import told_by
from agentops_eval.traces.dialects import normalise
from agentops_eval.traces.levels import Attribution, Tally
from tests.traces._live import Live
from tests.traces.dialects._kit import Run


def rows(live: Live, by: str, *, names: dict[str, tuple[str, ...]] | None = None) -> dict[str | None, int]:
    """The llm calls of each value."""
    tally = Tally(by=(by,), attribution=Attribution(names=names or {}))
    tally.add(live.normal)
    return {row.value: row.bill.llm_calls for row in tally.levels().groups[by]}


def test_the_nearest_ancestor_counts():
    """A span's own attribute wins over its parent's, and that over one further up."""
    live = Live()
    root = live.agent(agentops__team="red")
    step = live.span("step", root, agentops__team="blue")
    live.llm(root)
    live.llm(step)
    live.llm(step, agentops__team="green")
    assert rows(live, "team") == {"red": 1, "blue": 1, "green": 1}


def test_a_resource_counts_where_no_span_tells():
    """What the whole process is for stands in its resource; a span's word is nearer."""
    live = Live(resource={"team": "platform"})
    live.llm(live.agent())
    live.llm(live.agent(agentops__team="red"))
    assert rows(live, "team") == {"platform": 1, "red": 1}


def test_what_nobody_tells_has_a_row_of_its_own():
    """Unattributed calls are never dropped."""
    live = Live()
    live.llm(live.agent())
    assert rows(live, "tenant") == {None: 1}


def test_agents_are_those_that_are_nearest():
    """Calls of a sub-agent are the sub-agent's."""
    live = Live()
    root = live.agent("lead")
    live.llm(root)
    sub = live.agent("clerk", live.span("loop", root))
    live.llm(live.span("cycle", sub))
    assert rows(live, "agent") == {"lead": 1, "clerk": 1}


def test_names_are_configurable():
    """A team's own attribute takes the place of the default ones."""
    live = Live()
    live.llm(live.agent(cost_centre="A-7", team="red"))
    assert rows(live, "team") == {"red": 1}
    assert rows(live, "team", names={"team": ("cost_centre",)}) == {"A-7": 1}


@pytest.mark.parametrize(
    ("value", "shown"),
    [(7, "7"), (True, "true"), ("  red ", "red"), ("", None), ("x" * 500, "x" * 200), (("a", "b"), "a, b")],
    ids=["int", "bool", "spaces", "empty", "long", "list"],
)
def test_values_of_any_kind_are_names(value: Any, shown: str | None):
    """A value is told as short text; an empty one tells nothing."""
    live = Live()
    live.llm(live.agent(agentops__team=value))
    assert rows(live, "team") == {shown: 1}


@pytest.mark.parametrize("what", sorted({*sc.ATTRIBUTION} - {"agent"}))
def test_our_own_name_comes_first(what: str):
    """Of several names on one span the first of the list counts."""
    names = sc.ATTRIBUTION[what]
    live = Live()
    live.span("x", **{name.replace(".", "__"): f"value {at}" for at, name in enumerate(names)})
    (found,) = told_by(live.normal, names).values()
    assert (found.value, found.name) == ("value 0", names[0])


OPENINFERENCE = {"openinference.span.kind": "LLM", "llm.model_name": "a", "llm.token_count.prompt": 5}
TRACELOOP = {"gen_ai.system": "OpenAI", "llm.request.type": "chat", "gen_ai.request.model": "a"}
DIALECTS = {
    "openinference": (OPENINFERENCE, {"agentops.team": "red"}),
    "openllmetry": (TRACELOOP, {"traceloop.association.properties.team": "red"}),
    "agent-attributes": ({"agent.step_type": "llm_call", "agent.model": "a"}, {"agent.team": "red"}),
    "genai": ({"gen_ai.operation.name": "chat", "gen_ai.request.model": "a"}, {"team": "red"}),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_any_dialect_can_be_attributed(dialect: str):
    """An attribute that a team adds is found, and leaves the span in its framework's dialect."""
    told, added = DIALECTS[dialect]
    run = Run(scope="made")
    run.add("call", {**told, **added})
    normal = normalise(run.trace)
    tally = Tally(by=("team",))
    tally.add(normal)
    assert [(row.value, row.bill.llm_calls) for row in tally.levels().groups["team"]] == [("red", 1)]
    assert next(iter(normal.dialects.values())).startswith(dialect[:7])


def test_what_a_removed_duplicate_tells_is_not_lost():
    """Two spans of one call are one; the attribute may stand on either."""
    live = Live()
    outer = live.llm(agentops__team="red")
    live.llm(outer, gen_ai__response__id="r1")
    assert rows(live, "team") == {"red": 1}
