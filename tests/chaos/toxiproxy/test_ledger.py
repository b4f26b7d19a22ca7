"""What a process changes at a server is taken back, however the process ends."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy, open_toxiproxy, restore
from agentops_eval.chaos.toxiproxy._ledger import LedgerFile
from agentops_eval.chaos.toxiproxy._undo import Undo
from agentops_eval.domain import LedgerInvalid, RestoreIncomplete, ToxiproxyUnreachable
from tests.chaos.toxiproxy._kit import Raw

UPSTREAM = "127.0.0.1:9"

CHANGES = """
import os, sys, time
from agentops_eval.chaos.toxiproxy import Toxiproxy
toxiproxy = Toxiproxy(sys.argv[1], ledger=sys.argv[2])
toxiproxy.create("127.0.0.1:9", "mine").add_toxic(type="timeout")
theirs = toxiproxy.proxy("theirs")
theirs.add_toxic(type="reset_peer")
theirs.update_toxic("old", latency=9_000)
theirs.disable()
toxiproxy.proxy("removed").destroy()
if sys.argv[3] == "fork" and os.fork() == 0:
    os.close(1)
    time.sleep(60)
    os._exit(0)
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def server():
    """A server on which others are at work."""
    with EmbeddedServer() as server:
        raw = Raw(server.url)
        for name in ("theirs", "removed"):
            raw.ask("POST", "/proxies", {"name": name, "upstream": UPSTREAM})
        old = {"name": "old", "type": "latency", "attributes": {"latency": 3}, "toxicity": 0.5}
        raw.ask("POST", "/proxies/theirs/toxics", old)
        raw.ask("POST", "/proxies/removed/toxics", {"type": "slicer", "attributes": {"average_size": 2}})
        yield server


