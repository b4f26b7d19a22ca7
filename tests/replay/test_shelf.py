"""A recorded answer goes to the call that asks for it, once, wherever and whenever that call comes."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import DrawRequest, Effect, HandoffRequest, Label, ValueReply
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._shelf import Drift, Hit, How, Missed, MissReason, Shelf
from agentops_eval.traces.redaction import Redactor
from tests.replay._kit import (
    RULES,
    call,
    chat,
    event,
    kept,
    key,
    post,
    reply,
    shelf,
    told,
    use,
)


def taken(found) -> str:
    assert isinstance(found, Hit), found
    return told(found.event)


def reason(found) -> MissReason:
    assert isinstance(found, Missed), found
    return found.reason


def test_an_answer_is_given_once() -> None:
    """The second call with the same request finds the answer gone."""
    shelved = shelf([event(0, chat("a"))])
    assert taken(shelved.take(call(chat("a")))) == "answer 0"
    assert reason(shelved.take(call(chat("a")))) is MissReason.CONSUMED


def test_equal_requests_are_answered_in_order() -> None:
    """429, 429, 200 come back in the order in which they were recorded, whatever the file's order."""
    events = [event(i, chat("a"), answer=text) for i, text in enumerate(["429", "again", "200"])]
    shelved = shelf(reversed(events))
    assert [taken(shelved.take(call(chat("a")))) for _ in events] == ["429", "again", "200"]


def test_the_same_span_comes_first() -> None:
    """Of two equal requests the one recorded in the caller's span answers, then the other."""
    shelved = shelf([event(0, chat("a"), span="/x#0"), event(1, chat("a"), span="/y#0")])
    first = shelved.take(call(chat("a"), span="/y#0"))
    second = shelved.take(call(chat("a"), span="/y#0"))
    assert (taken(first), first.how) == ("answer 1", How.EXACT)
    assert (taken(second), second.how) == ("answer 0", How.ELSEWHERE)
    assert shelved.served == {How.EXACT: 1, How.ELSEWHERE: 1, How.STAND_IN: 0, How.DRIFT: 0}


def test_byte_identical_requests_come_before_canonical_ones() -> None:
    """Two conversations that differ in the provider's ids only are still told apart."""
    one, other = (
        {"messages": [{"role": "tool", "tool_call_id": i, "content": "ok"}]} for i in ("call_1", "call_2")
    )
    assert key(post(one)) == key(post(other))
    shelved = shelf([event(0, post(one), span="/x"), event(1, post(other), span="/y")])
    assert taken(shelved.take(call(post(other), span="/x"))) == "answer 1"
    assert taken(shelved.take(call(post(one), span="/y"))) == "answer 0"


def test_of_respelt_requests_the_same_span_comes_first() -> None:
    """Where no candidate has the very bytes of the call, the one of its span answers."""
    events = [event(i, post({"idempotency_key": i, "a": 1}), span=f"/{i}") for i in range(2)]
    shelved = shelf(events)
    found = shelved.take(call(post({"a": 1}), span="/1"))
    assert (taken(found), found.how) == ("answer 1", How.EXACT)


def test_a_recorded_key_is_found_without_the_same_bytes() -> None:
    """Other spelling and other secrets find the answer through the canonical form."""
    stored = post({"a": 1, "note": "[redacted:secret-1]"})
    shelved = shelf([event(0, stored)])
    live = post({"note": "sk-proj-" + "a1B2" * 12, "a": 1.0})
    assert taken(shelved.take(call(live))) == "answer 0"


def test_headers_tell_equal_requests_apart() -> None:
    """Tenants never get each other's answers, in whatever order they ask."""
    both = {name: replace(chat("a"), headers=(("X-Tenant", name), ("date", name))) for name in ("one", "two")}
    shelved = shelf([event(0, both["one"]), event(1, both["two"])])
    assert taken(shelved.take(call(both["two"]))) == "answer 1"
    assert reason(shelved.take(call(both["two"]))) is MissReason.CONSUMED
    assert taken(shelved.take(call(both["one"]))) == "answer 0"


def test_a_redacted_header_tells_nothing_apart() -> None:
    """The recording does not know its value, so that no call could ever match it."""
    kinds = [(("x-tenant", name),) for name in ("[redacted:email-1]", "two")]
    shelved = shelf([event(i, replace(chat("a"), headers=kind)) for i, kind in enumerate(kinds)])
    anew = replace(chat("a"), headers=(("x-tenant", "a@b.example"),))
    assert taken(shelved.take(call(anew))) == "answer 0"


