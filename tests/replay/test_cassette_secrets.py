"""A recording without its secrets replays: also where the agent uses what was redacted."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from agentops_eval import recording, replaying

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
            assert "[redacted:session-token-1]" in agent(url, key)
        assert replayed.digest == recorded.digest
