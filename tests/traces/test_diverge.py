"""Where a run leaves its golden, and how that reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from agentops_eval.domain import Divergence, Failure
from agentops_eval.traces import derive, diverge, render_divergence
from tests.examples import examples
from tests.traces._kit import Events, calls, refund_run, reply, tool_answer
from tests.traces._traces import traces

ASK = [{"role": "system", "content": "You refund."}, {"role": "user", "content": "Broken!"}]


def trace_of(*steps, agent="desk", case="case"):
    """Each step is (method of Events, arguments)."""
    events = Events()
    for name, *arguments in steps:
        getattr(events, name)(*arguments)
    return derive(events.all, agent=agent, case=case)


def sides(golden, run):
    found = diverge(golden, run)
    return (found.golden, found.run)


def rendered(golden, run):
    return render_divergence(
        diverge(golden, run),
        agent="refund_agent",
        golden_path="golden_traces/test_refund/test_refund_replays.otlp.jsonl",
        approve_command="pytest tests/test_refund.py::test_refund_replays --agentops-approve",
    )


def test_equal_traces_do_not_diverge():
    """The same behaviour is equal, whatever its case, ids and times."""
    one = derive(refund_run(), agent="a", case="one")
    other = derive(refund_run(prefix="zz"), agent="a", case="two")
    assert diverge(one, other) is None


@examples(60)
@given(traces())
def test_no_trace_diverges_from_itself(trace):
    """Any trace equals itself."""
    assert diverge(trace, trace) is None


@examples(60)
@given(traces(), traces())
def test_any_two_traces_can_be_compared(one, other):
    """The answer is symmetric, and its text is short, printable and of whole lines."""
    there, back = diverge(one, other), diverge(other, one)
    assert (there is None) == (back is None)
    if there is not None:
        text = render_divergence(there, agent="a", golden_path="p", approve_command="c")
        assert all(line.isprintable() and len(line) < 500 for line in text.split("\n"))


def test_a_changed_argument_reads_like_this():
    """Equal arguments are elided in the run's line, and the command to approve comes last."""
    golden = trace_of(
        ("chat", ASK),
        ("tool", "get_order", {"order": 1042}),
        ("tool", "issue_refund", {"order": 1042, "amount": 59.9}),
    )
    run = trace_of(
        ("chat", ASK),
        ("tool", "get_order", {"order": 1042}),
        ("tool", "issue_refund", {"order": 1042, "amount": 5990}),
    )
    assert rendered(golden, run) == (
        "refund_agent diverged from golden_traces/test_refund/test_refund_replays.otlp.jsonl at call 3 of 3\n"
        "  golden     tool issue_refund(order=1042, amount=59.9)\n"
        "  this run   tool issue_refund(order=..., amount=5990)\n"
        "Approve it:  pytest tests/test_refund.py::test_refund_replays --agentops-approve"
    )


def test_one_new_call_is_told_as_such():
    """An inserted call does not make every later call differ."""
    steps = [("tool", "a", {}), ("tool", "b", {}), ("tool", "c", {})]
    found = diverge(trace_of(*steps), trace_of(*steps[:2], ("tool", "extra", {"n": 1}), steps[2]))
    assert (found.call, found.total, found.golden, found.run, found.others) == (
        3,
        3,
        "",
        "tool extra(n=1)",
        0,
    )
    text = render_divergence(found, agent="a", golden_path="p", approve_command="")
    assert "golden     (no such call)" in text
    assert "Approve" not in text


def test_one_missing_call_is_told_as_such():
    """A call that the run left out is the only difference."""
    steps = [("tool", "a", {}), ("tool", "b", {}), ("tool", "c", {})]
    found = diverge(trace_of(*steps), trace_of(steps[0], steps[2]))
    assert (found.call, found.golden, found.run, found.others) == (2, "tool b()", "", 0)


def test_a_new_call_at_the_end_comes_after_the_last():
    """A run that goes on where the golden ends says so."""
    found = diverge(trace_of(("tool", "a", {})), trace_of(("tool", "a", {}), ("tool", "b", {})))
    text = render_divergence(found, agent="a", golden_path="p", approve_command="")
    assert text.splitlines()[0] == "a diverged from p after call 1 of 1"


def test_another_tool_in_its_place_shows_both():
    """A replaced call shows what was there and what is there now, and counts once."""
    golden = trace_of(("tool", "a", {}), ("tool", "refund", {"order": 1}), ("tool", "c", {}))
    run = trace_of(("tool", "a", {}), ("tool", "cancel", {"order": 1}), ("tool", "c", {}))
    found = diverge(golden, run)
    assert (found.golden, found.run, found.others) == ("tool refund(order=1)", "tool cancel(order=1)", 0)