def test_a_boundary_does_not_tell_uploads_apart() -> None:
    """Of a content type the media type counts; a multipart boundary is drawn anew every time."""
    kinds = [(("content-type", f"multipart/form-data; boundary={name}"),) for name in "ab"]
    shelved = shelf([event(i, replace(chat("a"), headers=kind)) for i, kind in enumerate(kinds)])
    anew = replace(chat("a"), headers=(("content-type", "multipart/form-data; boundary=c"),))
    assert taken(shelved.take(call(anew))) == "answer 0"


def test_a_header_that_was_never_recorded_so_is_a_miss() -> None:
    """Where headers tell calls apart, an unknown value gets no answer by order alone."""
    events = [event(i, replace(chat("a"), headers=(("x-tenant", str(i)),))) for i in range(2)]
    stranger = call(replace(chat("a"), headers=(("x-tenant", "9"),)))
    missed = shelf(events).take(stranger)
    assert reason(missed) is MissReason.NOT_RECORDED
    assert [(c.name, c.recorded, c.sent) for c in missed.clashes] == [("x-tenant", ("0", "1"), "9")]
    assert taken(shelf(events, MatchRules(ignore_headers=("X-Tenant",))).take(stranger)) == "answer 0"


@pytest.mark.parametrize(
    "name", ["User-Agent", "x-stainless-retry-count", "traceparent", "Idempotency-Key", "cookie"]
)
def test_volatile_headers_tell_nothing_apart(name) -> None:
    """What every attempt draws anew does not split equal requests."""
    events = [event(i, replace(chat("a"), headers=((name, str(i)),))) for i in range(2)]
    assert taken(shelf(events).take(call(replace(chat("a"), headers=((name, "9"),))))) == "answer 0"


def test_drift_is_opt_in_and_reported() -> None:
    """Another request in the same place is a miss, unless allowed; then it is on the list."""
    events = [event(0, chat("a")), event(1, chat("b"))]
    strict = shelf(events)
    missed = strict.take(call(chat("A")))
    assert reason(missed) is MissReason.DRIFTED
    assert missed.place.number == 1
    assert strict.drifted == ()
    loose = shelf(events)
    asked = call(chat("A"))
    found = loose.take(asked, allow_drift=True)
    assert (taken(found), found.how) == ("answer 0", How.DRIFT)
    assert loose.drifted == (Drift(event=events[0], call=asked, number=1, recorded=1),)
    assert str(loose.drifted[0]).startswith("call 1, http POST https://api.example.test/")
    assert str(loose.drifted[0]).endswith(": got the answer of recorded call 1, which asked otherwise")
    assert loose.take(call(chat("b")), allow_drift=True).how is How.EXACT


def test_drift_never_gives_an_answer_twice() -> None:
    """Where the recorded call in the same place has been given, there is no drift."""
    loose = shelf([event(0, chat("a"), span="/x"), event(1, chat("b"), span="/x")])
    assert taken(loose.take(call(chat("a"), span="/y"), allow_drift=True)) == "answer 0"
    assert reason(loose.take(call(chat("A"), span="/x"), allow_drift=True)) is MissReason.NOT_RECORDED


def test_drift_through_a_gateway() -> None:
    """With any_host the place of a call does not depend on its host either."""
    rules = MatchRules(any_host=True)
    loose = shelf([event(0, chat("a"))], rules)
    moved = replace(chat("b"), url="http://gateway.example.test:8080/v1/chat/completions")
    assert loose.take(call(moved), allow_drift=True).how is How.DRIFT


def test_a_tool_takes_what_happened_inside_with_it() -> None:
    """Serving a tool uses up the calls and draws in its body."""
    events = [
        event(0, use("lookup", order=1)),
        event(1, chat("inside"), span="/lookup#0", parent=0),
        event(2, use("deeper"), span="/lookup#0", parent=0),
        event(3, chat("deepest"), span="/lookup#0/deeper#0", parent=2),
        event(4, chat("after")),
    ]
    shelved = shelf(events)
    assert shelved.unused == (events[0], events[4])
    shelved.take(call(use("lookup", order=1)))
    assert shelved.unused == (events[4],)
    assert shelved.prefix == (0, 1, 2, 3)
    assert reason(shelved.take(call(chat("inside")))) is MissReason.CONSUMED


def test_what_happened_inside_a_tool_is_the_last_resort() -> None:
    """A call outside takes the answer recorded outside, though one inside came first."""
    events = [event(0, use("t")), event(1, chat("a"), span="/t#0", parent=0), event(2, chat("a"))]
    shelved = shelf(events)
    assert taken(shelved.take(call(chat("a"), span="/t#0"))) == "answer 2"
    assert taken(shelved.take(call(chat("a")))) == "answer 1"


