"""Entropy as a run sees it: real and kept while recording, the kept values while replaying.

``Entropy`` answers the draws of one run that no recording answers. ``install_entropy`` leads the
standard library's sources to it: ``os.urandom``, the functions of ``random``, unseeded
``random.Random()``, ``uuid1/4/6/7`` and ``secrets``. Outside a run they call the originals.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import sys
import threading
import uuid
from collections.abc import Callable
from types import FrameType
from typing import Any

from agentops_eval.domain import Call, DrawRequest, Json, Seam, ValueReply
from agentops_eval.seams._callers import Role, caller_of
from agentops_eval.seams._draws import draw
from agentops_eval.seams._scope import SCOPE, SPAN, Scope
from agentops_eval.seams._sweep import once, register

# Bound before anything is patched.
real_urandom = os.urandom
real_random = random.random
real_getrandbits = random.getrandbits
real_seed = random.Random.seed

Learn = Callable[[str, str], None]

SECRET_SOURCE = "secrets"  # noqa: S105 -- the name of the module
_LEARNT_FROM = 8  # bytes: shorter draws are parts of something, and would be found everywhere


class Entropy:
    """The entropy of one run.

    Without a ``seed`` draws are real, as a recording needs them. With one, every draw that reaches
    here is a function of the seed, the span, the source and how often it was asked: what a replay
    answers where its recording has nothing. ``learn(value, kind)`` is told the renderings of drawn
    secrets, so that redaction finds them wherever they go.
    """

    def __init__(self, *, seed: int | str | None = None, learn: Learn | None = None) -> None:
        self._seed = seed
        self._learn = learn
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = {}
        # Made when they are asked for: seeding a generator costs as much as a call of the agent.
        self._random: RunRandom | None = None
        self._spare: random.Random | None = None

    def __repr__(self) -> str:
        return "<Entropy: real>" if self._seed is None else f"<Entropy: seed {self._seed!r}>"

    @property
    def spare(self) -> random.Random | None:
        """The generator behind what libraries draw for themselves; None where that is the real one."""
        if self._seed is None:
            return None
        with self._lock:
            if self._spare is None:
                self._spare = random.Random(f"{self._seed}/spare")
            return self._spare

    @property
    def random(self) -> RunRandom:
        """The ``random`` module as the run sees it."""
        with self._lock:
            if self._random is None:
                self._random = RunRandom()
            return self._random

    def random_float(self, span: str) -> float:
        """A float in [0, 1)."""
        if self._seed is None:
            return real_random()
        return (int.from_bytes(self._derive(span, "random.random", 8)) >> 11) * 2.0**-53

    def random_bits(self, span: str, count: int) -> int:
        """An integer of ``count`` random bits."""
        if self._seed is None:
            return real_getrandbits(count)
        size = (count + 7) // 8
        return int.from_bytes(self._derive(span, "random.getrandbits", size)) >> (size * 8 - count)

    def random_bytes(self, span: str, source: str, size: int) -> bytes:
        """``size`` random bytes."""
        return real_urandom(size) if self._seed is None else self._derive(span, source, size)

    def stand_in(self, span: str, size: int) -> bytes:
        """What replaces a secret that was drawn while recording and not kept."""
        return self._derive(span, SECRET_SOURCE, size)

    def learn(self, secret: bytes) -> None:
        """Tell redaction the usual renderings of a drawn secret."""
        if self._learn is None or len(secret) < _LEARNT_FROM:
            return
        self._learn(secret.hex(), "secret")
        self._learn(base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii"), "secret")

    def _derive(self, span: str, source: str, size: int) -> bytes:
        with self._lock:
            occurrence = self._counts.get((span, source), 0)
            self._counts[span, source] = occurrence + 1
        text = f"{self._seed}\n{span}\n{source}\n{occurrence}"
        return hashlib.shake_256(text.encode()).digest(size)


class RunRandom(random.Random):
    """The ``random`` module as one run sees it: its primitive draws cross the entropy seam.

    Once seeded by the agent, or put into a known state, it is an ordinary generator, whose draws
    need no recording. ``getstate`` makes the state known first.
    """

    _pinned = False

    def seed(self, a: Any = None, version: int = 2) -> None:
        """Pin the generator to a seed, or unpin it."""
        real_seed(self, a, version)
        self.gauss_next = None
        self._pinned = a is not None

    def random(self) -> float:
        """A float in [0, 1), drawn through the seam unless pinned."""
        return super().random() if self._pinned else _draw_float(_scope())

    def getrandbits(self, k: int, /) -> int:
        """An integer of ``k`` random bits, drawn through the seam unless pinned."""
        return super().getrandbits(k) if self._pinned else _draw_bits(_scope(), k)

    def getstate(self) -> tuple[Any, ...]:
        """The state; an unpinned generator is pinned to a drawn seed first."""
        if not self._pinned:
            self.seed(self.getrandbits(256))
        return super().getstate()

    def setstate(self, state: tuple[Any, ...]) -> None:
        """Pin the generator to a state."""
        super().setstate(state)
        self._pinned = True


def _scope() -> Scope:
    scope = SCOPE.get()
    assert scope is not None  # the dispatching functions have looked
    return scope


def _agent_frame() -> FrameType | None:
    """The frame for which a RunRandom draws: beyond itself, ``random`` and the dispatching function."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") in {__name__, "random"}:
        frame = frame.f_back
    return caller_of(frame)[1]