def test_swapped_calls_differ():
    """Order is behaviour: one call is missing in its place, and is new in another."""
    golden = trace_of(("tool", "a", {}), ("tool", "b", {}))
    found = diverge(golden, trace_of(("tool", "b", {}), ("tool", "a", {})))
    assert (found.call, found.golden, found.run, found.others) == (1, "tool a()", "", 1)


def test_an_inserted_turn_does_not_rename_the_calls_after_it():
    """Ids of calls are counted through a run, but compared within each chat."""

    def turns(*names):
        events = Events()
        for number, name in enumerate(names):
            events.chat([{"role": "user", "content": "Hi"}], [(f"c{number}", name, {})])
            events.tool(name, {})
        return derive(events.all, agent="a", case="c")

    found = diverge(turns("a", "b"), turns("x", "a", "b"))
    assert (found.call, found.others) == (1, 1)


def test_a_new_call_and_a_missing_one_elsewhere_are_two_differences():
    """Only a call that is new right where another is missing stands in its place."""
    golden = trace_of(("tool", "a", {}), ("tool", "b", {}))
    found = diverge(golden, trace_of(("tool", "c", {}), ("tool", "a", {})))
    assert (found.call, found.golden, found.run, found.others) == (1, "", "tool c()", 1)


def test_a_changed_prompt_is_told_once():
    """A history repeats in every later chat; only the chat that brought the change is the difference."""

    def run(system):
        asked = [{"role": "system", "content": system}, ASK[1]]
        more = [*asked, calls(("c1", "get", {})), tool_answer("c1", "x")]
        return trace_of(("chat", asked, [("c1", "get", {})]), ("tool", "get", {}), ("chat", more, "Done."))

    golden = run(
        "You are the shop's assistant. Refund broken orders within thirty days of delivery, never later."
    )
    changed = run(
        "You are the shop's assistant. Refund broken orders within ninety days of delivery, never later."
    )
    found = diverge(golden, changed)
    assert (found.call, found.others) == (1, 0)
    assert found.golden == 'llm gpt-test system "... broken orders within thirty days of delivery, ..."'
    assert found.run == 'llm gpt-test system "... broken orders within ninety days of delivery, ..."'


def test_further_differences_are_counted():
    """Only the first difference is shown."""
    golden = trace_of(*(("tool", "add", {"n": number}) for number in range(5)))
    run = trace_of(*(("tool", "add", {"n": number + 10 * (number > 1)}) for number in range(5)))
    found = diverge(golden, run)
    assert (found.call, found.others) == (3, 2)
    text = render_divergence(found, agent="a", golden_path="p", approve_command="")
    assert text.splitlines()[-1] == "  2 further calls differ"


def test_an_inserted_tool_call_does_not_renumber_the_rest():
    """Ordinals of later calls shift; that alone is no difference."""

    def run(*extra):
        asked = [*ASK]
        steps = []
        for number, name in enumerate(("a", *extra, "b")):
            one = f"id{number}"
            steps += [("chat", asked[:], [(one, name, {})]), ("tool", name, {})]
            asked = [ASK[0], {"role": "user", "content": f"next {name}"}]
        return trace_of(*steps)

    found = diverge(run(), run("x"))
    assert found.call == 3
    assert found.others <= 2