@pytest.fixture
def changed(server, tmp_path, request):
    """A process that has changed the server, and is killed at the end if it lives."""
    mode = getattr(request, "param", "")
    path = tmp_path / "ledger.jsonl"
    child = subprocess.Popen(
        [sys.executable, "-c", CHANGES, server.url, str(path), mode],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert child.stdout.readline().strip() == str(child.pid)
        yield child, path
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        child.stdout.close()


@pytest.fixture
def left(server, tmp_path):
    """The ledger of such a process, as it is on the disk after its end."""
    with suppress(RestoreIncomplete), Toxiproxy(server.url, ledger=tmp_path / "living") as toxiproxy:
        toxiproxy.create(UPSTREAM, "mine").add_toxic(type="timeout")
        toxiproxy.proxy("removed").destroy()
        path = tmp_path / "ledger.jsonl"
        shutil.copy(tmp_path / "living", path)
        yield path


def shown(server):
    return Raw(server.url).ask("GET", "/proxies")[1]


@pytest.mark.parametrize("changed", ["", "fork"], indirect=True)
def test_kill_9_leaves_nothing_behind(server, changed):
    """After a restore the server is as if the killed process had never been, also where its fork lives on."""
    child, path = changed
    before_kill = shown(server)
    assert set(before_kill) == {"theirs", "mine"}
    assert not before_kill["theirs"]["enabled"]
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    done = restore(path)
    assert len(done.undone) == 6
    after = shown(server)
    assert set(after) == {"theirs", "removed"}
    assert after["theirs"]["enabled"]
    assert after["theirs"]["toxics"] == [
        {"name": "old", "type": "latency", "stream": "downstream", "toxicity": 0.5,
         "attributes": {"latency": 3, "jitter": 0}}
    ]  # fmt: skip
    assert after["removed"]["toxics"][0]["attributes"]["average_size"] == 2
    assert not path.exists()


def test_the_next_start_takes_back_what_the_last_one_left(server, changed):
    """A ledger that is opened again by the next process is put back first."""
    child, path = changed
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    with Toxiproxy(server.url, ledger=path) as toxiproxy:
        assert set(toxiproxy.proxies()) == {"theirs", "removed"}
        toxiproxy.create(UPSTREAM, "mine")
        assert path.exists()
    assert set(shown(server)) == {"theirs", "removed"}
    assert not path.exists()


def test_the_ledger_of_a_process_that_lives_is_left_alone(server, changed):
    """Neither a restore nor a second user may take it while its owner is at work."""
    _, path = changed
    for act in (lambda: restore(path), lambda: Toxiproxy(server.url, ledger=path)):
        with pytest.raises(LedgerInvalid, match="still at work"):
            act()
    assert "mine" in shown(server)


def test_one_process_does_not_take_its_own_ledger_twice(server, tmp_path):
    """Two adapters of one process need two ledgers."""
    path = tmp_path / "ledger"
    with Toxiproxy(server.url, ledger=path) as first:
        first.create(UPSTREAM, "mine")
        with pytest.raises(LedgerInvalid, match="still at work"):
            restore(path)
        with pytest.raises(LedgerInvalid, match="still at work"):
            Toxiproxy(server.url, ledger=path)


def test_a_step_is_on_disk_before_its_change_is_made(server, tmp_path):
    """A change whose answer never came is in the ledger, and is taken back or found undone."""
    path = tmp_path / "ledger"
    with Toxiproxy(server.url, ledger=path) as toxiproxy:
        with pytest.raises(ToxiproxyUnreachable):
            with toxiproxy.changing(Undo(kind="remove-proxy", proxy="mine")):
                steps = [json.loads(line) for line in path.read_text().splitlines()]
                assert steps[-1]["undo"] == {
                    "kind": "remove-proxy", "proxy": "mine", "toxic": "", "state": None,
                }  # fmt: skip
                raise ToxiproxyUnreachable("nobody knows whether it was made")
        assert toxiproxy.rollback().gone == ("remove proxy 'mine'",)


def test_a_line_that_was_torn_by_the_crash_is_no_step(server, left):
    """The last line, if it was not written to its end, had no change yet."""
    with left.open("ab") as file:
        file.write(b'{"n": 99, "undo": {"kind": "remove-pr')
    restore(left)
    assert set(shown(server)) == {"theirs", "removed"}


@pytest.mark.parametrize(
    "damage",
    [
        b"garbage\n",
        b'{"n": 99, "undo": {"kind": "explode", "proxy": "theirs", "toxic": ""}}\n',
        b'{"n": 99, "undo": {"kind": "put-proxy", "proxy": "theirs", "toxic": "", "state": null}}\n',
        b'{"n": 99, "undo": {"kind": "remove-toxic", "proxy": "theirs", "toxic": ""}}\n',
        b'{"n": 99, "undo": {"kind": "put-proxy", "proxy": "theirs", "toxic": "", "state": {}}}\n',
        b'{"n": 99, "undo": {"kind": "put-toxic", "proxy": "p", "toxic": "a", "state": {"name": "a"}}}\n',
        b'{"n": 99, "undo": {"kind": "remove-proxy", "proxy": "", "toxic": "", "state": null}}\n',
        b'{"n": "x", "undo": {"kind": "remove-proxy", "proxy": "theirs", "toxic": ""}}\n',
        b"[" * 100_000 + b"\n",
        b"\xff\n",
    ],
)
def test_a_damaged_ledger_names_its_line_and_changes_nothing(server, left, damage):
    """Of a ledger that somebody edited nothing is believed."""
    before = shown(server)
    lines = left.read_bytes().count(b"\n")
    with left.open("ab") as file:
        file.write(damage)
    with pytest.raises(LedgerInvalid, match="damaged") as told:
        restore(left)
    assert told.value.where == f"{left}:{lines + 1}"
    assert shown(server) == before
    assert left.exists()


def test_a_ledger_that_is_not_there_is_told(tmp_path):
    """A misspelt path is an error, never an empty ledger; so is a folder, and a file of something else."""
    with pytest.raises(LedgerInvalid, match="cannot be opened"):
        restore(tmp_path / "none")
    with pytest.raises(LedgerInvalid, match="cannot be opened"):
        restore(tmp_path)
    other = tmp_path / "other.jsonl"
    other.write_text('{"some": "rows"}\n')
    with pytest.raises(LedgerInvalid, match="damaged"):
        restore(other)
    assert other.exists()


def test_what_cannot_be_taken_back_stays_in_the_ledger(server, left):
    """While the server is away nothing is forgotten; when it is back the same command finishes."""
    port = server.port
    server.stop()
    with pytest.raises(RestoreIncomplete) as told:
        restore(left)
    assert told.value.what.startswith("3 of the changes")
    assert told.value.remedy.endswith(f"agentops-eval toxiproxy restore {shlex.quote(str(left))}")
    with EmbeddedServer(port=port):  # another one, on which nothing is
        done = restore(left)
    assert "remove proxy 'mine'" in done.gone
    assert not left.exists()


def test_one_step_that_fails_does_not_keep_the_others(server, tmp_path):
    """The error names what is left; what could be taken back, was."""
    path = tmp_path / "ledger"
    toxiproxy = Toxiproxy(server.url, ledger=path)
    removed = toxiproxy.proxy("removed")
    toxiproxy.create(UPSTREAM, "mine")
    removed.destroy()
    blocker = {"name": "blocker", "upstream": UPSTREAM, "listen": removed.listen}
    assert Raw(server.url).ask("POST", "/proxies", blocker)[0] == 201
    with pytest.raises(RestoreIncomplete, match="1 of the changes") as told:
        toxiproxy.close()
    assert "put back proxy 'removed'" in told.value.difference
    assert set(shown(server)) == {"theirs", "blocker"}
    Raw(server.url).ask("DELETE", "/proxies/blocker")
    assert restore(path).undone == ("put back proxy 'removed'",)
    assert set(shown(server)) == {"theirs", "removed"}


def test_an_embedded_server_that_ended_with_its_process_is_restored_by_that(tmp_path):
    """Nothing is left of a server that lived in the killed process: the ledger is settled."""
    path = tmp_path / "ledger"
    program = (
        "import os, sys; from agentops_eval.chaos.toxiproxy import open_toxiproxy\n"
        "with open_toxiproxy({}, ledger=sys.argv[1]) as t:\n"
        "    t.create('127.0.0.1:9', 'p'); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program, str(path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert restore(path).gone == ("remove proxy 'p'",)
    assert not path.exists()


def test_a_snapshot_is_restored_whoever_changed_the_server(server):
    """Changes of this adapter since the snapshot, and of others to what was there, are taken back."""
    with Toxiproxy(server.url) as toxiproxy:
        toxiproxy.create(UPSTREAM, "mine").add_toxic(type="latency", attributes={"latency": 7})
        before = shown(server)
        taken = toxiproxy.snapshot()
        toxiproxy.create(UPSTREAM, "later")
        toxiproxy.reset()
        raw = Raw(server.url)
        raw.ask("POST", "/proxies/mine/toxics", {"type": "timeout"})
        raw.ask("PATCH", "/proxies/theirs", {"enabled": False})
        raw.ask("POST", "/proxies", {"name": "others", "upstream": UPSTREAM})
        toxiproxy.restore(taken)
        after = shown(server)
        assert after.pop("others")
        assert after == before
    assert set(shown(server)) == {"theirs", "removed", "others"}


def test_a_program_that_just_ends_takes_back(server):
    """Without ``with`` or ``close`` the end of the process takes everything back; a fork of it does not."""
    program = (
        "import os, sys; from agentops_eval.chaos.toxiproxy import Toxiproxy\n"
        "t = Toxiproxy(sys.argv[1]); t.create('127.0.0.1:9', 'mine')\n"
        "if os.fork() == 0: sys.exit()\n"
        "os.wait(); assert 'mine' in t.proxies()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program, server.url], env=environment, check=False)
    assert done.returncode == 0
    assert set(shown(server)) == {"theirs", "removed"}


def test_an_error_in_the_body_takes_back(server):
    """An exception, or Ctrl-C, leaves the server as it was."""
    for kind in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(kind), open_toxiproxy({"TOXIPROXY_URL": server.url}) as toxiproxy:
            toxiproxy.create(UPSTREAM, "mine")
            raise kind
        assert set(shown(server)) == {"theirs", "removed"}


def test_a_ledger_that_cannot_be_written_stops_the_change():
    """Where a step cannot be put on the disk, that is an error before the change is made."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is full")
    file = LedgerFile.take(full, create=False)
    with pytest.raises(LedgerInvalid, match="cannot be written"):
        file.append({"n": 1})
    file.close()
