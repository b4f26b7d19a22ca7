"""``record --proxy`` and ``replay --proxy``: real child processes, and an llm that is gone in replay."""

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
from agentops_eval.testing import Cut, LlmServer, Rule, Say
from tests.cli._kit import COMMAND, environment, process

if TYPE_CHECKING:
    from tests.cli._kit import Commands

R = ("--cassette", "p.cassette.jsonl")
KEY = "sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"

AGENT = f'''
"""Asks two llms, whole and streamed, through their own clients."""
import sys
from concurrent.futures import ThreadPoolExecutor
import anthropic
import openai


def _asked(question):
    return [{{"role": "user", "content": question}}]


def ask(question: str) -> str:
    asked, said = _asked(question), []
    with openai.OpenAI(api_key="{KEY}") as client:
        said.append(client.chat.completions.create(model="large", messages=asked).choices[0].message.content)
        stream = client.chat.completions.create(model="large", messages=asked, stream=True)
        said += [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    with anthropic.Anthropic(api_key="{KEY}") as client:
        said.append(client.messages.create(model="large", max_tokens=9, messages=asked).content[0].text)
        with client.messages.stream(model="large", max_tokens=9, messages=asked) as stream:
            said += stream.text_stream
    return "|".join(said)


def fan_out(question: str) -> str:
    with openai.OpenAI(api_key="unused", max_retries=0) as client, ThreadPoolExecutor(6) as pool:
        def one(number):
            asked = _asked(f"{{question}} {{number}}")
            return client.chat.completions.create(model="large", messages=asked).choices[0].message.content
        return "|".join(pool.map(one, range(12)))


def broken(question: str) -> str:
    said = []
    with openai.OpenAI(api_key="unused", max_retries=0) as client:
        try:
            stream = client.chat.completions.create(model="large", messages=_asked(question), stream=True)
            for chunk in stream:
                said.append(chunk.choices[0].delta.content or "")
        except Exception as error:
            said.append(type(error).__name__)
    return "|".join(said)


def patient(question: str) -> str:
    with openai.OpenAI(api_key="unused", max_retries=5) as client:
        try:
            client.chat.completions.create(model="large", messages=_asked(question))
        except openai.APIStatusError as error:
            return f"{{error.status_code}}"
    return "fine"


def fails(question: str) -> None:
    patient(question)
    sys.exit(3)


if __name__ == "__main__":
    print(globals()[sys.argv[1]](sys.argv[2]))
'''

NODE = """
const asked = {model: "large", stream: true, messages: [{role: "user", content: process.argv[2]}]};
const answer = await fetch(process.env.OPENAI_BASE_URL + "/chat/completions", {
  method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(asked)});
let text = "";
for await (const piece of answer.body) text += Buffer.from(piece).toString();
const said = text.split("\\n\\n").filter(x => x.startsWith("data: {")).map(x => JSON.parse(x.slice(6)));
console.log(answer.status + " " + said.map(x => x.choices[0]?.delta?.content ?? "").join("|"));
"""

SLOW = """
import os, sys, time, urllib.request
request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", method="POST",
    data=b'{"model": "large", "messages": [{"role": "user", "content": "wait"}]}')
urllib.request.urlopen(request).read()
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    """A scripted llm whose streams break where they are asked to."""
    rules = [
        Rule(when=lambda asked: "break" in asked.user, then=Cut(3)),
        Rule(then=lambda asked: Say(f"You said: {asked.user}")),
    ]
    with LlmServer(rules) as server:
        yield server


@pytest.fixture
def agent(ae: Commands, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """The agent as a command; the variables of its clients are those of the tests."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (ae.folder / "proxy_agent.py").write_text(AGENT, encoding="utf-8")
    yield (sys.executable, "proxy_agent.py")
    sys.modules.pop("proxy_agent", None)


def _behind(llm: LlmServer) -> tuple[str, ...]:
    return ("--proxy", "--upstream", f"openai={llm.url}/v1", "--upstream", f"anthropic={llm.url}")


