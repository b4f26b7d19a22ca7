"""The laws of toxics, in virtual time: nothing is lost, nothing is reordered, the seed decides the rest."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos.toxiproxy._embedded._pipe import Pipe
from agentops_eval.chaos.toxiproxy._embedded._stages import End
from agentops_eval.chaos.toxiproxy._embedded._toxics import ToxicSpec, chance_of
from tests.examples import examples

HARMLESS = {
    "latency": st.fixed_dictionaries({"latency": st.integers(0, 500), "jitter": st.integers(0, 500)}),
    "bandwidth": st.fixed_dictionaries({"rate": st.integers(1, 50)}),
    "slow_close": st.fixed_dictionaries({"delay": st.integers(0, 500)}),
    "slicer": st.integers(1, 60).flatmap(
        lambda average: st.fixed_dictionaries(
            {
                "average_size": st.just(average),
                "size_variation": st.integers(0, average - 1),
                "delay": st.integers(0, 50_000),
            }
        )
    ),
}
KINDS = st.sampled_from(sorted(HARMLESS))
FOREVER_S = 1e9


def toxic(kind, attributes, name="t", toxicity=1.0):
    return ToxicSpec(name=name, type=kind, stream="downstream", toxicity=toxicity, attributes=attributes)


def pipe(seed=0, number=1):
    return Pipe(lambda name, what: chance_of(seed, "p", name, number, what))


def run(made, now_s=FOREVER_S):
    """Everything that comes out by then, step by step as it is due: bytes, and how it ended."""
    found, end, times = bytearray(), None, []
    while True:
        due_s = made.due_s()
        if due_s is None or due_s > now_s:
            return bytes(found), end, times
        for piece in made.advance(due_s):
            found += piece.data
            times.append(piece.at_s)
            end = piece.end or end


@st.composite
def changes(draw):
    """What happens to a pipe: data at times that do not go back, and toxics that come, change and go."""
    steps, names, now_s = [], [], 0.0
    for number in range(draw(st.integers(1, 12))):
        now_s += draw(st.floats(0, 1))
        what = draw(st.sampled_from(["feed", "feed", "add", "update", "remove", "wait"]))
        if what == "feed":
            steps.append((now_s, "feed", draw(st.binary(min_size=1, max_size=200))))
        elif what == "add":
            kind = draw(KINDS)
            made = toxic(kind, draw(HARMLESS[kind]), f"t{number}", draw(st.sampled_from([0.0, 0.5, 1.0])))
            names.append(made)
            steps.append((now_s, "add", made))
        elif what == "wait" or not names:
            steps.append((now_s, "wait", None))
        else:
            chosen = draw(st.sampled_from(names))
            if what == "remove":
                names.remove(chosen)
                steps.append((now_s, "remove", chosen.name))
            else:
                other = toxic(chosen.type, draw(HARMLESS[chosen.type]), chosen.name, draw(st.floats(0, 1)))
                names[names.index(chosen)] = other
                steps.append((now_s, "update", other))
    return steps


def play(steps, made):
    """Take the steps, let out what is due in between, and then everything."""
    sent, found, times = bytearray(), bytearray(), []
    for now_s, what, value in steps:
        data, _, at = run(made, now_s)
        found += data
        times += at
        if what == "feed":
            sent += value
            made.feed(value, now_s)
        elif what != "wait":
            getattr(made, what)(value, now_s)
    made.feed(b"", steps[-1][0], End.FINISHED)
    data, end, at = run(made)
    return bytes(sent), bytes(found) + data, end, times + at


@examples(150)
@given(changes())
def test_no_harmless_toxic_loses_or_reorders_a_byte(steps):
    """Whatever is added, updated and removed meanwhile: all bytes come out in order, then the end."""
    sent, found, end, times = play(steps, pipe())
    assert found == sent
    assert end is End.FINISHED
    assert times == sorted(times)


@examples(60)
@given(changes(), st.integers(0, 3), st.integers(1, 3))
def test_the_same_seed_and_number_give_the_same_times(steps, seed, number):
    """What comes out when follows from the seed and the connection's number, and from nothing else."""
    assert play(steps, pipe(seed, number)) == play(steps, pipe(seed, number))


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1), st.integers(0, 300), st.booleans())
def test_a_limit_is_kept_to_the_byte(pieces, limit, late):
    """So many bytes pass, however they were cut, and then it is closed; what is shorter ends by itself."""
    made = pipe()
    made.add(toxic("limit_data", {"bytes": limit}), 0.0)
    for piece in pieces:
        made.feed(piece, 0.0)
        if late:
            made.advance(0.0)
    whole = b"".join(pieces)
    if not late:
        made.feed(b"", 0.0, End.FINISHED)
        found, end, _ = run(made)
        assert found == whole[:limit]
        assert end is (End.CLOSED if len(whole) >= limit else End.FINISHED)
    else:
        assert made.ended == (len(whole) >= limit)


