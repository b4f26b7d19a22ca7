"""``gameday``: stopped in every way, killed and started again, on a terminal, and reported."""

from __future__ import annotations

import http.client
import json
import os
import pty
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from agentops_eval.chaos.toxiproxy import EmbeddedServer
from agentops_eval.domain import EntryKind
from agentops_eval.harness.experimenting import JOURNALS, read_entries
from tests.cli._kit import COMMAND, ROOT, documented_keys, printed_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

OPS = """
import pathlib
import time


def write(name):
    with open(name, "a") as file:
        file.write("x")
"""


@dataclass
class Wire:
    """A server of Toxiproxy with one proxy, and a project whose game day puts toxics on it."""

    url: str
    root: Path

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the server's API."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            data = connection.getresponse().read()
        finally:
            connection.close()
        return json.loads(data) if data else None

    @property
    def state(self) -> Any:
        """The proxy."""
        return self.ask("GET", "/proxies/web")

    def command(self, *words: str) -> list[str]:
        """The command line."""
        return [*COMMAND, *words]

    @property
    def environ(self) -> dict[str, str]:
        """The surroundings of a command."""
        path = os.pathsep.join([str(ROOT), str(ROOT / "pytest_plugin")])
        return {**os.environ, "TOXIPROXY_URL": self.url, "PYTHONPATH": path}

    def start(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        """Start a command, and wait until it lingers in the middle of its method."""
        more = {"stdout": subprocess.PIPE, **more}
        process = subprocess.Popen(self.command(*words), cwd=self.root, env=self.environ, **more)
        self.wait(lambda: (self.root / "acted").exists() or process.poll() is not None)
        return process

    def wait(self, ready: Any) -> None:
        """Wait until something is so."""
        until = time.monotonic() + 60
        while not ready():
            assert time.monotonic() < until, "it took too long"
            time.sleep(0.02)

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*words),
            cwd=self.root,
            env=self.environ,
            capture_output=True,
            check=False,
            timeout=120,
        )

    @property
    def journals(self) -> list[Path]:
        """The journals that are there."""
        return sorted((self.root / JOURNALS).glob("*.jsonl"))


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """A wire with a game day about it."""
    with EmbeddedServer() as server:
        made = Wire(url=server.url, root=tmp_path)
        made.ask("POST", "/proxies", {"name": "web", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"})
        (tmp_path / "wire_ops.py").write_text(OPS)
        (tmp_path / "slow.json").write_text(json.dumps(_slow()))
        plan = {
            "title": "a day on the wire",
            "owner": "role:on-call",
            "kill-switch": "stop.me",
            "experiments": [{"experiment": "slow.json"}],
        }
        (tmp_path / "day.json").write_text(json.dumps(plan))
        yield made


def _slow() -> dict[str, Any]:
    def python(name: str, file: str) -> dict[str, Any]:
        provider = {"type": "python", "module": "wire_ops", "func": "write", "arguments": {"name": file}}
        return {"type": "action", "name": name, "provider": provider}

    def toxic(kind: str, **attributes: int) -> dict[str, Any]:
        provider = {"type": "toxiproxy", "proxy": "web", "toxic": {"type": kind, "attributes": attributes}}
        return {"type": "action", "name": kind, "provider": provider}

    def down() -> dict[str, Any]:
        provider = {"type": "toxiproxy", "proxy": "web", "enabled": False}
        return {"type": "action", "name": "down", "provider": provider}

    enabled = {"type": "jsonpath", "path": "$.enabled", "expect": True}
    look = {
        "type": "probe",
        "name": "up",
        "tolerance": enabled,
        "provider": {"type": "toxiproxy", "proxy": "web"},
    }
    linger = {"type": "action", "name": "linger", "provider": {"type": "process", "path": "sleep"}}
    linger["provider"] = {"type": "process", "path": "sleep", "arguments": ["120"]}
    return {
        "title": "the wire is slow",
        "secrets": {"app": {"key": "correct-horse-battery"}},
        "steady-state-hypothesis": {"title": "the wire is up", "probes": [look]},
        "method": [
            toxic("latency", latency=50),
            toxic("limit_data", bytes=9),
            down(),
            python("act", "acted"),
            linger,
        ],
        "rollbacks": [python("mend", "mended")],
    }


def clean(wire: Wire) -> None:
    """The proxy is as it was, and the rollback was carried out once."""
    assert (wire.state["toxics"], wire.state["enabled"]) == ([], True)
    assert (wire.root / "mended").read_text() == "x"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_undo_everything(wire: Wire, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end the day at once; toxics are taken off and rollbacks run."""
    process = wire.start("gameday", "run", "day.json", "--json")
    assert len(wire.state["toxics"]) == 2
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    report = json.loads(out)
    assert report["ending"] == "stopped"
    assert report["journals"][0]["status"] == "interrupted"
    known = documented_keys()["gameday run"]
    assert printed_keys(report, known) == known
    clean(wire)


def test_the_kill_switch_undoes_everything(wire: Wire) -> None:
    """So does a file."""
    process = wire.start("gameday", "run", "day.json")
    (wire.root / "stop.me").touch()
    process.communicate(timeout=60)
    assert process.returncode == 2
    clean(wire)


def test_after_a_kill_the_next_day_undoes_what_was_left(wire: Wire) -> None:
    """Kill -9 leaves toxics, a process and a rollback; the journal is whole, and a new day begins clean."""
    process = wire.start("gameday", "run", "day.json")
    process.kill()
    process.communicate()
    assert len(wire.state["toxics"]) == 2
    (path,) = wire.journals
    before = read_entries(path)
    killed = wire.run("gameday", "report", str(path)).stdout.decode()
    assert "did not end" in killed
    assert "nothing to undo" not in killed
    (wire.root / "slow.json").write_text(json.dumps({"title": "calm", "method": []}))
    again = wire.run("gameday", "run", "day.json", "--plain")
    assert again.returncode == 0, again.stderr
    text = again.stdout.decode()
    assert "was left by a process that was killed" in text
    assert "remove toxic 'agentops_latency_downstream'" in text
    assert text.index("undone: rollback mend") < text.index("experiment: calm")
    clean(wire)
    entries = read_entries(path)
    assert entries[: len(before)] == before
    told = json.loads(wire.run("gameday", "report", str(path), "--json").stdout)
    assert (told["ending"], told["journals"][0]["status"]) == ("stopped", "interrupted")
    assert "correct-horse" not in path.read_text()


@pytest.mark.parametrize("lines", [1, 4, 7, 10])
def test_killed_at_any_line_everything_is_undone(wire: Wire, lines: int) -> None:
    """Wherever it is killed, the lines so far are whole, and what was done is undone once."""
    process = subprocess.Popen(
        wire.command("gameday", "run", "day.json"), cwd=wire.root, env=wire.environ, stdout=subprocess.DEVNULL
    )
    wire.wait(lambda: wire.journals and len(wire.journals[0].read_bytes().splitlines()) >= lines)
    process.kill()
    process.wait()
    begun = any(entry.experiment for entry in read_entries(wire.journals[0]))
    restored = wire.run("gameday", "restore", "--json")
    assert restored.returncode == 0, restored.stderr
    known = documented_keys()["gameday restore"]
    assert printed_keys(json.loads(restored.stdout), known) == known
    assert (wire.state["toxics"], wire.state["enabled"]) == ([], True)
    assert (wire.root / "mended").exists() is begun
    (path,) = wire.journals
    assert read_entries(path)[-1].kind is EntryKind.CLOSED


def test_what_cannot_be_undone_is_an_error_and_stays(wire: Wire) -> None:
    """While the server is gone nothing else is begun; the error says what to do."""
    process = wire.start("gameday", "run", "day.json")
    process.kill()
    process.communicate()
    (path,) = wire.journals
    (ledger,) = path.parent.glob("*.toxics")
    text = ledger.read_text()
    ledger.write_text(text.replace(wire.url, "http://127.0.0.1:1"))
    refused = wire.run("chaos", "run", "slow.json", "--json")
    assert refused.returncode == 2
    error = json.loads(refused.stdout)["error"]
    assert (error["code"], error["where"]) == ("AE634", f"{path}")
    ledger.write_text(ledger.read_text().replace("http://127.0.0.1:1", wire.url))
    assert wire.run("gameday", "restore").returncode == 0
    clean(wire)


def test_a_terminal_sees_the_day_and_q_stops_it(wire: Wire) -> None:
    """The live view names the plan and its steps; the key ends the day, and everything is undone."""
    ours, theirs = pty.openpty()
    shown = bytearray()
    process = wire.start("gameday", "run", "day.json", stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    reader = threading.Thread(target=_read_all, args=(ours, shown), daemon=True)
    reader.start()
    wire.wait(lambda: b"linger" in shown)
    os.write(ours, b"q")
    assert process.wait(60) == 2
    reader.join(5)
    os.close(ours)
    for words in (b"a day on the wire", b"the wire is slow", b"under way", b"stops it", b"interrupted: q"):
        assert words in shown
    clean(wire)


def _read_all(descriptor: int, shown: bytearray) -> None:
    with suppress(OSError):  # the other end is closed
        while data := os.read(descriptor, 65_536):
            shown.extend(data)


def test_reports_lie_beside_the_journal(wire: Wire) -> None:
    """In three forms, and again from the journal alone."""
    (wire.root / "slow.json").write_text(json.dumps({"title": "calm <script>", "method": []}))
    assert wire.run("gameday", "run", "day.json").returncode == 0
    (path,) = wire.journals
    names = sorted(one.name for one in path.with_suffix("").iterdir())
    assert names == ["report.html", "report.json", "report.md"]
    assert "<script>" not in path.with_suffix("").joinpath("report.md").read_text()
    assert "calm &lt;script&gt;" in path.with_suffix("").joinpath("report.html").read_text()
    shown = wire.run("gameday", "report", str(path), "--out", "again")
    assert shown.returncode == 0
    again = wire.root / "again" / "report.json"
    assert again.read_bytes() == path.with_suffix("").joinpath("report.json").read_bytes()


def test_an_empty_journal_is_no_report(wire: Wire) -> None:
    """It was killed before its first line, or is no journal: that is told, and nothing is made up."""
    (wire.root / "empty.jsonl").touch()
    done = wire.run("gameday", "report", "empty.jsonl")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"AE632 the journal is empty" in done.stderr


def test_a_dry_day_does_nothing(wire: Wire) -> None:
    """Not even what was left is undone; every activity is told."""
    done = wire.run("gameday", "run", "day.json", "--dry-run", "--plain")
    assert done.returncode == 0, done.stderr
    assert "would put the toxic latency on web" in done.stdout.decode()
    assert wire.state["toxics"] == []
    assert not (wire.root / "mended").exists()
