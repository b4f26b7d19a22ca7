"""Damaged files by the thousand: an error with file and place, or a listed problem; never anything else.

``FUZZ_FILES=10000`` tries as many.
"""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import TraceUnreadable
from agentops_eval.traces import calls_json, canonical, golden_bytes, sketch, summary_json, synthesise
from agentops_eval.traces.dialects import NormalTrace, essential, normalise
from agentops_eval.traces.lint import lint
from agentops_eval.traces.otlp import OtlpScope, encode_request
from agentops_eval.traces.reading import Problems, read_traces
from tests.traces.dialects.test_table import RUNS
from tests.traces.reading.test_hostile_formats import VALID

FILES, PARTS = int(os.environ.get("FUZZ_FILES", "2000")), 20
MEMORY = 4 * 2**30
SURPRISES: list[Any] = [
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "x" * 3000,
    "\ud800",
    [],
    {},
    [[]],
    {"a": {}},
    "NaN",
    "0" * 16,
]
DEEP = "stands for a deep document"


def _exports() -> dict[str, list[Any]]:
    """Valid exports, one request a span, in every dialect."""
    made = {}
    for name, (build, _) in RUNS.items():
        made[name] = [
            encode_request(
                OtlpScope(
                    resource=one.origin.resource,
                    scope=one.origin.scope,
                    schema_url="",
                    spans=(one.span,),
                )
            )
            for one in build().spans
        ]
    return made


EXPORTS = _exports()


# -- damage to documents ----------------------------------------------------------------------


def _slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: its holder and its key there."""
    stack = [value]
    while stack:
        item = stack.pop()
        pairs = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        for key, inner in list(pairs):
            yield item, key
            stack.append(inner)


def _wrong_type(requests: list[Any], rng: random.Random) -> None:
    for _ in range(rng.randint(1, 6)):
        holder, key = rng.choice(list(_slots(requests)))
        holder[key] = copy.deepcopy(rng.choice(SURPRISES))


def _missing(requests: list[Any], rng: random.Random) -> None:
    for _ in range(rng.randint(1, 6)):
        holder, key = rng.choice(list(_slots(requests)) or [(requests, None)])
        if isinstance(holder, dict):
            holder.pop(key, None)


def _spans(requests: list[Any]) -> list[Any]:
    return [span for holder, key in _slots(requests) if key == "spans" for span in holder[key]]


def _circle(requests: list[Any], rng: random.Random) -> None:
    spans = _spans(requests)
    for span in spans:
        span["parentSpanId"] = rng.choice(spans)["spanId"]


def _one_id(requests: list[Any], rng: random.Random) -> None:
    spans = _spans(requests)
    for span in spans:
        span["spanId"] = rng.choice(spans[:2])["spanId"]


def _nested(requests: list[Any], rng: random.Random) -> None:
    holder, key = rng.choice(list(_slots(requests)))
    holder[key] = DEEP


def _deep(rng: random.Random) -> bytes:
    opened, closed = rng.choice(
        [
            (b"[", b"]"),
            (b'{"a":', b"}"),
            (b'{"arrayValue":{"values":[', b"]}}"),
            (b'{"kvlistValue":{"values":[', b"]}}"),
        ]
    )
    depth = rng.choice([50, 300, 1_500, 50_000])
    return opened * depth + b"1" + closed * depth


def _gigantic(requests: list[Any], rng: random.Random) -> None:
    holder, key = rng.choice([slot for slot in _slots(requests) if isinstance(slot[0][slot[1]], str)])
    holder[key] = rng.choice(["x", "[", '{"a":', "9", "\u202e"]) * rng.choice([10_000, 300_000])


DOCUMENTS: list[Callable[[list[Any], random.Random], None]] = [
    _wrong_type,
    _missing,
    _circle,
    _one_id,
    _nested,
    _gigantic,
]


# -- damage to bytes --------------------------------------------------------------------------


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _no_text(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.choice([b"\xff\xfe", b"\x00", b"\xed\xa0\x80", b"\xc3"]) + data[at:]


def _doubled(data: bytes, rng: random.Random) -> bytes:
    return data[rng.randrange(len(data)) :] + data


BYTES: list[Callable[[bytes, random.Random], bytes]] = [_cut, _flipped, _no_text, _doubled]


def _file(rng: random.Random) -> bytes:
    """One damaged file: JSON lines, an array, one document, or what other tools write; packed or not."""
    requests = copy.deepcopy(rng.choice([*EXPORTS.values(), *([one] for one in VALID.values())]))
    byte_wise = rng.random() < 0.5
    if not byte_wise or rng.random() < 0.3:
        spanless = not _spans(requests)
        rng.choice([_wrong_type, _missing] if spanless else DOCUMENTS)(requests, rng)
    form = rng.randrange(3)
    if form == 0:
        data = "\n".join(json.dumps(one) for one in requests).encode()
    else:
        data = json.dumps(requests if form == 1 else requests[0], indent=rng.choice([None, 1])).encode()
    data = data.replace(f'"{DEEP}"'.encode(), _deep(rng))
    if byte_wise:
        data = rng.choice(BYTES)(data, rng)
    if rng.random() < 0.15:
        data = gzip.compress(data, mtime=0)
        data = _cut(data, rng) if rng.random() < 0.5 else data
    return data


def _use(run: NormalTrace) -> None:
    """Everything that commands do with a run."""
    core = essential(run)
    golden_bytes(canonical(core))
    json.dumps([summary_json(run), calls_json(run.trace)])
    sketch(core)
    synthesise(run)
    lint(run)


@pytest.fixture
def bounded() -> Iterator[None]:
    """No file may need more memory than a laptop has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_files_are_errors_or_problems(part: int, tmp_path: Path, bounded: None) -> None:
    """Cut, flipped, retyped, circular, doubled, deep, gigantic, no text: what can be read can be used."""
    path = tmp_path / "damaged.json"
    ends = {"read": 0, "unreadable": 0, "problems": 0}
    for number in range(FILES // PARTS):
        rng = random.Random(part * 10_000 + number)
        path.write_bytes(_file(rng))
        problems = Problems()
        refused = ""
        try:
            for source in read_traces([path], problems):
                ends["read"] += 1
                _use(normalise(source))
        except TraceUnreadable as error:
            refused = error.where
        ends["unreadable"] += bool(refused)
        assert refused.startswith(str(path)) or not refused
        ends["problems"] += problems.count
        assert all(one.where.startswith((str(path), "trace ")) and one.what for one in problems.kept)
    assert min(ends.values()) > 0, ends
