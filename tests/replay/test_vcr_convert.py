"""Converting both ways: what vcrpy can hold replays there, what it cannot is counted."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
import requests
import vcr
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import (
    CassetteWrite,
    Chunk,
    ConfigInvalid,
    DrawRequest,
    EndKind,
    Event,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    Seam,
    StreamEnd,
    ToolRequest,
    ValueReply,
)
from agentops_eval.replay._cassette import read_cassette
from agentops_eval.replay._convert import Converted, convert_cassette
from agentops_eval.traces.redaction import Redactor
from tests._events import event
from tests.replay._cassette_kit import Verbatim, http, kept_key, write
from tests.replay._vcr_kit import REPLIES, data_of, reply_of, request_of, serving


def convert(source: Path, target: Path) -> Converted:
    """A conversion that redacts nothing."""
    return convert_cassette(source, target, redactor=Verbatim(), key=kept_key)


def answer(index: int, path: str, method: str = "GET") -> Event:
    """A call whose answer is one of the server's."""
    status, headers, body = REPLIES[path]
    halves = (Chunk(body[: len(body) // 2], 0.1), Chunk(body[len(body) // 2 :], 0.2))
    return event(
        index,
        HttpRequest(method=method, url=f"http://h{path}?x=1", headers=(("a", "1"),)),
        HttpReply(
            status=status,
            reason="R",
            headers=(*headers.items(), ("set-cookie", "a=1"), ("set-cookie", "b=2")),
            body=KeptBody(chunks=halves if body else ()),
        ),
    )


@pytest.mark.parametrize("client", [requests, httpx2])
def test_a_converted_cassette_replays_in_vcrpy(tmp_path: Path, client: ModuleType) -> None:
    """Real vcrpy with a real client gets the recorded statuses and bodies, without a server."""
    events = [answer(index, path) for index, path in enumerate(REPLIES)]
    source, target = write(tmp_path / "c.cassette.jsonl", events), tmp_path / "c.yaml"
    converted = convert(source, target)
    assert (converted.merged, converted.unpacked) == (len(REPLIES) - 1, 1)
    with vcr.use_cassette(str(target), record_mode="none") as cassette:
        for path, (status, headers, body) in REPLIES.items():
            reply = client.get(f"http://h{path}?x=1", timeout=5)
            assert reply.status_code == status
            assert reply.content == (gzip.decompress(body) if "content-encoding" in headers else body)
        assert cassette.all_played


def test_a_conversion_there_and_back_keeps_bodies(tmp_path: Path) -> None:
    """Ours to YAML and back: equal but for chunks, times and keys."""
    events = [answer(index, path, "POST") for index, path in enumerate(REPLIES)]
    source = write(tmp_path / "c.cassette.jsonl", events)
    convert(source, tmp_path / "c.yaml")
    convert(tmp_path / "c.yaml", tmp_path / "d.cassette.jsonl")
    back = read_cassette(tmp_path / "d.cassette.jsonl")
    assert [request_of(event) for event in back.events] == [request_of(event) for event in events]
    for new, old in zip(back.events, events, strict=True):
        packed = data_of(old).startswith(b"\x1f\x8b")
        assert data_of(new) == (gzip.decompress(data_of(old)) if packed else data_of(old))
        headers = tuple(pair for pair in reply_of(old).headers if pair[0] != "content-encoding")
        assert replace(reply_of(new), body=KeptBody()) == replace(
            reply_of(old), headers=headers, body=KeptBody()
        )
    assert back.header.case == "d"


@given(
    st.lists(
        st.binary(max_size=30) | st.text(max_size=30).map(lambda t: t.encode("utf-8", "replace")), max_size=4
    )
)
def test_any_body_survives_yaml(tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]) -> None:
    """Whatever the bytes, vcrpy's YAML gives them back."""
    folder = tmp_path_factory.mktemp("yaml")
    events = [http(index, body=body, reply=body) for index, body in enumerate(bodies)]
    convert(write(folder / "c.cassette.jsonl", events), folder / "c.yaml")
    back = read_cassette(folder / "c.yaml").events
    assert [(request_of(event).body, data_of(event)) for event in back] == [(body, body) for body in bodies]


def test_what_vcrpy_cannot_hold_is_counted(tmp_path: Path) -> None:
    """Tools, clocks and failures are left out and named, a stream that was cut is no whole answer."""
    failure = Failure(kind="ConnectError", module="httpx", message="no")
    cut = http(5)
    kept = replace(reply_of(cut), body=KeptBody(end=StreamEnd(kind=EndKind.CUT, failure=failure)))
    events = [
        http(0),
        replace(http(1), outcome=failure),
        replace(http(2), outcome=None),
        replace(
            http(3), seam=Seam.TOOL, request=ToolRequest(name="t", arguments={}), outcome=ValueReply(value=1)
        ),
        replace(
            http(4), seam=Seam.CLOCK, request=DrawRequest(source="time.time"), outcome=ValueReply(value=1.0)
        ),
        replace(cut, outcome=kept),
    ]
    converted = convert(write(tmp_path / "c.cassette.jsonl", events), tmp_path / "out" / "c.yml")
    assert converted == Converted(
        path=tmp_path / "out" / "c.yml", events=1, left_out=(("clock", 1), ("tool", 1)), failures=3
    )


def test_json_holds_text_only(tmp_path: Path) -> None:
    """A text that was packed fits into vcrpy's JSON; a binary body is refused, with the way out."""
    source = write(tmp_path / "c.cassette.jsonl", [answer(0, "/gzip"), answer(1, "/json")])
    convert(source, tmp_path / "c.json")
    with vcr.use_cassette(str(tmp_path / "c.json"), serializer="json", record_mode="none"):
        assert requests.get("http://h/gzip?x=1", timeout=5).content == b"packed " * 9
    source = write(tmp_path / "b.cassette.jsonl", [answer(0, "/binary")])
    with pytest.raises(CassetteWrite, match="binary"):
        convert(source, tmp_path / "b.json")
    assert not (tmp_path / "b.json").exists()


def test_yaml_has_no_half_characters(tmp_path: Path) -> None:
    """A lone surrogate in an address, which only an edited file can hold, is told; JSON holds it."""
    made = event(0, HttpRequest(method="GET", url="https://h/\udc80"), HttpReply(status=200))
    source = write(tmp_path / "c.cassette.jsonl", [made])
    with pytest.raises(CassetteWrite, match="half a character") as caught:
        convert(source, tmp_path / "c.yaml")
    assert caught.value.remedy == "convert to c.json instead"
    assert convert(source, tmp_path / "c.json").events == 1


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    """The target's suffix names the format."""
    source = write(tmp_path / "c.cassette.jsonl", [http(0)])
    with pytest.raises(ConfigInvalid, match="names no cassette format"):
        convert(source, tmp_path / "c.txt")


def test_converting_from_vcrpy_redacts(tmp_path: Path) -> None:
    """vcrpy writes keys in clear; they do not come along, and a failed conversion leaves nothing."""
    secret = "sk-" + "proj-" + "aB3dE5fG7hJ9kL1mN2pQ"
    source, target = tmp_path / "c.yaml", tmp_path / "c.cassette.jsonl"
    with serving() as server, vcr.use_cassette(str(source)):
        requests.get(server.url + "/json", headers={"authorization": f"Bearer {secret}"}, timeout=5)
    assert secret in source.read_text()
    convert_cassette(source, target, redactor=Redactor(), key=kept_key)
    assert secret not in target.read_text()
    assert "authorization" in target.read_text()

    class Finds(Redactor):
        def event(self, event: Event) -> Event:
            return event

    with pytest.raises(Exception, match="AE108"):
        convert_cassette(source, tmp_path / "e.cassette.jsonl", redactor=Finds(), key=kept_key)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["c.cassette.jsonl", "c.yaml"]
