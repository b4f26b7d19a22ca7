"""A tiny project of a user: an agent, its tests, and a scripted llm on loopback."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from agentops_eval.testing import LlmServer, Rule, Say

ROOT = Path(__file__).resolve().parents[2]

AGENT = '''
"""An agent that asks an llm over real HTTP."""
import os
import httpx2

LLM = os.environ["LLM_URL"] + "/v1/chat/completions"
client = httpx2.Client(trust_env=False)

def ask(text, **more):
    body = {"model": "small", "messages": [{"role": "user", "content": text}], **more}
    reply = client.post(LLM, json=body)
    return reply.json()["choices"][0]["message"]["content"]

def forgiving(text):
    """Answers whatever happens: the worst an agent can do to a test."""
    try:
        return ask(text)
    except BaseException:
        return "sorry"

async def ask_async(text):
    async with httpx2.AsyncClient(trust_env=False) as async_client:
        body = {"model": "small", "messages": [{"role": "user", "content": text}]}
        reply = await async_client.post(LLM, json=body)
    return reply.json()["choices"][0]["message"]["content"]
'''


class Made(NamedTuple):
    """A project that was made once, and the address of its llm, which is gone."""

    root: Path
    llm: str


class Project:
    """A folder with an agent and tests, on which pytest runs in a process of its own."""

    def __init__(self, pytester: pytest.Pytester, server: LlmServer, made: dict[str, Made]) -> None:
        self.pytester = pytester
        self.server = server
        self.root = pytester.path
        self._made = made

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the project."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *args: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run pytest on the project, with our plugin and ``plugins`` and no other."""
        chosen = [word for name in plugins for word in ("-p", name)]
        if "pytest_asyncio.plugin" in plugins:
            chosen += ["-o", "asyncio_default_fixture_loop_scope=function"]
        return self.pytester.runpytest_subprocess(*chosen, "-p", "no:cacheprovider", *args)

    def once(self, name: str, make: Callable[[], None], patch: pytest.MonkeyPatch) -> None:
        """Fill the folder with what ``make`` makes of it: it is called once, and copied from then on.

        The llm that was recorded has hung up, and the project goes on asking for it.
        """
        if name not in self._made:
            self._made[name] = Made(self._made[""].root / name, self.server.url)
            make()
            shutil.copytree(self.root, self._made[name].root)
        shutil.copytree(self._made[name].root, self.root, dirs_exist_ok=True)
        patch.setenv("LLM_URL", self._made[name].llm)
        self.server.stop()

    def record(self, *args: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """Record what is not recorded, and hang up the llm."""
        done = self.run("--agentops-record=once", *args, plugins=plugins)
        self.server.stop()
        return done

    def cassettes(self) -> list[str]:
        """The cassettes, relative to the folder of goldens."""
        folder = self.root / "golden_traces"
        return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.cassette.jsonl"))

    def goldens(self) -> list[str]:
        """The goldens, relative to their folder."""
        folder = self.root / "golden_traces"
        return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.otlp.jsonl"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """What ``Project.once`` has made in this process, by name."""
    return {"": Made(tmp_path_factory.mktemp("made"), "")}


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, made: dict[str, Made]
) -> Iterator[Project]:
    """A user's project beside a running llm."""
    with LlmServer([Rule(then=lambda talk: Say(f"You said {talk.user}"))]) as server:
        monkeypatch.setenv("LLM_URL", server.url)
        monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'pytest_plugin'}")
        for name in ("CI", "GITHUB_ACTIONS", "PYTEST_ADDOPTS"):
            monkeypatch.delenv(name, raising=False)
        mine = Project(pytester, server, made)
        mine.write("agent.py", AGENT)
        mine.write("pytest.ini", "[pytest]\n")
        yield mine


def outcomes(done: pytest.RunResult) -> dict[str, int]:
    """What the last line counts, without warnings' sake: ``{"passed": 2}``."""
    return {k: v for k, v in done.parseoutcomes().items() if k != "deselected"}


def text_of(done: pytest.RunResult) -> str:
    """What the run printed, colours removed."""
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout.str() + done.stderr.str())
