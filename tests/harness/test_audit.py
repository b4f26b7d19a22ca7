"""The determinism audit on real agents: a recorded project, and real child processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agentops_eval.domain import RunMisuse
from agentops_eval.harness import AuditReport, audit_command, report_brief, report_lines
from agentops_eval.replay import AuditFinding, Dependence, Factor
from agentops_eval.testing import LlmServer, Rule, Say

ROOT = Path(__file__).resolve().parents[2]

AGENT = '''
"""Agents over real HTTP, each with habits of its own."""
import asyncio
import os
import random
import time
import uuid
from datetime import datetime

import httpx2

URL = "@URL@/v1/chat/completions"
TONE = os.environ.get("TONE", "kind")
TAGS = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta"}

def ask(text, **more):
    body = {"model": "small", "messages": [{"role": "user", "content": text}], **more}
    with httpx2.Client(trust_env=False) as client:
        return client.post(URL, json=body).json()["choices"][0]["message"]["content"]

async def ask_async(client, text):
    body = {"model": "small", "messages": [{"role": "user", "content": text}]}
    return (await client.post(URL, json=body)).json()["choices"][0]["message"]["content"]

def log(text):
    return f"{time.time()} {time.monotonic()} {random.random()} {text}"

async def careless():
    """One of everything that must not reach a request."""
    ask(f"the time is {time.time():.0f}")
    ask("buy", metadata={"ticket": str(uuid.uuid4())})
    ask(f"lucky number {random.random():.6f}")
    ask("tags: " + " ".join(dict.fromkeys(TAGS)))
    ask(f"be {TONE}")
    said = []
    async def one(word):
        await asyncio.sleep(0)
        said.append(word)
    await asyncio.gather(one("a"), one("b"))
    return log(ask("heard " + " ".join(said)))

async def careful():
    """Reads everything, and sends nothing of it; several tasks wait for answers at a time."""
    log("begins")
    os.environ.get("COLOUR")
    dict(os.environ)
    async with httpx2.AsyncClient(trust_env=False) as client:
        said = await asyncio.gather(*(ask_async(client, word) for word in sorted(TAGS)))
        return log(await ask_async(client, " / ".join(said)))

async def racing():
    """The answers are put together in the order in which they come."""
    said = []
    async with httpx2.AsyncClient(trust_env=False) as client:
        async def one(word):
            said.append(await ask_async(client, word))
        await asyncio.gather(*(one(word) for word in ("slow", "fast")))
        return await ask_async(client, " then ".join(said))

def stamp():
    return f"{datetime.now():%Y-%m-%d %H:%M:%S.%f}"

def dated():
    """Reads a clock that no seam holds, so that its own recording does not fit."""
    ask("begin")
    return ask(f"it is {stamp()}")

def addressed():
    """Sends what differs between any two processes."""
    return ask(f"see {object()!r}")

def stubborn():
    """Asks with the time in it, swallows what happens, and leaves without a word."""
    try:
        ask(f"the time is {time.time():.0f}")
        raise SystemExit(0)
    except Exception:
        raise
    except BaseException as error:
        if not isinstance(error, SystemExit):
            os._exit(3)

def edited():
    """Was changed since its recording."""
    return ask("hello" if os.path.exists("recording") else "good evening")
'''

NEEDED = re.compile(r"PATH|HOME|PYTEST_CURRENT_TEST|(LD|DYLD)_.*")  # to start a child at all
AGENTS = ("careless", "careful", "racing", "dated", "addressed", "stubborn", "edited")


class Project:
    """A user's project with recorded agents; its llm is gone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ = {name: value for name, value in os.environ.items() if name not in {"TONE", "COLOUR"}}
        self.environ |= {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run our command line in the project."""
        return subprocess.run(
            [sys.executable, "-m", "agentops_eval.cli", *words],
            env=self.environ,
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )

    def audit(self, agent: str, monkeypatch: pytest.MonkeyPatch, *intentional: str) -> AuditReport:
        """Audit one agent."""
        for name in ("TONE", "COLOUR"):
            monkeypatch.delenv(name, raising=False)
        for name in ("PYTHONPATH", "PYTHONHASHSEED"):
            monkeypatch.setenv(name, self.environ[name])
        command = [sys.executable, "-m", "agentops_eval.cli", "replay", f"agent:{agent}", "--json"]
        return audit_command(command, intentional=intentional, cwd=self.root)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """All agents recorded once, with the hash seed of the plain runs."""
    made = Project(tmp_path_factory.mktemp("project"))
    (made.root / "recording").touch()

    with LlmServer([Rule(then=lambda talk: Say(f"You said {talk.user}"))]) as server:
        (made.root / "agent.py").write_text(AGENT.replace("@URL@", server.url), encoding="utf-8")
        for agent in AGENTS:
            done = made.cli("record", f"agent:{agent}")
            assert done.returncode == 0, done.stdout + done.stderr
    (made.root / "recording").unlink()
    return made


def sites(report: AuditReport, factor: Factor, dependence: Dependence) -> list[str]:
    """The functions that a dependence is about, and what they read."""
    found = [f.sites for f in report.findings if (f.factor, f.dependence) == (factor, dependence)]
    parts = [site.replace(" ", ":").split(":") for group in found for site in group]
    return [f"{module}:{function} {detail}" for module, function, _, detail in parts]


def test_every_careless_habit_is_told_apart(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time, uuid, random, set order, environment and task order: each is found at its own call and line."""
    report = project.audit("careless", monkeypatch)
    accidental, harmless = Dependence.ACCIDENTAL, Dependence.HARMLESS
    assert report.outcome == "completed"
    assert sites(report, Factor.TIME, accidental) == ["agent:careless (time.time)"]
    assert sites(report, Factor.TIME, harmless) == ["agent:log (time.monotonic)", "agent:log (time.time)"]
    assert sites(report, Factor.ENTROPY, accidental) == [
        "agent:careless (os.urandom)",
        "agent:careless (random.random)",
    ]
    assert sites(report, Factor.ENTROPY, harmless) == ["agent:log (random.random)"]
    assert sites(report, Factor.ENVIRONMENT, accidental) == ["agent:<module> (TONE)"]
    shown = {(f.factor, f.place): (f.before, f.after) for f in report.accidental}
    message = "messages[0] (user)"
    assert shown[Factor.ENVIRONMENT, message] == ('"be kind"', '"be varied"')
    assert shown[Factor.TASK_ORDER, message] == ('"heard a b"', '"heard b a"')
    assert "tags: " in shown[Factor.HASH_ORDER, message][1]
    assert shown[Factor.ENTROPY, "metadata.ticket"][0] != shown[Factor.ENTROPY, "metadata.ticket"][1]
    assert shown[Factor.TIME, message][0].startswith('"the time is 1')
    assert all(f.site.startswith("agent:ask:") and f.call.startswith("http POST") for f in report.accidental)
    assert len(report.accidental) == 6


def test_a_careful_agent_passes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read and not sent is harmless, and tasks whose answers are gathered have no order."""
    for number in range(20):  # too many to vary each
        monkeypatch.setenv(f"SURROUNDING_{number}", "x")
    report = project.audit("careful", monkeypatch)
    assert report.deterministic
    assert {f.dependence for f in report.findings} == {Dependence.HARMLESS}
    assert {f.factor for f in report.findings} == {Factor.TIME, Factor.ENTROPY, Factor.ENVIRONMENT}
    assert set(report.varied) == set(Factor) - {Factor.NOTHING}
    assert [text for text in report.unvaried if text.startswith("(all of it, at agent:careful:")]


def test_a_small_environment_is_varied_one_by_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an agent that reads everything can read little, each variable is varied, and none matters."""
    for name in os.environ:
        if not NEEDED.fullmatch(name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SURROUNDING", "x")
    report = project.audit("careful", monkeypatch)
    assert report.deterministic
    assert {f.dependence for f in report.findings} == {Dependence.HARMLESS}
    assert "agent:careful (SURROUNDING)" in sites(report, Factor.ENVIRONMENT, Dependence.HARMLESS)
    assert "PATH" in report.unvaried
    assert not [text for text in report.unvaried if text.startswith("(all of it")]


def test_answers_in_the_order_of_their_coming(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that are put together as they come depend on the order of tasks, not on time."""
    report = project.audit("racing", monkeypatch)
    (finding,) = report.accidental
    assert finding.factor is Factor.TASK_ORDER
    assert finding.site.startswith("agent:ask_async:")


def test_a_date_is_time_although_no_seam_holds_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """datetime.now() is attributed to time; its recording cannot fit, which the report says."""
    report = project.audit("dated", monkeypatch)
    (finding,) = report.accidental
    assert finding.factor is Factor.TIME
    assert sites(report, Factor.TIME, Dependence.ACCIDENTAL) == ["agent:stamp (datetime.now)"]
    assert report.outcome == "miss"


def test_a_child_that_dies_has_told_what_it_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that swallows the miss and exits at once is judged by what it wrote; its read is declared."""
    report = project.audit("stubborn", monkeypatch, "agent:stub*")
    assert sites(report, Factor.TIME, Dependence.INTENTIONAL) == ["agent:stubborn (time.time)"]
    assert [f.place for f in report.findings if f.factor is Factor.TIME] == ["messages[0] (user)"]
    assert report.deterministic


def test_what_differs_by_itself_is_unstable(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address in memory differs with nothing varied: no factor is blamed, and two runs suffice."""
    report = project.audit("addressed", monkeypatch)
    assert report.unstable is not None
    assert "object at 0x" in report.unstable.before
    assert report.unstable.site.startswith("agent:ask:")
    assert not report.deterministic
    assert report.runs == 2


def test_a_run_that_misses_for_other_reasons_is_not_judged(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that was changed since its recording has to be recorded first; the miss is shown."""
    with pytest.raises(RunMisuse, match="does not replay with nothing varied") as caught:
        project.audit("edited", monkeypatch)
    assert "good evening" in caught.value.difference


def test_a_command_that_opens_no_run_is_refused(tmp_path: Path) -> None:
    """The audited command's own words are shown where it fails before it replays anything."""
    command = [sys.executable, "-c", "import sys; sys.exit('no such agent')"]
    with pytest.raises(RunMisuse, match="opened no run") as caught:
        audit_command(command, cwd=tmp_path)
    assert "no such agent" in caught.value.difference


def test_a_run_without_calls_is_not_called_deterministic() -> None:
    """Where there was nothing to compare, the report says that instead."""
    assert report_lines(AuditReport(varied=(Factor.TIME,))) == (
        "nothing was compared: the run makes no calls",
    )
    assert report_lines(AuditReport(varied=(Factor.TIME,), calls=1)) == ("deterministic; varied: time",)


def test_what_is_unclear_is_not_called_judged() -> None:
    """The last line tells what was judged from what was not; in brief, reads stand behind their finding."""
    unclear = AuditFinding(
        factor=Factor.TIME,
        dependence=Dependence.UNCLEAR,
        sites=("shop:a:1 (time.time)", "shop:b:2"),
        note="it died",
    )
    report = AuditReport(findings=(unclear,), varied=(Factor.HASH_ORDER, Factor.TIME), calls=1)
    assert report_brief(report) == (
        "time: unclear, it died; read at shop:a:1 (time.time), shop:b:2",
        "varied without effect: hash-order",
        "deterministic in what could be judged: hash-order; unclear, so not judged: time",
    )
    alone = AuditReport(findings=(unclear,), varied=(Factor.TIME,), calls=1)
    assert report_lines(alone)[-1] == "nothing could be judged; unclear, so not judged: time"


KEYS = {"deterministic", "unclear", "findings", "varied", "reads", "unvaried", "outcome", "calls", "runs"}
FINDING = {
    "factor",
    "dependence",
    "variable",
    "sites",
    "call",
    "span",
    "site",
    "place",
    "before",
    "after",
    "also",
}
READ = {"factor", "site", "detail", "count", "intentional"}


def test_replay_twice_as_json_and_as_text(project: Project) -> None:
    """The command prints the documented keys, exits with 1 on a finding, and words it for people."""
    done = project.cli("replay", "agent:addressed", "--twice", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document.keys() == {"target", "cassette", "exit", *KEYS}
    (finding,) = document["findings"]
    assert finding.keys() == {*FINDING, "also", "note"}
    assert all(found.keys() == READ for found in document["reads"])
    text = project.cli("replay", "agent:addressed", "--twice")
    assert text.returncode == 1
    assert "nothing varied: unstable, reached http POST" in text.stdout
    assert "addressed: not deterministic" in text.stdout
    page = (ROOT / "docs" / "how-to" / "find-nondeterminism.md").read_text(encoding="utf-8")
    for name in (*document, *finding, *READ):
        assert f"`{name}`" in page, name
