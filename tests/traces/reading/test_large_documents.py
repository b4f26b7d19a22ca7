"""Documents that are too large to be held are read item by item, NaN and all."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Json, TraceUnreadable
from agentops_eval.traces.reading import Problems
from agentops_eval.traces.reading._finite import Finite
from agentops_eval.traces.reading._frames import MAX_DOCUMENT
from agentops_eval.traces.reading.formats import _large
from tests.traces.reading import _documents as d


def split(document: Any) -> tuple[list[Json], list[str]]:
    """What a large document is cut into."""
    problems = Problems()
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    found = [item for _, item in _large.large(io.BytesIO(data), Path("file"), problems)]
    return found, [str(problem) for problem in problems.kept]


def test_samples_come_one_by_one_with_what_stands_around_them() -> None:
    """Each sample is a log of its own, with the task and the status of the whole."""
    whole = d.log(d.sample(), d.sample(epoch=2), results={"value": float("nan")})
    found, problems = split(whole)
    around = {key: whole[key] for key in ("version", "status", "eval")}
    assert found == [{**around, "samples": [one]} for one in whole["samples"]]
    assert problems == []


def test_cases_runs_and_conversations_come_one_by_one() -> None:
    """Cases of an eval set in either spelling, and the elements of an array of documents."""
    case = d.eval_set(**d.USES)["eval_cases"][0]
    assert split({"eval_set_id": "s", "eval_cases": [case, case]}) == ([{"eval_cases": [case]}] * 2, [])
    assert split({"evalCases": [d.camel(case)]}) == ([{"eval_cases": [d.camel(case)]}], [])
    runs = [{"task_id": 1, "traj": d.CHAT}, {"messages": d.CHAT}, d.CHAT]
    assert split(runs) == (runs, [])


def test_one_conversation_is_too_large() -> None:
    """A conversation cannot be read in parts: that is said, and nothing of it is read."""
    for document in (d.CHAT, d.FIRST, {"messages": d.CHAT}):
        found, problems = split(document)
        assert found == []
        assert "passed over: one conversation" in problems[0]


def test_an_item_has_a_bound() -> None:
    """An item that is too large is dropped while it is read, and the next one is read."""
    big = {"id": "big", "note": ["x" * 60_000] * (_large.MAX_ITEM // 60_000 + 4)}
    found, problems = split(d.log(big, d.sample()))
    assert [one["samples"][0]["id"] for one in found] == ["refund-1"]  # type: ignore[index, call-overload]
    assert problems == ["file: samples[0]: passed over: more than 67108864 bytes"]


def test_a_break_is_told() -> None:
    """What is whole before the break is given, and a file without any is an error."""
    data = json.dumps(d.log(d.sample(), d.sample())).encode()
    found, problems = split(data[:-100])
    assert len(found) == 1
    assert "breaks off" in problems[0]
    with pytest.raises(TraceUnreadable, match="breaks off"):
        split(data[:200])


def test_a_large_file_is_read_in_parts(tmp_path: Path) -> None:
    """A log beyond the bound of a document gives its runs all the same."""
    log = d.log(*(d.sample(epoch=n, store={"x": "y" * (MAX_DOCUMENT // 3)}) for n in range(1, 5)))
    runs, problems = d.read(tmp_path / "log.json", log)
    assert [len(run.trace) for run in runs] == [4] * 4
    assert problems == []


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text()
    | st.sampled_from(["NaN", '"NaN', "\\", "a NaN b\\"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


class Dribble:
    """A file that gives few bytes at a time."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._file, self._sizes, self._at = io.BytesIO(data), sizes, 0

    def read(self, _size: int = -1, /) -> bytes:
        self._at += 1
        return self._file.read(self._sizes[self._at % len(self._sizes)])


@given(value=VALUES, sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5), ascii_only=st.booleans())
def test_numbers_that_are_none_become_null_wherever_the_bytes_are_cut(
    value: Any, sizes: list[int], ascii_only: bool
) -> None:
    """Outside strings NaN and infinities are null; everything else stays as it is."""

    def finite(one: Any) -> Any:
        if isinstance(one, float):
            return one if one - one == 0 else None
        if isinstance(one, list):
            return [finite(item) for item in one]
        return {key: finite(item) for key, item in one.items()} if isinstance(one, dict) else one

    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    file = Finite(Dribble(data, sizes))
    passed = b"".join(iter(file.read, b""))
    assert json.loads(passed.decode("utf-8", "surrogatepass")) == finite(value)
