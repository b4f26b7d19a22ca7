"""The determinism audit's judgement, and what it does to a varied run."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import (
    Call,
    DrawRequest,
    Failure,
    Label,
    Seam,
    ToolRequest,
    ValueReply,
)
from agentops_eval.replay import (
    MISSED,
    SHIFT_S,
    AuditCall,
    AuditRead,
    AuditRun,
    Cassette,
    CassetteHeader,
    Dependence,
    Factor,
    Perturb,
    Trial,
    another_value,
    changed,
    judge_audit,
    mirrored,
)
from agentops_eval.seams import drive
from tests import _events

VARIED = tuple(factor for factor in Factor if factor is not Factor.NOTHING)


def asked(text, *, span="/", host="http://a", seam="http"):
    """A call of a small chat."""
    body = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]}
    tree = {"body": body, "headers": {}, "method": "POST", "url": f"{host}/v1/chat"}
    return AuditCall(
        seam=seam, boundary=f"POST {host}/v1/chat", span=span, request=json.dumps(tree), site="shop:ask:7"
    )


def read(factor, site="shop:ask:3", **more):
    return AuditRead(factor=factor.value, site=site, **more)


calls = st.builds(
    asked,
    st.sampled_from(["hello", "bye", "1", "2", ""]),
    span=st.sampled_from(["/", "/billing#0", "/billing#1", "/billing#0/lookup#0"]),
)
reads = st.builds(
    read,
    st.sampled_from(VARIED),
    site=st.sampled_from(["shop:ask:3", "shop:ask:4"]),
    detail=st.sampled_from(["", "time.time", "HOME"]),
    intentional=st.booleans(),
)
runs = st.builds(
    AuditRun,
    calls=st.lists(calls, max_size=8).map(tuple),
    reads=st.lists(reads, max_size=4).map(tuple),
    outcome=st.sampled_from(["completed", MISSED, "raised ValueError"]),
)


def trials_of(run):
    return [Trial(factor=factor, run=run, variable="HOME") for factor in VARIED]


@given(runs)
def test_identical_runs_find_nothing(run):
    """Where no run differs, everything that was read is harmless, and the audit passes."""
    report = judge_audit(run, run, trials_of(run))
    assert report.deterministic
    assert {finding.dependence for finding in report.findings} <= {Dependence.HARMLESS}
    assert report.varied == VARIED


@given(runs, st.randoms(use_true_random=False))
def test_the_order_of_calls_is_no_finding(run, chance):
    """Parallel tasks end in any order: permuting the calls of a run, within and across spans, is nothing."""
    shuffled = list(run.calls)
    chance.shuffle(shuffled)
    other = replace(run, calls=tuple(shuffled))
    assert changed(run, other) is None
    assert judge_audit(run, other, trials_of(other)).deterministic


@given(runs, st.integers(min_value=0, max_value=7), st.sampled_from(VARIED))
def test_a_changed_call_is_found_wherever_it_stands(run, at, factor):
    """One call that asks something new is a finding of the factor that was varied, and of no other."""
    changed_calls = list(run.calls) or [asked("hello")]
    at %= len(changed_calls)
    changed_calls[at] = asked("something new", span=changed_calls[at].span)
    other = replace(run, calls=tuple(changed_calls))
    trials = [Trial(factor=f, run=other if f is factor else run, variable="COLOUR") for f in VARIED]
    report = judge_audit(run, run, trials)
    reached = [finding for finding in report.findings if finding.call]
    assert {finding.factor for finding in reached} == {factor}
    assert not report.unstable


def test_parallel_spans_may_change_their_numbers():
    """Two hand-offs that begin in another order are numbered in another order, which is no finding."""
    plain = AuditRun(calls=(asked("a", span="/desk#0"), asked("b", span="/desk#1")))
    other = AuditRun(calls=(asked("b", span="/desk#0"), asked("a", span="/desk#1")))
    assert changed(plain, other) is None
    assert changed(plain, AuditRun(calls=(asked("a"), asked("b")))) is not None


def test_a_finding_shows_the_path_and_the_nearest_call():
    """The changed call is held against the nearest plain one, and equal words are left out."""
    far = asked("something else entirely, about apples and pears and plums")
    near = asked("the time is 12:30:05 and the customer is waiting for the answer to question 7")
    late = asked("the time is 16:45:59 and the customer is waiting for the answer to question 7")
    plain = AuditRun(calls=(far, near), reads=(read(Factor.TIME, detail="time.time"),))
    other = AuditRun(calls=(far, late), outcome=MISSED)
    (finding,) = judge_audit(plain, plain, [Trial(factor=Factor.TIME, run=other)]).findings
    assert finding.dependence is Dependence.ACCIDENTAL
    assert finding.place == "messages[1] (user)"
    assert "12:30:05" in finding.before
    assert "16:45:59" in finding.after
    assert "question" not in finding.before + finding.after
    assert (finding.call, finding.site) == ("http POST http://a/v1/chat", "shop:ask:7")
    assert finding.sites == ("shop:ask:3 (time.time)",)


def test_only_the_place_that_matters_is_blamed():
    """Of two places that read the time, the one whose variation alone changes a request is blamed."""
    plain = AuditRun(calls=(asked("1"),), reads=(read(Factor.TIME), read(Factor.TIME, site="shop:log:9")))
    other = AuditRun(calls=(asked("2"),), outcome=MISSED)
    trials = [
        Trial(factor=Factor.TIME, run=other),
        Trial(factor=Factor.TIME, run=other, site="shop:ask:3"),
        Trial(factor=Factor.TIME, run=plain, site="shop:log:9"),
    ]
    blamed, harmless = judge_audit(plain, plain, trials).findings
    assert (blamed.dependence, blamed.sites) == (Dependence.ACCIDENTAL, ("shop:ask:3",))
    assert (harmless.dependence, harmless.sites) == (Dependence.HARMLESS, ("shop:log:9",))


def test_what_no_line_of_the_agent_reads_is_said_of_a_library():
    """A request that depends on entropy which only a library draws has no place to show."""
    plain = AuditRun(calls=(asked("1"),))
    other = AuditRun(calls=(asked("2"),), outcome=MISSED)
    (finding,) = judge_audit(plain, plain, [Trial(factor=Factor.ENTROPY, run=other)]).findings
    assert finding.dependence is Dependence.ACCIDENTAL
    assert "a library does" in finding.note


def test_declared_reads_are_intentional_only_together():
    """A dependence is intentional if every place that it is blamed on is declared."""
    other = AuditRun(calls=(asked("2"),), outcome=MISSED)
    declared = read(Factor.ENTROPY, intentional=True)
    for more, dependence in (
        ((), Dependence.INTENTIONAL),
        ((read(Factor.ENTROPY, site="shop:log:9"),), Dependence.ACCIDENTAL),
    ):
        plain = AuditRun(calls=(asked("1"),), reads=(declared, *more))
        (finding,) = judge_audit(plain, plain, [Trial(factor=Factor.ENTROPY, run=other)]).findings
        assert finding.dependence is dependence


def test_a_call_left_out_counts_if_the_run_ended_alike():
    """A run that completes with a call less depends on what was varied; one that broke off tells nothing."""
    plain = AuditRun(calls=(asked("1"), asked("2")))
    less = AuditRun(calls=(asked("1"),))
    broken = replace(less, outcome="raised FileNotFoundError", said="no such file: 'x'")
    (finding,) = judge_audit(plain, plain, [Trial(factor=Factor.HASH_ORDER, run=less)]).findings
    assert (finding.dependence, finding.note) == (Dependence.ACCIDENTAL, "the call was left out")
    report = judge_audit(plain, plain, [Trial(factor=Factor.HASH_ORDER, run=broken)])
    assert report.findings[0].dependence is Dependence.UNCLEAR
    assert report.findings[0].note.endswith("raised FileNotFoundError: no such file: 'x'")
    assert report.deterministic
    assert (report.varied, report.judged) == ((Factor.HASH_ORDER,), ())
    assert report.unclear == ("hash-order",)


def test_one_unclear_variable_leaves_the_environment_judged():
    """Of several variables the one whose run broke off is named as unclear; the others were judged."""
    plain = AuditRun(calls=(asked("1"),), reads=(read(Factor.ENVIRONMENT, detail="A"),))
    broken = replace(plain, outcome="raised KeyError")
    trials = [
        Trial(factor=Factor.ENVIRONMENT, run=run, variable=name)
        for name, run in (("A", plain), ("B", broken))
    ]
    report = judge_audit(plain, plain, trials)
    assert report.unclear == ("environment B",)
    assert report.judged == (Factor.ENVIRONMENT,)


def test_an_address_from_the_environment_is_no_dependence():
    """A variable that only says where requests go is harmless; one that changes what is asked is not."""
    plain = AuditRun(calls=(asked("1"),), reads=(read(Factor.ENVIRONMENT, detail="URL"),))
    elsewhere = AuditRun(calls=(asked("1", host="http://varied.invalid"),))
    other = AuditRun(calls=(asked("2", host="http://varied.invalid"),), outcome=MISSED)
    trial = Trial(factor=Factor.ENVIRONMENT, run=elsewhere, variable="URL")
    assert [f.dependence for f in judge_audit(plain, plain, [trial]).findings] == [Dependence.HARMLESS]
    (finding,) = judge_audit(plain, plain, [replace(trial, run=other)]).findings
    assert (finding.dependence, finding.variable, finding.also) == (Dependence.ACCIDENTAL, "URL", 0)


def test_a_bare_repeat_that_differs_is_unstable_and_nothing_else_is_judged():
    """What differs with nothing varied cannot be attributed to anything."""
    plain, again = AuditRun(calls=(asked("1"),)), AuditRun(calls=(asked("2"),), outcome=MISSED)
    report = judge_audit(plain, again, trials_of(again))
    assert report.unstable is not None
    assert (report.unstable.before, report.unstable.after) == ('"1"', '"2"')
    assert not report.deterministic
    assert len(report.findings) == 1
    assert report.varied == ()


def test_task_order_does_not_repeat_what_time_said():
    """Other durations show another time in the same place, which is one dependence and not two."""
    plain = AuditRun(calls=(asked("1"),), reads=(read(Factor.TIME),))
    other = AuditRun(calls=(asked("2"),), outcome=MISSED)
    trials = [Trial(factor=factor, run=other) for factor in (Factor.TIME, Factor.TASK_ORDER)]
    assert [f.factor for f in judge_audit(plain, plain, trials).findings] == [Factor.TIME]


# -- perturbing -----------------------------------------------------------------------------------


def answer(handler, request, *, recorded, site="shop:ask:3", label=Label.REPLAYED, seam=Seam.CLOCK):
    """What a draw gives behind ``handler`` where the recording holds ``recorded``."""
    call = Call(seam=seam, boundary=request.source, request=request, span="/", site=site)
    outcome = drive((handler,), call, lambda _: ValueReply(value=recorded, label=label), time.sleep)
    assert isinstance(outcome, ValueReply)
    return outcome.value


def test_recorded_times_are_shifted():
    """Every part of a date changes, nanoseconds too; a clock that is shifted already is left alone."""
    now = 1_700_000_000.25
    perturb = Perturb(Factor.TIME, clock_shifted=True)
    varied = answer(perturb, DrawRequest(source="time.time"), recorded=now)
    assert varied == now + SHIFT_S
    before, after = time.gmtime(now), time.gmtime(varied)
    for part in ("tm_year", "tm_mon", "tm_wday", "tm_hour", "tm_min", "tm_sec"):
        assert getattr(before, part) != getattr(after, part)
    ns = answer(perturb, DrawRequest(source="time.time_ns"), recorded=int(now * 1e9))
    assert abs(ns - varied * 1e9) < 1e3
    assert answer(perturb, DrawRequest(source="time.time"), recorded=now, label=Label.LIVE) == now


def test_one_place_can_be_varied_alone():
    """With a site given, draws of other places keep what was recorded."""
    for factor, seam in ((Factor.TIME, Seam.CLOCK), (Factor.ENTROPY, Seam.ENTROPY)):
        perturb = Perturb(factor, site="shop:ask:3")
        request = DrawRequest(source="random.random")
        assert answer(perturb, request, recorded=0.5, seam=seam) != 0.5
        assert answer(perturb, request, recorded=0.5, seam=seam, site="shop:log:9") == 0.5


@given(st.integers(min_value=1, max_value=300), st.integers(min_value=0, max_value=99))
def test_drawn_values_fit_their_source(size, seed):
    """Drawn values have the shape of the source's own, repeat with the seed, and differ between draws."""

    def draws():
        perturb = Perturb(Factor.ENTROPY, seed=seed)
        requests = (
            DrawRequest(source="random.random"),
            DrawRequest(source="random.getrandbits", argument=size),
            DrawRequest(source="os.urandom", argument=size),
            DrawRequest(source="os.urandom", argument=32),
            DrawRequest(source="os.urandom", argument=32),
        )
        return [answer(perturb, request, recorded=None, seam=Seam.ENTROPY) for request in requests]

    fraction, bits, drawn, one, other = draws()
    assert 0 <= fraction < 1
    assert 0 <= bits < 2**size
    assert len(bytes.fromhex(drawn)) == size
    assert one != other
    assert draws() == [fraction, bits, drawn, one, other]


