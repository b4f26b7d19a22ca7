"""Cassettes that vcrpy wrote, now or years ago, read as ours."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import aiohttp
import httpx
import httpx2
import pytest
import requests
import vcr

from agentops_eval.domain import CassetteCorrupt, MergeConflict, Seam
from agentops_eval.replay._cassette import check_cassette, read_cassette
from tests.replay._vcr_kit import REPLIES, data_of, reply_of, request_of, serving

CALLS: tuple[tuple[str, str, bytes | None], ...] = (
    *(("GET", path, None) for path in REPLIES),
    ("POST", "/echo?a=1", '{"q": "é"}'.encode()),
    ("POST", "/echo", b"\x00\xff\xfe"),
)


def with_requests(url: str) -> None:
    """All calls through requests."""
    with requests.Session() as session:
        for method, path, body in CALLS:
            session.request(method, url + path, data=body)


def with_httpx(url: str) -> None:
    """All calls through httpx."""
    with httpx.Client() as client:
        for method, path, body in CALLS:
            client.request(method, url + path, content=body)


def with_httpx2(url: str) -> None:
    """All calls through httpx2."""
    with httpx2.Client() as client:
        for method, path, body in CALLS:
            client.request(method, url + path, content=body)


def with_aiohttp(url: str) -> None:
    """All calls through aiohttp."""

    async def call() -> None:
        async with aiohttp.ClientSession() as session:
            for method, path, body in CALLS:
                async with session.request(method, url + path, data=body) as response:
                    await response.read()

    asyncio.run(call())


@pytest.mark.parametrize("client", [with_requests, with_httpx, with_httpx2, with_aiohttp])
def test_what_vcrpy_records_reads_alike(tmp_path: Path, client: Callable[[str], None]) -> None:
    """Methods, addresses, bodies and statuses of a real recording come back, in order."""
    path = tmp_path / "cassette.yaml"
    with serving() as server, vcr.use_cassette(str(path), record_mode="all"):
        client(server.url)
    cassette = read_cassette(path)
    assert len(cassette.events) == len(CALLS)
    for event, (method, place, sent) in zip(cassette.events, CALLS, strict=True):
        request, reply = request_of(event), reply_of(event)
        assert (request.method, request.url) == (method, server.url + place)
        assert event.boundary == f"{method} {server.url}{place.partition('?')[0]}"
        assert event.seam is Seam.HTTP
        assert request.body == (sent or b"")
        status, headers, body = REPLIES.get(place, (200, {}, sent or b""))
        assert reply.status == status
        assert unpacked(data_of(event)) == unpacked(body)
        assert {name.lower() for name, _ in reply.headers} >= {*headers, "set-cookie"} - {"content-encoding"}
        encoded = any(name.lower() == "content-encoding" for name, _ in reply.headers)
        assert encoded == data_of(event).startswith(b"\x1f\x8b")


def unpacked(body: bytes) -> bytes:
    """The body without gzip: aiohttp hands vcrpy the unpacked one."""
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_metadata_of_vcrpy_9_is_passed_over(tmp_path: Path, kind: str) -> None:
    """A cassette with metadata reads, in both of vcrpy's serialisations."""
    path = tmp_path / f"cassette.{kind}"
    with serving() as server, vcr.use_cassette(str(path), serializer=kind) as cassette:
        cassette.get_metadata("seed", 7)
        requests.get(server.url + "/json", timeout=5)
    assert "metadata" in path.read_text()
    (event,) = read_cassette(path).events
    assert json.loads(data_of(event)) == json.loads(REPLIES["/json"][2])


def interaction(**answer: object) -> dict[str, object]:
    """One interaction as vcrpy writes it, with another answer."""
    request = {"method": "GET", "uri": "https://u:p@h:8443/a?b=1", "body": None, "headers": {"A": ["1"]}}
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "hi"}, **answer}
    return {"request": request, "response": response}


def written(path: Path, *interactions: object) -> Path:
    """A cassette in vcrpy's JSON."""
    path.write_text(json.dumps({"version": 1, "interactions": interactions}))
    return path


def test_a_body_that_lost_its_compression_loses_the_header(tmp_path: Path) -> None:
    """Text under ``content-encoding: gzip`` would break a client; the header goes, the length is mended."""
    headers = {"Content-Encoding": ["gzip"], "Content-Length": ["999"], "X": ["1", "2"]}
    cassette = read_cassette(written(tmp_path / "c.json", interaction(headers=headers)))
    assert reply_of(cassette.events[0]).headers == (("Content-Length", "2"), ("X", "1"), ("X", "2"))


def test_a_head_reply_keeps_its_length(tmp_path: Path) -> None:
    """A reply without a body may well announce one."""
    answer = interaction(headers={"content-length": ["999"]}, body={"string": ""})
    cassette = read_cassette(written(tmp_path / "c.json", answer))
    assert reply_of(cassette.events[0]).headers == (("content-length", "999"),)


def test_bodies_kept_as_yaml_mappings_read_as_json(tmp_path: Path) -> None:
    """``parsed_body`` in the place of a body is the JSON document itself."""
    path = tmp_path / "c.yaml"
    path.write_text(
        """
interactions:
- request:
    headers: {content-type: [application/json], content-length: ['999']}
    method: POST
    parsed_body: {model: m, when: 2026-01-01}
    uri: https://h/v1
  response:
    headers: {content-type: [application/json], content-length: ['999'], content-encoding: [gzip]}
    parsed_body:
      a: &x [1, 'é']
      b: *x
    status: {code: 200, message: OK}
version: 1
"""
    )
    (event,) = read_cassette(path).events
    assert json.loads(request_of(event).body) == {"model": "m", "when": "2026-01-01"}
    assert json.loads(data_of(event)) == {"a": [1, "é"], "b": [1, "é"]}
    assert dict(reply_of(event).headers)["content-length"] == str(len(data_of(event)))
    assert "content-encoding" not in dict(reply_of(event).headers)


