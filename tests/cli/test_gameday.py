"""``gameday``: stopped in every way, killed and started again, on a terminal, and reported."""

from __future__ import annotations

import http.client
import json
import os
import pty
import signal
import subprocess
import termios
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from agentops_eval.chaos.toxiproxy import EmbeddedServer
from agentops_eval.domain import EntryKind
from agentops_eval.harness.experimenting import JOURNALS, read_entries
from tests.cli._kit import COMMAND, Commands, Done, documented_keys, environment, printed_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPS = """
def write(name):
    with open(name, "a") as file:
        file.write("x")
"""


@dataclass
class Wire:
    """A server of Toxiproxy with one proxy, and a project whose game day puts toxics on it."""

    url: str
    commands: Commands
    module: str = field(default_factory=lambda: f"wire_ops_{uuid.uuid4().hex[:8]}")

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.commands.folder

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

    def start(self, *words: str, until: Any = None, **more: Any) -> subprocess.Popen[bytes]:
        """Start a command, and wait until it lingers in the middle of its method."""
        more = {"stdout": subprocess.PIPE, "env": environment(TOXIPROXY_URL=self.url), **more}
        process = subprocess.Popen([*COMMAND, *words], cwd=self.root, **more)
        ready = until or (self.root / "acted").exists
        self.wait(lambda: ready() or process.poll() is not None)
        return process

    def wait(self, ready: Any) -> None:
        """Wait until something is so."""
        until = time.monotonic() + 60
        while not ready():
            assert time.monotonic() < until, "it took too long"
            time.sleep(0.02)

    def run(self, *words: object) -> Done:
        """Run a command to its end, in this process."""
        return self.commands(*words)

    @property
    def journals(self) -> list[Path]:
        """The journals that are there."""
        return sorted((self.root / JOURNALS).glob("*.jsonl"))


