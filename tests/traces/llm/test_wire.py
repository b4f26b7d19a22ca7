"""Bodies as they come over the wire: compressed, cut, or not what their header says."""

from __future__ import annotations

import json

import pytest

from agentops_eval.domain import KeptBody
from agentops_eval.traces.llm._wire import Exchange, decode_content, load_json
from tests.traces._kit import CUT, OPENAI, post, reply, sse
from tests.traces._packed import packed

TEXT = b'{"a": 1}'


@pytest.mark.parametrize("encoding", ["", "gzip", "br", "unheard-of"])
def test_text_stays_as_it_is_whatever_its_header_says(encoding):
    """JSON that lost its coding before it was recorded is read all the same."""
    assert decode_content(TEXT, encoding) == (TEXT, True)


def test_a_cut_body_gives_what_came():
    """Half a compressed body gives its beginning, and says that it is not whole."""
    text = json.dumps(list(range(5000))).encode()
    data, whole = decode_content(packed(text, "gzip")[:-2000], "gzip")
    assert text.startswith(data)
    assert data
    assert not whole


def test_an_unknown_encoding_is_opaque():
    """Bytes of an encoding that cannot be undone are not guessed at."""
    assert decode_content(b"\x1b\x07\x00", "unheard-of") == (b"", False)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "1" * 5000, "nul", '{"a": }'])
def test_what_is_no_json_is_none(text):
    """Broken, endless and oversized documents are None, never an exception."""
    assert load_json(text) is None


def test_numbers_stay_finite():
    """Infinity and NaN, which JSON does not have, do not become floats."""
    assert load_json("[1e999, NaN]") == [{"$float": "inf"}, {"$float": "nan"}]


def test_a_stream_is_known_by_its_first_line_too():
    """Servers that forget the content type still stream."""
    exchange = Exchange(request=post(OPENAI, {}), outcome=reply(b": hello\n\n" + sse([{"a": 1}])))
    assert exchange.is_stream
    assert exchange.documents == ({"a": 1},)


def test_a_cut_body_is_not_whole():
    """A body that the world cut is read as far as it came."""
    exchange = Exchange(request=post(OPENAI, {}), outcome=reply(TEXT, end=CUT))
    assert exchange.answered == {"a": 1}
    assert not exchange.whole
    assert exchange.failure is not None


def test_an_empty_body_has_no_first_chunk():
    """Without a byte there is no time to the first one."""
    assert Exchange(request=post(OPENAI, {}), outcome=reply(b"")).first_chunk_s is None
    assert isinstance(reply(b"").body, KeptBody)
