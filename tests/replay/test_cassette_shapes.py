"""An answer of another shape than its call can have is damage, told with its line before anything runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agentops_eval import recording, replaying, tool
from agentops_eval.domain import (
    ApprovalRequest,
    CassetteCorrupt,
    DrawRequest,
    HttpRequest,
    Request,
    ToolRequest,
    ValueReply,
)
from agentops_eval.harness import Settings
from agentops_eval.replay import read_cassette
from tests._events import event, reply
from tests.replay._cassette_kit import write

SURE = {"status": "approved", "reason": "", "details": None}
ASKED = ApprovalRequest(action="pay")


def altered(path: Path, outcome: dict[str, Any]) -> Path:
    """Write other things into the outcome on the second line."""
    lines = path.read_text().splitlines()
    document = json.loads(lines[1])
    document["outcome"] |= outcome
    lines[1] = json.dumps(document)
    path.write_text("\n".join([*lines, ""]))
    return path


@pytest.mark.parametrize(
    ("request_", "right", "wrong"),
    [
        (ASKED, SURE, {}),
        (ASKED, SURE, "zz"),
        (ASKED, SURE, {**SURE, "status": "maybe"}),
        (ASKED, SURE, {**SURE, "status": ["approved"]}),
        (ASKED, SURE, {"status": "approved", "reason": ""}),
        (DrawRequest(source="time.time"), 1.5, {}),
        (DrawRequest(source="time.time"), 1, True),
        (DrawRequest(source="time.time"), 1, 10**400),
        (DrawRequest(source="time.time_ns"), 10**18, 1.5),
        (DrawRequest(source="random.random"), 0.5, "zz"),
        (DrawRequest(source="random.getrandbits", argument=8), 3, None),
        (DrawRequest(source="os.urandom", argument=2), "00ff", "zz"),
        (DrawRequest(source="os.urandom", argument=2), "00ff", 5),
        (DrawRequest(source="uuid.uuid1", argument=16), "00" * 16, "00"),
    ],
)
def test_a_value_fits_its_call(tmp_path: Path, request_: Request, right: Any, wrong: Any) -> None:
    """What such a call gives is read; anything else is AE102 at its line."""
    path = write(tmp_path / "c.cassette.jsonl", [event(0, request_, ValueReply(value=right))])
    read_cassette(path)
    with pytest.raises(CassetteCorrupt, match="line 2 is not what the cassette format says") as caught:
        read_cassette(altered(path, {"value": wrong}))
    assert caught.value.where == f"{path}:2"


@pytest.mark.parametrize(
    "outcome",
    [{"reason": "\ud800"}, {"headers": [["a", "\ud800"]]}, {"headers": [["\udfff", "a"]]}],
)
def test_half_characters_are_not_http(tmp_path: Path, outcome: dict[str, Any]) -> None:
    """A lone surrogate in a reason or header is AE102, and nothing that a client would meet."""
    made = event(0, HttpRequest(method="GET", url="https://h/"), reply(b"ok"))
    path = write(tmp_path / "c.cassette.jsonl", [made])
    with pytest.raises(CassetteCorrupt, match="lone surrogate"):
        read_cassette(altered(path, outcome))


@pytest.mark.parametrize("other", [{"type": "value", "value": 1}, {"type": "http", "status": 200}])
def test_an_answer_is_of_its_calls_kind(tmp_path: Path, other: dict[str, Any]) -> None:
    """HTTP is not answered by a value, and nothing else by an HTTP reply."""
    asked: Request = HttpRequest(method="GET", url="https://h/")
    if other["type"] == "http":
        asked = ToolRequest(name="t", arguments={})
    made = event(0, asked, reply(b"ok") if isinstance(asked, HttpRequest) else ValueReply(value=1))
    path = write(tmp_path / "c.cassette.jsonl", [made])
    lines = path.read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), "outcome": other})
    path.write_text("\n".join([*lines, ""]))
    with pytest.raises(CassetteCorrupt, match="was answered with"):
        read_cassette(path)


def test_a_request_crosses_its_own_seam(tmp_path: Path) -> None:
    """A tool call on the human seam was recorded by nothing."""
    path = write(tmp_path / "c.cassette.jsonl", [event(0, ToolRequest(name="t", arguments={}), None)])
    path.write_text(path.read_text().replace('"seam":"tool"', '"seam":"human"'))
    with pytest.raises(CassetteCorrupt, match="does not cross the seam human"):
        read_cassette(path)


@tool
def log_in(sent: dict[str, str]) -> str:
    """Take a key."""
    return "welcome"


def test_bytes_of_which_the_agent_made_a_secret_have_a_stand_in(tmp_path: Path) -> None:
    """What os.urandom gave is redacted where it was sent as a key; the recording is read and replays."""
    path = tmp_path / "c.cassette.jsonl"

    def run() -> str:
        return log_in({"api_key": os.urandom(20).hex()})

    with recording(path, settings=Settings()):
        run()
    draw = next(json.loads(line) for line in path.read_text().splitlines() if "os.urandom" in line)
    assert draw["outcome"]["value"].startswith("[redacted:")
    with replaying(path, settings=Settings()):
        assert run() == "welcome"
