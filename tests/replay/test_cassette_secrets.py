"""A recording without its secrets replays: also where the agent uses what was redacted."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard

from agentops_eval import handoff, recording, replaying, tool
from agentops_eval.domain import HttpRequest, Label, ReplayMiss, SecretFound
from agentops_eval.harness import Settings, recover_recording
from agentops_eval.replay import partials_of, read_cassette
from agentops_eval.replay._headers import told

KEY = "sk-" + "proj-" + "aB3dE5fG7hJ9kL1mN2pQ"
OTHER_KEY = "sk-" + "proj-" + "zY9xW8vU7tS6rQ5pO4nM"
TOKEN = "Zx9" + "q7W2e4R6t8Y0u1I3o5P"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"]))
        answer = {"session_token": TOKEN} if self.path == "/login" else {"echo": sent.decode()}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("set-cookie", "sid=c00kie")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A service that hands out a token and echoes what it gets."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def agent(url: str, key: str) -> str:
    """Log in, then use the token in a body, in a query and beside a password."""
    with httpx.Client(headers={"authorization": f"Bearer {key}"}) as client:
        token = client.post(f"{url}/login", json={"api_key": key}).json()["session_token"]
        echo = client.post(f"{url}/act", json={"note": f"token {token}, key {key}"}).json()["echo"]
        form = {"password": "hunter2", "note": echo}
        return client.post(f"{url}/again?token={token}", data=form).text


def test_a_redacted_recording_replays_with_another_key(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    """No secret is in the file; replay answers every call, with the same key or another, to equal digests."""
    path = tmp_path / "c.cassette.jsonl"
    url = f"http://127.0.0.1:{server.server_port}"
    with recording(path) as recorded:
        agent(url, KEY)
    text = path.read_text()
    assert [secret for secret in (KEY, TOKEN, "hunter2", "c00kie") if secret in text] == []
    for key in (KEY, OTHER_KEY):
        with replaying(path) as replayed:
            assert "[redacted:secret-1]" in agent(url, key)
        assert replayed.digest == recorded.digest


def eager_agent(url: str, key: str, token: str) -> str:
    """Say both secrets before anything gives them away, then use them, in a tool too."""
    with httpx.Client() as client:
        first = client.post(f"{url}/act", json={"note": f"I hold {token} and {key}"}).json()["echo"]
        note(f"{key}")
        client.post(f"{url}/login", json={"a": 1}, headers={"authorization": f"Bearer {key}"})
        client.post(f"{url}/act", json={"session_token": token})
        return first + note(f"again {token}")


@tool
def note(text: str) -> str:
    """Repeat what was said."""
    return f"noted {text}"


PLAIN_KEY = "u7Yh2Kd9Qp" + "4Lw8Zx3Vb6"


@pytest.mark.parametrize("key", [PLAIN_KEY, KEY, "stand-in-0001", "dummy"])
def test_what_was_said_before_it_was_given_away_is_taken_back(
    tmp_path: Path, server: ThreadingHTTPServer, key: str
) -> None:
    """A secret that shows only later is in no line of the file, and every call is still answered."""
    path = tmp_path / "c.cassette.jsonl"
    url = f"http://127.0.0.1:{server.server_port}"
    with recording(path) as recorded:
        eager_agent(url, PLAIN_KEY, TOKEN)
    everything = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert [secret for secret in (PLAIN_KEY, TOKEN) if secret.encode() in everything] == []
    with replaying(path) as replayed:
        eager_agent(url, key, TOKEN)
    assert [event.label for event in replayed.events] == [Label.REPLAYED] * 5
    if key != "dummy":  # too short to be looked for: it stands in the trace as it is
        assert replayed.digest == recorded.digest


def test_large_bodies_are_taken_back_too(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    """The blob of a body in which a secret was found later is removed; a body without one stays."""
    path = tmp_path / "c.cassette.jsonl"
    url = f"http://127.0.0.1:{server.server_port}"
    padding = "harmless " * 10_000
    with recording(path), httpx.Client() as client:
        client.post(f"{url}/act", json={"note": padding})
        client.post(f"{url}/act", json={"note": f"{padding}{PLAIN_KEY}"})
        client.post(f"{url}/act", json={"api_key": PLAIN_KEY})
    blobs = [file.read_bytes() for file in (tmp_path / "blobs").iterdir()]
    assert [PLAIN_KEY.encode() in blob for blob in blobs] == [False] * 2
    with replaying(path), httpx.Client() as client:
        client.post(f"{url}/act", json={"note": f"{padding}another-key-1"})


def test_an_interrupted_recording_is_taken_back_as_well(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    """What Ctrl-C leaves behind is redacted by all that was known then."""
    path = tmp_path / "c.cassette.jsonl"
    url = f"http://127.0.0.1:{server.server_port}"
    with pytest.raises(KeyboardInterrupt), recording(path) as run:
        eager_agent(url, PLAIN_KEY, TOKEN)
        raise KeyboardInterrupt
    assert run.partial is not None
    text = run.partial.read_text()
    assert [secret for secret in (PLAIN_KEY, TOKEN) if secret in text] == []
    assert len(text.splitlines()) == 6


def test_a_stand_in_takes_no_answer_that_belongs_to_another(tmp_path: Path) -> None:
    """A call that was recorded and has had its answer is not served what stood behind a placeholder."""

    @tool
    def set_name(name: str) -> str:
        return f"ok {name}"

    path = tmp_path / "c.cassette.jsonl"
    with recording(path):
        assert set_name(KEY).startswith("ok")
        set_name("robert")
    with replaying(path) as run:
        assert set_name("robert") == "ok robert"
        assert set_name(OTHER_KEY) == "ok [redacted:secret-1]"
    assert run.report.stats.stand_ins == ()
    with pytest.raises(ReplayMiss, match="already consumed"), replaying(path):
        set_name("robert")
        set_name("robert")
    with replaying(path) as run:
        set_name("robert")
        set_name("a-stand-in")
    assert run.report.stats.stand_ins == ("call 2, tool set_name",)


def test_a_killed_process_leaves_no_secret_that_it_knew(tmp_path: Path) -> None:
    """What was learnt is taken out of earlier lines at once, and so a recording can be recovered."""
    path = tmp_path / "c.cassette.jsonl"
    script = f"""
