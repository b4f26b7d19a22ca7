"""A cassette reads back as it was written, and says which line is wrong where it is not one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agentops_eval.domain import (
    CassetteCorrupt,
    CassetteForeign,
    CassetteMissing,
    CassetteStale,
    CassetteVersion,
    Chunk,
    EndKind,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    MergeConflict,
    StreamEnd,
)
from agentops_eval.replay._blobs import INLINE_LIMIT
from agentops_eval.replay._cassette import check_cassette, file_digest, read_cassette
from tests._events import event
from tests.replay._cassette_kit import HEADER, http, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A cassette of two calls."""
    return write(tmp_path / "case.cassette.jsonl", [http(0), http(1)])


def test_a_cassette_is_made_to_be_read(path: Path) -> None:
    """One event a line, texts as texts, defaults left out; the first and the last line say what they are."""
    first, second, _, last = path.read_text().splitlines()
    assert json.loads(first)["cassette"]["case"] == "test_case"
    assert json.loads(second) == {
        "index": 0,
        "seam": "http",
        "boundary": "POST https://h/v1",
        "request": {"type": "http", "method": "POST", "url": "https://h/v1", "body": '{"q": 1}'},
        "outcome": {"type": "http", "status": 200, "reason": "OK", "chunks": [[0.25, '{"a": 1}']]},
        "key": "0" * 32,
    }
    assert json.loads(last) == {"end": {"events": 2}}


def test_reading_gives_what_was_written(path: Path) -> None:
    """Header, events, outcome and digest come back."""
    cassette = read_cassette(path)
    assert cassette.header == HEADER
    assert cassette.events == (http(0), http(1))
    assert (cassette.outcome, cassette.prefix) == ("completed", ())
    assert cassette.digest == file_digest(path)


def test_chunks_ends_and_failures_come_back(tmp_path: Path) -> None:
    """A stream cut at its second chunk keeps bytes, offsets and the failure, a split letter too."""
    failure = Failure(kind="RemoteProtocolError", module="httpx", message="cut", arguments=({"a": [1]},))
    body = KeptBody(
        chunks=(Chunk("é".encode()[:1], 0.5), Chunk("é".encode()[1:] + b"\x00\xff", 1.25)),
        end=StreamEnd(kind=EndKind.CUT, failure=failure),
    )
    answer = HttpReply(status=200, headers=(("a", "1"), ("a", "2")), body=body)
    made = event(3, HttpRequest(method="GET", url="https://h/"), answer)
    assert read_cassette(write(tmp_path / "c.cassette.jsonl", [made])).events == (made,)


def test_events_come_back_as_they_started(tmp_path: Path) -> None:
    """Lines stand as the calls completed; readers get them as they started."""
    path = write(tmp_path / "c.cassette.jsonl", [http(2), http(0), http(1)])
    assert [event.index for event in read_cassette(path).events] == [0, 1, 2]