# -- draws of the agent, which cross the seam -----------------------------------------------------


def _draw_float(scope: Scope) -> float:
    def world(call: Call) -> ValueReply:
        return ValueReply(value=scope.entropy.random_float(call.span))

    request = DrawRequest(source="random.random")
    return float(_number(draw(scope, Seam.ENTROPY, request, world, _agent_frame()).value))


def _draw_bits(scope: Scope, count: int) -> int:
    if count <= 0:
        return real_getrandbits(count)  # 0, or the error that it gives

    def world(call: Call) -> ValueReply:
        return ValueReply(value=scope.entropy.random_bits(call.span, count))

    request = DrawRequest(source="random.getrandbits", argument=count)
    return int(_number(draw(scope, Seam.ENTROPY, request, world, _agent_frame()).value))


def _number(value: Json) -> int | float:
    if not isinstance(value, (int, float)):
        raise TypeError(f"a random draw was answered with {type(value).__name__}, not with a number")
    return value


def _draw_bytes(
    scope: Scope, frame: FrameType | None, source: str, size: int, real: Callable[[], bytes] | None = None
) -> bytes:
    """Bytes, kept in hexadecimal; ``real`` draws them while recording where os.urandom would not do."""

    def world(call: Call) -> ValueReply:
        if real is not None and scope.entropy.spare is None:
            return ValueReply(value=real().hex())
        return ValueReply(value=scope.entropy.random_bytes(call.span, source, size).hex())

    value = draw(scope, Seam.ENTROPY, DrawRequest(source=source, argument=size), world, frame).value
    if not isinstance(value, str):
        raise TypeError(f"{source} was answered with {type(value).__name__}, not with hexadecimal digits")
    try:
        return bytes.fromhex(value)
    except ValueError:  # the agent made a secret of it, which was redacted
        secret = scope.entropy.stand_in(SPAN.get(), size)
        scope.entropy.learn(secret)
        return secret


def _draw_secret(scope: Scope, frame: FrameType | None, size: int) -> bytes:
    """Bytes whose event says only how many there were."""
    entropy = scope.entropy

    def world(call: Call) -> ValueReply:
        return ValueReply(value={"secret": size}, native=entropy.random_bytes(call.span, SECRET_SOURCE, size))

    request = DrawRequest(source=SECRET_SOURCE, argument=size)
    reply = draw(scope, Seam.ENTROPY, request, world, frame)
    if isinstance(reply.native, bytes):
        secret = reply.native
    elif isinstance(reply.value, str):  # an audit varies it
        secret = bytes.fromhex(reply.value)
    else:
        secret = entropy.stand_in(SPAN.get(), size)
    entropy.learn(secret)
    return secret


# -- dispatching functions; bound methods, so that they do not bind again as class attributes ------


class _Functions:
    """``os.urandom``, ``random.random``, and the other functions of ``random``, which are added below."""

    @classmethod
    def random(cls) -> float:
        scope = SCOPE.get()
        if scope is None or scope.closed:
            return real_random()
        generator = _generator(scope, sys._getframe(1))
        return real_random() if generator is None else generator.random()

    @classmethod
    def urandom(cls, size: int, /) -> bytes:
        scope = SCOPE.get()
        if scope is None or scope.closed or size <= 0:
            return real_urandom(size)
        frame = sys._getframe(1)
        role, at = caller_of(frame)
        if role is Role.AGENT:
            if _is_secret(frame):
                return _draw_secret(scope, at, size)
            return _draw_bytes(scope, at, "os.urandom", size)
        spare = scope.entropy.spare if role is Role.PASSIVE else None
        return real_urandom(size) if spare is None else spare.randbytes(size)