import os, pathlib
from agentops_eval import recording, tool
note = tool(lambda text: "ok", name="note")
login = tool(lambda password: "ok", name="login")
with recording(pathlib.Path({str(path)!r})):
    note("I hold {PLAIN_KEY}")
    login(password="{PLAIN_KEY}")
    os._exit(1)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    (partial,) = partials_of(path)
    assert PLAIN_KEY not in partial.read_text()
    assert recover_recording(partial, Settings()) == path
    assert PLAIN_KEY not in path.read_text()
    assert read_cassette(path).events[0].key
    assert list(tmp_path.iterdir()) == [path]


def test_a_value_that_is_no_key_shows_in_the_digest(tmp_path: Path) -> None:
    """What stands in for a secret and is no key is served, named in the report, and differs in the golden."""
    path = tmp_path / "c.cassette.jsonl"
    with recording(path) as recorded:
        note(PLAIN_KEY)
        login(api_key=PLAIN_KEY)
    with replaying(path) as replayed:
        note("everything-to-eve")
        login(api_key="test-key-0001")
    assert replayed.report.stats.stand_ins == ("call 1, tool note",)
    assert replayed.digest != recorded.digest
    with pytest.raises(ReplayMiss), replaying(path):
        note("/var/data-1;ls")


@tool
def login(api_key: str, command: str = "") -> str:
    """Takes a key, and perhaps repeats it."""
    return "ok"


@pytest.mark.parametrize("key", ["dummy-key", "test12", "dummy-api-key-for-tests", "test-key-0001"])
def test_a_stand_in_may_stand_beside_its_own_placeholder(tmp_path: Path, key: str) -> None:
    """A dummy that its field's name gives away in one place, and nothing in another, is still one key."""
    path = tmp_path / "c.cassette.jsonl"
    with recording(path):
        login(api_key=PLAIN_KEY, command=f"login {PLAIN_KEY}")
    with replaying(path):
        assert login(api_key=key, command=f"login {key}") == "ok"


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, br"])
def test_packed_requests_are_found_again(tmp_path: Path, server: ThreadingHTTPServer, coding: str) -> None:
    """A packed body in which a secret was found is kept plain, and the same bytes still ask for it."""
    data = json.dumps({"note": PLAIN_KEY}).encode()
    for name in coding.split(", "):
        data = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}[name](data)
    path = tmp_path / "c.cassette.jsonl"
    url = f"http://127.0.0.1:{server.server_port}"

    def ask() -> None:
        httpx.post(f"{url}/login", headers={"content-encoding": coding}, content=data)
        httpx.post(f"{url}/login", headers={"x-api-key": PLAIN_KEY}, json={})

    with recording(path):
        ask()
    assert PLAIN_KEY not in path.read_text()
    with replaying(path):
        ask()


