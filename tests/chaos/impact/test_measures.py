"""Alignment, blast radius, retries, recovery, cost and labels."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from agentops_eval.chaos import Contract, Degradation, Judge, judge, layered_bound
from agentops_eval.chaos._retry_after import retry_after_s
from agentops_eval.domain import Event, FaultedRun, Injection, Label, Reach, Span
from agentops_eval.traces import Price
from tests.chaos.impact._kit import DOWN, handed, http, read, run, write

URL = "http://127.0.0.1/v1/things"


# -- alignment and radius -------------------------------------------------------------------------


def test_a_retry_moves_the_sites_behind_it_and_changes_nothing() -> None:
    """Calls of one name get other sites behind a retry; they are found by what they ask."""
    looks = [read("look", f"row {at}", at=at) for at in range(6)]
    found = run(*looks[:2], read("look", failure=DOWN, at=2), *looks[2:], hit={2: 0})
    impact = judge(run(*looks), found)
    assert impact.blast_radius.changed == 0
    assert impact.blast_radius.steps == 0
    assert impact.blast_radius.contained


def test_what_is_missing_and_what_is_new_counts() -> None:
    """Calls over calls of the fault-free run; both names are told, the faulted call's is not."""
    base = run(read("a", 1), read("b", 2), read("c", 3), read("d", 4))
    found = run(read("a", failure=DOWN), read("x", 1), read("d", 4), hit={0: 0})
    radius = judge(base, found).blast_radius
    assert (radius.changed, radius.steps) == (3, 0.75)
    assert radius.tools == {"b", "c", "x"}


def test_other_arguments_at_the_same_site_count_once() -> None:
    """A call that asks something else is one changed call, not one missing and one new."""
    base, found = run(read("a", 1), read("b", x=1)), run(read("a", 2), read("b", x=2), hit={0: 1})
    assert judge(base, found).blast_radius.changed == 1


def test_another_answer_to_a_later_call_counts() -> None:
    """A call that asks the same and is answered something else has changed."""
    base, found = run(read("a"), read("b", 1)), run(read("a"), read("b", 2), hit={0: 1})
    assert judge(base, found).blast_radius.tools == {"b"}


def test_the_faulted_call_and_its_retries_are_no_radius() -> None:
    """They are the fault, not what it reached."""
    base = run(read("a", 1))
    found = run(*[read("a", failure=DOWN)] * 3, output="sorry", hit={0: 0, 1: 0, 2: 0})
    radius = judge(base, found).blast_radius
    assert (radius.changed, radius.output) == (0, True)


def test_agents_and_tenants_of_what_changed_are_told() -> None:
    """A call belongs to the agent that was handed the message around it."""
    inner = replace(read("b", 1, tenant="acme"), parent=1)
    base = run(read("a"), handed("billing", "go"), inner)
    found = run(read("a", failure=DOWN), handed("billing", "go"), hit={0: 0})
    radius = judge(base, found, contract=Contract(agent="clerk")).blast_radius
    assert radius.agents == {"billing"}
    assert radius.tenants == {"acme"}
    assert judge(run(read("a"), read("b")), run(read("a"), hit={0: 1})).blast_radius.agents == {"agent"}


@pytest.mark.parametrize(
    ("later", "hops"),
    [
        ([read("b", 2, of="row 2")], 0),
        ([read("b", 2, of="WRONG-17")], 1),
        ([read("b", "token-b", of="WRONG-17"), read("c", 3, of="token-b")], 2),
        ([read("b", "token-b", of="WRONG-17"), read("c", 3, of=["token-b", "WRONG-17"])], 1),
        ([http(URL, b'{"messages": ["WRONG-17"]}', reply=b'{"id": "r-99"}'), read("c", of="r-99")], 2),
    ],
    ids=["nowhere", "one", "two", "the shortest way", "through a body"],
)
def test_hops_are_how_far_values_went(later: list[Event], hops: int) -> None:
    """A value of the faulted call that comes back in later arguments is one hop."""
    base = run(read("a", "RIGHT"), read("b", 2, of="RIGHT"), read("c", 3, of="RIGHT"))
    radius = judge(base, run(read("a", "WRONG-17"), *later, hit={0: 1})).blast_radius
    assert radius.hops == hops
    assert radius.contained == (hops < 2)


def test_each_reached_call_names_the_one_whose_value_it_was_asked_with() -> None:
    """Distances and sources follow the values; what is missing stands last, and nothing leads there."""
    base = run(read("a", "RIGHT"), read("b", "token-b", of="RIGHT"), read("c", 3, of="token-b"), read("d"))
    other = read("b", "token-x", of="WRONG-17"), read("c", 3, of="token-x")
    found = run(read("a", "WRONG-17"), *other, hit={0: 1})
    radius = judge(base, found).blast_radius
    assert [(one.site, one.reach, one.hops, one.via) for one in radius.calls] == [
        ("/a#0", Reach.FAULTED, 0, None),
        ("/b#0", Reach.CHANGED, 1, 0),
        ("/c#0", Reach.CHANGED, 2, 1),
        ("/d#0", Reach.MISSING, None, None),
    ]
    assert {one.kind for one in radius.calls} == {"tool"}
    assert radius.hops == max(one.hops or 0 for one in radius.calls)


