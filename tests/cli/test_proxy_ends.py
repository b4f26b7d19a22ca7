"""How a run behind the proxy ends: interrupted, served, killed, misused, or without a trusted upstream."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.replay import read_cassette
from agentops_eval.testing import LlmServer, Rule, Say
from tests.cli._kit import COMMAND, environment, process
from tests.cli._proxy_kit import SLOW, behind

if TYPE_CHECKING:
    from tests.cli._kit import Commands

R = ("--cassette", "p.cassette.jsonl")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    """A scripted llm that repeats what it hears."""
    with LlmServer([Rule(then=lambda asked: Say(f"You said: {asked.user}"))]) as server:
        yield server


def test_a_child_that_is_killed_is_told_by_its_signal(ae: Commands, llm: LlmServer) -> None:
    """A signal is no exit code."""
    code = SLOW.replace("time.sleep(60)", "os.kill(os.getpid(), 9)")
    told = ae("record", *behind(llm), "--json", *R, "--", sys.executable, "-c", code).document
    assert (told["proxy"]["exit_code"], told["proxy"]["signal"]) == (None, "SIGKILL")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_an_interrupted_recording_keeps_what_was_seen(
    project: Path, llm: LlmServer, how: signal.Signals
) -> None:
    """The child is ended, the exit code is 130, and the pasted remedy makes a recording of the rest."""
    words = ["record", *behind(llm), *R, "--", sys.executable, "-c", SLOW]
    started = subprocess.Popen(
        [*COMMAND, *words],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    child = int(started.stdout.readline())
    started.send_signal(how)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    recover = next(line for line in err.splitlines() if "fix:" in line).split("agentops-eval ")[1]
    assert process(project, *recover.split()).code == 0
    assert len(read_cassette(project / "p.cassette.jsonl").events) == 1


def test_without_a_command_the_proxy_serves_until_it_is_stopped(project: Path, llm: LlmServer) -> None:
    """It prints what a shell can paste, and Ctrl-C ends the run and writes the recording."""
    served = subprocess.Popen(
        [*COMMAND, "record", *behind(llm), *R, "--approve"],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert served.stdout is not None
    exported = {}
    while "OPENAI_BASE_URL" not in exported:
        name, _, value = served.stdout.readline().removeprefix("export ").strip().partition("=")
        exported[name] = value
    body = json.dumps({"model": "large", "messages": [{"role": "user", "content": "hi"}]}).encode()
    address = f"{exported['OPENAI_BASE_URL']}/chat/completions"
    with urllib.request.urlopen(urllib.request.Request(address, data=body, method="POST")) as answer:
        assert b"You said: hi" in answer.read()
    served.send_signal(signal.SIGINT)
    out, err = served.communicate(timeout=60)
    assert served.returncode == 0, err
    assert "agent record: 1 live" in out
    assert len(read_cassette(project / "p.cassette.jsonl").events) == 1


def test_an_upstream_that_is_down_leaves_the_command_that_recovers(ae: Commands) -> None:
    """Nothing is written but the hidden file, and the line that makes a recording of it can be pasted."""
    ask = "import os, urllib.request as r; r.urlopen(os.environ['OPENAI_BASE_URL'])"
    words = ("--proxy", "--upstream", "openai=http://127.0.0.1:1/v1", "--", sys.executable, "-c", ask)
    done = ae("record", "--cassette", "down.cassette.jsonl", *words)
    assert (done.code, (ae.folder / "down.cassette.jsonl").exists()) == (1, False)
    recover = done.out.partition("to make a recording of it: ")[2].splitlines()[0]
    assert ae.paste(recover).code == 0
    assert len(read_cassette(ae.folder / "down.cassette.jsonl").events) == 1


def test_an_agent_that_asks_nothing_leaves_no_folder(ae: Commands) -> None:
    """Folders that were made for a recording go with it; those that were there stay."""
    (ae.folder / "golden_traces").mkdir()
    done = ae("record", "--proxy", "--", "echo", "hi")
    assert (done.code, "AE407" in done.err) == (2, True)
    assert list((ae.folder / "golden_traces").iterdir()) == []
    (ae.folder / "golden_traces").rmdir()
    assert ae("record", "--proxy", "--", "echo", "hi").code == 2
    assert not (ae.folder / "golden_traces").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["record", "--upstream", "a=http://b", "cli_shop:look"], "--upstream is an option of the proxy"),
        (["record"], "Missing argument 'MODULE:CALLABLE'"),
        (["record", "--proxy", "--upstream", "nothing", "--", "true"], "is not NAME=VALUE"),
        (["record", "--proxy", "--upstream", "a=ftp://b", "--", "true"], "a cannot be an upstream"),
        (["record", "--proxy", "--upstream", "a/b=http://b", "--", "true"], "cannot be an upstream"),
        (["record", "--proxy", "--upstream", "a=http://u:hush@b", "--", "true"], "give them to the agent"),
        (["record", "--proxy", "--env", "A=nix/v1", "--", "true"], "does not lead to an upstream"),
        (["record", "--proxy", "--", "no-such-program"], "there is no program 'no-such-program'"),
        (["record", "--proxy", "--approver", "approve", "--", "true"], "--approver needs an agent in this"),
        (["replay", "--proxy", "--twice", "--", "true"], "--twice needs an agent in this process"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value),
)
def test_misuse_is_named(ae: Commands, words: list[str], says: str) -> None:
    """Nonsense is exit code 2 with a sentence and a way on, and no secret is repeated."""
    done = ae(*words)
    assert (done.code, says in done.err, "hush" in done.err) == (2, True, False)
    assert "fix:" in done.err


TLS = """
import http.server, ssl, sys
class Exchange(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"secure")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("localhost", 0), Exchange)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
"""
ASKS = "import os, urllib.request as r; print(r.urlopen(os.environ['OPENAI_BASE_URL'] + '/x').read())"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_upstreams_certificate_is_verified(project: Path) -> None:
    """One that nobody vouches for is an upstream that cannot be reached; a trusted one is asked over TLS."""
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    words = [*make.split(), "-keyout", "key.pem", "-out", "cert.pem", *names]
    subprocess.run(words, cwd=project, check=True, capture_output=True)
    server = subprocess.Popen([sys.executable, "-c", TLS], cwd=project, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        upstream = f"openai=https://localhost:{server.stdout.readline().strip()}"
        asked = ("record", "--proxy", "--upstream", upstream, "--json", "--", sys.executable, "-c", ASKS)
        doubtful = process(project, *asked).document
        trusted = process(project, *asked, SSL_CERT_FILE="cert.pem").document
    finally:
        server.kill()
        server.communicate()
    assert "certificate verify failed" in doubtful["proxy"]["failed"][0]
    assert doubtful["proxy"]["exit_code"] == 1
    assert trusted["result"] == "b'secure'"