def test_the_body_of_a_hand_off_stays_on_the_shelf() -> None:
    """Hand-offs run their body on replay, so what happened inside is asked for."""
    message = HandoffRequest(sender="a", recipient="b", message="hi")
    shelved = shelf([event(0, message), event(1, chat("inside"), span="/b#0", parent=0)])
    shelved.take(call(message))
    assert taken(shelved.take(call(chat("inside"), span="/b#0"))) == "answer 1"


def test_a_changed_signature_is_stale() -> None:
    """An answer recorded under another signature is not served, whatever the arguments."""
    shelved = shelf([event(0, use("t", signature="(a)", a=1))])
    missed = shelved.take(call(use("t", signature="(a, b=0)", a=1)))
    assert reason(missed) is MissReason.STALE
    assert missed.signatures == ("(a)",)
    assert taken(shelved.take(call(use("t", signature="", a=1)))) == "answer 0"


def test_effect_and_keys_of_a_tool_do_not_matter() -> None:
    """A tool that is declared as writing now is still the same tool."""
    assert taken(shelf([event(0, use("t", a=1))]).take(call(use("t", Effect.WRITE, a=1)))) == "answer 0"


def test_a_call_that_was_given_up_keeps_its_turn() -> None:
    """A timeout and its retry come back in that order: first no answer, then the answer."""
    events = [event(0, chat("a"), answer=None), event(1, chat("a"))]
    events[0] = replace(events[0], outcome=None)
    shelved = shelf(events)
    assert shelved.take(call(chat("a"))).event.outcome is None
    assert taken(shelved.take(call(chat("a")))) == "answer 1"
    assert shelved.prefix == (1,)


def test_a_call_that_was_given_up_answers_no_other_and_is_not_missed() -> None:
    """An event without an outcome does not drift, and nobody has to ask for it."""
    events = [replace(event(0, chat("a")), outcome=None), event(1, chat("b"))]
    shelved = shelf(events)
    missed = shelved.take(call(chat("A")), allow_drift=True)
    assert reason(missed) is MissReason.NOT_RECORDED
    assert shelved.unused == (events[1],)


def test_draws_are_served_in_order_and_by_span() -> None:
    """Readings of a source come back per span; those inside a tool are nobody's."""
    now = DrawRequest(source="time.time")
    events = [
        event(0, now, answer=1.0),
        event(1, now, answer=2.0, span="/x"),
        event(2, use("t")),
        event(3, now, answer=3.0, parent=2),
        event(4, now, answer=4.0),
        event(5, DrawRequest(source="os.urandom", argument=2), answer="aa"),
    ]
    shelved = shelf(events)
    draws = [shelved.take_draw(call(now)) for _ in range(3)]
    assert [draw and told(draw.event) for draw in draws] == ["1.0", "4.0", None]
    assert shelved.take_draw(call(DrawRequest(source="os.urandom", argument=3))) is None
    assert shelved.unused == (events[2],)
    assert shelved.prefix == (0, 4)


def test_known_keys_are_used_only_under_their_own_rules() -> None:
    """A key from the cassette counts where the rules are those of its header, else it is computed."""
    marked = replace(event(0, chat("a")), key="of-old")
    other = call(post(chat("a").body + b" "))
    same = Shelf(kept((marked,), rules=RULES.digest), rules=RULES, redactor=Redactor())
    anew = Shelf(kept((marked,), rules="other"), rules=RULES, redactor=Redactor())
    assert reason(same.take(other)) is MissReason.DRIFTED
    assert taken(anew.take(other)) == "answer 0"


def test_the_same_bytes_read_otherwise_are_another_request() -> None:
    """A form and a text with the same bytes do not answer each other."""
    form = post(b"b=1&a=2", headers=(("content-type", "application/x-www-form-urlencoded"),))
    text = post(b"b=1&a=2", headers=(("content-type", "text/plain"),))
    shelved = shelf([event(0, form), event(1, text)])
    assert taken(shelved.take(call(text))) == "answer 1"
    assert taken(shelved.take(call(post(b"a=2&b=1", headers=form.headers)))) == "answer 0"


def test_a_shelf_says_what_is_left() -> None:
    """Its repr counts, and holds nothing of a request."""
    shelved = shelf([event(0, chat("a")), event(1, chat("b"))])
    shelved.take(call(chat("a")))
    assert repr(shelved) == "<Shelf: 1 of 2 events left>"


spans = st.sampled_from(["/", "/a#0", "/a#1"])


