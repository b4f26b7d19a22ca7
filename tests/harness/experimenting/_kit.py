"""A project with experiments, and what carries them out."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_eval.harness.experimenting import (
    JOURNALS,
    Conducted,
    Gameday,
    Project,
    Stop,
    conduct,
    load_experiment,
    load_gameday,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentops_eval.domain import GamedayReport, JournalEntry

OPS = '''
"""Probes and actions of a project."""
import pathlib
import threading
import time

HERE = pathlib.Path(__file__).parent
HANGS = threading.Event()


def write(name, text="x"):
    with (HERE / name).open("a") as file:
        file.write(text)
    return True


def exists(name):
    return (HERE / name).exists()


def missing(name):
    return not (HERE / name).exists()


def count(name):
    return len((HERE / name).read_text()) if exists(name) else 0


def fail(text="no"):
    raise RuntimeError(text)


def hang():
    HANGS.wait()


def slow(seconds):
    time.sleep(seconds)


async def later(value):
    return value


def judge(value, least=0):
    return value["status"] >= least


def secret(secrets, configuration):
    return {"password": secrets["password"], "region": configuration["region"]}


def enormous():
    return "x" * 5_000_000


def told(value):
    return {"echo": value}
'''


@dataclass
class Home:
    """A user's project in a folder, with a module of probes that nothing else is called like."""

    root: Path
    environ: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"]})
    module: str = field(default_factory=lambda: f"ops_{uuid.uuid4().hex[:8]}")
    entries: list[JournalEntry] = field(default_factory=list)
    hear: Callable[[JournalEntry], object] = lambda _: None

    def __post_init__(self) -> None:
        (self.root / f"{self.module}.py").write_text(OPS)

    @property
    def project(self) -> Project:
        """The project as the harness has it."""
        return Project(root=self.root, home=self.root, environ=self.environ)

    def python(self, called: str, func: str, kind: str = "action", /, **arguments: Any) -> dict[str, Any]:
        """An activity that calls a function of the project."""
        provider = {"type": "python", "module": self.module, "func": func, "arguments": arguments}
        return {"type": kind, "name": called, "provider": provider}

    def probe(self, called: str, func: str, tolerance: Any = True, /, **arguments: Any) -> dict[str, Any]:
        """A probe that calls one."""
        return {**self.python(called, func, "probe", **arguments), "tolerance": tolerance}

    def process(self, called: str, path: str, *words: str) -> dict[str, Any]:
        """An action that starts a program."""
        provider = {"type": "process", "path": path, "arguments": list(words)}
        return {"type": "action", "name": called, "provider": provider}

    def file(self, name: str, **said: Any) -> Path:
        """Write an experiment or a plan."""
        path = self.root / name
        path.write_text(json.dumps({"title": name, **said}))
        return path

    def run(self, stop: Stop | None = None, /, **said: Any) -> Conducted:
        """Carry an experiment out."""
        said = {"method": [], **said}
        experiment = load_experiment(self.file("outage.json", **said))
        return conduct(experiment, self.project, stop=stop, listen=(self._listen,))

    def day(self, plan: Mapping[str, Any], *, stop: Stop | None = None) -> GamedayReport:
        """Carry a game day out."""
        path = self.root / "day.json"
        path.write_text(json.dumps({"title": "a day", **plan}))
        day = Gameday(
            plan=load_gameday(path), project=self.project, stop=stop or Stop(), listen=(self._listen,)
        )
        return day.run()

    def _listen(self, entry: JournalEntry) -> None:
        self.entries.append(entry)
        self.hear(entry)

    def read(self, name: str) -> str:
        """What a file of the project says, nothing where it is not there."""
        path = self.root / name
        return path.read_text() if path.exists() else ""

    @property
    def journals(self) -> list[Path]:
        """The journals that are there."""
        return sorted((self.root / JOURNALS).glob("*.jsonl"))