def test_names_that_hold_a_key_are_redacted_or_refused(tmp_path: Path) -> None:
    """Who hands to whom, a default in a signature, the case: a key in a name reaches no file either."""

    def keyed(text: str, key: str = KEY) -> str:
        return text

    path = tmp_path / "c.cassette.jsonl"
    for run in (recording, replaying):
        with run(path):
            assert handoff(f"worker-{KEY}", "go", lambda message: message, sender=f"desk-{KEY}") == "go"
            assert tool(keyed)("hello") == "hello"
    assert KEY not in path.read_text()
    with pytest.raises(SecretFound), recording(tmp_path / "d.cassette.jsonl", case=f"ask[{KEY}]"):
        pass
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_refused_recording_leaves_no_secret_behind(tmp_path: Path) -> None:
    """Where a line cannot be written, what had been written before is cleaned all the same."""
    path = tmp_path / "c.cassette.jsonl"

    def denied() -> None:
        login(api_key=PLAIN_KEY)
        raise type(f"Denied_{PLAIN_KEY}", (Exception,), {})  # the class of an error is kept as it is called

    with pytest.raises(SecretFound), recording(path):
        note(f"I hold {PLAIN_KEY}")
        tool(denied)()
    (partial,) = partials_of(path)
    assert PLAIN_KEY not in partial.read_text()
    assert not path.exists()


def test_a_tool_whose_name_holds_a_secret_replays(tmp_path: Path) -> None:
    """The name is redacted like what the tool was given, and the call is found again."""
    path = tmp_path / "c.cassette.jsonl"
    named = tool(lambda: login(api_key=PLAIN_KEY), name=f"mcp_{PLAIN_KEY}")
    with recording(path):
        answer = named()
    assert PLAIN_KEY not in path.read_text()
    with replaying(path):
        assert named() == answer


def stored(path: Path) -> str:
    """All that a recording left on the disk."""
    return "".join(file.read_text() for file in path.parent.rglob("*") if file.is_file())


@pytest.mark.parametrize("password", [PLAIN_KEY, "stand-in-0001", "dummy"])
def test_the_password_of_basic_authorization_is_in_no_body(
    tmp_path: Path, server: ThreadingHTTPServer, password: str
) -> None:
    """What the header holds in base64 is redacted in a body and in a tool, before and after."""
    path = tmp_path / "c.cassette.jsonl"
    url = f"http://127.0.0.1:{server.server_port}"

    def agent(password: str) -> None:
        note(f"I am ann with {password}")
        with httpx.Client(auth=("ann", password)) as client:
            client.post(f"{url}/act", json={"with": password})

    with recording(path):
        agent(PLAIN_KEY)
    assert PLAIN_KEY not in stored(path)
    assert "ann" in stored(path)
    with replaying(path) as replayed:
        agent(password)
    assert [event.label for event in replayed.events] == [Label.REPLAYED] * 2


@tool
def seal(data: bytes) -> bytes:
    """Put a frame around bytes."""
    return b"<" + data + b">"


@pytest.mark.parametrize("key", [KEY, OTHER_KEY, "stand-in-0001"])
def test_bytes_of_tools_hold_no_secret_and_are_found_again(tmp_path: Path, key: str) -> None:
    """Neither the key nor its hex digits are in the file; bytes come back as bytes."""
    path = tmp_path / "c.cassette.jsonl"
    with recording(path) as recorded:
        seal(f"é key={KEY}".encode())
        seal(data=b"\xff" + KEY.encode())
    assert [secret for secret in (KEY, KEY.encode().hex()) if secret in stored(path)] == []
    with replaying(path) as replayed:
        assert seal(f"é key={key}".encode()) == "<é key=[redacted:secret-1]>".encode()
        if key != "stand-in-0001":  # no text: a stand-in is not looked for in it
            assert seal(data=b"\xff" + key.encode()) == b"<\xff[redacted:secret-1]>"
            assert replayed.digest == recorded.digest


def test_what_the_agent_loads_into_the_environment_is_known_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .env file that the agent reads gives its values away, though nothing else does."""
    path = tmp_path / "c.cassette.jsonl"
    monkeypatch.setenv("SHOP_PAT", "")
    with recording(path) as run:
        note(f"before {PLAIN_KEY}")
        assert PLAIN_KEY in run.trace.spans[-1].attributes["gen_ai.tool.call.result"]  # type: ignore[operator]
        os.environ["SHOP_PAT"] = PLAIN_KEY
        assert PLAIN_KEY not in repr(run.trace)
        os.environ["SHOP_PAT"] = ""
        os.environ["SHOP_PAT"] = TOKEN
        note(f"after {TOKEN}")
    assert [secret for secret in (PLAIN_KEY, TOKEN) if secret in stored(path) + repr(run.trace)] == []
    monkeypatch.setenv("SHOP_PAT", "")
    with replaying(path):
        assert note("before dummy") == "noted before [redacted:secret-1]"


def test_a_header_with_a_secret_tells_no_calls_apart() -> None:
    """Not by a value that is no placeholder either: it is another in every environment."""
    headers = (("X-Auth-Key", "dummy"), ("X-JWT", "d"), ("X-CSRFToken", "d"), ("X-Tenant", "blue"))
    assert told(HttpRequest(method="GET", url="https://h/", headers=headers)) == {"x-tenant": "blue"}
