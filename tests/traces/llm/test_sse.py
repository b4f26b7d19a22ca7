"""Server-sent events, whatever the line endings and chunk boundaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces.llm import SseDecoder, SseEvent, parse_sse
from tests.examples import examples

LINES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=20)


def data(*events: SseEvent) -> list[str]:
    return [event.data for event in events]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_ending_ends_a_line(newline):
    """LF, CRLF and CR all end lines, and a blank line ends an event."""
    body = newline.join(["event: add", "data: 1", "data: 2", "", "data: 3", "", ""]).encode()
    assert parse_sse(body) == (SseEvent(data="1\n2", name="add"), SseEvent(data="3"))


def test_only_the_formats_own_line_endings_end_a_line():
    """Line separators that other formats know are content here."""
    assert data(*parse_sse("data: a\u2028b\x0bc\x85d\n\n".encode())) == ["a\u2028b\x0bc\x85d"]


def test_comments_and_unknown_fields_are_skipped():
    """Comments, retry and unknown fields make no event."""
    body = b": keep-alive\n\nretry: 10\nfoo: bar\ndata: x\n: in between\ndata: y\n\n"
    assert data(*parse_sse(body)) == ["x\ny"]


def test_one_leading_space_is_not_content():
    """One space after the colon is removed, a second one is kept; a field may have no colon."""
    assert data(*parse_sse(b"data:x\n\ndata:  y\n\ndata\n\n")) == ["x", " y", ""]


def test_a_byte_order_mark_is_skipped():
    """A BOM in front of the stream belongs to no field."""
    assert data(*parse_sse(b"\xef\xbb\xbfdata: x\n\n")) == ["x"]


def test_last_event_id_is_kept_and_one_with_nul_ignored():
    """An id lasts until the next one; one that holds NUL is none."""
    events = parse_sse(b"id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n")
    assert [event.last_id for event in events] == ["7", "7"]


def test_an_event_without_a_blank_line_is_given_at_the_end():
    """Recorded bodies often lost their last blank line."""
    assert data(*parse_sse(b"data: a\n\ndata: b")) == ["a", "b"]


def test_an_event_without_data_is_none():
    """A named event without data is not dispatched."""
    assert parse_sse(b"event: ping\n\n") == ()


def test_broken_utf8_does_not_raise():
    """Bytes that are no UTF-8 become replacement characters."""
    assert data(*parse_sse(b"data: \xff\xfe\n\n")) == ["\ufffd\ufffd"]


@examples(150)
@given(
    events=st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=5),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=5),
)
def test_chunk_boundaries_do_not_show(events, newline, sizes):
    """A stream cut anywhere, in the middle of CRLF or of a character too, gives the same events."""
    lines = [line for event in events for line in (*(f"data: {text}" for text in event), "")]
    body = "".join(line + newline for line in lines).encode()
    decoder, found, at, turn = SseDecoder(), [], 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        found += decoder.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    found += decoder.finish()
    assert data(*found) == ["\n".join(event) for event in events]
    assert tuple(found) == parse_sse(body)