@pytest.fixture
def wire(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Wire]:
    """A wire with a game day about it."""
    with EmbeddedServer() as server:
        monkeypatch.setenv("TOXIPROXY_URL", server.url)
        made = Wire(url=server.url, commands=Commands(tmp_path, capsys, monkeypatch))
        made.ask("POST", "/proxies", {"name": "web", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"})
        (tmp_path / f"{made.module}.py").write_text(OPS)
        (tmp_path / "slow.json").write_text(json.dumps(_slow(made.module)))
        plan = {
            "title": "a day on the wire",
            "owner": "role:on-call",
            "kill-switch": "stop.me",
            "experiments": [{"experiment": "slow.json"}],
        }
        (tmp_path / "day.json").write_text(json.dumps(plan))
        yield made


def _slow(module: str) -> dict[str, Any]:
    def python(name: str, file: str) -> dict[str, Any]:
        provider = {"type": "python", "module": module, "func": "write", "arguments": {"name": file}}
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


def test_sigterm_undoes_everything(wire: Wire) -> None:
    """It ends the day at once; toxics are taken off and rollbacks run."""
    process = wire.start("gameday", "run", "day.json", "--json")
    assert len(wire.state["toxics"]) == 2
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    report = json.loads(out)
    assert report["ending"] == "stopped"
    assert report["journals"][0]["status"] == "interrupted"
    known = documented_keys()["gameday run"]
    assert printed_keys(report, known) == known
    clean(wire)


@pytest.mark.parametrize("how", ["Ctrl-C", "the kill switch"])
def test_people_end_a_day_from_here_and_from_anywhere(wire: Wire, how: str) -> None:
    """Ctrl-C and the file that is the kill switch do the same, and the report names which it was."""

    def end() -> None:
        wire.wait((wire.root / "acted").exists)
        if how == "Ctrl-C":
            os.kill(os.getpid(), signal.SIGINT)
        else:
            (wire.root / "stop.me").touch()

    thread = threading.Thread(target=end)
    thread.start()
    done = wire.run("gameday", "run", "day.json", "--json")
    thread.join()
    assert (done.code, done.document["ending"]) == (2, "stopped")
    assert how in done.document["reason"]
    clean(wire)


def test_after_a_kill_the_next_day_undoes_what_was_left(wire: Wire) -> None:
    """Kill -9 leaves toxics, a process and a rollback; the journal is whole, and a new day begins clean."""
    process = wire.start("gameday", "run", "day.json")
    process.kill()
    process.communicate()
    assert len(wire.state["toxics"]) == 2
    (path,) = wire.journals
    before = read_entries(path)
    killed = wire.run("gameday", "report", path).out
    assert "did not end" in killed
    assert "method: latency" in killed
    assert "<code>" not in killed
    (wire.root / "slow.json").write_text(json.dumps({"title": "calm", "method": []}))
    again = wire.run("gameday", "run", "day.json", "--plain")
    assert again.code == 0, again.err
    text = again.out
    assert "left by an earlier process" in text
    assert "remove toxic 'agentops_latency_downstream'" in text
    assert text.index("undone: rollback mend") < text.index("experiment: calm")
    clean(wire)
    entries = read_entries(path)
    assert entries[: len(before)] == before
    told = wire.run("gameday", "report", path, "--json").document
    assert (told["ending"], told["journals"][0]["status"]) == ("stopped", "interrupted")
    assert "correct-horse" not in path.read_text()


@pytest.mark.parametrize("lines", [1, 4, 7, 10])
def test_killed_at_any_line_everything_is_undone(wire: Wire, lines: int) -> None:
    """Wherever it is killed, the lines so far are whole, and what was done is undone once."""
    process = wire.start(
        "gameday",
        "run",
        "day.json",
        until=lambda: wire.journals and wire.journals[0].read_bytes().count(b"\n") >= lines,
    )
    process.kill()
    process.communicate()
    begun = any(entry.experiment for entry in read_entries(wire.journals[0]))
    restored = wire.run("gameday", "restore", "--json")
    assert restored.code == 0, restored.out
    known = documented_keys()["gameday restore"]
    assert printed_keys(json.loads(restored.out), known) == known
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
    assert refused.code == 2
    error = refused.document["error"]
    assert (error["code"], error["where"]) == ("AE634", f"{path}")
    ledger.write_text(ledger.read_text().replace("http://127.0.0.1:1", wire.url))
    assert wire.run("gameday", "restore").code == 0
    clean(wire)


def test_a_terminal_sees_the_day_and_q_stops_it(wire: Wire) -> None:
    """The live view names the plan and its steps, on a narrow, low terminal too; q undoes it all."""
    title = "the wire is slow and has a title that is longer than a narrow terminal"
    slow = json.loads((wire.root / "slow.json").read_text())
    (wire.root / "slow.json").write_text(json.dumps({**slow, "title": title}))
    (wire.root / "calm.json").write_text(json.dumps({"title": "calm", "method": []}))
    plan = json.loads((wire.root / "day.json").read_text())
    plan["experiments"] += [{"experiment": "calm.json"}] * 30
    (wire.root / "day.json").write_text(json.dumps(plan))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (18, 60))
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
    last = bytes(shown).rpartition("\u256d".encode())[2]
    assert b"stops it" not in last
    assert b"now:" not in last
    assert "\u2026  under way".encode() in shown, "the title is cut, and not broken"
    assert last.count(b"calm") == 9, "of many experiments those around the one that is under way"
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
    assert wire.run("gameday", "run", "day.json").code == 0
    (path,) = wire.journals
    names = sorted(one.name for one in path.with_suffix("").iterdir())
    assert names == ["report.html", "report.json", "report.md"]
    assert "<script>" not in path.with_suffix("").joinpath("report.md").read_text()
    assert "calm &lt;script&gt;" in path.with_suffix("").joinpath("report.html").read_text()
    assert wire.run("gameday", "report", path, "--out", "again").code == 0
    again = wire.root / "again" / "report.json"
    assert again.read_bytes() == path.with_suffix("").joinpath("report.json").read_bytes()


def test_a_day_is_told_before_its_reports_are_written(wire: Wire) -> None:
    """Where there is no place for them, what was found after hours of work is said all the same."""
    (wire.root / "slow.json").write_text(json.dumps({"title": "calm", "method": []}))
    (wire.root / "file").touch()
    done = wire.run("gameday", "run", "day.json", "--out", "file")
    assert done.code == 2
    assert "steady\njournal " in done.out
    assert "cannot read or write" in done.err


@pytest.mark.parametrize("name", ["day.json", "slow.json"])
def test_a_copy_of_the_journal_is_not_written_over_what_is_carried_out(wire: Wire, name: str) -> None:
    """Neither over the plan nor over its experiments; nothing is begun."""
    before = (wire.root / name).read_bytes()
    done = wire.run("gameday", "run", "day.json", "--journal", name)
    assert (done.code, (wire.root / name).read_bytes(), wire.journals) == (2, before, [])
    assert f"--journal names {name}" in done.err


def test_the_wrong_kind_of_file_names_the_right_command(wire: Wire) -> None:
    """A plan is no experiment, and an experiment no plan: the error is the command to paste."""
    (wire.root / "my plan.json").write_bytes((wire.root / "day.json").read_bytes())
    plan = wire.run("chaos", "run", "my plan.json")
    assert (plan.code, plan.remedy) == (2, "agentops-eval gameday run 'my plan.json'")
    assert wire.run("gameday", "run", "slow.json").remedy == "agentops-eval chaos run slow.json"


def test_an_empty_journal_is_no_report(wire: Wire) -> None:
    """It was killed before its first line, or is no journal: that is told, and nothing is made up."""
    (wire.root / "empty.jsonl").touch()
    done = wire.run("gameday", "report", "empty.jsonl")
    assert (done.code, done.out) == (2, "")
    assert "AE632 the journal is empty" in done.err


def test_a_dry_day_does_nothing(wire: Wire) -> None:
    """Not even what was left is undone; every activity is told."""
    done = wire.run("gameday", "run", "day.json", "--dry-run", "--plain")
    assert done.code == 0, done.err
    assert "would put the toxic latency on web" in done.out
    assert wire.state["toxics"] == []
    assert not (wire.root / "mended").exists()
