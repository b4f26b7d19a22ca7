"""Content codings: bodies without gzip, deflate, br or zstd, chunk by chunk and never beyond a bound."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from importlib import import_module
from typing import Protocol

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a body without its codings; what lies beyond is not read."""

_START, _LEAST_TEXT = 64, 4


class BodyState(IntEnum):
    """How much of a body was unpacked; of several codings the worst counts.

    ``PLAIN``: it has no coding, whatever its header says (recorders store decoded bodies under the
    old header). ``CUT``: it ends too early. ``BROKEN``: it goes on with what is no coding.
    ``LONG``: it would go on beyond the bound. ``UNKNOWN``: nothing here can unpack it.
    """

    PLAIN = 0
    WHOLE = 1
    CUT = 2
    BROKEN = 3
    LONG = 4
    UNKNOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What a body holds, as far as its state says; one chunk for each that came."""

    chunks: Sequence[bytes]
    state: BodyState

    @property
    def data(self) -> bytes:
        """All chunks in a row."""
        return b"".join(self.chunks)


def unpack(chunks: Sequence[bytes], encoding: str, *, limit: int = MAX_BODY) -> Unpacked:
    """Undo a body's ``content-encoding``, which may name several codings in a row.

    Gives at most ``limit`` bytes, and never holds much more than that, whatever came in.
    """
    state = BodyState.PLAIN
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in {"", "identity"}:
            continue
        found = _undo(chunks, _CODINGS[name], limit) if name in _CODINGS else None
        if found is None:
            return Unpacked(chunks=chunks, state=BodyState.UNKNOWN)
        chunks, state = found.chunks, max(state, found.state)
    return Unpacked(chunks=chunks, state=state)


def is_packed(data: bytes, encoding: str) -> bool:
    """Whether a body seems to have the coding that its header says; what is not known here has."""
    return unpack([data], encoding, limit=0).state is not BodyState.PLAIN


# -- one coding -------------------------------------------------------------------------------


class _Reader(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coding:
    """``readers`` gives what may unpack it here, ``magic`` is how it begins.

    Input is fed in pieces of ``piece`` bytes, the fewer the more one byte may unpack to: so the
    bound holds with every library and version, also those that know none.
    """

    readers: Callable[[], Iterator[Callable[[], _Reader]]]
    piece: int
    magic: bytes = b""


def _undo(chunks: Sequence[bytes], coding: _Coding, limit: int) -> Unpacked | None:
    """None where no library is there for it."""
    plain = Unpacked(chunks=chunks, state=BodyState.PLAIN)
    start = b"".join(chunk[:_START] for chunk in chunks)[:_START]
    if not start or not start.startswith(coding.magic) or _is_text(start):
        return plain
    found: Unpacked | None = None
    for make in coding.readers():
        found = _Unpacking(make, coding, limit).run(chunks)
        if found.state is not BodyState.PLAIN:
            return found
    return None if found is None else plain


def _is_text(start: bytes) -> bool:
    """Whether it reads as text: that may well be valid deflate or br too, but none is text."""
    try:
        shown = codecs.getincrementaldecoder("utf-8")().decode(start)  # a character may be cut
    except UnicodeDecodeError:
        return False
    return len(start) >= _LEAST_TEXT and all(ch.isprintable() or ch in "\t\r\n" for ch in shown)


class _Unpacking:
    """One body on its way through one kind of reader; a gzip body may have several members."""

    def __init__(self, make: Callable[[], _Reader], coding: _Coding, limit: int) -> None:
        self._make = make
        self._coding = coding
        self._left = limit
        self._reader = make()
        self._members = 0
        self._given = False
        self._state: BodyState | None = None

    def run(self, chunks: Sequence[bytes]) -> Unpacked:
        """Unpack until the end, or until it goes wrong."""
        made = [self._chunk(chunk) for chunk in chunks]
        state = self._state
        if state is None:
            state = BodyState.WHOLE if self._reader.eof else BodyState.CUT
        return Unpacked(chunks=made, state=state)

    def _chunk(self, chunk: bytes) -> bytes:
        got: list[bytes] = []
        for at in range(0, len(chunk), self._coding.piece):
            rest = chunk[at : at + self._coding.piece]
            while rest and self._state is None:
                got.append(self._step(rest))
                rest = self._reader.unused_data if self._reader.eof else b""
            if self._state is not None:
                break
        return b"".join(got)

    def _step(self, piece: bytes) -> bytes:
        if self._reader.eof:
            self._reader, self._given = self._make(), False
        try:
            got = self._reader.decompress(piece)
        except Exception:  # each library has its own error
            self._state = self._broken()
            return b""
        self._given = self._given or bool(got)
        self._members += self._reader.eof
        if len(got) > self._left:
            self._state = BodyState.LONG
            got = got[: self._left]
        self._left -= len(got)
        return got

    def _broken(self) -> BodyState:
        if self._given:
            return BodyState.BROKEN
        if self._members:
            return BodyState.WHOLE  # clients pass over what stands behind the last member
        return BodyState.BROKEN if self._coding.magic else BodyState.PLAIN


class _Brotli:
    """brotli's or brotlicffi's decompressor with the names of the others."""

    unused_data = b""

    def __init__(self, module: str, method: str) -> None:
        self._inner = import_module(module).Decompressor()
        self._process: Callable[[bytes], bytes] = getattr(self._inner, method)
        self.eof = False

    def decompress(self, data: bytes, /) -> bytes:
        got = self._process(data)
        self.eof = bool(self._inner.is_finished())
        return got


def _inflaters(*windows: int) -> Callable[[], Iterator[Callable[[], _Reader]]]:
    return lambda: (partial(zlib.decompressobj, window) for window in windows)


def _brotli() -> Iterator[Callable[[], _Reader]]:
    for module, method in (("brotli", "process"), ("brotlicffi", "decompress")):
        if _there(module):
            yield partial(_Brotli, module, method)


def _zstd() -> Iterator[Callable[[], _Reader]]:
    for module in ("compression.zstd", "backports.zstd"):
        if _there(module):
            yield import_module(module).ZstdDecompressor
    if _there("zstandard"):
        yield lambda: import_module("zstandard").ZstdDecompressor().decompressobj()


def _there(module: str) -> bool:
    """Whether it can be imported: a client that accepts br or zstd has one of their libraries."""
    with suppress(ImportError):
        import_module(module)
        return True
    return False


# One byte unpacks to about 1 kB of deflate and 32 kB of zstd at the most, and to megabytes of br.
_GZIP = _Coding(readers=_inflaters(31), piece=4096, magic=b"\x1f\x8b")
_CODINGS = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": _Coding(readers=_inflaters(15, -15), piece=4096),  # some servers send it bare
    "br": _Coding(readers=_brotli, piece=32),
    "zstd": _Coding(readers=_zstd, piece=256, magic=b"\x28\xb5\x2f\xfd"),
}
CODINGS = frozenset(_CODINGS)