def test_mirrored_durations_reverse_the_order_of_ends():
    """The slowest answer becomes the fastest; calls that were given up have none of their own."""
    request = ToolRequest(name="look", arguments={})

    def event(index, took_s, outcome):
        return _events.event(index, request, outcome, started_s=1.0, ended_s=1.0 + took_s)

    done = ValueReply(value=1)
    failed = Failure(kind="ValueError", module="builtins", message="")
    events = [event(0, 3.0, done), event(1, 1.0, failed), event(2, 2.0, done)]
    cassette = Cassette(
        path=Path("x"), header=CassetteHeader(case="x"), events=(*events, event(3, 9.0, None))
    )
    assert mirrored(cassette) == {0: 1.0, 1: 3.0, 2: 2.0}
    assert mirrored(replace(cassette, events=())) == {}


@given(st.none() | st.text())
def test_another_value_is_another(value):
    """Whatever a variable holds, the varied one differs, and survives being a variable."""
    varied = another_value(value)
    assert varied != value
    assert varied


def test_another_value_is_of_the_same_kind():
    """Numbers stay numbers, switches switches and addresses addresses."""
    assert another_value("5") == "6"
    assert another_value("0.5") == "1.5"
    assert another_value("True") == "false"
    assert another_value("1") == "0"
    assert another_value("https://me:pw@llm.example:8443/v1?a=b") == "https://varied.invalid:8443/v1?a=b"
    assert another_value("gpt-5") == "gpt-5-varied"
    assert another_value(None) == "varied"
    assert another_value("nan") == "nan-varied"


def test_entropy_is_left_alone_by_the_other_factors():
    """A handler that varies the time passes draws of entropy on."""
    request = DrawRequest(source="random.random")
    drawn = random.Random(3).random()
    assert answer(Perturb(Factor.TIME), request, recorded=drawn, seam=Seam.ENTROPY) == drawn
