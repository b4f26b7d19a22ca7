"""Files that lie: whatever is done to a valid one, reading it gives runs and notes, or the error."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from agentops_eval.domain import TraceUnreadable
from agentops_eval.traces import synthesise
from agentops_eval.traces.reading import recognised
from tests.examples import examples
from tests.traces.reading import _documents as d

TOOL_SPAN = {
    "event": "span_begin",
    "id": "t",
    "parent_id": "s",
    "type": "tool",
    "name": "refund",
    "timestamp": d.at(2),
}
POOLED = d.sample(
    events=[
        {**d.model([], d.output(d.SAID[2], usage=d.USED), 1), "input_refs": [[0, 2]], "span_id": "s"},
        TOOL_SPAN,
        {**d.tool(2, error={"type": "timeout", "message": "x"}), "span_id": "s"},
        {"event": "approval", "approver": "human", "call": d.CALL, "decision": "reject", "span_id": "t"},
    ],
    message_pool=d.SAID,
    attachments={"a": "b"},
    error={"message": "ValueError('x')"},
)
VALID: dict[str, Any] = {
    "adk": d.eval_set(**d.USES),
    "adk events": d.camel(d.eval_set(**d.EVENTS)),
    "adk turns": d.FIRST,
    "messages": d.CHAT,
    "trajectory": {"task_id": 1, "traj": d.CHAT, "info": {"error": "x"}},
    "inspect": d.log(d.sample()),
    "inspect pool": d.log(POOLED),
    "inspect messages": d.log(d.sample(events=[])),
}
NESTED: Any = []
for _ in range(300):
    NESTED = [NESTED, {"content": "x"}]
STRANGE = st.sampled_from(
    [
        *(
            None,
            True,
            -1,
            2**70,
            1e308,
            float("nan"),
            "",
            "x" * 5000,
            "\ud800",
            "\x00\x1b[2J",
            "c1",
            "a",
            "s",
            "t",
        ),
        *("attachment://a", "9999-99-99", "0001-01-01T00:00:00", NESTED, [], {}, [[]], [None], {"role": 7}),
        *([[0, 10**12]], [[-5, 5]]),
    ]
)
slow = examples(150, suppress=list(HealthCheck))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in items for found in places(item, (*path, key)))]


def changed(document: Any, path: tuple[Any, ...], value: Any, *, drop: bool) -> Any:
    """The document with another value at a place, or without it; what was changed before may be gone."""
    if not path:
        return value
    at = document
    for key in path[:-1]:
        if not isinstance(at, dict | list) or (
            isinstance(at, list) and not (isinstance(key, int) and key < len(at))
        ):
            return document
        at = at.get(key) if isinstance(at, dict) else at[key]
    if isinstance(at, dict):
        at.pop(path[-1], None) if drop else at.update({path[-1]: value})
    elif isinstance(at, list) and isinstance(path[-1], int) and path[-1] < len(at):
        at[path[-1]] = value
    return document


def survives(path: Path, data: bytes) -> None:
    """Reading gives runs that can be told and replayed, or the error for files."""
    recognised(data[:65536])
    with suppress(TraceUnreadable):
        for run in d.read(path, data, sane=False)[0]:
            json.dumps(d.told(run))
            synthesise(run)


@pytest.mark.parametrize("name", VALID)
@slow
@given(data=st.data())
def test_changed_documents(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Wrong types, missing keys, strange values, deep nesting: nothing raises, and every run can be told."""
    document = copy.deepcopy(VALID[name])
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(places(VALID[name])))
        document = changed(document, path, copy.deepcopy(data.draw(STRANGE)), drop=data.draw(st.booleans()))
    survives(tmp_path_factory.getbasetemp() / "changed", json.dumps(document).encode())


@pytest.mark.parametrize("name", VALID)
@slow
@given(data=st.data())
def test_changed_bytes(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files cut off, with bytes changed or put in, are read as far as they can be."""
    made = bytearray(json.dumps(VALID[name], indent=data.draw(st.sampled_from([None, 1]))).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(made) - 1))
        made[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    survives(tmp_path_factory.getbasetemp() / "bytes", bytes(made[: data.draw(st.integers(0, len(made)))]))


@slow
@given(data=st.data())
def test_changed_archives(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Archives with bytes changed, or cut, are read member by member as far as they can be."""
    made = bytearray(d.archive(d.sample(), POOLED))
    for _ in range(data.draw(st.integers(0, 6))):
        made[data.draw(st.integers(4, len(made) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(made), len(made) // 2, len(made) - 30]))
    survives(tmp_path_factory.getbasetemp() / "archive", bytes(made[:cut]))


@pytest.mark.parametrize("name", VALID)
def test_a_beginning_is_enough_to_be_recognised(name: str) -> None:
    """A file's first bytes tell its format, also where they end amid a value."""
    data = json.dumps(VALID[name], indent=1).encode()
    assert recognised(data)
    assert recognised(b"\xef\xbb\xbf" + data)
    assert recognised(data[: int(len(data) * 0.8)])


OTHERS = {
    "empty": b"",
    "an object begins": b"{",
    "an array begins": b"[",
    "no JSON": b"nonsense",
    "export": b'{"resourceSpans": []}',
    "vcrpy": b'{"version": 1, "interactions": []}',
    "numbers": b"[1, 2]",
    "other messages": b'{"messages": "x"}',
    "protobuf": b"\x0a\x05hello",
    "recording": b'{"cassette": 1}',
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_not_recognised(name: str) -> None:
    """Exports, recordings and nonsense are none of the formats."""
    assert not recognised(OTHERS[name])
