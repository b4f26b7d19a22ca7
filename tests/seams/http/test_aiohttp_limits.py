"""aiohttp's time limits in virtual time: what the recording says holds, to the letter and in every replay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from agentops_eval import Settings, recording, replaying
from agentops_eval.domain import Chunk, HttpReply, KeptBody, Seam
from agentops_eval.replay import read_cassette
from agentops_eval.replay._player import Player
from agentops_eval.replay._shelf import Shelf
from agentops_eval.seams._handler import Pause
from agentops_eval.seams.http import _aiohttp
from agentops_eval.traces.redaction import Redactor
from tests.seams._time_rig import elapsed, entered, new_scope
from tests.seams.http._loopback import Loopback

_aiohttp.install()

PLAIN = Settings()
OK = HttpReply(status=200, headers=(("Content-Type", "text/plain"),), body=KeptBody(chunks=(Chunk(b"ok"),)))


class Answering:
    """A handler that answers after pauses."""

    def __init__(self, *pauses: Pause) -> None:
        self._pauses = pauses

    def handle(self, call, next):
        if call.seam is not Seam.HTTP:
            return (yield next(call))
        yield from self._pauses
        return OK


async def ask(url: str = "http://shop.example/", **limits: Any) -> str:
    """What a caller sees, and when it does not."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(**limits)) as session:
        try:
            reply = await session.get(url)
        except Exception as error:
            return f"{type(error).__name__} instead of a reply"
        try:
            return await reply.text()
        except Exception as error:
            return f"{type(error).__name__} instead of a body"


def answered(*pauses: Pause, later_s: float = 0.0, **limits: Any) -> tuple[str, float]:
    """What a caller sees of ``pauses`` in virtual time, and how long it took."""
    scope = new_scope()
    scope.handlers = (*scope.handlers[:1], Answering(*pauses))

    async def late() -> tuple[str, float]:
        await asyncio.sleep(later_s)
        began_s = elapsed(scope)
        return await ask(**limits), round(elapsed(scope) - began_s, 6)

    with entered(scope):
        return asyncio.run(late())


@pytest.mark.parametrize("path", ["/silent?s=0.3", "/stall?s=0.3"])
def test_a_limit_that_was_reached_leaves_the_same_digest(path, tmp_path):
    """A total limit, before the reply or amid its body, is the same event in every replay."""
    kept = tmp_path / "run.cassette.jsonl"
    with Loopback() as server, recording(kept, settings=PLAIN) as run:
        seen = asyncio.run(ask(server.url + path, total=0.1))
    assert seen.startswith("TimeoutError")
    for _ in range(3):
        with replaying(kept, settings=PLAIN) as again:
            assert asyncio.run(ask(server.url + path, total=0.1)) == seen
        assert again.digest == run.digest


@pytest.mark.parametrize("late_s", [0.0, 0.002, 0.2, 3.0])
@pytest.mark.parametrize("path", ["/silent?s=0.3", "/stall?s=0.3"])
def test_a_limit_that_fired_late_is_still_the_recorded_one(path, late_s, tmp_path):
    """However busy the machine was that recorded the limit, the replay follows the recording."""
    kept = tmp_path / "run.cassette.jsonl"
    with Loopback() as server, recording(kept, settings=PLAIN):
        seen = asyncio.run(ask(server.url + path, total=0.1))
    cassette = read_cassette(kept)
    late = [replace(e, ended_s=e.started_s + 0.1 + late_s) for e in cassette.events]
    kept_late, redactor = replace(cassette, events=tuple(late)), Redactor(PLAIN.redaction_rules)
    player = Player(Shelf(kept_late, rules=PLAIN.match_rules, redactor=redactor))
    scope = new_scope()
    scope.handlers = (*scope.handlers[:1], player)
    with entered(scope):
        assert asyncio.run(ask(server.url + path, total=0.1)) == seen


def test_a_reply_that_came_in_the_last_moment_still_comes():
    """Recorded time that lies beyond the limit by a hair is the machine's, not the server's."""
    assert answered(Pause(5.2, settled_s=0.25), total=5) == ("ok", 5.2)


def test_a_delay_that_is_no_recorded_time_runs_into_the_limit():
    """What a handler adds to the recorded time counts, so that an injected latency meets the limit."""
    assert answered(Pause(3), Pause(3, settled_s=0.25), total=5) == ("TimeoutError instead of a reply", 5)
    assert answered(Pause(5.2), total=5) == ("TimeoutError instead of a reply", 5)


@pytest.mark.parametrize("later_s", [0.0, 0.1, 0.25, 0.5, 0.75, 0.999])
def test_a_limit_is_not_rounded_up_by_the_clocks_fraction(later_s):
    """A limit of five seconds is one of five, wherever within a second the loop's clock stands."""
    assert answered(Pause(5.5), total=5, later_s=later_s) == ("TimeoutError instead of a reply", 5)
    assert answered(Pause(4.9), total=5, later_s=later_s) == ("ok", 4.9)


def test_a_caller_that_gives_up_is_not_held():
    """Another time limit than aiohttp's own cuts a call wherever it comes due."""

    async def impatient() -> str:
        async with asyncio.timeout(2):
            return await ask(total=60)

    scope = new_scope()
    scope.handlers = (*scope.handlers[:1], Answering(Pause(3, settled_s=3)))
    with entered(scope), pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert elapsed(scope) == 2


@pytest.mark.parametrize("timeout", [None, 5, 5.0, aiohttp.ClientTimeout(total=5, ceil_threshold=1)])
def test_limits_in_every_spelling_are_understood(timeout):
    """A number, an object and none at all mean to a request what they mean to aiohttp."""

    async def call() -> str:
        async with aiohttp.ClientSession() as session:
            try:
                return await (await session.get("http://shop.example/", timeout=timeout)).text()
            except TimeoutError:
                return "late"

    scope = new_scope()
    scope.handlers = (*scope.handlers[:1], Answering(Pause(400)))
    with entered(scope):
        assert asyncio.run(call()) == ("ok" if timeout is None else "late")
    assert elapsed(scope) == (400 if timeout is None else 5)
