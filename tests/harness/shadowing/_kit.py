"""A refund desk whose tools change a real database and post to a real server, and what was recorded of it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import openai

from agentops_eval import tool
from agentops_eval.harness import RecordMode, Settings, open_run
from agentops_eval.harness.evaluating import agent_of
from agentops_eval.harness.shadowing import (
    Pair,
    Recordings,
    ShadowOrders,
    ShadowSession,
    read_recordings,
)
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.testing import LlmServer, Rule, Say
from agentops_eval.traces.reading import Problems

CUSTOMER = "ann@example.org"
ASKED = "Order 1042 arrived broken. I want my money back."


class Mailbox:
    """A real HTTP server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.posted: list[bytes] = []
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                box.posted.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@dataclass(slots=True)
class Desk:
    """Tools over a real database and a real mailbox, for agents under test."""

    database: Path
    mail: str
    llm: str = "http://127.0.0.1:9/v1"
    prompt: str = "You refund what is broken."
    rows: list[Any] = field(default_factory=list)

    def ask(self, text: str) -> str:
        """What the llm says to do."""
        said: list[Any] = [{"role": "system", "content": self.prompt}, {"role": "user", "content": text}]
        with openai.OpenAI(base_url=self.llm, api_key="unset", max_retries=0) as client:
            reply = client.chat.completions.create(model="scripted", messages=said)
        return reply.choices[0].message.content or ""

    def tools(self) -> Any:
        """Look up, refund, send an email: the latter two act."""

        @tool(name="get_order")
        def get_order(order: int) -> dict[str, float]:
            return {"order": order, "total": 59.90}

        @tool(name="issue_refund", effect="write")
        def issue_refund(order: int, amount: float) -> str:
            with closing(sqlite3.connect(self.database)) as db:
                db.execute("INSERT INTO refunds VALUES (?, ?)", (order, amount))
                db.commit()
            return "refunded"

        @tool(name="send_email", effect="external")
        def send_email(to: str, text: str) -> str:
            httpx.post(self.mail, json={"to": to, "text": text})
            return "sent"

        return get_order, issue_refund, send_email

    @property
    def refunds(self) -> list[tuple[int, float]]:
        """What the database holds."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute("SELECT * FROM refunds").fetchall()


def refund(desk: Desk, text: str, *, extra: str = "") -> str:
    """The agent that is in production; ``extra`` is what a candidate does besides."""
    get_order, issue_refund, send_email = desk.tools()
    desk.ask(text)
    total = get_order(1042)["total"]
    if extra == "look twice":
        get_order(1042)
    issue_refund(1042, total)
    if extra == "twice":
        issue_refund(1042, total)
    if extra == "look afterwards":
        get_order(1042)
    send_email("eve@example.org" if extra == "another" else CUSTOMER, "You get your money back.")
    return "You get your money back."


def new_desk(folder: Path, mail: str) -> Desk:
    """A desk over an empty database."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(folder / "shop.db", mail)
    with closing(sqlite3.connect(desk.database)) as db:
        db.execute("CREATE TABLE refunds (number INTEGER, amount REAL)")
        db.commit()
    return desk


RULES = (
    Rule(when=lambda c: c.says("thief"), then=Say("Refuse.")),
    Rule(then=Say("Refund it.")),
)


def record(desk: Desk, folder: Path, cases: dict[str, str], *, agent: Any = refund) -> None:
    """Record the desk in production on these inputs, with effects."""
    with LlmServer(RULES) as server:
        desk.llm = f"{server.url}/v1"
        for case, text in cases.items():
            path = folder / f"{case}{CASSETTE_SUFFIX}"
            with open_run(path, Settings(record=RecordMode.ALL), case=case, agent="refund"):
                agent(desk, text)


def shadow(folder: Path, agent: Any, *, out: Path, record: str = "none", **options: Any) -> list[Pair | str]:
    """Run a candidate beside what was recorded in a folder."""
    settings = Settings(any_host=True, record=RecordMode(record))
    found = recordings(folder, out)
    session = ShadowSession(
        ShadowOrders(root=out, settings=settings, agent="shop:refund", **options), agent=agent_of(agent)
    )
    return [session.pair(run) for run in found.runs]


def recordings(folder: Path, out: Path) -> Recordings:
    """What was recorded in a folder."""
    return read_recordings(
        [folder], keep_in=out / "recordings", settings=Settings(any_host=True), problems=Problems()
    )
