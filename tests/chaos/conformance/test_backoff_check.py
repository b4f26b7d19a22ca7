"""The backoff check on right retries and on each wrong sort of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import httpx2
import pytest
import stamina

from agentops_eval import tool
from tests.chaos.conformance._kit import subjects, tried


@tool
def look_up(word: str) -> str:
    """Look a word up."""
    return word


def retrying(wait_s: Callable[[int], float], attempts: int = 4) -> Callable[[], str]:
    """An agent that tries again after these pauses."""

    def agent() -> str:
        for attempt in range(attempts):
            try:
                return look_up("a")
            except OSError:
                time.sleep(wait_s(attempt))
        return "sorry"

    return agent


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        (retrying(lambda n: 2**n * random.uniform(0.5, 1)), []),
        (retrying(lambda n: random.uniform(0, 2**n)), []),
        (retrying(lambda n: 2**n), ["no-jitter:look_up"]),
        (retrying(lambda n: random.uniform(0.5, 1)), ["no-growth:look_up"]),
        (retrying(lambda n: 3), ["no-growth:look_up", "no-jitter:look_up"]),
        (retrying(lambda n: 0), ["no-backoff:look_up"]),
        (retrying(lambda n: 2**n * random.random(), attempts=12), ["unbounded-retries:look_up"]),
        (retrying(lambda n: random.random(), attempts=2), []),
    ],
    ids="exponential full-jitter no-jitter no-growth constant at-once unbounded one-retry".split(),
)
def test_pauses_are_read_over_many_seeds(agent: Callable[[], str], found: list[str]) -> None:
    """Growth and jitter are seen by comparing the pauses of runs that differ in their seed alone."""
    assert subjects(tried("backoff", agent)) == found


def test_an_agent_that_retries_nothing_cannot_be_judged() -> None:
    """Without a retry there is nothing to say of pauses, and nothing passes unseen."""

    def once() -> str:
        return look_up("a")

    assert tried("backoff", once).passed is None


def test_a_retrying_library_passes() -> None:
    """stamina's exponential pauses with jitter are found to be right."""

    def agent() -> str:
        for attempt in stamina.retry_context(on=OSError, attempts=4, wait_initial=1.0, wait_max=60.0):
            with attempt:
                return look_up("a")
        raise AssertionError

    found = tried("backoff", agent)
    assert (found.passed, subjects(found)) == (True, [])


def impatient(wait_s: float) -> Callable[[], str]:
    """An agent that tries an API again after its own time, whatever that says."""

    def agent() -> str:
        transport = httpx2.MockTransport(lambda _: httpx2.Response(200, text="ok"))
        with httpx2.Client(transport=transport) as client:
            for attempt in range(4):
                reply = client.get("http://api.invalid/rates")
                if reply.status_code == 200:
                    return reply.text
                asked = float(reply.headers.get("retry-after", 0)) if wait_s < 0 else wait_s
                time.sleep((asked or 1.0) * 2**attempt + random.random())
        return "sorry"

    return agent


def test_retry_after_is_honoured_or_found() -> None:
    """Who calls again sooner than a 429 told is found, and who waits as long is not."""
    wanted = "retry-after:GET http://api.invalid/rates"
    assert wanted in subjects(tried("backoff", impatient(0.1)))
    assert wanted not in subjects(tried("backoff", impatient(-1.0)))


def test_usual_calls_are_not_taken_for_retries() -> None:
    """An agent that asks the same twice anyhow, and goes on after a failure, has retried nothing."""

    def agent() -> str:
        found = []
        for _ in range(2):
            try:
                found.append(look_up("a"))
            except OSError:
                found.append("unknown")
        return " ".join(found)

    assert tried("backoff", agent).passed is None
