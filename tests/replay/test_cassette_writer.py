"""Writing: redacted, whole or not at all, and never at the cost of what was there before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import (
    CassetteCorrupt,
    CassetteMissing,
    CassetteWrite,
    Event,
    HttpRequest,
    Json,
    RunMisuse,
    Seam,
    SecretFound,
    ToolRequest,
    ValueReply,
)
from agentops_eval.replay._blobs import INLINE_LIMIT
from agentops_eval.replay._cassette import read_cassette, read_partial
from agentops_eval.replay._recover import recover
from agentops_eval.replay._writer import CassetteWriter, partials_of
from agentops_eval.traces.redaction import Redactor
from tests.replay._cassette_kit import HEADER, Verbatim, http, kept_key, write

SECRET = "sk-" + "ant-api03-" + "aB3dE5fG7hJ9kL1mN2pQ4rS6"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the cassette is to stand."""
    return tmp_path / "suite" / "case.cassette.jsonl"


def writer_of(path: Path) -> CassetteWriter:
    """A writer that redacts nothing."""
    return CassetteWriter(path, HEADER, redactor=Verbatim(), key=kept_key)


def recover_verbatim(partial: Path) -> Path:
    """What is recovered without any redaction."""
    return recover(partial, redactor=Verbatim(), key=kept_key, rules=HEADER.rules)


def test_nothing_stands_there_before_the_commit(path: Path) -> None:
    """Lines go to a hidden file at once; the cassette appears when it is complete."""
    writer = writer_of(path)
    writer.append(http(0))
    assert not path.exists()
    assert read_partial(writer.partial).events == (http(0),)
    writer.commit(outcome="raised ValueError", prefix=(3, 4))
    cassette = read_cassette(path)
    assert (cassette.outcome, cassette.prefix) == ("raised ValueError", (3, 4))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_secrets_are_gone_and_keys_are_of_the_redacted_event(path: Path) -> None:
    """No secret reaches the file, and what is hashed is what is stored."""
    seen: list[Event] = []

    def key(event: Event) -> str:
        seen.append(event)
        return "k1"

    writer = CassetteWriter(path, HEADER, redactor=Redactor(), key=key)
    writer.append(http(0, body=json.dumps({"api_key": SECRET}).encode(), reply=SECRET.encode()))
    writer.commit()
    assert SECRET not in path.read_text()
    (event,) = read_cassette(path).events
    assert event.key == "k1"
    assert [replace(event, key="") for event in seen] == [replace(event, key="")]