@given(st.integers(1, 50), st.integers(1, 100_000))
def test_bandwidth_takes_the_time_that_its_rate_says(rate, size):
    """The last byte passes after size / rate seconds, and none before its turn."""
    made = pipe()
    made.add(toxic("bandwidth", {"rate": rate}), 0.0)
    made.feed(b"x" * size, 0.0)
    found, _, times = run(made)
    assert len(found) == size
    assert abs(times[-1] - size / (rate * 1000)) < 1e-6


def test_time_under_an_old_rate_is_no_credit_under_a_new_one():
    """After a minute of black hole, data does not come in a burst."""
    made = pipe()
    made.add(toxic("bandwidth", {"rate": 0}), 0.0)
    made.feed(b"x" * 10_000, 0.0)
    assert made.due_s() is None
    made.update(toxic("bandwidth", {"rate": 10}), 60.0)
    assert run(made)[2][-1] == pytest.approx(61.0)


def test_a_trickle_does_not_put_a_timeout_off():
    """The timeout counts from when the toxic came, not from the last piece."""
    made = pipe()
    made.add(toxic("timeout", {"timeout": 300}), 1.0)
    for step in range(10):
        made.feed(b".", 1.0 + step * 0.02)
    assert run(made) == (b"", End.CLOSED, [1.3])


def test_a_timeout_of_nothing_never_closes():
    """With 0 nothing comes out, not even the sender's end; once it goes, the connection is closed."""
    made = pipe()
    made.add(toxic("timeout", {"timeout": 0}), 0.0)
    made.feed(b"lost", 0.0)
    made.feed(b"", 0.0, End.FINISHED)
    assert made.due_s() is None
    made.remove("t", 5.0)
    assert run(made) == (b"", End.CLOSED, [5.0])


def test_a_reset_waits_for_something_to_come():
    """Without data it does not fire; with it, after its timeout, and what came is gone."""
    made = pipe()
    made.add(toxic("reset_peer", {"timeout": 100}), 0.0)
    assert made.due_s() is None
    made.feed(b"lost", 2.0)
    made.feed(b"more", 2.05)
    assert run(made) == (b"", End.RESET, [2.1])


def test_a_reset_that_is_taken_off_in_time_has_done_nothing():
    """What it withheld goes on whole."""
    made = pipe()
    made.add(toxic("reset_peer", {"timeout": 100}), 0.0)
    made.feed(b"kept", 0.0)
    made.remove("t", 0.05)
    assert run(made) == (b"kept", None, [0.05])


def test_a_higher_toxicity_adds_connections_and_loses_none():
    """Each connection draws once: those that a toxic acted on, it acts on at any higher toxicity."""

    def acted(toxicity):
        acts = set()
        for number in range(200):
            made = pipe(3, number)
            made.add(toxic("limit_data", {"bytes": 0}, toxicity=0.0), 0.0)
            made.update(toxic("limit_data", {"bytes": 0}, toxicity=toxicity), 0.0)
            made.feed(b"x", 0.0)
            if run(made)[1] is End.CLOSED:
                acts.add(number)
        return acts

    few, half, all_ = acted(0.2), acted(0.5), acted(1.0)
    assert few < half < all_ == set(range(200))
    assert 20 < len(few) < 60
    assert 70 < len(half) < 130


def test_jitter_is_spread_around_the_latency():
    """Delays of pieces that are far apart lie within latency minus and plus jitter, and use that range."""
    made = pipe()
    made.add(toxic("latency", {"latency": 100, "jitter": 50}), 0.0)
    for number in range(100):
        made.feed(b"x", number * 10.0)
    delays = [at - number * 10.0 for number, at in enumerate(run(made)[2])]
    assert all(0.05 - 1e-9 <= delay <= 0.15 + 1e-9 for delay in delays)
    assert max(delays) - min(delays) > 0.05


def test_random_numbers_of_one_toxic_say_nothing_of_another():
    """Names that run into each other give numbers of their own."""
    assert chance_of(1, "ab", "c", 1, "x").random() != chance_of(1, "a", "bc", 1, "x").random()
    assert isinstance(chance_of(1, "a", "b", 1, "x"), random.Random)


def test_very_much_that_is_due_at_once_comes_in_parts():
    """A million slices of one byte do not keep other connections waiting: each turn gives a part of them."""
    made = pipe()
    made.add(toxic("slicer", {"average_size": 1, "size_variation": 0, "delay": 0}), 0.0)
    made.feed(b"x" * 20_000, 0.0)
    assert 0 < len(made.advance(0.0)) < 10_000
    assert made.due_s() == 0.0
    assert len(run(made)[0]) > 10_000