def test_crlf_reads_and_digests_alike(path: Path) -> None:
    """A checkout with CRLF line ends is the same cassette."""
    before = read_cassette(path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_cassette(path) == before
    assert file_digest(path) == before.digest


def test_a_missing_cassette_is_no_empty_one(tmp_path: Path) -> None:
    """No file is an error with a remedy."""
    with pytest.raises(CassetteMissing, match="--agentops-record"):
        read_cassette(tmp_path / "no.cassette.jsonl")


def test_a_folder_in_the_cassettes_place_is_named(tmp_path: Path) -> None:
    """What cannot be read is corrupt, with the system's reason."""
    with pytest.raises(CassetteCorrupt, match="cannot be read"):
        read_cassette(tmp_path)


def damaged(data: bytes, how: str) -> bytes:
    """The bytes of a cassette, spoilt in one way."""
    lines = data.splitlines(keepends=True)
    spoilt = {
        "empty": b"",
        "blank": b"\n \n",
        "truncated line": data[:-40],
        "no last line": b"".join(lines[:-1]),
        "last line only": lines[-1],
        "lost line": lines[0] + lines[2] + lines[3],
        "repeated line": lines[0] + lines[1] + lines[1] + lines[3],
        "blank line": lines[0] + b"\n" + b"".join(lines[1:]),
        "not UTF-8": data.replace(b"POST", b"P\xffST", 1),
        "byte order mark": b"\xef\xbb\xbf" + data,
        "UTF-16": data.decode().encode("utf-16"),
        "wrong type": data.replace(b'"status":200', b'"status":"200"', 1),
        "unknown seam": data.replace(b'"seam":"http"', b'"seam":"carrier"', 1),
        "missing field": data.replace(b'"index":0,', b"", 1),
        "not JSON": data.replace(b'"index":0,', b'"index":0;', 1),
        "deep": data.replace(b'"body":"{\\"q\\": 1}"', b'"body":' + b"[" * 100_000, 1),
        "huge number": data.replace(b"0.25", b"1e999", 1),
        "extra text": data + b"more",
    }
    return spoilt[how]


@pytest.mark.parametrize(
    ("how", "line", "what"),
    [
        ("empty", 1, "is empty"),
        ("blank", 1, "is empty"),
        ("truncated line", 3, "no last line"),
        ("no last line", 3, "no last line"),
        ("last line only", 1, "missing required field `cassette`"),
        ("lost line", 3, "counts 2 events, the file has 1"),
        ("repeated line", 3, "the same index 0"),
        ("blank line", 2, "Input data was truncated"),
        ("not UTF-8", 2, "not UTF-8"),
        ("byte order mark", 1, "byte order mark"),
        ("UTF-16", 1, "byte order mark"),
        ("wrong type", 2, r"Expected `int`, got `str` - at `\$.outcome.status`"),
        ("unknown seam", 2, r"Invalid enum value 'carrier' - at `\$.seam`"),
        ("missing field", 2, "missing required field `index`"),
        ("not JSON", 2, "malformed"),
        ("deep", 2, "nested too deeply|Expected|malformed"),
        ("huge number", 2, r"out of range - at `\$.outcome.chunks"),
        ("extra text", 5, "no last line"),
    ],
)
def test_damage_is_named_with_its_line(path: Path, how: str, line: int, what: str) -> None:
    """A damaged cassette is an error that names file, line and field; it is never read as less."""
    path.write_bytes(damaged(path.read_bytes(), how))
    with pytest.raises(CassetteCorrupt, match=what) as caught:
        read_cassette(path)
    assert caught.value.where == f"{path}:{line}"
    assert caught.value.remedy


def test_conflict_marks_are_named_as_such(path: Path) -> None:
    """A cassette in the middle of a merge is no corrupt one: the marks and their line are named."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(
        "".join([*lines[:2], "<<<<<<< HEAD\n", lines[2], "=======\n", lines[2], ">>>>>>> x\n", lines[3]])
    )
    with pytest.raises(MergeConflict) as caught:
        read_cassette(path)
    assert caught.value.where == f"{path}:3"


@pytest.mark.parametrize(("version", "remedy"), [(0, "cassette migrate"), (2, "update your installation")])
def test_another_version_says_what_to_do(path: Path, version: int, remedy: str) -> None:
    """An older format is to be migrated, a newer one needs a newer release."""
    path.write_text(path.read_text().replace('"version":1', f'"version":{version}', 1))
    with pytest.raises(CassetteVersion, match=f"format version {version}") as caught:
        read_cassette(path)
    assert remedy in caught.value.remedy


def test_unknown_keys_are_passed_over(path: Path) -> None:
    """A later release may add keys; they do no harm."""
    before = read_cassette(path)
    text = (
        path.read_text()
        .replace('{"index"', '{"later":{"a":[1]},"index"')
        .replace('"events":2', '"events":2,"x":1')
    )
    path.write_text(text.replace('"case":', '"owner":"me","case":', 1))
    assert read_cassette(path) == before


def test_a_cassette_of_another_case_is_foreign(path: Path) -> None:
    """Two tests that share a file by mistake are told so, with both names."""
    cassette = read_cassette(path)
    check_cassette(cassette, case="test_case")
    with pytest.raises(CassetteForeign) as caught:
        check_cassette(cassette, case="test_other")
    assert "test_other" in caught.value.difference
    assert "test_case" in caught.value.difference


def test_an_old_cassette_is_stale(path: Path) -> None:
    """Beyond its greatest age a recording is an error; without a limit it lives for ever."""
    cassette = read_cassette(path)
    now = datetime(2026, 3, 11, 12, tzinfo=UTC)
    check_cassette(cassette, now=now)
    check_cassette(cassette, max_age_days=10, now=now)
    with pytest.raises(CassetteStale, match=r"10.0 days old; the limit is 9 days"):
        check_cassette(cassette, max_age_days=9, now=now)


def test_a_cassette_without_a_date_is_too_old_for_any_limit(tmp_path: Path) -> None:
    """Missing data never passes."""
    path = tmp_path / "v.yaml"
    path.write_text("version: 1\ninteractions: []\n")
    with pytest.raises(CassetteStale, match="does not say when"):
        check_cassette(read_cassette(path), max_age_days=1)


def test_large_bodies_are_shared_blobs(tmp_path: Path) -> None:
    """Bodies above the limit stand in files named by their content, once for all cassettes of a folder."""
    large = b"x" * (INLINE_LIMIT + 1)
    paths = [tmp_path / f"{name}.cassette.jsonl" for name in "ab"]
    for path in paths:
        event = http(0, body=large, reply=b"y" * INLINE_LIMIT)
        assert read_cassette(write(path, [event])).events == (event,)
        assert path.stat().st_size < 2 * INLINE_LIMIT
    (blob,) = (tmp_path / "blobs").iterdir()
    assert blob.read_bytes() == large


@pytest.mark.parametrize("how", ["missing", "altered"])
def test_a_blob_that_is_not_there_or_altered_is_an_error(tmp_path: Path, how: str) -> None:
    """A cassette without its blob, or with another one, is corrupt; writing it again mends the blob."""
    event = http(0, reply=b"y" * (INLINE_LIMIT + 1))
    path = write(tmp_path / "c.cassette.jsonl", [event])
    (blob,) = (tmp_path / "blobs").iterdir()
    if how == "missing":
        blob.unlink()
    else:
        blob.write_bytes(blob.read_bytes() + b"\n")
    with pytest.raises(CassetteCorrupt, match="blob") as caught:
        read_cassette(path)
    assert f"{path}:2" in caught.value.where
    assert read_cassette(write(path, [event])).events == (event,)


def test_a_blobs_name_is_no_path(path: Path) -> None:
    """A cassette cannot make its reader open a file elsewhere."""
    text = path.read_text().replace('[0.25,"{\\"a\\": 1}"]', '[0.25,{"blob":"../../secret"}]', 1)
    path.write_text(text)
    with pytest.raises(CassetteCorrupt, match="not the name of a blob"):
        read_cassette(path)
