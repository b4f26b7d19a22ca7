"""Random draws: kept while recording, given back while replaying, secret where they are secrets."""

from __future__ import annotations

import base64
import os
import random
import secrets
import uuid
from random import random as cached_random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.seams import _entropy
from agentops_eval.seams._scope import inside
from agentops_eval.seams._sweep import sweep
from tests.examples import examples
from tests.seams._played import events_of
from tests.seams._time_rig import drawn, record, replay

DRAWS = {
    "random": random.random,
    "uniform": lambda: random.uniform(1, 2),
    "randint": lambda: random.randint(1, 1000),
    "randrange": lambda: random.randrange(10**30),
    "choice": lambda: random.choice(range(1000)),
    "choices": lambda: random.choices(range(1000), k=3),
    "sample": lambda: random.sample(range(1000), 5),
    "gauss": lambda: (random.gauss(0, 1), random.gauss(0, 1), random.gauss(0, 1)),
    "normalvariate": lambda: random.normalvariate(0, 1),
    "expovariate": lambda: random.expovariate(1),
    "betavariate": lambda: random.betavariate(1, 2),
    "getrandbits": lambda: random.getrandbits(77),
    "randbytes": lambda: random.randbytes(9),
    "urandom": lambda: os.urandom(12),
    "uuid1": uuid.uuid1,
    "uuid1 of a node": lambda: uuid.uuid1(node=5, clock_seq=3),
    "uuid4": uuid.uuid4,
    "own generator": lambda: random.Random().random(),
    "system generator": lambda: random.SystemRandom().random(),
}


def shuffled():
    items = list(range(30))
    random.shuffle(items)
    return items


DRAWS["shuffle"] = shuffled
for _version in (6, 7):
    if hasattr(uuid, f"uuid{_version}"):
        DRAWS[f"uuid{_version}"] = getattr(uuid, f"uuid{_version}")


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_draw_is_kept_and_given_back(draw):
    """A replay sees what the recording drew, whatever its own seed is."""
    with record() as recording:
        first = draw()
    assert events_of(recording)
    with replay(events_of(recording), seed=99):
        assert draw() == first


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_an_unrecorded_draw_depends_on_the_seed_alone(draw):
    """Where nothing is recorded, two replays of one seed agree and another seed differs."""
    seen = []
    for seed in (1, 1, 2):
        with replay(seed=seed):
            seen.append(draw())
    assert seen[0] == seen[1] != seen[2]


def test_derived_draws_depend_on_the_span():
    """Two spans of one run draw differently, and independently of each other's order."""

    def spans(order):
        values = {}
        with replay():
            for name in order:
                with inside(span=name):
                    values[name] = (random.random(), os.urandom(4), random.getrandbits(8))
        return values

    forth, back = spans(["/a#0", "/b#0"]), spans(["/b#0", "/a#0"])
    assert forth == back
    assert forth["/a#0"] != forth["/b#0"]


def test_events_hold_json():
    """Draws are kept as a float, an integer or hexadecimal digits, with how much was asked for."""
    with record() as scope:
        random.random()
        random.getrandbits(70)
        octets = os.urandom(3)
    values = drawn(scope)
    assert [source for source, _ in values] == ["random.random", "random.getrandbits", "os.urandom"]
    assert isinstance(values[0][1], float)
    assert isinstance(values[1][1], int)
    assert values[2][1] == octets.hex()
    assert [event.request.argument for event in events_of(scope)] == [None, 70, 3]
    assert events_of(scope)[0].site.startswith("tests.seams.test_entropy:test_events_hold_json:")


def test_a_version_is_a_version():
    """Replayed uuids are valid ones of their version."""
    with replay():
        assert (uuid.uuid1().version, uuid.uuid4().version) == (1, 4)


SECRETS = {
    "bytes": lambda: secrets.token_bytes(16),
    "hex": lambda: secrets.token_hex(16),
    "urlsafe": lambda: secrets.token_urlsafe(16),
    "bits": lambda: secrets.randbits(128),
    "password": lambda: "".join(secrets.choice("abcdefgh") for _ in range(30)),
}


