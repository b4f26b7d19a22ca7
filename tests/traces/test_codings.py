"""Content codings, undone chunk by chunk and never beyond a bound."""

from __future__ import annotations

import gzip
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces import BodyState, is_packed, unpack
from tests.traces._packed import WAYS, encoding_of, packed

TEXT = b"a body that is long enough to have a middle, " * 200
MANY = 8 * 1024 * 1024


def split(data: bytes, places: list[int]) -> list[bytes]:
    """The body in chunks."""
    cuts = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(cuts)]


@pytest.mark.parametrize("way", WAYS)
@given(text=st.binary(max_size=300), places=st.lists(st.integers(0, 5000), max_size=6))
def test_what_was_packed_comes_out_again(way: str, text: bytes, places: list[int]) -> None:
    """Every coding is undone, in whatever chunks it came, and gives one chunk for each."""
    chunks = split(packed(text, way), places)
    found = unpack(chunks, encoding_of(way))
    assert (found.data, found.state) == (text, BodyState.WHOLE)
    assert len(found.chunks) == len(chunks)


@pytest.mark.parametrize("way", WAYS)
def test_a_body_that_was_cut_gives_what_came(way: str) -> None:
    """Half a body gives its beginning, as far as the coding allows, and is not whole."""
    data = packed(TEXT, way)
    found = unpack([data[: len(data) - 5]], encoding_of(way))
    assert TEXT.startswith(found.data)
    assert found.state is BodyState.CUT


def test_a_body_that_breaks_gives_what_came_before() -> None:
    """Bytes that are no gzip end a body that was one, and chunks after them are empty."""
    data = gzip.compress(" ".join(map(str, range(100_000))).encode())
    found = unpack([data[:50_000], b"\xff" * 5000, data[55_000:]], "gzip")
    assert found.state is BodyState.BROKEN
    assert found.data
    assert found.chunks[2] == b""


def test_what_stands_behind_the_last_member_is_passed_over() -> None:
    """Clients do not mind padding behind a gzip body."""
    found = unpack([gzip.compress(b"text") + b"\0" * 100], "gzip")
    assert (found.data, found.state) == (b"text", BodyState.WHOLE)


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "deflate", "br", "zstd", "br, gzip"])
@pytest.mark.parametrize(
    "text", [b"", b'{"a": 1}', b"data: x", b"hello 520611", '["gr\u00fc\u00df"]'.encode()]
)
def test_a_body_without_its_coding_stays_as_it_is(encoding: str, text: bytes) -> None:
    """Recorders store decoded bodies under the old header."""
    found = unpack([text], encoding)
    assert (found.data, found.state) == (text, BodyState.PLAIN)
    assert not is_packed(text, encoding)


def test_an_unknown_coding_is_not_guessed_at() -> None:
    """What nothing here can undo is called so."""
    assert unpack([b"x"], "compress").state is BodyState.UNKNOWN
    assert unpack([gzip.compress(b"x")], "exi, gzip").state is BodyState.UNKNOWN


@pytest.mark.parametrize("way", WAYS)
def test_a_bomb_does_not_eat_memory(way: str) -> None:
    """A body that unpacks to far more than the bound is read up to the bound, and no further."""
    bomb = packed(b"\0" * (12 * MANY), way)
    assert len(bomb) < MANY // 10
    tracemalloc.start()
    found = unpack([bomb], encoding_of(way), limit=MANY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(found.data), found.state) == (MANY, BodyState.LONG)
    assert peak < 8 * MANY


@pytest.mark.parametrize("way", WAYS)
def test_a_packed_body_is_known(way: str) -> None:
    """A body that has the coding of its header is told from one that lost it."""
    assert is_packed(packed(TEXT, way), encoding_of(way))