def test_calls_beyond_those_that_are_kept_are_counted() -> None:
    """A hundred calls more make an impact of 64, and none of these hangs on one that is left out."""
    base = run(read("a", "RIGHT"))
    more = [read("b", n, of="WRONG-17") for n in range(100)]
    radius = judge(base, run(read("a", "WRONG-17"), *more, hit={0: 1})).blast_radius
    assert (len(radius.calls), radius.more_calls) == (64, 37)
    assert all(one.via is None or one.via < at for at, one in enumerate(radius.calls))


def test_what_a_call_was_asked_with_is_not_its_answer() -> None:
    """An order's name that comes back in the answer came from the caller."""
    base = run(read("a", 1, order="o-1042"), read("b", 1, order="o-1042"))
    found = run(
        read("a", {"order": "o-1042", "x": 2}, order="o-1042"), read("b", 2, order="o-1042"), hit={0: 1}
    )
    assert judge(base, found).blast_radius.hops == 0


def test_within_its_declared_reach_a_fault_is_contained() -> None:
    """However far values go, as long as they touch no other tool."""
    base = run(read("a", 1), read("b", 1), read("c", 1))
    found = run(read("a", "WRONG"), read("b", "token-b", of="WRONG"), read("c", of="token-b"), hit={0: 1})
    rules = [Degradation(message="sorry", reach=reach) for reach in (("[bc]",), ("b",))]
    contained = [
        judge(base, found, contract=Contract(degradations=(rule,))).blast_radius.contained for rule in rules
    ]
    assert contained == [True, False]


# -- retries --------------------------------------------------------------------------------------


def test_retries_are_ratios_of_calls() -> None:
    """In all and by callee; a callee that was not asked before has no ratio."""
    base = run(read("a"), read("b"))
    found = run(*[read("a", failure=DOWN)] * 3, read("b"), read("c"), hit={0: 0})
    impact = judge(base, found)
    assert impact.retries.total == 2.5
    assert impact.retries.by_call == {"a": 3, "b": 1}
    assert judge(run(), found).retries.total is None


def test_layers_multiply() -> None:
    """An SDK's two retries under a wrapper's two and an agent's two are 27 calls."""
    assert layered_bound(2, 2, 2) == 27
    assert layered_bound() == 1


def limited(at_s: float, *, after: str = "10", status: int = 429) -> Event:
    """A reply that asks to wait."""
    return http(URL, b"{}", status=status, headers=(("Retry-After", after),), at_s=at_s)


@pytest.mark.parametrize(
    ("events", "rate"),
    [
        ([limited(0), http(URL, b"{}", at_s=10)], 1.0),
        ([limited(0), http(URL, b"{}", at_s=9.9)], 0.0),
        ([limited(0), limited(5), http(URL, b"{}", at_s=15)], 0.5),
        ([limited(0)], None),
        ([limited(0), http(URL, b"{other}", at_s=1)], None),
        ([limited(0, after="soon"), http(URL, b"{}", at_s=1)], None),
        ([limited(0, status=503), http(URL, b"{}", at_s=30)], 1.0),
        ([http(URL, b"{}", at_s=0), http(URL, b"{}", at_s=1)], None),
    ],
)
def test_honour_rate_is_the_share_of_patient_retries(events: list[Event], rate: float | None) -> None:
    """A retry is the next call that asks the same; it has to come no earlier than it was told."""
    assert judge(run(events[-1]), run(*events, hit={0: 0})).retries.honoured == rate


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ((("retry-after", "1.5"),), 1.5),
        ((("Retry-After-Ms", "250"), ("Retry-After", "9")), 0.25),
        ((("Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"), ("Date", "Thu, 01 Jan 2026 00:00:00 GMT")), 30),
        ((("Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"),), None),
        ((("Retry-After", "-1"),), None),
        ((("Retry-After", "inf"),), None),
        ((("Retry-After", "nan"),), None),
        ((("Retry-After", "\ud800"),), None),
        ((), None),
    ],
)
def test_how_long_a_reply_asks_to_wait(headers: tuple[tuple[str, str], ...], wait_s: float | None) -> None:
    """Seconds, milliseconds, or a date that counts from the reply's own; nothing else is readable."""
    assert retry_after_s(headers) == wait_s


# -- recovery -------------------------------------------------------------------------------------


def timed(found: FaultedRun, *starts_s: float, fault_s: float, elapsed_s: float = 0.0) -> FaultedRun:
    """The run with these times, its faults all at one."""
    events = tuple(
        replace(event, started_s=at, ended_s=at) for event, at in zip(found.events, starts_s, strict=True)
    )
    injections = tuple(replace(one, at_s=fault_s) for one in found.injections)
    return replace(found, events=events, injections=injections, elapsed_s=elapsed_s)