@pytest.mark.parametrize("draw", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_not_kept(draw):
    """The event of a secret holds its size; the agent had a real one, a replay has a stand-in."""
    with record() as recording:
        first = draw()
    assert all(source == "secrets" and set(value) == {"secret"} for source, value in drawn(recording))
    seen = []
    for _ in range(2):
        with replay(events_of(recording)):
            seen.append(draw())
    assert seen[0] == seen[1] != first


def test_redaction_learns_secrets():
    """The renderings of a drawn secret are told, while recording and while replaying."""
    learnt = []
    with record(learn=lambda value, kind: learnt.append((value, kind))) as recording:
        token = secrets.token_bytes(20)
        secrets.randbelow(10)  # a digit is no secret: it would be found everywhere
    urlsafe = base64.urlsafe_b64encode(token).rstrip(b"=").decode()
    assert learnt == [(token.hex(), "secret"), (urlsafe, "secret")]
    learnt.clear()
    with replay(events_of(recording), learn=lambda value, kind: learnt.append((value, kind))):
        assert (secrets.token_hex(20), "secret") in learnt


def test_a_seeded_run_records_nothing_more():
    """``random.seed(n)`` makes the run's draws those of that seed, and leaves the process alone."""
    random.seed(5)
    outside = random.getstate()
    expected = random.Random(42)
    with record() as scope:
        random.random()
        random.seed(42)
        assert [random.random(), random.randint(1, 9)] == [expected.random(), expected.randint(1, 9)]
        state = random.getstate()
        first = random.random()
        random.setstate(state)
        assert random.random() == first
        assert len(events_of(scope)) == 1
        random.seed()
        random.random()
    assert len(events_of(scope)) == 2
    random.setstate(outside)
    assert random.random() == random.Random(5).random() or random.getstate() != outside


def test_a_state_can_be_saved_and_restored():
    """Saving the state of an unseeded run draws a seed once, which a replay gives back."""

    def agent():
        state = random.getstate()
        first = random.random()
        random.setstate(state)
        assert random.random() == first
        return first

    with record() as recording:
        first = agent()
    with replay(events_of(recording)):
        assert agent() == first


def library(source, name="openai._base_client"):
    """Evaluate an expression as code of a library would."""
    return eval(source, {"__name__": name, "random": random, "os": os, "uuid": uuid})


def test_libraries_are_not_recorded():
    """Jitter and boundaries of an SDK make no events; in a replay they depend on the seed."""
    sources = ["random.random()", "os.urandom(8)", "uuid.uuid4()", "uuid.uuid1()", "random.Random().random()"]
    with record() as recording:
        for source in sources:
            library(source)
    assert not events_of(recording)
    seen = []
    for seed in (1, 1, 2):
        with replay(seed=seed) as scope:
            seen.append([library(source) for source in sources])
            assert not events_of(scope)
    assert seen[0] == seen[1] != seen[2]


def test_test_runners_keep_real_entropy():
    """Code of pytest or hypothesis draws from the process's generator inside a replay."""
    random.seed(8)
    expected = random.Random(8).random()
    with replay():
        assert library("random.random()", "hypothesis.core") == expected


def test_references_cached_by_name_are_swept():
    """``from random import random`` made before the first run reaches the run after a sweep."""
    import sys
    import types

    module = types.ModuleType("shop_with_jitter")
    module.random, module.urandom = _entropy.real_random, _entropy.real_urandom
    sys.modules["shop_with_jitter"] = module
    try:
        assert sweep() >= 2
        assert sweep() == 0
        with record() as scope:
            module.random()
            module.urandom(2)
        assert [source for source, _ in drawn(scope)] == ["random.random", "os.urandom"]
    finally:
        del sys.modules["shop_with_jitter"]
    assert cached_random is random.random


@given(plan=st.lists(st.sampled_from(sorted(DRAWS)), max_size=12))
@examples(50)
def test_any_sequence_of_draws_replays(plan):
    """Whatever an agent draws in whatever order, its replay draws the same."""
    with record() as recording:
        first = [DRAWS[name]() for name in plan]
    with replay(events_of(recording)) as again:
        assert [DRAWS[name]() for name in plan] == first
    assert drawn(again) == drawn(recording)
