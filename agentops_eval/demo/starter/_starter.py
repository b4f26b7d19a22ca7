"""Writes the starter project, and records it against the scripted llm so that it passes at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from agentops_eval.demo.desk._rules import whereabouts
from agentops_eval.domain import RunMisuse
from agentops_eval.testing import LlmServer, Rule

Client: TypeAlias = Literal["openai", "requests"]

_TIMEOUT_S = 120.0
# Files of git that a repository may have already: they stay as they are.
_OF_GIT = (".gitattributes", ".gitignore")
_PLACES = {
    ".gitattributes": "gitattributes",
    ".gitignore": "gitignore",
    "README.md": "README.md",
    "pyproject.toml": "pyproject.toml",
    "scenarios/orders.yaml": "scenarios.yaml",
    "tests/test_agent.py": "test_agent.py",
}


def starter_files(*, client: Client | None = None) -> Mapping[str, str]:
    """Give the project's files: relative path to text. The recording is not among them.

    The agent uses the openai SDK where that is installed, else requests, which always is.
    """
    chosen = client or ("openai" if find_spec("openai") else "requests")
    texts = {path: _template(name) for path, name in _PLACES.items()}
    return {"agent.py": _template(f"agent_{chosen}.py")} | {
        path: text.replace("@CLIENT@", chosen) for path, text in texts.items()
    }


def write_starter(directory: Path, *, client: Client | None = None) -> tuple[Path, ...]:
    """Write the project's files below ``directory`` and give their paths.

    A .gitignore or .gitattributes that is there already stays as it is. Raises RunMisuse, and
    writes nothing, where another of the files exists already.
    """
    wanted = {directory / path: text for path, text in starter_files(client=client).items()}
    for name in _OF_GIT:
        if (directory / name).exists():
            del wanted[directory / name]
    taken = [str(path) for path in wanted if path.exists()]
    if taken:
        raise RunMisuse(
            "a file of the starter project exists already",
            where=", ".join(taken),
            remedy="agentops-eval init NEW_FOLDER" + (f" --client {client}" if client else ""),
        )
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tuple(wanted)


def starter_rules() -> tuple[Rule, ...]:
    """Give the rules with which an ``LlmServer`` plays the llm of the starter's agent."""
    return (Rule(name="starter: orders", then=whereabouts),)


@contextmanager
def scripted_llm() -> Generator[dict[str, str]]:
    """Run the scripted llm, and give the environment variables that lead the starter's agent to it."""
    with LlmServer(starter_rules()) as server:
        yield {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": "unset"}


def record_starter(directory: Path) -> None:
    """Record the project's tests against the scripted llm on loopback, and approve their goldens.

    Runs pytest in a process of its own. It is no recording of a real llm, which CI must not make,
    so it also works where ``CI`` is set. Raises RunMisuse with pytest's output where it fails.
    """
    directory = directory.resolve()  # pytest runs in that folder
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *_plugin()]
    command += ["--agentops-record=all", "--agentops-approve", "--rootdir", str(directory)]
    with scripted_llm() as variables:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own arguments
            command,
            cwd=directory,
            env=_environment() | variables,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    if done.returncode:
        raise RunMisuse(
            "the starter project could not be recorded",
            where=str(directory),
            difference=f"{done.stdout}\n{done.stderr}".strip(),
            remedy="agentops-eval doctor",
        )


def _environment() -> dict[str, str]:
    """Give this process's environment without what would change the recording.

    A relative PYTHONPATH is made absolute, since pytest runs in the project's directory.
    """
    unwanted = {"CI", "AGENT_LLM", "PYTEST_ADDOPTS"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    paths = [str(Path(entry).resolve()) for entry in kept.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return kept | {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_PROXY": "127.0.0.1",
    }


def _plugin() -> list[str]:
    """Name the plugin where it is not installed as one, as in a source tree on the path."""
    return [] if entry_points(group="pytest11", name="agentops") else ["-p", "pytest_agentops.plugin"]


def _template(name: str) -> str:
    return (files("agentops_eval.demo.starter") / f"{name}.tmpl").read_text(encoding="utf-8")
