"""How a diff reads: in a terminal, and for scripts."""

from __future__ import annotations

import json

from hypothesis import given

from agentops_eval.traces.diff import diff, diff_json, diff_text
from tests.traces._traces import traces
from tests.traces.diff._trees import agent, chat, tool, trace_of


def between(one, other):
    return diff(trace_of(one), trace_of(other))


POLICY = "Answer politely, and look things up before you answer. " * 5
BEFORE = agent(
    "desk",
    chat([("system", POLICY + "Refund up to 50 euros. " + POLICY)], "Hello."),
    tool("lookup", order=1),
    tool("refund", order=1, amount=59.9),
    tool("mail", to="a"),
    tool("close"),
)
AFTER = agent(
    "desk",
    chat([("system", POLICY + "Refund up to 500 euros. " + POLICY)], "Hello.", tokens=(11, 5)),
    tool("close"),
    tool("lookup", order=1),
    tool("refund", order=1, amount=5990),
    tool("check", order=1),
)


def test_the_text_reads_like_this():
    """Signs, numbers, the places of changes, and equal parts elided."""
    assert diff_text(between(BEFORE, AFTER), baseline="golden", candidate="this run") == (
        "golden -> this run: 1 added, 1 removed, 1 moved, "
        "1 changed-arguments, 1 changed-text, 1 changed-tokens\n"
        "        ... 1 step equal\n"
        "~     1 llm gpt-a\n"
        "          input [0].parts[0].content\n"
        '            - "... Refund up to 50 euros. Answer politely, and ..."\n'
        '            + "... Refund up to 500 euros. Answer politely, and ..."\n'
        "          tokens in: 10 -> 11\n"
        ">     2 tool close  moved from 5\n"
        "        ... 1 step equal\n"
        "~     4 tool refund\n"
        "          arguments amount: 59.9 -> 5990\n"
        '-     4 tool mail(to="a")\n'
        "+     5 tool check(order=1)"
    )


def test_equal_traces_are_said_to_be_equal():
    """One line, with how much was compared."""
    assert diff_text(between(BEFORE, BEFORE)) == "baseline -> candidate: equal, 6 steps"


def test_more_steps_than_anyone_reads_are_counted():
    """The text stops at its limit and says what it left out."""
    found = between(agent("d"), agent("d", *[tool(f"t{number}") for number in range(9)]))
    assert diff_text(found, limit=4).endswith("... 5 steps more that differ")


def test_json_has_the_documented_keys():
    """Scripts find kinds, places and values; ids are those of the traces as they were given."""
    found = between(BEFORE, AFTER)
    document = diff_json(found)
    assert json.loads(json.dumps(document)) == document
    assert set(document) == {"equal", "baseline_steps", "candidate_steps", "counts", "steps"}
    assert document["counts"]["moved"] == 1
    refund = next(step for step in document["steps"] if step["title"] == "tool refund")
    assert refund == {
        "kinds": ["changed-arguments"],
        "title": "tool refund",
        "path": "/invoke_agent:desk#0/execute_tool:refund#0",
        "baseline_index": 3,
        "candidate_index": 4,
        "baseline_span_id": f"{3:016x}",
        "candidate_span_id": f"{4:016x}",
        "same_before": 1,
        "changes": [
            {
                "kind": "changed-arguments",
                "field": "arguments",
                "at": "amount",
                "op": "changed",
                "before": 59.9,
                "after": 5990,
            }
        ],
        "more": 0,
    }


@given(traces(), traces())
def test_any_diff_can_be_shown(one, other):
    """Both forms can be written whatever the traces hold, and text has whole, printable lines."""
    found = diff(one, other)
    json.dumps(diff_json(found))
    assert all(line.isprintable() and len(line) < 700 for line in diff_text(found).split("\n"))