def test_recovery_begins_with_the_first_call_from_which_all_is_as_before() -> None:
    """The second retry is answered; from there on the run is the fault-free one."""
    base = run(read("a", 1), read("b", 2))
    found = run(*[read("a", failure=DOWN)] * 2, read("a", 1), read("b", 2), hit={0: 0, 1: 0})
    impact = judge(base, timed(found, 0, 2, 6, 7, fault_s=2))
    assert (impact.recovery.seconds, impact.recovery.calls) == (4, 1)


def test_who_leaves_calls_out_did_not_recover() -> None:
    """A call behind the fault that never comes is never recovered."""
    base = run(read("a", 1), read("b", 2), read("c", 3))
    found = run(read("a", failure=DOWN), read("c", 3), hit={0: 0})
    impact = judge(base, timed(found, 0, 1, fault_s=0))
    assert impact.recovery.seconds == 1  # from c on it is as before: b lies before it
    gone = run(read("a", 1), read("b", failure=DOWN), output="sorry", hit={1: 0})
    assert judge(base, timed(gone, 0, 1, fault_s=1)).recovery.seconds is None


def test_a_late_answer_is_recovered_from_at_once() -> None:
    """A fault of time alone is over when the answer is there."""
    base = run(read("a", 1), read("b", 2))
    found = timed(run(read("a", 1), read("b", 2), hit={0: 1}), 0, 8, fault_s=0)
    assert judge(base, found).recovery.seconds == 8
    last = timed(run(read("a", 1), read("b", 2), hit={1: 1}), 0, 1, fault_s=1, elapsed_s=9)
    assert judge(base, last).recovery.seconds == 8


def test_without_a_fault_there_is_nothing_to_recover_from() -> None:
    """A run without injections took no time to recover."""
    assert judge(run(read("a")), run(read("a"))).recovery.seconds == 0


# -- cost and labels ------------------------------------------------------------------------------

CHAT = "http://127.0.0.1/v1/chat/completions"


def chat(said: str, *, asked: str = "hello", tokens: int = 100, status: int = 200) -> Event:
    """An llm call that answers this."""
    body = {"model": "tiny", "messages": [{"role": "user", "content": asked}]}
    reply = {
        "id": "c-1",
        "object": "chat.completion",
        "model": "tiny",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}],
        "usage": {"prompt_tokens": tokens, "completion_tokens": tokens, "total_tokens": 2 * tokens},
    }
    return http(CHAT, json.dumps(body).encode(), reply=json.dumps(reply).encode(), status=status)


def by_tokens(span: Span) -> Price | None:
    """A cent for each token of input."""
    tokens = span.attributes.get("gen_ai.usage.input_tokens")
    return Price(amount=Decimal(int(tokens)) / 100, source="test") if isinstance(tokens, int) else None


def test_cost_is_a_ratio_of_what_tokens_cost() -> None:
    """Retried questions cost again; an error costs nothing."""
    base = run(chat("Here you are."), output="Here you are.")
    judged = Judge(base, price=by_tokens)
    twice = run(
        chat("Not in a\nlist.", tokens=100), chat("Here you are.", tokens=300), output="Here you are."
    )
    assert judged(twice).cost.ratio == 4
    assert judged(twice).cost.wasted == 0.25
    failed = run(chat("", status=500), chat("Here you are."), output="Here you are.")
    assert judged(failed).cost.ratio == 1
    assert judged.cost_usd(twice) == 4


def test_what_led_to_the_answer_was_not_wasted() -> None:
    """An answer that comes back in the next question, and through it in the output, was of use."""
    events = [
        chat("The number is 4711."),
        read("look", "row of 4711", number="4711"),
        chat("All done, friend.", asked="row of 4711"),
        chat("Nobody reads this."),
    ]
    judged = Judge(run(*events, output="All done, friend."), price=by_tokens)
    assert judged(run(*events, output="All done, friend.")).cost.wasted == pytest.approx(1 / 3)


def test_an_unknown_price_is_no_ratio() -> None:
    """Without a price for the llm nothing is known, and a run without llms cost nothing to compare with."""
    found = run(chat("hello"))
    assert judge(found, found).cost.ratio is None
    assert judge(run(read("a")), run(read("a"))).cost.ratio is None


def test_labels_are_counted_behind_the_first_fault() -> None:
    """Who answered what, once the fault had happened."""
    events = [read("a"), read("b"), replace(read("c"), label=Label.SCRIPTED), read("d")]
    assert judge(run(*events), run(*events, hit={1: 1})).labels == {"live": 1, "scripted": 1}
    assert judge(run(*events), run(*events)).labels == {}


def test_injections_into_calls_that_are_not_there_are_passed_over() -> None:
    """A run made by hand may name a call that it lacks."""
    found = replace(run(write("a")), injections=(Injection(number=0, kind="x", index=99, site=""),))
    assert judge(run(write("a")), found).blast_radius.changed == 0
