"""Laws of judging, for runs of any shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos import Contract, Degradation, Judge, judge
from agentops_eval.chaos.contracts import Allowed, Invariant, Undoes
from agentops_eval.chaos.impact._align import common
from agentops_eval.domain import (
    Chunk,
    DrawRequest,
    Effect,
    EndedBy,
    Event,
    Failure,
    FaultedRun,
    Harm,
    HttpReply,
    HttpRequest,
    Injection,
    Json,
    KeptBody,
    Label,
    LiveBody,
    Mode,
    RunError,
    Seam,
    ToolRequest,
    ValueReply,
)
from agentops_eval.domain._findings import ErrorSource
from tests.chaos.impact._kit import asked, handed, read, run, write
from tests.examples import examples

TEXTS = st.text(max_size=8) | st.sampled_from(["o-1042", "\ud800", "sorry", "zebra-7731", "acme", "a" * 300])
HUGE = 10**5_000
"""More digits than Python writes."""


def nested(inner: Json, depth: int) -> Json:
    """A list in a list in a list."""
    for _ in range(depth):
        inner = [inner]
    return inner


HUGES = st.sampled_from([1, -1, 10]).map(lambda factor: factor * HUGE)
NUMBERS = st.integers() | st.floats() | HUGES
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
DEEP = st.builds(nested, SCALARS, st.sampled_from([100, 300]))
VALUES = DEEP | st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["charge", "refund", "look", "mail", "tenant", "*"])
ARGUMENTS = st.dictionaries(st.sampled_from(["tenant", "order", "key", "x"]), VALUES, max_size=3)
OUTCOMES = st.one_of(
    st.none(),
    st.builds(ValueReply, value=VALUES, label=st.sampled_from(Label)),
    st.builds(Failure, kind=TEXTS, module=TEXTS, message=TEXTS, label=st.sampled_from(Label)),
    st.builds(
        HttpReply,
        status=st.integers(100, 599),
        headers=st.just((("Retry-After", "3"),)) | st.just(()),
        body=st.builds(KeptBody, chunks=st.tuples(st.builds(Chunk, st.binary(max_size=8))))
        | st.just(LiveBody(handle=None)),
    ),
)
REQUESTS = st.one_of(
    st.builds(
        ToolRequest,
        name=NAMES,
        arguments=ARGUMENTS,
        effect=st.sampled_from([*Effect, None]),
        idempotency_key=st.none() | TEXTS,
    ),
    st.builds(HttpRequest, method=st.just("POST"), url=TEXTS, body=st.binary(max_size=8)),
    st.builds(DrawRequest, source=st.just("time.time")),
    st.builds(lambda message: handed("mail", message).request, VALUES),
    st.builds(lambda details: asked("charge", "approved", details).request, VALUES),
)
EVENTS = st.builds(
    Event,
    index=st.integers(-1, 9),
    seam=st.sampled_from(Seam),
    boundary=NAMES,
    request=REQUESTS,
    outcome=OUTCOMES,
    span=st.sampled_from(["/", "/billing#0"]),
    parent=st.none() | st.integers(-1, 9),
    started_s=st.floats(0, 9),
    lane=st.sampled_from(["", "4:0.1:2", "*"]),
)
INJECTIONS = st.builds(
    Injection,
    number=st.integers(0, 2),
    kind=st.sampled_from(["tool_error", "secret_in_result", "no such kind"]),
    index=st.integers(-1, 9),
    site=st.just(""),
    landed=st.integers(0, 3),
    canaries=st.just(()) | st.just(("zebra-7731",)) | st.just(("",)),
)
RUNS = st.builds(
    FaultedRun,
    events=st.lists(EVENTS, max_size=6).map(tuple),
    injections=st.lists(INJECTIONS, max_size=2).map(tuple),
    ended=st.sampled_from(EndedBy),
    output=VALUES,
    answered=st.booleans(),
    error=st.none() | st.just(RunError(source=ErrorSource.AGENT, kind="E", message="sorry")),
    hung=st.sampled_from(["", "nonsense", *Harm]),
    elapsed_s=st.floats(0, 9),
    state=VALUES,
)
FULL_CONTRACT = Contract(
    success=("done",),
    secrets=("o-1042",),
    tenants={"acme": ("zebra",)},
    volatile=("x",),
    idempotent=("mail",),
    compensates={"refund": Undoes(tool="charge"), "mail": Undoes(tool="look", by="order")},
    approval={"charge": "charge"},
    degradations=(Degradation(message="sorry", effects=Allowed.PREFIX, reach=("look",)),),
    invariants=(Invariant(name="any", check=lambda found: found.answered),),
)
CONTRACTS = st.sampled_from([Contract(), FULL_CONTRACT])


@examples(100)
@given(RUNS, RUNS, CONTRACTS)
def test_judging_never_raises(base: FaultedRun, found: FaultedRun, contract: Contract) -> None:
    """Whatever was recorded there is an impact, the same each time, and its shares are shares."""
    judged = Judge(base, contract)
    impact = judged(found)
    assert impact == judged(found)
    assert isinstance(impact.mode, Mode)
    assert impact.blast_radius.changed >= 0
    assert 0 <= (impact.retries.honoured or 0) <= 1
    assert set(impact.harms) <= {harm.value for harm in Harm}


@examples(60)
@given(RUNS, CONTRACTS)
def test_a_run_judged_by_itself_is_full_with_no_radius(found: FaultedRun, contract: Contract) -> None:
    """Nothing differs from itself, whatever the agent does by itself."""
    itself = replace(
        found,
        ended=EndedBy.ANSWER,
        error=None,
        injections=(),
        events=tuple(replace(event, index=at) for at, event in enumerate(found.events)),
    )
    impact = judge(itself, itself, contract=contract)
    assert impact.mode is Mode.FULL
    assert impact.effects.same
    radius = impact.blast_radius
    assert (radius.changed, radius.hops, radius.output, radius.contained) == (0, 0, False, True)
    assert not radius.tools | radius.effects | radius.tenants | radius.agents
    assert impact.recovery.seconds == 0


@examples(60)
@given(RUNS, st.sampled_from(["answer", "error"]))
def test_another_harm_never_makes_a_mode_better(found: FaultedRun, ended: str) -> None:
    """A run with an effect more than it should have is never better than the same run without it."""
    worth = [Mode.FAILED_UNSAFE, Mode.HUNG]
    kept = replace(
        found,
        ended=EndedBy(ended),
        injections=tuple(one for one in found.injections if one.index < len(found.events)),
        events=tuple(replace(event, index=at) for at, event in enumerate(found.events)),
    )
    bad = replace(write("drop everything"), index=len(kept.events))
    worse = replace(kept, events=(*kept.events, bad))
    base = run(read("look"), output="fine")
    if judge(base, kept).mode in worth:
        assert judge(base, worse).mode in worth
    assert judge(base, worse).mode is Mode.FAILED_UNSAFE


CALLS = st.lists(
    st.builds(read, st.sampled_from("abc"), st.integers(0, 2), x=st.integers(0, 1))
    | st.builds(write, st.sampled_from("de"), x=st.integers(0, 1)),
    max_size=6,
)
RENAMED = {"a": "n-a", "b": "n-b", "c": "n-c", "d": "n-d", "e": "n-e"}


@examples(80)
@given(CALLS, CALLS)
def test_names_do_not_matter(before: list[Event], after: list[Event]) -> None:
    """The same runs with every tool renamed have the same mode, radius and counts."""
    one = judge(run(*before), run(*after))
    other = judge(run(*map(renamed, before)), run(*map(renamed, after)))
    assert (one.mode, one.harms, one.retries.total) == (other.mode, other.harms, other.retries.total)
    assert one.blast_radius.changed == other.blast_radius.changed
    assert {RENAMED[name] for name in one.blast_radius.tools} == other.blast_radius.tools


def renamed(event: Event) -> Event:
    """The call of a tool that is called otherwise."""
    request = event.request
    assert isinstance(request, ToolRequest)
    name = RENAMED[event.boundary]
    return replace(event, boundary=name, request=replace(request, name=name))


@examples(60)
@given(CALLS, CALLS, st.integers(1, 1000))
def test_numbers_of_events_do_not_matter(before: list[Event], after: list[Event], by: int) -> None:
    """Draws in between, which take numbers, change nothing."""
    found = run(*after)
    moved = replace(found, events=tuple(replace(event, index=event.index + by) for event in found.events))
    one, other = judge(run(*before), found), judge(run(*before), moved)
    assert replace(one, run=found) == replace(other, run=found)


@examples(60)
@given(CALLS, st.lists(st.integers(0, 5), max_size=3))
def test_lost_answers_never_hide_an_effect(calls: list[Event], hits: list[int]) -> None:
    """What landed counts however its answer went: losing answers leaves the effects the same."""
    hit = {at: 1 for at in hits if at < len(calls)}
    lost = Failure(kind="TimeoutError", module="builtins", message="late", label=Label.SCRIPTED)
    found = run(
        *[replace(call, outcome=lost) if at in hit else call for at, call in enumerate(calls)], hit=hit
    )
    assert judge(run(*calls), found).effects.same


# -- the longest common subsequence ---------------------------------------------------------------

WORDS = st.lists(st.sampled_from("abcd"), max_size=9)


@examples(100)
@given(WORDS, WORDS)
def test_the_common_subsequence_is_the_longest(one: list[str], other: list[str]) -> None:
    """It rises on both sides, its pairs are equal, and it is as long as the plain table says."""
    pairs = common(one, other)
    assert all(one[i] == other[j] for i, j in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, word in enumerate(one):
        for j, against in enumerate(other):
            best = max(lengths[i][j + 1], lengths[i + 1][j])
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if word == against else best
    assert len(pairs) == lengths[-1][-1]


@pytest.mark.parametrize("make", [read, write])
def test_many_calls_are_judged(make: Callable[..., Event]) -> None:
    """A run that went in circles for a thousand calls is judged like any other."""
    base = run(*[make("a", at=at) for at in range(200)])
    found = run(*[make("a", at=at % 7) for at in range(1000)], output="sorry")
    assert judge(base, found).blast_radius.changed > 900


def test_huge_values_are_judged() -> None:
    """A megabyte of answer, and JSON that is nested deeply, have an impact."""
    big = {"text": "word " * 200_000, "deep": nested("x", 300)}
    base = run(read("a", 1), read("b", 2))
    assert judge(base, run(read("a", big), read("b", 2, of=big), hit={0: 1})).blast_radius.hops == 1


def test_numbers_of_thousands_of_digits_are_values_like_any() -> None:
    """They are compared whole, told apart in their last digit, and shown shortened."""
    base = run(write("book", HUGE, seat=HUGE), read("look", HUGE, of=HUGE), output=HUGE)
    same = run(write("book", HUGE, seat=HUGE), read("look", HUGE, of=HUGE), output=HUGE)
    assert judge(base, same).mode is Mode.FULL
    other = run(write("book", HUGE, seat=HUGE + 1), read("look", HUGE, of=HUGE), output=HUGE, hit={1: 0})
    impact = judge(base, other)
    assert impact.mode is Mode.FAILED_UNSAFE
    assert len(impact.effects.missing) == len(impact.effects.extra) == 1
    assert all(len(one.text) < 400 for one in impact.reasons)