def test_early_httpx_recordings_read(tmp_path: Path) -> None:
    """vcrpy 4 wrote httpx replies with ``status_code`` and ``content``."""
    answer = {"status_code": 201, "http_version": "HTTP/2", "headers": {"a": "b"}, "content": "hi"}
    item = {"request": interaction()["request"], "response": answer}
    (event,) = read_cassette(written(tmp_path / "c.json", item)).events
    assert (reply_of(event).status, reply_of(event).http_version, data_of(event)) == (201, "HTTP/2", b"hi")


def test_recordings_from_before_version_1_read(tmp_path: Path) -> None:
    """Pickled requests of vcrpy 0.x are read as data: nothing in them runs."""
    path = tmp_path / "c.yaml"
    path.write_text(
        """
- request: !!python/object:vcr.request.Request
    body: null
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [Accept, '*/*']
    host: h
    method: GET
    path: /a
    port: 80
    protocol: http
  response:
    body: {string: !!python/unicode hi}
    headers: ["Server: x\\r\\n", "Date: Tue, 01 Jan 2030 00:00:00 GMT\\r\\n"]
    status: {code: 200, message: OK}
"""
    )
    cassette = read_cassette(path)
    (event,) = cassette.events
    assert (request_of(event).url, request_of(event).headers) == ("http://h/a", (("Accept", "*/*"),))
    assert (reply_of(event).headers[0], data_of(event)) == (("Server", "x"), b"hi")
    assert cassette.header.recorded_at == "2030-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("tagged", "body"),
    [
        ("!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary aGk=, 0, null]}", b"hi"),
        ("!!python/object/apply:builtins.iter {args: [[!!binary aGk=, abc]]}", b"hiabc"),
        ("{a: 1}", b'{"a": 1}'),
        ("[aa, bb]", b"aabb"),
    ],
)
def test_bodies_of_every_python_type_read(tmp_path: Path, tagged: str, body: bytes) -> None:
    """Files, iterators and JSON values as request bodies become the bytes that were sent."""
    path = tmp_path / "c.yaml"
    path.write_text(
        f"""
interactions:
- request: {{body: {tagged}, headers: {{}}, method: POST, uri: 'http://h/'}}
  response: {{body: {{string: ''}}, headers: {{}}, status: {{code: 200, message: OK}}}}
version: 1
"""
    )
    assert request_of(read_cassette(path).events[0]).body == body


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("suffix", "text", "what"),
    [
        (".yaml", "interactions: [", "expected|did not find"),
        (".yaml", "a: b: c", "mapping values"),
        (".yaml", "just text", "no list of interactions"),
        (".yaml", "", "no list of interactions"),
        (".yaml", "interactions: 5", "no list of interactions"),
        (".yaml", "interactions: [5]", "no list of interactions"),
        (".yaml", "version: 7\ninteractions: []", "format version 7"),
        (".yaml", "interactions:\n- request: {}\n  response: {}\n", "interaction 1: there is no 'method'"),
        (".yaml", "interactions:\n- !!python/object/apply:os.system ['false']\n", "could not determine"),
        (".yaml", BOMB + "interactions: []\n", "aliases unfold"),
        (".yaml", "interactions: &a [*a]\n", "alias contains itself"),
        (".yaml", "interactions: " + "[" * 50_000, "."),
        (".yaml", "interactions: 2026-99-99\n", "."),
        (".yaml", "interactions: \x00", "."),
        (".json", '{"interactions": [', "Expecting value"),
        (".json", "[" * 100_000, "."),
    ],
)
def test_what_is_no_cassette_is_an_error_of_ours(tmp_path: Path, suffix: str, text: str, what: str) -> None:
    """Broken YAML and JSON, bombs of aliases and foreign tags are corrupt cassettes, never empty ones."""
    path = tmp_path / f"c{suffix}"
    path.write_text(text)
    with pytest.raises(CassetteCorrupt, match=what) as caught:
        read_cassette(path)
    assert str(path) in caught.value.where


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    """The parser's own line is passed on."""
    path = tmp_path / "c.yaml"
    path.write_text("version: 1\ninteractions:\n- a: b: c\n")
    with pytest.raises(CassetteCorrupt) as caught:
        read_cassette(path)
    assert caught.value.where == f"{path}:3"


def test_conflict_marks_in_yaml_are_named(tmp_path: Path) -> None:
    """A merge in progress is said to be one."""
    path = tmp_path / "c.yaml"
    path.write_text("version: 1\n<<<<<<< HEAD\ninteractions: []\n=======\n>>>>>>> x\n")
    with pytest.raises(MergeConflict) as caught:
        read_cassette(path)
    assert caught.value.where == f"{path}:2"


def test_bytes_that_are_not_utf_8_are_corrupt(tmp_path: Path) -> None:
    """vcrpy takes such a file for an empty cassette; here it is an error."""
    path = tmp_path / "c.yaml"
    path.write_bytes(b"interactions: []\nversion: \xff\n")
    with pytest.raises(CassetteCorrupt, match="not UTF-8"):
        read_cassette(path)


def test_a_cassette_of_vcrpy_belongs_to_every_case(tmp_path: Path) -> None:
    """It names no case, so it is foreign to none."""
    cassette = read_cassette(written(tmp_path / "c.json", interaction()))
    check_cassette(cassette, case="test_any")
    assert cassette.events[0].boundary == "GET https://h:8443/a"
