"""What is written to the store is read back, and nothing else is believed."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from agentops_eval.domain import EvidenceInvalid, VerdictValue, Versions, ascii_json
from agentops_eval.harness.evidencing import EVIDENCE, Doubt, Reading, ShardFile
from agentops_eval.harness.evidencing._items import SHARD, line_of, taken_apart
from agentops_eval.traces.redaction import Redactor
from tests.examples import examples
from tests.harness.evidencing._kit import NOW, item, proof, proven, read, shards, three, write

ROOT = Path(__file__).resolve().parents[3]
WRITER = """
import sys
from pathlib import Path
from agentops_eval.harness.evidencing import ShardFile
from agentops_eval.traces.redaction import Redactor
from tests.harness.evidencing._kit import item, proof, proven
root = Path(sys.argv[1])
told = proof(name=sys.argv[2])
items = [item(subject=f"{sys.argv[2]}-{number}", **told) for number in range(int(sys.argv[3]))]
with ShardFile(root, Redactor()) as shard:
    for number, one in enumerate(proven(root, *items)):
        shard.append([one])
        print(number, flush=True)
"""


def _writer(root: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), name, str(count)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_items_come_back_as_they_were(tmp_path):
    """Every field survives, Unicode included, and each item says where it stands."""
    told = proof()
    full, plain = proven(
        tmp_path,
        item(says="Grüße 🙂 \u202e", harms=("extra-effect",), trace="ab" * 16, **told),
        item(verdict=VerdictValue.UNKNOWN, expires="", measures={}, **told),
    )
    path = write(tmp_path, full, plain)
    first, second = Reading(tmp_path, now=NOW)
    assert (first.evidence, first.counts) == (full, True)
    assert first.place == f".agentops/evidence/{path.name}:2"
    assert second.evidence is not None
    assert (second.evidence.verdict, second.evidence.expires) == (VerdictValue.UNKNOWN, "")
    assert len({first.digest, second.digest}) == 2


def test_no_item_no_file(tmp_path):
    """A writer that had nothing to say leaves nothing behind, and nothing is read from nothing."""
    assert shards(tmp_path) == []
    write(tmp_path)
    assert shards(tmp_path) == []
    assert read(tmp_path) == []


def test_secrets_never_reach_the_file(tmp_path):
    """What looks like a secret is redacted before the write, wherever in an item it stands."""
    key = "sk-ant-api03-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7" * 3
    path = write(tmp_path, item(says=f"it sent {key}", agent=key, **proof()))
    assert key not in path.read_text(encoding="utf-8")
    assert "[redacted:" in path.read_text(encoding="utf-8")
    assert read(tmp_path) == [("breaker", None)]


def test_text_that_no_file_can_hold_is_escaped(tmp_path):
    """Half a surrogate pair, as from a hostile trace, neither fails nor breaks the chain."""
    write(tmp_path, item(says="half \ud83d", subject="\udcff\x00\x1b[2J\n", **proof()))
    (only,) = Reading(tmp_path, now=NOW)
    assert only.counts
    assert only.evidence is not None
    assert only.evidence.says == "half \\ud83d"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "chaos.chek"},
        {"at": "yesterday"},
        {"at": "2026-11-27T06:33:15"},
        {"expires": "never"},
        {"measures": {"runs": float("nan")}},
        {"measures": {"x" * 70_000: 1.0}},
    ],
    ids=str,
)
def test_what_no_store_may_hold_is_refused_when_it_is_written(tmp_path, wrong):
    """An item that would not count when it is read is an error of whoever writes it."""
    with pytest.raises(EvidenceInvalid, match="AE700"):
        write(tmp_path, item(**wrong))
    assert shards(tmp_path) == []


def test_from_a_changed_line_on_nothing_counts(tmp_path):
    """A verdict that was edited breaks the chain there: the items before still count, the others not."""
    path = three(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"pass"', b'"fail"')
    path.write_bytes(b"".join(lines))
    assert read(tmp_path) == [("breaker", None), ("saga", Doubt.TAMPERED), ("budget", Doubt.TAMPERED)]
    last = list(Reading(tmp_path, now=NOW))[-1]
    assert last.reason == "line 3 is not as it was written, or lines before it are missing"


@pytest.mark.parametrize("edit", ["removed", "swapped", "doubled", "blank"])
def test_lines_keep_their_places(tmp_path, edit):
    """A line that was taken out, moved, repeated or put between breaks the chain."""
    path = three(tmp_path)
    head, one, two, last = path.read_bytes().splitlines(keepends=True)
    kinds = {
        "removed": [head, two, last],
        "swapped": [head, two, one, last],
        "doubled": [head, one, one, two, last],
        "blank": [head, b"\n", one, two, last],
    }
    path.write_bytes(b"".join(kinds[edit]))
    doubts = [doubt for _, doubt in read(tmp_path)]
    assert doubts == ([None] if edit == "doubled" else []) + [Doubt.TAMPERED] * (
        len(doubts) - (edit == "doubled")
    )


def test_a_copied_shard_proves_nothing(tmp_path):
    """A shard under another name would count its items twice."""
    path = three(tmp_path)
    path.with_name("20270101T000000-1-1.jsonl").write_bytes(path.read_bytes())
    assert [doubt for _, doubt in read(tmp_path)] == [None] * 3 + [Doubt.TAMPERED] * 3


def test_a_forged_item_with_a_right_chain_lacks_its_proof(tmp_path):
    """Whoever appends by hand can compute digests; the file that proves the item is still not there."""
    told = proof()
    made_up = [{"source": "made-up.json", "source_digest": "0" * 64}, {"source": "proof.json"}, {}, {**told}]
    made_up[3]["source_digest"] = "0" * 64
    write(tmp_path, item(**told), *(item(**one) for one in made_up))
    assert [doubt for _, doubt in read(tmp_path)] == [None] + [Doubt.SOURCE] * 4
    shown = told["source"]
    assert [one.reason for one in Reading(tmp_path, now=NOW)][1:] == [
        "made-up.json is missing",
        "it names no digest of proof.json",
        "it names no file that proves it",
        f"{shown} was changed since",
    ]


@pytest.mark.parametrize("name", ["../outside.json", "/dev/zero", "pipe", "folder", "nul\x00", "loop"])
def test_sources_are_files_of_the_project(tmp_path, name):
    """What lies elsewhere, never ends or is no file proves nothing, and does not hang the reader."""
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "outside.json").write_text("x", encoding="utf-8")
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    (root / "loop").symlink_to("loop")
    write(root, item(source=name, source_digest="0" * 64))
    assert [doubt for _, doubt in read(root)] == [Doubt.SOURCE]


def test_items_count_in_their_time(tmp_path):
    """An item counts until it expires; one from the future counts never, but clocks may differ a little."""
    told = proof()
    moments = [NOW + timedelta(minutes=4), NOW + timedelta(minutes=6), NOW]
    texts = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments]
    write(
        tmp_path,
        item(at=texts[0], **told),
        item(at=texts[1], **told),
        item(expires=texts[2], **told),
        item(expires=texts[0], **told),
    )
    assert [doubt for _, doubt in read(tmp_path)] == [None, Doubt.FUTURE, Doubt.EXPIRED, None]


def test_a_kind_that_nobody_knows_does_not_count(tmp_path):
    """A later release, or a forger, may have kinds of its own."""
    path = three(tmp_path)
    from agentops_eval.harness.evidencing._items import line_of

    (*_, last) = Reading(tmp_path, now=NOW)
    at = "2026-11-27T06:33:15Z"
    text = ascii_json({"agent": "a", "kind": "vibes", "at": at, "verdict": "pass"}).encode()
    bad = ascii_json({"agent": "a", "kind": "gate", "at": "noon", "verdict": "pass"}).encode()
    none = ascii_json({"agent": "a", "kind": "gate", "verdict": "perhaps"}).encode()
    after = last.digest
    with path.open("ab") as file:
        for one in (text, bad, none):
            line, after = line_of(one, after=after)
            file.write(line)
    assert [doubt for _, doubt in read(tmp_path)][3:] == [Doubt.KIND, Doubt.MALFORMED, Doubt.MALFORMED]


def test_a_line_that_is_too_long_is_refused_in_bounded_memory(tmp_path):
    """Nobody is made to read a gigabyte that stands on one line; what follows it does not count."""
    path = three(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    long = b'{"item":{"agent":"' + b"x" * 300_000 + b'"},"digest":"' + b"0" * 32 + b'"}\n'
    path.write_bytes(b"".join([*lines[:2], long, *lines[2:]]))
    assert [doubt for _, doubt in read(tmp_path)] == [None] + [Doubt.TAMPERED] * 3
    assert "longer than 65536 bytes" in list(Reading(tmp_path, now=NOW))[1].reason


def test_a_cut_last_line_is_left_out(tmp_path):
    """What a crash cut off was never evidence; everything before it is."""
    path = three(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    reading = Reading(tmp_path, now=NOW)
    assert [one.counts for one in reading] == [True, True]
    assert [shard.torn for shard in reading.shards] == [True]


@examples(150, suppress=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_edit_is_noticed_or_changes_nothing(tmp_path, data):
    """Bytes written over any place never make another item count than those that were written."""
    path = shards(tmp_path)[0] if shards(tmp_path) else three(tmp_path)
    original = path.read_bytes()
    real = {json.dumps(row["item"]) for row in map(json.loads, original.splitlines()[1:])}
    at = data.draw(st.integers(0, len(original)))
    noise = data.draw(st.binary(max_size=40))
    length = data.draw(st.integers(0, 60))
    try:
        path.write_bytes(original[:at] + noise + original[at + length :])
        for kept in Reading(tmp_path, now=NOW):
            if kept.counts:
                place = int(kept.place.rpartition(":")[2])
                row = json.loads(path.read_bytes().split(b"\n")[place - 1])
                assert json.dumps(row["item"]) in real
    finally:
        path.write_bytes(original)


@examples(100, suppress=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400))
def test_random_bytes_are_no_evidence(tmp_path, junk):
    """A file of anything is read without an error, and nothing in it counts."""
    folder = tmp_path / ".agentops" / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "junk.jsonl").write_bytes(junk)
    assert [one for one in Reading(tmp_path, now=NOW) if one.counts] == []


def test_a_killed_writer_leaves_whole_items(tmp_path):
    """After kill -9 every item that was reported as written is there, and counts."""
    with _writer(tmp_path, "killed.json", 4_000) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            said = writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    told = int((rest or [said])[-1]) + 1
    found = read(tmp_path)
    assert len(found) >= told
    assert {doubt for _, doubt in found} == {None}


def test_two_processes_and_their_threads_write_at_once(tmp_path):
    """Nobody waits for anybody, nothing is lost, and every chain is whole."""
    writers = [_writer(tmp_path, name, 30) for name in ("a.json", "b.json")]
    told = proof()
    with ShardFile(tmp_path, Redactor()) as shared:
        (one,) = proven(tmp_path, item(**told))
        threads = [
            threading.Thread(target=lambda: [shared.append([one]) for _ in range(10)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for writer in writers:
        writer.communicate()
    found = read(tmp_path)
    assert (len(found), {doubt for _, doubt in found}) == (100, {None})
    assert len(shards(tmp_path)) == 3


def test_no_name_keeps_evidence_away(tmp_path):
    """Agents, tools and providers name themselves; long names are cut, and different ones stay different."""
    long = "\U0001f600" * 70_000
    named = [{"agent": f"{long}1"}, {"subject": f"{long}1"}, {"subject": f"{long}2"}, {"trace": long}]
    named += [{"versions": Versions(agent=long, prompt=long, tools=long, llm=long)}]
    told = proof()
    write(
        tmp_path,
        *(item(**one, **told) for one in named),
        item(says=long, **{**named[-1], **named[0]}, **told),
    )
    found = [kept.evidence for kept in Reading(tmp_path, now=NOW) if kept.counts and kept.evidence]
    assert len(found) == len(named) + 1
    assert len({one.subject for one in found}) == 3
    assert max(len(one.agent) for one in found) <= 400


def test_no_secret_is_cut_so_that_its_half_is_not_known(tmp_path):
    """What is too long is cut behind the redaction."""
    key = "sk-" + "proj-" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4"
    for room in range(1_975, 1_999):
        write(tmp_path, item(says=f"{'x ' * (room // 2)}{key}", **proof()))
    assert not [path for path in shards(tmp_path) if b"sk-" in path.read_bytes()]


def test_a_process_of_the_same_number_at_the_same_moment_loses_nothing(tmp_path):
    """As in containers that share a folder: each writer has a file of its own."""
    told = proof()
    with ShardFile(tmp_path, Redactor(), now=NOW) as first, ShardFile(tmp_path, Redactor(), now=NOW) as other:
        other.path.parent.mkdir(parents=True)
        for shard in (first, other):
            shard.path.write_bytes(b"")  # somebody else's
            shard.append([item(**told)])
    assert len(read(tmp_path)) == 2
    assert len({*shards(tmp_path)}) == 4


def test_a_full_disk_leaves_the_store_as_it_was(tmp_path):
    """Items for which there is no room raise; the ones before count, and later ones follow them."""
    told = proof()
    one, two, third = proven(tmp_path, *(item(subject=name, **told) for name in ("first", "second", "third")))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with ShardFile(tmp_path, Redactor()) as shard:
        shard.append([one])
        resource.setrlimit(resource.RLIMIT_FSIZE, (shard.path.stat().st_size + 100, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                shard.append([two])
            fresh = ShardFile(tmp_path, Redactor())
            with pytest.raises(OSError, match="File too large"):
                fresh.append([item(says="x" * 2_000, **told)])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, former)
        shard.append([third])
    assert read(tmp_path) == [("first", None), ("third", None)]
    assert shards(tmp_path) == [shard.path]


def test_what_is_read_is_what_counts_for_the_reader(tmp_path):
    """The shards tell tool, nonce and head, so that a manifest can be made of them."""
    write(tmp_path, replace(item(), **proof()))
    reading = Reading(tmp_path, now=NOW)
    (only,) = reading
    (shard,) = reading.shards
    assert (shard.items, shard.head, len(shard.nonce), shard.broken) == (1, only.digest, 32, "")
    assert shard.tool.startswith("agentops-eval ")


def test_a_shard_of_another_release_is_told_apart_from_a_tampered_one(tmp_path):
    """Nobody tampered with it: its items do not count, and the release that wrote it is named."""
    path = three(tmp_path)
    head, *lines = path.read_bytes().splitlines(keepends=True)
    told = json.loads(taken_apart(head, SHARD)[0])
    first, after = line_of(json.dumps({**told, "format": 2}).encode(), after="", opening=SHARD)
    out = [first]
    for line in lines:
        again, after = line_of(taken_apart(line)[0], after=after)
        out.append(again)
    path.write_bytes(b"".join(out))
    reading = list(Reading(tmp_path, now=NOW))
    assert {one.doubt for one in reading} == {Doubt.RELEASE}
    assert reading[0].reason.startswith("this shard has format 2, of agentops-eval ")


def test_a_folder_that_may_not_be_read_is_not_one_without_evidence(tmp_path):
    """Where nobody may look, an error says so: "nothing was shown" would be another thing."""
    three(tmp_path)
    folder = tmp_path / EVIDENCE
    moved = folder.rename(tmp_path / "moved")
    folder.symlink_to(folder)  # what fails for every user, root too
    try:
        with pytest.raises(OSError, match="Too many levels"):
            list(Reading(tmp_path, now=NOW))
    finally:
        folder.unlink()
        moved.rename(folder)
    assert len(list(Reading(tmp_path, now=NOW))) == 3
