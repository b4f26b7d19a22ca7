"""``toxiproxy serve`` and ``toxiproxy restore`` as a user and a script have them."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy
from agentops_eval.cli._main import run
from agentops_eval.domain import RestoreIncomplete
from tests.chaos.toxiproxy._kit import Upstream, connected, echo, exactly
from tests.cli._kit import COMMAND, documented_keys, environment, printed_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

UPSTREAM = "127.0.0.1:9"


@contextmanager
def serving(*words: object) -> Iterator[subprocess.Popen[str]]:
    """The command as a script starts it with ``&``, ended at the end if it has not ended itself."""
    command = [*COMMAND, "toxiproxy", "serve", *map(str, words)]
    started = subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_it_serves_until_it_is_stopped(tmp_path: Path, how: signal.Signals) -> None:
    """It says where, in a file too; connections pass; it ends with exit code 0, and the file is gone."""
    ready = tmp_path / "run/toxiproxy.url"
    with serving("--port", 0, "--ready-file", ready, "--json") as served, Upstream(echo) as upstream:
        assert served.stdout is not None
        told = json.loads(served.stdout.readline())
        assert printed_keys(told, documented_keys()["toxiproxy serve"]) == {"url", "seed", "pid"}
        assert told["pid"] == served.pid
        assert ready.read_text() == told["url"] + "\n"
        with Toxiproxy(told["url"]) as toxiproxy:
            proxy = toxiproxy.create(upstream.address, "p")
            with connected(proxy.address) as client:
                client.sendall(b"x")
                assert exactly(client, 1) == b"x"
        served.send_signal(how)
        out, err = served.communicate()
    assert (served.returncode, out, err) == (0, "", "")
    assert not ready.exists()


def test_a_person_is_told_what_to_paste() -> None:
    """Without --json it prints the address and the line that makes tests use it."""
    with serving("--port", 0) as served:
        assert served.stdout is not None
        first, second = served.stdout.readline(), served.stdout.readline()
    url = first.removeprefix("serving ").strip()
    assert second.split() == ["use", "it", "export", f"TOXIPROXY_URL={url}"]


def test_a_port_that_is_taken_is_told_with_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, the address, and the command that takes any free port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert run(["toxiproxy", "serve", "--port", port]) == 2
    told = capsys.readouterr().err
    assert "AE623" in told
    assert f"127.0.0.1:{port}" in told
    assert "toxiproxy serve --port 0" in told


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", ""])
def test_it_listens_on_loopback_only(capsys: pytest.CaptureFixture[str], host: str) -> None:
    """Any other address is refused before anything listens."""
    assert run(["toxiproxy", "serve", "--host", host, "--port", "0"]) == 2
    assert "loopback" in capsys.readouterr().err


@pytest.fixture
def left(tmp_path: Path) -> Iterator[tuple[EmbeddedServer, Path]]:
    """A server with what a process changed, and its ledger as it is on the disk after the process's end."""
    living = tmp_path / "living"
    with (
        EmbeddedServer() as server,
        suppress(RestoreIncomplete),
        Toxiproxy(server.url, ledger=living) as toxiproxy,
    ):
        toxiproxy.create(UPSTREAM, "mine").add_toxic(type="timeout")
        path = tmp_path / "the ledger.jsonl"
        shutil.copy(living, path)
        yield server, path


def test_a_restore_tells_what_it_took_back(
    left: tuple[EmbeddedServer, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each step in words, and the ledger is gone; a second time there is no ledger."""
    _, path = left
    assert run(["toxiproxy", "restore", str(path)]) == 0
    told = capsys.readouterr().out
    assert "2 changes taken back" in told
    assert "remove proxy 'mine'" in told
    assert not path.exists()
    assert run(["toxiproxy", "restore", str(path)]) == 2
    assert "AE622" in capsys.readouterr().err


def test_a_script_gets_the_documented_keys(
    left: tuple[EmbeddedServer, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json: the server, what was taken back, and where nothing was left to do."""
    server, path = left
    with Toxiproxy(server.url) as other:
        other.proxy("mine").destroy_toxic("timeout_downstream")
        assert run(["toxiproxy", "restore", str(path), "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
    assert document == {
        "server": server.url,
        "undone": ["remove proxy 'mine'"],
        "gone": ["remove toxic 'timeout_downstream' of proxy 'mine'"],
    }
    assert printed_keys(document, documented_keys()["toxiproxy restore"]) == {"server", "undone[]", "gone[]"}


def test_a_restore_while_the_server_is_away_can_be_repeated(
    left: tuple[EmbeddedServer, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, what is left, and the command to repeat, with its path quoted; then it finishes."""
    server, path = left
    port = server.port
    server.stop()
    assert run(["toxiproxy", "restore", str(path), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "AE624"
    assert error["remedy"].endswith(f"agentops-eval toxiproxy restore '{path}'")
    with EmbeddedServer(port=port):
        assert run(["toxiproxy", "restore", str(path)]) == 0
    assert not path.exists()
