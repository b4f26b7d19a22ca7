"""Whatever crosses a seam is read as it was written; whatever else is in the file is an error of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import (
    AgentopsError,
    ApprovalRequest,
    Chunk,
    DrawRequest,
    Effect,
    EndKind,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Label,
    McpRequest,
    Seam,
    StreamEnd,
    ToolRequest,
    ValueReply,
)
from agentops_eval.replay._cassette import Cassette, read_cassette, read_partial
from tests.examples import examples
from tests.replay._cassette_kit import http, write


def joined(text: str) -> str:
    """Two surrogates that form a pair are one character to every JSON reader."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


TEXT = st.text(max_size=20) | st.text(st.characters(categories=["Cs", "Lu", "So"]), max_size=5).map(joined)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSONS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(min_value=2**64) | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
BYTES = st.binary(max_size=40) | TEXT.map(lambda text: text.encode("utf-8", "replace"))
HEADERS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
LABELS = st.sampled_from(Label)
FAILURES = st.builds(
    Failure,
    kind=TEXT,
    module=TEXT,
    message=TEXT,
    arguments=st.lists(JSONS, max_size=2).map(tuple),
    label=LABELS,
)
BODIES = st.builds(
    KeptBody,
    chunks=st.lists(st.builds(Chunk, BYTES, FINITE), max_size=4).map(tuple),
    end=st.builds(StreamEnd, kind=st.sampled_from(EndKind), failure=st.none() | FAILURES),
)
VALUES = st.builds(ValueReply, value=JSONS, label=LABELS)
WIRE = st.text(max_size=20) | st.text(st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF), max_size=3)
REPLIES = st.builds(
    HttpReply,
    status=st.integers(100, 999),
    reason=WIRE,
    headers=st.lists(st.tuples(WIRE, WIRE), max_size=3).map(tuple),
    http_version=WIRE,
    body=BODIES,
    label=LABELS,
)
ANSWERS = st.fixed_dictionaries(
    {"status": st.sampled_from(["approved", "timeout"]), "reason": TEXT, "details": JSONS}
)
HTTP = st.builds(HttpRequest, method=TEXT, url=TEXT, headers=HEADERS, body=BYTES)
TOOL = st.builds(
    ToolRequest,
    name=TEXT,
    arguments=st.dictionaries(TEXT, JSONS, max_size=3),
    effect=st.sampled_from(Effect),
    idempotency_key=st.none() | TEXT,
    signature=TEXT,
    server=TEXT,
)
MCP = st.builds(McpRequest, server=TEXT, method=TEXT, params=st.dictionaries(TEXT, JSONS, max_size=3))
HANDOFF = st.builds(HandoffRequest, sender=TEXT, recipient=TEXT, message=JSONS)
APPROVAL = st.builds(ApprovalRequest, action=TEXT, details=JSONS, deadline_s=st.none() | FINITE)
DRAW = st.builds(DrawRequest, source=TEXT, argument=st.none() | st.integers())


def crossing(
    seams: tuple[Seam, ...], request: st.SearchStrategy[Any], answer: st.SearchStrategy[Any]
) -> st.SearchStrategy[Event]:
    """Events of a seam: answered, failed, or given up."""
    return st.builds(
        Event,
        index=st.integers(0, 50),
        seam=st.sampled_from(seams),
        boundary=TEXT,
        request=request,
        outcome=st.none() | FAILURES | answer,
        span=TEXT,
        parent=st.none() | st.integers(0, 50),
        label=LABELS,
        started_s=FINITE,
        ended_s=FINITE,
        key=TEXT,
        site=TEXT,
    )


EVENTS = st.lists(
    crossing((Seam.HTTP,), HTTP, REPLIES)
    | crossing((Seam.TOOL, Seam.MCP), TOOL, VALUES)
    | crossing((Seam.MCP,), MCP, VALUES)
    | crossing((Seam.AGENT,), HANDOFF, VALUES)
    | crossing((Seam.HUMAN,), APPROVAL, st.builds(ValueReply, value=ANSWERS, label=LABELS))
    | crossing((Seam.CLOCK, Seam.ENTROPY), DRAW, VALUES),
    max_size=4,
    unique_by=lambda event: event.index,
)


@given(EVENTS)
def test_reading_gives_what_was_written(events: list[Event]) -> None:
    """Every request, outcome, label, text, byte and number comes back."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "c.cassette.jsonl", events)
        assert list(read_cassette(path).events) == sorted(events, key=lambda event: event.index)


def outcome(reader: Callable[[Path], Cassette], path: Path) -> str:
    """Where reading failed, or the path of what was read; any error but ours goes up."""
    try:
        return str(reader(path).path)
    except AgentopsError as error:
        return error.where


SAMPLE = http(0, body=b'{"a": "\xc3\xa9"}', reply=b"\x00\xff"), http(1)


@examples(150)
@given(data=st.data())
def test_mutated_bytes_raise_nothing_but_our_errors(data: st.DataObject) -> None:
    """A cassette with bytes cut, changed or put in reads, or says in our words why it does not."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "c.cassette.jsonl", SAMPLE)
        raw = path.read_bytes()
        at = data.draw(st.integers(0, len(raw)))
        until = data.draw(st.integers(at, min(len(raw), at + 60)))
        filler = data.draw(
            st.binary(max_size=8)
            | st.sampled_from([b"null", b"{", b'"', b"\\ud800", b"1e400", b"\n", b"{}", b"-1"])
        )
        path.write_bytes(raw[:at] + filler + raw[until:])
        for reader in (read_cassette, read_partial):
            assert str(path) in outcome(reader, path)


@given(st.binary(max_size=200), st.sampled_from([".cassette.jsonl", ".yaml", ".json"]))
def test_any_file_is_a_cassette_or_an_error_of_ours(raw: bytes, suffix: str) -> None:
    """Arbitrary bytes under any of the suffixes never surprise the caller."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"c{suffix}"
        path.write_bytes(raw)
        assert str(path) in outcome(read_cassette, path)