def _generator(scope: Scope, frame: FrameType) -> random.Random | None:
    """Which generator serves a caller; None stands for the process's own."""
    role, _ = caller_of(frame)
    if role is Role.AGENT:
        return scope.entropy.random
    return scope.entropy.spare if role is Role.PASSIVE else None


def _is_secret(frame: FrameType) -> bool:
    """Whether a SystemRandom draws for the ``secrets`` module."""
    if frame.f_globals.get("__name__") != "random":
        return False
    secrets = sys.modules.get("secrets")
    return secrets is not None and frame.f_locals.get("self") is secrets._sysrand


def _dispatching(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """The dispatching function for one function of ``random``."""

    def function(cls: type[_Functions], *args: Any, **kwargs: Any) -> Any:
        scope = SCOPE.get()
        if scope is None or scope.closed:
            return original(*args, **kwargs)
        generator = _generator(scope, sys._getframe(1))
        return original(*args, **kwargs) if generator is None else getattr(generator, name)(*args, **kwargs)

    function.__name__ = name
    function.__qualname__ = f"_Functions.{name}"
    setattr(_Functions, name, classmethod(function))
    wrapper: Callable[..., Any] = getattr(_Functions, name)
    return wrapper


class _Uuids:
    """The uuids that read a clock, a node or a counter of the process, which no replay could repeat."""


def _dispatching_uuid(version: int, original: Callable[..., uuid.UUID]) -> Callable[..., uuid.UUID]:
    name = f"uuid{version}"

    def function(cls: type[_Uuids], *args: Any, **kwargs: Any) -> uuid.UUID:
        scope = SCOPE.get()
        if scope is None or scope.closed:
            return original(*args, **kwargs)
        role, at = caller_of(sys._getframe(1))
        spare = scope.entropy.spare
        if role is Role.AGENT:
            drawn = _draw_bytes(scope, at, f"uuid.{name}", 16, lambda: original(*args, **kwargs).bytes)
        elif role is Role.PASSIVE and spare is not None:
            drawn = spare.randbytes(16)
        else:
            return original(*args, **kwargs)
        return uuid.UUID(bytes=drawn, version=version)

    function.__name__ = name
    function.__qualname__ = f"_Uuids.{name}"
    setattr(_Uuids, name, classmethod(function))
    wrapper: Callable[..., uuid.UUID] = getattr(_Uuids, name)
    return wrapper


def _seed(self: random.Random, a: Any = None, version: int = 2) -> None:
    """``Random.seed``: a generator made without a seed inside a run takes one through the seam."""
    scope = SCOPE.get()
    if a is None and scope is not None and not scope.closed:
        role, at = caller_of(sys._getframe(1))
        if role is Role.AGENT:
            a = int.from_bytes(_draw_bytes(scope, at, "os.urandom", 32))
        elif role is Role.PASSIVE and scope.entropy.spare is not None:
            a = scope.entropy.spare.getrandbits(256)
    real_seed(self, a, version)


@once
def install_entropy() -> None:
    """Lead the standard library's sources of entropy to the run. Once per process; they stay."""
    for name, original in list(vars(random).items()):
        if getattr(original, "__self__", None) is random._inst:
            wrapper = _Functions.random if name == "random" else _dispatching(name, original)
            _replace(random, name, wrapper)
    for version in (1, 6, 7):
        if hasattr(uuid, f"uuid{version}"):
            original = getattr(uuid, f"uuid{version}")
            _replace(uuid, f"uuid{version}", _dispatching_uuid(version, original))
    _replace(os, "urandom", _Functions.urandom)
    random._urandom = _Functions.urandom  # type: ignore[attr-defined]
    random.Random.seed = _seed  # type: ignore[method-assign]


def _replace(module: Any, name: str, wrapper: Callable[..., Any]) -> None:
    register(getattr(module, name), wrapper)
    setattr(module, name, wrapper)


__all__ = ["Entropy", "RunRandom", "install_entropy", "real_getrandbits", "real_random", "real_urandom"]
