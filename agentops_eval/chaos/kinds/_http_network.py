"""Faults of the way there and back: slow, silent, refused, broken off before an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from random import Random

from agentops_eval.chaos._kind import Hit, Parameters, kind
from agentops_eval.chaos.kinds._http_kit import changes, is_http, staged
from agentops_eval.chaos.kinds._parameters import DAY_S, between, fewer_seconds, lasting
from agentops_eval.chaos.kinds._silence import done_in_silence, passed, unanswered
from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    FaultClass,
    HttpReply,
    KeptBody,
    Rewrite,
    Seam,
    StreamEnd,
)
from agentops_eval.seams import Next, Steps
from agentops_eval.seams.http import Wire, wire_failure

DISTRIBUTIONS = ("fixed", "uniform", "normal", "lognormal", "exponential")
_ANSWERED = (Seam.HTTP, Seam.TOOL, Seam.MCP, Seam.AGENT)


def drawn_s(random: Random, distribution: str, seconds: float, spread_s: float) -> float:
    """How late one call is: drawn around ``seconds``, the mean or median, and ``spread_s`` apart."""
    if distribution == "uniform":
        found = random.uniform(seconds - spread_s, seconds + spread_s)
    elif distribution == "normal":
        found = random.gauss(seconds, spread_s)
    elif distribution == "lognormal":
        median_s = max(seconds, 1e-9)
        found = random.lognormvariate(math.log(median_s), _log_deviation(spread_s / median_s))
    elif distribution == "exponential":
        found = random.expovariate(1 / seconds) if seconds > 0 else 0.0
    else:
        found = seconds
    return min(max(0.0, found), DAY_S)


def _log_deviation(ratio: float) -> float:
    """The deviation of the logarithm, where that of the time itself is ``ratio`` of its median."""
    return math.sqrt(math.log((1 + math.sqrt(1 + 4 * ratio * ratio)) / 2))


@kind(
    *_ANSWERED,
    does=FaultClass.SLOW,
    smaller=fewer_seconds("seconds"),
    check=between(0, seconds=DAY_S, spread_s=DAY_S),
    choices={"distribution": DISTRIBUTIONS},
    timed=True,
    seconds=8.0,
    distribution="fixed",
    spread_s=0.0,
)
def latency(hit: Hit, call: Call, next: Next) -> Steps:
    """The answer comes later, by a fixed time or one that is drawn."""
    asked = hit.parameters
    seconds = drawn_s(hit.random, asked["distribution"], float(asked["seconds"]), float(asked["spread_s"]))
    outcome = yield next(call)
    assert outcome is not None
    hit.told = f"{call.boundary} took {seconds:.3f} s longer"
    gave_up = yield from passed(seconds, call.patience.read_s)
    return gave_up or outcome


@kind(Seam.HTTP, does=FaultClass.UNAVAILABLE, fits=is_http)
def stall(hit: Hit, call: Call, next: Next) -> Steps:
    """The other side takes the request and never answers: only the client's own timeout ends it."""
    return (yield from unanswered(hit, call, wire_failure(Wire.RESET)))


@kind(
    Seam.HTTP,
    does=FaultClass.UNAVAILABLE,
    fits=is_http,
    choices={"phase": ("connect", "read")},
    **lasting(after_s=60.0),
    phase="connect",
)
def timeout(hit: Hit, call: Call, next: Next) -> Steps:
    """The call times out: by the client's own limit, or where that is longer or missing after some time."""
    connecting = hit.parameters["phase"] == "connect"
    limit_s = call.patience.connect_s if connecting else call.patience.read_s
    what = Wire.CONNECT_TIMEOUT if connecting else Wire.READ_TIMEOUT
    hit.told = f"{call.boundary} timed out"
    gave_up = yield from passed(float(hit.parameters["after_s"]), limit_s, what)
    return gave_up or wire_failure(what)


@kind(Seam.HTTP, does=FaultClass.UNAVAILABLE, fits=is_http)
def refused(hit: Hit, call: Call, next: Next) -> Steps:
    """Nobody listens: the connection is refused."""
    yield from ()
    hit.told = f"{call.boundary} refused the connection"
    return wire_failure(Wire.REFUSED)


@kind(Seam.HTTP, does=FaultClass.UNAVAILABLE, fits=is_http)
def reset(hit: Hit, call: Call, next: Next) -> Steps:
    """The connection is reset before the request is taken."""
    yield from ()
    hit.told = f"{call.boundary} reset the connection"
    return wire_failure(Wire.RESET)


@kind(Seam.HTTP, does=FaultClass.LOST, fits=changes, **lasting(after_s=0.0))
def reply_lost(hit: Hit, call: Call, next: Next) -> Steps:
    """The other side does what it is asked, and the connection breaks before its answer comes."""
    return (yield from done_in_silence(hit, call, next, wire_failure(Wire.DISCONNECTED)))


class _Drip(Rewrite):
    """Hands a body on in small pieces, each after a pause; a client that is less patient gives up."""

    __slots__ = ("_limit_s", "_piece", "_wait_s")

    def __init__(self, piece: int, wait_s: float, limit_s: float | None) -> None:
        super().__init__()
        self._piece, self._wait_s, self._limit_s = piece, wait_s, limit_s

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        if self._limit_s is not None and self._limit_s < self._wait_s:
            self.over = StreamEnd(kind=EndKind.CUT, failure=wire_failure(Wire.READ_TIMEOUT))
            return (Chunk(b"", chunk.at_s, self._limit_s),)
        data, piece = chunk.data, self._piece
        return [Chunk(data[at : at + piece], chunk.at_s, self._wait_s) for at in range(0, len(data), piece)]


def _drip_problem(parameters: Parameters) -> str:
    piece = parameters["piece_bytes"]
    if not isinstance(piece, int) or piece < 1:
        return "piece_bytes is a number above 0"
    return between(0, seconds=DAY_S)(parameters)


@kind(
    Seam.HTTP,
    does=FaultClass.SLOW,
    fits=is_http,
    smaller=fewer_seconds("seconds"),
    check=_drip_problem,
    timed=True,
    piece_bytes=16,
    seconds=0.5,
)
def slow_drip(hit: Hit, call: Call, next: Next) -> Steps:
    """The body comes in small pieces, with a pause before each."""
    outcome = yield next(call)
    assert outcome is not None
    if not isinstance(outcome, HttpReply) or outcome.body == KeptBody():
        hit.cannot("there was no body that could be held up")
        return outcome
    piece, seconds = int(hit.parameters["piece_bytes"]), float(hit.parameters["seconds"])
    hit.told = f"{call.boundary} answered {piece} bytes each {seconds:g} s"
    return staged(outcome, _Drip(piece, seconds, call.patience.read_s))


NETWORK_KINDS = (latency, stall, slow_drip, timeout, refused, reset, reply_lost)