@given(st.lists(st.tuples(st.integers(0, 4), spans), max_size=12), st.randoms(use_true_random=False))
def test_any_interleaving_of_a_fan_out_gets_the_right_answers(calls, rng) -> None:
    """Whatever order the calls come in, each gets an answer to its own request, and each answer goes once."""
    events = [
        event(i, chat(f"q{q}"), answer=f"q{q} {span} {i}", span=span) for i, (q, span) in enumerate(calls)
    ]
    shelved = shelf(events)
    order = list(calls)
    rng.shuffle(order)
    given_out = []
    for question, span in order:
        said = taken(shelved.take(call(chat(f"q{question}"), span=span)))
        assert said.split()[:2] == [f"q{question}", span]
        given_out.append(said)
    assert sorted(given_out) == sorted(told(e) for e in events)
    by_place = [(said.split()[0], said.split()[1]) for said in given_out]
    for place in set(by_place):
        numbers = [int(said.split()[2]) for said, at in zip(given_out, by_place, strict=True) if at == place]
        assert numbers == sorted(numbers)
    assert shelved.unused == ()


@given(
    st.lists(st.tuples(st.integers(0, 3), spans), max_size=10),
    st.lists(st.tuples(st.integers(0, 3), spans), max_size=10),
)
def test_whatever_is_asked_no_answer_is_wrong(recorded, asked) -> None:
    """Calls that were never recorded, or not so often, miss; nothing is served to another request."""
    events = [event(i, chat(f"q{q}"), answer=f"q{q}", span=span) for i, (q, span) in enumerate(recorded)]
    shelved = shelf(events)
    left = Counter(f"q{q}" for q, _ in recorded)
    for question, span in asked:
        found = shelved.take(call(chat(f"q{question}"), span=span))
        if left[f"q{question}"]:
            assert taken(found) == f"q{question}"
            left[f"q{question}"] -= 1
        else:
            assert isinstance(found, Missed)
    assert len(shelved.unused) == sum(left.values())


@pytest.fixture
def _eager_switching():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_eager_switching")
@pytest.mark.parametrize("distinct", [1, 5])
def test_eight_threads_get_each_answer_exactly_once(distinct) -> None:
    """Under threads that are switched all the time, no answer is lost, doubled or swapped."""
    count = 400
    events = [event(i, chat(f"q{i % distinct}"), answer=f"q{i % distinct} {i}") for i in range(count)]
    shelved = shelf(events)
    gate = threading.Barrier(8)
    got: list[list[str]] = [[] for _ in range(8)]

    def work(thread: int) -> None:
        gate.wait()
        for i in range(thread, count, 8):
            said = taken(shelved.take(call(chat(f"q{i % distinct}"), span=f"/t{thread}")))
            assert said.split()[0] == f"q{i % distinct}"
            got[thread].append(said)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert sorted(said for one in got for said in one) == sorted(told(e) for e in events)
    assert shelved.unused == ()
    assert shelved.prefix == tuple(range(count))


@pytest.mark.parametrize("size", [10, 5000])
def test_a_call_touches_its_own_candidates_only(size) -> None:
    """Work does not grow with the recording: taking all of it looks at each event a few times."""
    events = [replace(event(i, chat(f"q{i % 50}")), key=f"k{i % 50}") for i in range(size)]
    shelved = Shelf(kept(events, rules=RULES.digest), rules=RULES, redactor=Redactor())
    order = list(range(size))
    random.Random(1).shuffle(order)
    steps = 0

    def count(frame, what, arg):
        nonlocal steps
        steps += what == "call"

    calls = [call(events[i].request) for i in order]
    sys.setprofile(count)
    try:
        for asked in calls:
            shelved.take(asked)
    finally:
        sys.setprofile(None)
    assert shelved.unused == ()
    assert steps / size < 60


def test_an_answer_tells_which_recording_it_is_from() -> None:
    """Events of a branch carry its label."""
    parent, branch = kept((event(0, chat("a")),)), kept((event(1, chat("b")),))
    shelved = Shelf(parent, rules=RULES, redactor=Redactor(), branch=branch)
    assert shelved.take(call(chat("a"))).label is Label.REPLAYED
    assert shelved.take(call(chat("b"))).label is Label.BRANCH
    assert shelved.prefix == (0,)


def test_values_and_replies_are_served_as_they_are() -> None:
    """The recorded outcome is handed over untouched."""
    made = reply(b"x")
    assert shelf([event(0, chat("a"), answer=made)]).take(call(chat("a"))).event.outcome is made
    value = ValueReply(value={"a": [1]})
    assert shelf([event(0, use("t"), answer=value)]).take(call(use("t"))).event.outcome is value
