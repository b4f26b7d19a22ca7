"""Limits of what goes out at once: they delay, and never retry."""

from __future__ import annotations

import threading

import pytest

from agentops_eval.domain import Call, HttpReply, HttpRequest, Outcome, Seam
from agentops_eval.harness.evaluating._throttle import Throttle
from agentops_eval.seams import drive


def _call(host: str) -> Call:
    return Call(seam=Seam.HTTP, boundary="x", request=HttpRequest(method="GET", url=f"http://{host}/v1"))


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_no_more_are_under_way_than_the_limit_says(limit: int) -> None:
    """Ten callers at once: the most that were inside together is the limit, and all get through."""
    throttle = Throttle({"a": limit})
    lock, inside, most = threading.Lock(), [0], [0]
    gone = threading.Barrier(limit)

    def world(call: Call) -> Outcome:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        gone.wait(timeout=30)
        with lock:
            inside[0] -= 1
        return HttpReply(status=200)

    count = limit * 2
    waited = threading.Event()
    threads = [
        threading.Thread(
            target=drive, args=((throttle,), _call("a"), world, lambda s: waited.wait(s) and None)
        )
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert most == [limit]


def test_a_busy_host_is_left_alone_by_everybody() -> None:
    """After a 429 with Retry-After the next call waits so long; one to another host does not."""
    now = [0.0]
    throttle = Throttle({}, now=lambda: now[0])
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    replies = iter([HttpReply(status=429, headers=(("Retry-After", "7"),)), HttpReply(status=200)])
    first = drive((throttle,), _call("a"), lambda _: next(replies), sleep)
    drive((throttle,), _call("b"), lambda _: HttpReply(status=200), sleep)
    assert slept == []
    drive((throttle,), _call("a"), lambda _: next(replies), sleep)
    assert slept == [7.0]
    assert isinstance(first, HttpReply)
    assert first.status == 429  # handed on: whether to try again is the agent's own affair


@pytest.mark.parametrize(
    "told", ["", "soon", "-5", "Wed, 21 Oct 2026 07:28:00 GMT"], ids=["none", "word", "past", "date"]
)
def test_what_is_no_number_of_seconds_delays_nobody(told: str) -> None:
    """The client's own backoff has to do."""
    throttle = Throttle({}, now=lambda: 0.0)
    slept: list[float] = []
    reply = HttpReply(status=429, headers=(("retry-after", told),))
    drive((throttle,), _call("a"), lambda _: reply, slept.append)
    drive((throttle,), _call("a"), lambda _: HttpReply(status=200), slept.append)
    assert slept == []
