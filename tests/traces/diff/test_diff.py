"""What the diff says of each kind of difference."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from agentops_eval.domain import Failure, StatusCode, Trace
from agentops_eval.traces import Price, derive, diverge
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.diff import Change, Kind, Op, diff
from tests.traces._kit import Events, refund_run
from tests.traces.diff._trees import agent, chat, spelled, tool, trace_of

LOOKUP, REFUND, MAIL = tool("lookup", order=1), tool("refund", order=1, amount=59.9), tool("mail", to="a")
DESK = agent("desk", LOOKUP, REFUND, MAIL)


def told(one, other, **settings):
    """Kinds and title of every step that differs."""
    found = diff(trace_of(one), trace_of(other), **settings)
    return [(*map(str, step.kinds), step.title) for step in found.steps]


def changes(one, other, **settings):
    found = diff(trace_of(agent("desk", one)), trace_of(agent("desk", other)), **settings)
    return [change for step in found.steps for change in step.changes]


def test_an_added_step_is_told_once():
    """An added step names its place in the candidate, and the steps behind it are the same."""
    found = diff(trace_of(DESK), trace_of(agent("desk", LOOKUP, tool("check"), REFUND, MAIL)))
    (step,) = found.steps
    assert (step.kinds, step.title) == ((Kind.ADDED,), "tool check")
    assert (step.baseline, step.baseline_index, step.candidate_index) == (None, None, 2)
    assert step.candidate is not None
    assert step.path == "/invoke_agent:desk#0/execute_tool:check#0"
    assert (step.same_before, found.same_after) == (2, 2)


def test_a_removed_step_is_told_once():
    """A removed step names its place in the baseline."""
    (step,) = diff(trace_of(DESK), trace_of(agent("desk", LOOKUP, MAIL))).steps
    assert (step.kinds, step.title) == ((Kind.REMOVED,), "tool refund")
    assert (step.candidate, step.candidate_index, step.baseline_index) == (None, None, 2)


def test_added_steps_are_told_with_all_below_them():
    """Each step of an added agent is one added step."""
    other = agent("desk", LOOKUP, agent("helper", tool("look"), tool("see")), REFUND, MAIL)
    assert told(DESK, other) == [("added", "agent helper"), ("added", "tool look"), ("added", "tool see")]


def test_a_step_in_another_order_has_moved():
    """The one step whose order changed is told, not those that it passed."""
    assert told(DESK, agent("desk", REFUND, MAIL, LOOKUP)) == [("moved", "tool lookup")]


def test_a_step_below_another_parent_has_moved():
    """Going from one agent to another is a move, and what is below goes along untold."""
    work = agent("work", LOOKUP, REFUND)
    one = agent("desk", agent("a", work), agent("b", MAIL))
    other = agent("desk", agent("a"), agent("b", MAIL, work))
    assert told(one, other) == [("moved", "agent work")]


def test_a_step_can_move_and_change():
    """What has most of its content in common is the same step in another place."""
    mail = tool("mail", to="a", cc="b", subject="c", body="d")
    other = tool("mail", to="a", cc="b", subject="c", body="e")
    one = agent("desk", mail, LOOKUP, REFUND, tool("close"), tool("log"))
    assert told(one, agent("desk", LOOKUP, REFUND, tool("close"), tool("log"), other)) == [
        ("moved", "changed-arguments", "tool mail")
    ]


def test_a_moved_step_does_not_mislead_the_rest():
    """Where nearly all steps changed, the one that did not is told as moved, not all others."""
    one = [tool(f"t{number}", value=number) for number in range(6)]
    other = [tool(f"t{number}", value=-number - 1) for number in range(6)]
    found = told(agent("desk", *one, LOOKUP), agent("desk", LOOKUP, *other))
    assert found[0] == ("moved", "tool lookup")
    assert found[1:] == [("changed-arguments", f"tool t{number}") for number in range(6)]


def test_calls_that_were_asked_for_at_once_have_no_order():
    """Calls of one llm answer are parallel also in a golden, whose clock is logical."""
    asked = [{"type": "tool_call", "id": f"call_{n}", "name": "look", "arguments": {"n": n}} for n in "123"]
    ask = chat([("user", "Look!")], asked)
    looks = [tool("look", n=n, extra={sc.TOOL_CALL_ID: f"call_{n}"}) for n in "123"]
    assert told(agent("desk", ask, *looks), agent("desk", ask, *reversed(looks))) == []


def test_calls_that_overlap_have_no_order():
    """A step may pass one that it ran beside, if not one that was over before it began."""
    one = [tool("a", times=(1, 5)), tool("b", times=(4, 8)), tool("c", times=(6, 9))]
    assert told(agent("desk", *one), agent("desk", one[1], one[0], one[2])) == []
    assert told(agent("desk", *one), agent("desk", one[2], one[0], one[1])) != []


def test_a_changed_call_among_reordered_parallel_ones_is_found():
    """In a fan-out that came back in another order, only what was asked differently is told."""
    one = [tool("look", n=number, times=(1, 9)) for number in range(5)]
    other = [tool("look", n=number, times=(1, 9)) for number in (4, 2, 77, 0, 1)]
    found = changes(agent("fan", *one), agent("fan", *other))
    assert [(change.kind, change.before, change.after) for change in found] == [(Kind.ARGUMENTS, 3, 77)]


def test_changed_arguments_are_told_by_their_place():
    """DeepDiff finds the place within the arguments; what is equal is not told."""
    found = changes(
        tool("refund", order={"id": 7, "items": [1, 2, 3]}, amount=59.9),
        tool("refund", order={"id": 7, "items": [1, 5, 3]}, amount=5990, __note="x"),
    )
    assert found == [
        Change(kind=Kind.ARGUMENTS, field="arguments", at=at, op=op, before=before, after=after)
        for at, op, before, after in [
            ("__note", Op.ADDED, None, "x"),
            ("amount", Op.CHANGED, 59.9, 5990),
            ("order.items[1]", Op.CHANGED, 2, 5),
        ]
    ]


def test_numbers_and_truth_values_are_kept_apart():
    """1 is 1.0 but not true."""
    assert changes(tool("a", x=1), tool("a", x=1.0)) == []
    assert [(c.before, c.after) for c in changes(tool("a", x=1), tool("a", x=True))] == [(1, True)]


def test_a_changed_answer_is_a_changed_text():
    """What an llm said, was told, and what a tool gave back are texts."""
    (change,) = changes(chat([("user", "Hi")], "Hello."), chat([("user", "Hi")], "Go away."))
    assert (change.kind, change.field, change.at) == (Kind.TEXT, "answer", "[0].parts[0].content")
    (change,) = changes(
        tool("a", extra={sc.TOOL_CALL_RESULT: "1"}), tool("a", extra={sc.TOOL_CALL_RESULT: "2"})
    )
    assert (change.kind, change.field, change.before, change.after) == (Kind.TEXT, "result", 1, 2)


def test_another_llm_tokens_and_cost_have_kinds_of_their_own():
    """One step can differ in several ways; the name of the llm does not make it another step."""

    def price(span):
        return Price(amount=Decimal(span.attributes[sc.USAGE_INPUT_TOKENS]) / 1000, source="test")

    one = chat([("user", "Hi")], "Hello.", llm="gpt-a", tokens=(10, 5))
    other = chat([("user", "Hi")], "Hello.", llm="gpt-b", tokens=(12, 5))
    found = changes(one, other, price=price)
    assert [(str(c.kind), c.field, c.before, c.after) for c in found] == [
        ("changed-llm", "llm", "gpt-a", "gpt-b"),
        ("changed-tokens", "tokens in", 10, 12),
        ("changed-cost", "cost $", "0.01", "0.012"),
    ]


def test_an_unknown_cost_is_no_zero():
    """A cost that became known is added; with no price table there is no change of cost."""
    one, other = chat([], "a", tokens=(1, 1)), chat([], "a", tokens=(2, 1))
    prices = {1: None, 2: Price(amount=Decimal("0.5"), source="test")}
    found = changes(one, other, price=lambda span: prices[span.attributes[sc.USAGE_INPUT_TOKENS]])
    assert [(c.op, c.before, c.after) for c in found if c.kind is Kind.COST] == [(Op.ADDED, None, "0.5")]
    found = changes(one, other, price=lambda span: None)
    assert [c.kind for c in found] == [Kind.TOKENS]


def test_an_error_is_a_changed_status():
    """A call that failed this time differs in its status, its error and its result."""
    failed = Events()
    failed.tool("look", {}, Failure(kind="Timeout", module="x", message="slow"))
    worked = Events()
    worked.tool("look", {}, "found")
    one, other = (derive(events.all, agent="a", case="c") for events in (worked, failed))
    (step,) = diff(one, other).steps
    assert step.kinds == (Kind.TEXT, Kind.STATUS)
    assert {c.field: c.after for c in step.changes if c.kind is Kind.STATUS} == {
        "error": "Timeout",
        "status": "ERROR",
        "status message": "slow",
    }


def test_what_has_no_kind_is_an_attribute():
    """Nothing that differs is silent: other attributes, names and kinds of spans are told as such."""
    (change,) = changes(tool("a", extra={"team": "x"}), tool("a", extra={"team": "y"}))
    assert (change.kind, change.field) == (Kind.ATTRIBUTES, "team")


def test_volatile_attributes_do_not_count():
    """What a golden leaves out is no difference."""
    one, other = tool("a", extra={sc.RESPONSE_ID: "1"}), tool("a", extra={sc.RESPONSE_ID: "2"})
    assert changes(one, other) == []


def test_a_renamed_agent_around_the_same_work_is_one_change():
    """A new name for an agent does not make all that it did new."""
    one = agent("desk", agent("helper", LOOKUP, REFUND), MAIL)
    other = agent("front desk", agent("assistant", LOOKUP, REFUND), MAIL)
    assert told(one, other) == [
        ("changed-attributes", "agent front desk"),
        ("changed-attributes", "agent assistant"),
    ]


def test_a_new_level_is_told_alone():
    """Steps that an added agent now stands around are the same steps, deep inside too."""
    inner = agent("crew", agent("lead", LOOKUP, REFUND))
    assert told(DESK, agent("desk", inner, MAIL)) == [("added", "agent crew"), ("added", "agent lead")]
    assert told(agent("desk", inner, MAIL), DESK) == [("removed", "agent crew"), ("removed", "agent lead")]


def test_an_added_chat_does_not_change_the_chats_behind_it():
    """How long a history is follows from the steps before; only what is new in it counts."""
    first, asked = chat([("user", "Hi")], "Yes?"), [("user", "Hi"), ("assistant", "Yes?")]
    last = chat([*asked, ("user", "Go")], "Done.")
    between = chat([*asked, ("user", "Wait")], "Waiting.")
    assert told(agent("d", first, last), agent("d", first, between, last)) == [("added", "llm gpt-a")]
    assert told(agent("d", last), agent("d", first, last)) == [("added", "llm gpt-a")]


def test_recorded_runs_are_compared_as_they_are():
    """Two recordings of one agent, with ids of their own, differ in what it did."""
    one = derive(refund_run(), agent="desk", case="a")
    same = derive(refund_run(prefix="zz", response="other"), agent="desk", case="b")
    assert not diff(one, same)
    found = diff(one, derive(refund_run(amount=5990), agent="desk", case="a"))
    assert [step.title for step in found.steps] == ["llm gpt-test", "tool issue_refund", "llm gpt-test"]
    assert found.counts == {Kind.ARGUMENTS: 1, Kind.TEXT: 3}


@pytest.mark.parametrize("sizes", [(0, 0), (0, 3), (3, 0)])
def test_empty_traces_can_be_compared(sizes):
    """A trace without steps is one whose steps are all missing."""
    one, other = (trace_of(*[tool(str(number)) for number in range(size)]) for size in sizes)
    assert [step.kinds[0] for step in diff(one, other).steps] == (
        [Kind.REMOVED] * sizes[0] + [Kind.ADDED] * sizes[1]
    )


def test_huge_values_are_told_whole():
    """A value too large or too deep for DeepDiff is one change, not a long wait."""
    large = [str(number) for number in range(20_000)]
    (change,) = changes(tool("a", x=large), tool("a", x=[*large, "more"]))
    assert (change.at, change.op) == ("", Op.CHANGED)
    deep, other = 1, 2
    for _ in range(150):
        deep, other = [deep], [other]
    (change,) = changes(tool("a", x=deep), tool("a", x=other))
    assert change.at == ""


def test_json_too_deep_to_compare_is_text():
    """Nesting that would exhaust the stack is compared as the string it came in."""
    deep, other = ("[" * 900 + number + "]" * 900 for number in "12")
    one, two = (tool("a", extra={sc.TOOL_CALL_RESULT: text}) for text in (deep, other))
    assert [(c.before, c.after) for c in changes(one, two)] == [(deep, other)]
    assert diverge(trace_of(one), trace_of(two)) is not None


def test_attributes_too_deep_to_read_are_compared_too():
    """An attribute nested beyond the stack neither fails nor hides the others."""
    deep = ()
    for _ in range(5_000):
        deep = (deep,)
    one, other = tool("a", extra={"deep": deep, "x": 1}), tool("a", extra={"deep": deep, "x": 2})
    assert [change.field for change in changes(one, other)] == ["x"]


def test_many_changes_in_one_step_are_counted():
    """Of very many changes in one step the rest is a number."""
    one, other = ({f"k{number}": number + more for number in range(300)} for more in (0, 1))
    (step,) = diff(trace_of(tool("a", **one)), trace_of(tool("a", **other))).steps
    assert (len(step.changes), step.more) == (100, 200)


def chain(names):
    """Every step below the one before."""
    top = at = agent("root")
    for name in names:
        at.below.append(agent(name))
        at = at.below[0]
    return top


def test_deep_trees_are_compared():
    """5,000 levels: one more in the middle is one added step, one less at the end one removed."""
    names = [f"a{number % 7}" for number in range(5_000)]
    more = [*names[:2_500], "new", *names[2_500:-1]]
    found = diff(trace_of(chain(names)), trace_of(chain(more)))
    assert [(str(step.kinds[0]), step.candidate_index or step.baseline_index) for step in found.steps] == [
        ("added", 2_501),
        ("removed", 5_000),
    ]
    assert found.steps[0].path.startswith(".../")


def test_deep_trees_in_which_everything_differs_are_compared():
    """5,000 levels, each with other arguments: 5,000 changed steps, paths and memory stay short."""
    one, other = Trace(), Trace()
    one, other = (
        Trace(
            spans=tuple(
                replace(
                    span,
                    parent_id=f"{number - 1:016x}" if number else "",
                    attributes={**span.attributes, sc.TOOL_CALL_ARGUMENTS: spelled({"n": number * sign})},
                )
                for number, span in enumerate(trace_of(*[tool("a")] * 5_000).spans)
            )
        )
        for sign in (1, -1)
    )
    found = diff(one, other)
    assert found.counts == {Kind.ARGUMENTS: 4_999}
    assert max(len(step.path) for step in found.steps) < 500


def test_a_long_row_of_repeating_steps_is_aligned():
    """Steps that repeat hundreds of times are told apart by their neighbours."""
    steps = [tool("abcde"[number * number % 5], n=number % 11) for number in range(900)]
    edited = [step for place, step in enumerate(steps) if place % 100 != 50]
    assert told(agent("d", *steps), agent("d", *edited)) == [
        ("removed", f"tool {steps[place].name}") for place in range(50, 900, 100)
    ]


def test_only_a_status_of_error_is_told():
    """Some frameworks say OK where others say nothing; that is no difference in what an agent did."""
    trace = trace_of(tool("a"))
    fine, failed = (
        Trace(spans=(replace(trace.spans[0], status=status),)) for status in (StatusCode.OK, StatusCode.ERROR)
    )
    assert not diff(trace, fine)
    assert [step.kinds for step in diff(trace, failed).steps] == [(Kind.STATUS,)]