def test_an_agent_replays_in_its_own_process_without_its_llm(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """Through its real clients, whole and streamed, it prints the same, and no request goes out."""
    words = ("--json", *R, "--", *agent, "ask", "Order 1042")
    recorded = ae("record", *_behind(llm), "--approve", *words).document
    assert (recorded["labels"], llm.hits) == ({"live": 4}, 4)
    assert recorded["result"].count("You said: Order 1042") == 2
    llm.stop()
    replayed = ae("replay", "--proxy", *words).document
    assert (replayed["labels"], replayed["golden"]["verdict"]) == ({"replayed": 4}, "equal")
    assert replayed["result"] == recorded["result"]
    assert replayed["digest"] == recorded["digest"]
    assert replayed["proxy"]["exit_code"] == 0


def test_the_recording_replays_the_same_code_in_this_process(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded through the proxy is what the clients would have recorded themselves."""
    assert ae("record", *_behind(llm), "--approve", *R, "--", *agent, "ask", "Order 1042").code == 0
    monkeypatch.setenv("OPENAI_BASE_URL", f"{llm.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", llm.url)
    llm.stop()
    done = ae("replay", "proxy_agent:ask", "Order 1042", *R, "--json")
    assert done.document["labels"] == {"replayed": 4}
    assert done.document["golden"]["verdict"] == "equal"


def test_the_reverse_a_recording_of_this_process_replays_behind_the_proxy(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording made with the clients' own seams answers the same code in another process."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{llm.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", llm.url)
    recorded = ae("record", "proxy_agent:ask", "Order 1042", *R, "--approve", "--json").document
    llm.stop()
    done = ae("replay", "--proxy", "--json", *R, "--", *agent, "ask", "Order 1042").document
    assert (done["result"], done["golden"]["verdict"]) == (recorded["result"], "equal")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_an_agent_in_javascript_is_recorded_and_replayed(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """Node's fetch needs nothing but the base url, and streams."""
    (ae.folder / "agent.mjs").write_text(NODE, encoding="utf-8")
    words = ("--json", "--", "node", "agent.mjs", "Order 1042")
    recorded = ae("record", *_behind(llm), "--approve", *words).document
    assert recorded["result"].startswith("200 |You |said: |Order |1042")
    assert recorded["agent"] == "agent"
    llm.stop()
    replayed = ae("replay", "--proxy", *words).document
    assert (replayed["result"], replayed["golden"]["verdict"]) == (recorded["result"], "equal")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_any_program_will_do(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """curl sends a chunked body and expects to be told to go on."""
    (ae.folder / "body.json").write_text(
        '{"model": "large", "messages": [{"role": "user", "content": "hi"}]}'
    )
    curl = "curl -sS -H 'Transfer-Encoding: chunked' -H 'Expect: 100-continue' --data-binary @body.json"
    words = ("--json", "--", "sh", "-c", f"{curl} $OPENAI_BASE_URL/chat/completions")
    recorded = ae("record", *_behind(llm), *words).document
    assert "You said: hi" in recorded["result"]
    llm.stop()
    assert ae("replay", "--proxy", *words).document["result"] == recorded["result"]


def test_what_the_environment_says_is_the_upstream(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base url that is set already is where the proxy leads to, and the recording remembers it."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{llm.url}/v1")
    assert ae("record", "--proxy", *R, "--", *agent, "patient", "hi").code == 0
    monkeypatch.delenv("OPENAI_BASE_URL")
    llm.stop()
    done = ae("replay", "--proxy", "--json", *R, "--", *agent, "patient", "hi").document
    assert (done["result"], done["proxy"]["upstreams"]) == ("fine", {llm_url(ae): 1})


def llm_url(ae: Commands) -> str:
    """Where the recording says that its llm was."""
    return read_cassette(ae.folder / "p.cassette.jsonl").header.upstreams["openai"].removesuffix("/v1")


def test_parallel_requests_of_one_child_replay(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """Twelve questions from six threads: each gets its own answer, and the trace is that of the recording."""
    words = ("--json", *R, "--", *agent, "fan_out", "Order")
    recorded = ae("record", *_behind(llm), "--approve", *words).document
    llm.stop()
    replayed = ae("replay", "--proxy", *words).document
    assert replayed["result"] == recorded["result"]
    assert replayed["golden"]["verdict"] == "equal"
    assert (replayed["labels"], replayed["unused"]) == ({"replayed": 12}, [])


def test_a_stream_that_breaks_breaks_again_in_the_same_place(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """The child's client raises the same error after the same chunks, there and in this process."""
    words = ("--json", *R, "--", *agent, "broken", "break it")
    recorded = ae("record", *_behind(llm), *words).document
    assert recorded["result"].endswith("Error")
    assert "RemoteProtocolError" in recorded["proxy"]["failed"][0]
    llm.stop()
    assert ae("replay", "--proxy", *words).document["result"] == recorded["result"]


def test_a_miss_is_told_once_and_ends_the_command(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """The client gets status 422 and does not ask again; the pasted remedy records with the same upstream."""
    words = (*R, "--", *agent, "patient")
    assert ae("record", *_behind(llm), *words, "Order 1042").code == 0
    done = ae("replay", "--proxy", *words, "Order 9")
    assert (done.code, "AE110" in done.err) == (1, True)
    assert '"Order 1042"' in done.err
    assert "calls had no answer" not in done.err
    hits = llm.hits
    assert ae.paste(done.remedy).code == 0
    assert llm.hits == hits + 1


def test_a_child_that_fails_is_recorded_as_an_agent_that_raises(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """Its exit code is told, ours is 1, and a replay ends alike."""
    words = ("--json", *R, "--", *agent, "fails", "hi")
    for verb, options in (("record", _behind(llm)), ("replay", ("--proxy",))):
        done = ae(verb, *options, *words)
        told = done.document
        assert (done.code, told["outcome"], told["proxy"]["exit_code"]) == (1, "raised SystemExit", 3)
    assert ae("replay", "--proxy", *words[1:]).out.count("exit     3") == 1


def test_a_child_that_is_killed_is_told_by_its_signal(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """A signal is no exit code."""
    code = SLOW.replace("time.sleep(60)", "os.kill(os.getpid(), 9)")
    told = ae("record", *_behind(llm), "--json", *R, "--", sys.executable, "-c", code).document
    assert (told["proxy"]["exit_code"], told["proxy"]["signal"]) == (None, "SIGKILL")


def test_a_command_that_asks_nothing_is_an_error(ae: Commands, agent: tuple[str, ...]) -> None:
    """Nothing is written, and the error says how the command ended and what it could have read."""
    done = ae("record", "--proxy", *R, "--", "sh", "-c", "exit 7")
    assert (done.code, "AE407" in done.err, "ended with 7" in done.err) == (2, True, True)
    assert "OPENAI_BASE_URL" in done.err
    assert not (ae.folder / "p.cassette.jsonl").exists()


def test_ci_replays_and_does_not_record(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everywhere, recording is refused while CI is set."""
    words = (*R, "--", *agent, "patient", "hi")
    assert ae("record", *_behind(llm), *words).code == 0
    monkeypatch.setenv("CI", "1")
    refused = ae("record", *_behind(llm), *words)
    assert (refused.code, "AE301" in refused.err) == (2, True)
    assert ae("replay", "--proxy", *words).code == 0


def test_secrets_of_a_child_reach_no_file(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """Neither the key that it sends, nor one on its command line, in a file or in a file's name."""
    assert ae("record", *_behind(llm), "--approve", "--", *agent, "ask", f"use {KEY}").code == 0
    kept = [path for path in ae.folder.rglob("*") if path.is_file() and path.name != "proxy_agent.py"]
    assert any("proxy_agent" in path.name for path in kept)
    for path in kept:
        assert KEY[8:] not in str(path)
        assert KEY.encode() not in path.read_bytes()


def test_a_branch_goes_on_live(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """What the recording lacks is asked of the upstream and kept beside it."""
    assert ae("record", *_behind(llm), *R, "--", *agent, "patient", "Order 1042").code == 0
    words = (*R, "--branch", "b", "--", *agent, "patient", "Order 9")
    recorded = ae("replay", "--proxy", "--record", *words)
    assert (recorded.code, "1 live" in recorded.out) == (0, True)
    llm.stop()
    assert ae("replay", "--proxy", "--json", *words).document["labels"] == {"branch": 1}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_an_interrupted_recording_keeps_what_was_seen(
    project: Path, llm: LlmServer, how: signal.Signals
) -> None:
    """The child is ended, the exit code is 130, and the pasted remedy makes a recording of the rest."""
    words = ["record", *_behind(llm), *R, "--", sys.executable, "-c", SLOW]
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
        [*COMMAND, "record", *_behind(llm), *R, "--approve"],
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
def test_misuse_is_named(ae: Commands, agent: tuple[str, ...], words: list[str], says: str) -> None:
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