@pytest.mark.parametrize("size", [100, INLINE_LIMIT + 100])
def test_a_line_that_trips_the_detector_is_not_written(path: Path, size: int) -> None:
    """What redaction missed fails the write, in a line and in a blob, even where the error was swallowed."""

    class Careless(Redactor):
        def event(self, event: Event) -> Event:
            return event

    writer = CassetteWriter(path, HEADER, redactor=Careless(), key=kept_key)
    writer.append(http(0))
    with pytest.raises(SecretFound) as caught:
        writer.append(http(1, body=b"x " * (size // 2) + SECRET.encode()))
    assert caught.value.where == f"{path}:3"
    assert caught.value.difference == f"api-key: sk-*** ({len(SECRET)} characters)"
    writer.append(http(2))
    with pytest.raises(SecretFound):
        writer.commit()
    assert not path.exists()
    assert all(SECRET.encode() not in file.read_bytes() for file in path.parent.rglob("*") if file.is_file())


def test_a_closed_writer_takes_nothing_more(path: Path) -> None:
    """Appending or committing after the end is a mistake that is named."""
    writer = writer_of(path)
    writer.commit()
    with pytest.raises(RunMisuse):
        writer.append(http(0))
    with pytest.raises(RunMisuse):
        writer.commit()


def test_threads_write_whole_lines(path: Path) -> None:
    """Eight threads append at once; every event is there once."""
    writer = writer_of(path)

    def work(first: int) -> None:
        for index in range(first, 200, 8):
            writer.append(http(index, body=b"x" * 500))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.commit()
    assert [event.index for event in read_cassette(path).events] == list(range(200))


def test_two_recordings_of_one_case_do_not_mix(path: Path) -> None:
    """The last commit wins whole."""
    one, other = writer_of(path), writer_of(path)
    for index in range(3):
        one.append(http(index))
        other.append(http(index + 10))
    other.commit()
    one.commit()
    assert [event.index for event in read_cassette(path).events] == [0, 1, 2]


def test_values_without_a_json_form_are_rendered(path: Path) -> None:
    """Not-a-number and odd objects in a tool's answer do not break the recording."""
    value: Json = {"a": float("nan"), "b": [float("inf")], "c": 2**200}
    request = ToolRequest(name="t", arguments={"x": float("-inf")})
    write(
        path, [Event(index=0, seam=Seam.TOOL, boundary="t", request=request, outcome=ValueReply(value=value))]
    )
    (event,) = read_cassette(path).events
    assert event.outcome == ValueReply(value={"a": {"$float": "nan"}, "b": [{"$float": "inf"}], "c": 2**200})


def test_an_abandoned_recording_keeps_what_was_seen(path: Path) -> None:
    """The old cassette stays, the hidden file holds the rest, and it can be made a cassette."""
    write(path, [http(9)])
    writer = writer_of(path)
    writer.append(http(0))
    partial = writer.abandon()
    assert partial is not None
    assert partials_of(path) == (partial,)
    assert [event.index for event in read_cassette(path).events] == [9]
    with pytest.raises(CassetteWrite, match="never overwrites"):
        recover_verbatim(partial)
    path.unlink()
    assert recover_verbatim(partial) == path
    cassette = read_cassette(path)
    assert (cassette.events, cassette.outcome) == ((http(0),), "interrupted")
    assert partials_of(path) == ()


def test_an_abandoned_recording_of_nothing_leaves_nothing(path: Path) -> None:
    """Without an event there is nothing to keep, nor a folder that was made for it alone."""
    assert writer_of(path).abandon() is None
    assert not path.parent.exists()
    path.parent.mkdir()
    assert writer_of(path).abandon() is None
    assert list(path.parent.iterdir()) == []


def test_a_folder_that_another_needs_stays(path: Path) -> None:
    """Of two recordings in a new folder, the one that keeps nothing does not take the other's place away."""
    one, other = writer_of(path), writer_of(path.with_name("other.cassette.jsonl"))
    one.discard()
    other.append(http(0))
    other.commit()
    assert [found.name for found in path.parent.iterdir()] == [other.path.name]


def test_a_half_written_line_is_left_out_of_a_partial(path: Path) -> None:
    """A recording that died in the middle of a line keeps the lines before it."""
    writer = writer_of(path)
    writer.append(http(0))
    with writer.partial.open("ab") as file:
        file.write(b'{"index":1,"seam":"ht')
    assert read_partial(writer.partial).events == (http(0),)
    writer.partial.write_bytes(b'{"cassette"')
    with pytest.raises(CassetteCorrupt):
        read_partial(writer.partial)


def test_a_folder_that_refuses_is_named(tmp_path: Path) -> None:
    """Where no file can be made, recording fails before the agent runs."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CassetteWrite, match="cannot be written"):
        writer_of(tmp_path / "file" / "c.cassette.jsonl")


def test_a_forked_child_does_not_touch_the_recording(path: Path) -> None:
    """A child process inherits the writer and changes nothing with it."""
    writer = writer_of(path)
    writer.append(http(0))
    child = os.fork()
    if child == 0:
        try:
            writer.append(http(1))
            writer.commit()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert not path.exists()
    writer.commit()
    assert read_cassette(path).events == (http(0),)


PRELUDE = """
import resource, sys, time
from pathlib import Path
from agentops_eval.domain import CassetteWrite
from tests.replay._cassette_kit import HEADER, Verbatim, http, kept_key
from agentops_eval.replay._writer import CassetteWriter
path = Path(sys.argv[1])
"""


def script(path: Path, code: str) -> subprocess.Popen[str]:
    """A Python process with the code, in the project's folder."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
    )


@pytest.mark.parametrize("where", ["line", "blob", "commit"])
def test_a_full_disk_leaves_the_old_cassette(path: Path, where: str) -> None:
    """A write that hits the size limit is an error of ours; the old cassette and no half one is there."""
    write(path, [http(9)])
    before = path.read_bytes()
    size = {"line": 3000, "blob": 100_000, "commit": 3000}[where]
    code = f"""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    writer = CassetteWriter(path, HEADER, redactor=Verbatim(), key=kept_key)
    try:
        for index in range(1 if {where!r} == "commit" else 9):
            writer.append(http(index, body=b"x" * {size}))
        writer.commit(prefix=tuple(range(2000)))
    except CassetteWrite as error:
        print(error.code, error)
    try:
        writer.commit()
    except CassetteWrite as error:
        print("again")
    except Exception as error:
        print(type(error).__name__)
    """
    output, _ = script(path, code).communicate(timeout=60)
    assert output.startswith("AE106 AE106 the cassette cannot be written: File too large")
    assert output.endswith("again\n")
    assert path.read_bytes() == before
    assert {entry.name for entry in path.parent.iterdir() if not entry.name.startswith(".")} <= {
        path.name,
        "blobs",
    }
    assert not list(path.parent.glob("blobs/sha256-*"))


def test_kill_9_leaves_the_old_cassette_and_a_readable_partial(path: Path) -> None:
    """A killed recording keeps every event that was complete."""
    write(path, [http(9)])
    before = path.read_bytes()
    code = """
    writer = CassetteWriter(path, HEADER, redactor=Verbatim(), key=kept_key)
    for index in range(5):
        writer.append(http(index))
    print("ready", flush=True)
    time.sleep(60)
    """
    process = script(path, code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert path.read_bytes() == before
    (partial,) = partials_of(path)
    assert [event.index for event in read_partial(partial).events] == [0, 1, 2, 3, 4]


def test_two_processes_record_one_case(path: Path) -> None:
    """Of two processes at once, one cassette is left, and it is whole."""
    code = """
    writer = CassetteWriter(path, HEADER, redactor=Verbatim(), key=kept_key)
    for index in range(300):
        writer.append(http(index, body=str(writer.partial).encode()))
    writer.commit()
    """
    processes = [script(path, code) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)
    events = read_cassette(path).events
    assert len(events) == 300
    assert len({event.request.body for event in events if isinstance(event.request, HttpRequest)}) == 1
    assert partials_of(path) == ()


def test_partials_of_a_case_are_its_own(path: Path) -> None:
    """A name with brackets finds its hidden files and no others."""
    odd = path.with_name("case[a].cassette.jsonl")
    writer = writer_of(odd)
    writer.append(http(0))
    other = writer_of(path)
    other.append(http(0))
    assert partials_of(odd) == (writer.partial,)
    for each in (writer, other):
        each.commit()
    with pytest.raises(CassetteMissing):
        read_partial(path.with_name("none"))