@pytest.mark.parametrize(
    ("golden", "run", "shown"),
    [
        (
            ("chat", ASK, "Hello."),
            ("chat", ASK, "Goodbye."),
            ('llm gpt-test -> "Hello."', 'llm gpt-test -> "Goodbye."'),
        ),
        (
            ("chat", ASK, [("c", "get", {"id": 1})]),
            ("chat", ASK, [("c", "get", {"id": 2})]),
            ("llm gpt-test -> calls get(id=1)", "llm gpt-test -> calls get(id=2)"),
        ),
        (
            ("chat", ASK, [("c", "get", {"id": 1})]),
            ("chat", ASK, "No."),
            ("llm gpt-test -> calls get(id=1)", 'llm gpt-test -> "No."'),
        ),
        (
            ("chat", ASK),
            ("chat", [*ASK, {"role": "user", "content": "Now!"}]),
            ("llm gpt-test (nothing more)", 'llm gpt-test user "Now!"'),
        ),
        (
            ("tool", "get", {"id": 1}, {"a": 1, "b": "same"}),
            ("tool", "get", {"id": 1}, {"a": 2, "b": "same"}),
            ('tool get(...) -> {"a": 1, "b": "same"}', 'tool get(...) -> {"a": 2, "b": ...}'),
        ),
        (
            ("tool", "get", {}, "ok"),
            ("tool", "get", {}, Failure(kind="KeyError", module="builtins", message="7")),
            ('tool get(...) -> "ok"', 'tool get(...) -> error KeyError: "7"'),
        ),
        (
            ("handoff", "billing", {"order": 1, "why": "broken"}),
            ("handoff", "billing", {"order": 2, "why": "broken"}),
            ('agent billing({"order": 1, "why": "broken"})', 'agent billing({"order": 2, "why": ...})'),
        ),
        (
            ("human", "refund", {"amount": 5}, "approved"),
            ("human", "refund", {"amount": 5}, "rejected"),
            ("human refund(...) -> approved", "human refund(...) -> rejected"),
        ),
    ],
    ids=["answer", "asked call", "call or text", "more said", "result", "error", "hand-off", "approval"],
)
def test_each_kind_of_difference_has_its_line(golden, run, shown):
    """What differs stands in both lines, after what the call is."""
    assert sides(trace_of(golden), trace_of(run)) == shown


def test_another_llm_is_a_changed_call():
    """A model change is one difference, not a call missing and one new."""
    golden = derive(refund_run(), agent="a", case="c")
    events = Events()
    events.chat(ASK, llm="gpt-small")
    other = Events()
    other.chat(ASK, llm="gpt-large")
    found = diverge(derive(events.all, agent="a", case="c"), derive(other.all, agent="a", case="c"))
    assert (found.golden, found.run) == ("llm gpt-small", "llm gpt-large")
    assert diverge(golden, golden) is None


def test_a_failed_attempt_differs_from_a_good_one():
    """A retry is a new call."""
    events = Events()
    request = Events().chat(ASK).request
    events.http(request, reply({}, 429))
    events.http(request, Events().chat(ASK).outcome)
    found = diverge(trace_of(("chat", ASK)), derive(events.all, agent="desk", case="case"))
    assert (found.call, found.golden) == (1, "")
    assert found.run == 'llm gpt-test user "Broken!" -> error 429'


def test_another_agent_differs_at_the_root():
    """The root is no call, and its difference is still one."""
    found = diverge(trace_of(("chat", ASK), agent="desk"), trace_of(("chat", ASK), agent="shop"))
    assert (found.call, found.golden, found.run) == (0, "agent desk", "agent shop")
    assert "at its root" in render_divergence(found, agent="a", golden_path="p", approve_command="")


def test_depth_is_behaviour():
    """The same tool called by another agent is another run."""
    events = Events()
    inner = events.handoff("billing", "go")
    events.tool("pay", {}, parent=inner)
    outer = Events()
    outer.handoff("billing", "go")
    outer.tool("pay", {})
    assert (
        diverge(derive(events.all, agent="a", case="c"), derive(outer.all, agent="a", case="c")) is not None
    )


def test_hostile_text_is_bounded_and_escaped():
    """Megabytes, newlines, escape codes and text that runs backwards cannot disturb a terminal."""
    bad = "\x1b[31m\u202eevil\r\n\0" + "x" * 1_000_000
    text = rendered(trace_of(("tool", bad, {bad: bad, "k": 1})), trace_of(("tool", bad, {bad: bad, "k": 2})))
    assert len(text.split("\n")) == 4
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text) < 1500


def test_very_long_runs_are_compared():
    """Thousands of calls with a difference at both ends take no quadratic time."""
    steps = [("tool", "add", {"n": number}) for number in range(3000)]
    changed = [("tool", "add", {"n": -1}), *steps[1:-1], ("tool", "add", {"n": -2})]
    found = diverge(trace_of(*steps), trace_of(*changed))
    assert (found.call, found.total, found.others) == (1, 3000, 1)


def test_a_divergence_renders_without_others():
    """Nothing is said about further calls where there are none."""
    divergence = Divergence(call=2, total=3, path="/", golden="a", run="b")
    text = render_divergence(divergence, agent="x", golden_path="p", approve_command="go")
    assert text == "x diverged from p at call 2 of 3\n  golden     a\n  this run   b\nApprove it:  go"
    assert "1 further call differs" in render_divergence(
        replace(divergence, others=1), agent="x", golden_path="p", approve_command=""
    )
