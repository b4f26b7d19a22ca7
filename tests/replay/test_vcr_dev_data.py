"""Real recordings of other projects, where a developer has them: all of them read and come back."""

from __future__ import annotations

import gzip
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentops_eval.domain import Event
from agentops_eval.replay._cassette import read_cassette
from agentops_eval.replay._convert import convert_cassette
from agentops_eval.traces.redaction import Redactor
from tests.replay._cassette_kit import Verbatim, kept_key
from tests.replay._vcr_kit import data_of, reply_of, request_of

pytestmark = pytest.mark.skipif("AGENTOPS_DEV_DATA" not in os.environ, reason="development data not present")


def members(archive: str) -> Iterator[bytes]:
    """The files of an archive."""
    with tarfile.open(Path(os.environ["AGENTOPS_DEV_DATA"]) / archive) as tar:
        for member in tar:
            if (file := tar.extractfile(member)) is not None:
                yield file.read()


def unpacked(event: Event) -> bytes:
    """The reply's bytes without gzip."""
    data = data_of(event)
    packed = any(
        name.lower() == "content-encoding" and value == "gzip" for name, value in reply_of(event).headers
    )
    return gzip.decompress(data) if packed and data else data


@pytest.mark.parametrize(
    ("archive", "files"),
    [("openllmetry-cassettes/cassettes.tar.xz", 459), ("pydantic-ai-cassettes/cassettes.tar.xz", 147)],
)
def test_foreign_cassettes_read_convert_and_redact(tmp_path: Path, archive: str, files: int) -> None:
    """Each file reads, comes back equal from both formats, and redacts to a fixed point without findings."""
    redactor = Redactor()
    ours, back = tmp_path / "c.cassette.jsonl", tmp_path / "back.yaml"
    count = 0
    for raw in members(archive):
        count += 1
        source = tmp_path / "source.yaml"
        source.write_bytes(raw)
        cassette = read_cassette(source)
        convert_cassette(source, ours, redactor=Verbatim(), key=kept_key)
        assert read_cassette(ours).events == cassette.events
        convert_cassette(ours, back, redactor=Verbatim(), key=kept_key)
        for new, old in zip(read_cassette(back).events, cassette.events, strict=True):
            assert request_of(new).body == request_of(old).body
            assert reply_of(new).status == reply_of(old).status
            assert data_of(new) == unpacked(old)
        convert_cassette(source, ours, redactor=redactor, key=kept_key)
        for event in read_cassette(ours).events:
            assert redactor.event(event) == event
    assert count == files
