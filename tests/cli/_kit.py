"""The command line as a user has it: a project in a folder, commands run in it, what they said."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_eval.cli._main import run

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]
# What the surroundings of the tests say of a terminal that is not there; xdist sets COLUMNS.
UNWANTED = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
COMMAND = [sys.executable, "-m", "agentops_eval.cli"]

SHOP = '''
"""A very small refund agent."""
import asyncio
import os
import sys
import time

from agentops_eval import approve, tool

ORDERS = {1042: 59.90, 1043: 12.00}


@tool
def get_order(order: int) -> dict[str, float]:
    """Look an order up."""
    return {"order": order, "total": ORDERS[order]}


@tool(effect="write", idempotency_key="order")
def issue_refund(order: int, amount: float) -> str:
    """Give the money back."""
    print(f"*** {amount} really paid")
    os.system("echo a process prints too")
    return "refunded"


@tool
def is_old(order: int) -> bool:
    """Whether an order is from before the numbers had four digits."""
    return True


def refund(order: int) -> str:
    if order < 1000:
        is_old(order)
    return issue_refund(order, get_order(order)["total"])


def cents(order: int) -> str:
    return issue_refund(order, get_order(order)["total"] * 100)


def look(order: int) -> float:
    return get_order(order)["total"]


@tool
def report(order: int) -> str:
    return f"order {get_order(order)['order']}"


@tool
def text(number: int) -> str:
    return f"page {number}\\n" + "a long line\\n" * 1_000


def long(number: int) -> int:
    return len(text(number))


def outer(order: int) -> str:
    text = report(order)
    is_old(order)
    return text


async def later(order: int) -> str:
    await asyncio.sleep(0)
    return refund(order)


def words(*given: str) -> str:
    return " ".join(given)


def ask() -> str:
    return approve("refund", details={"amount": 59.9}, deadline_s=0.05).status


def leave(code: int) -> None:
    sys.exit(code)


def hostile() -> str:
    return "\\x1b[2Jgone\\u202e\\nnext line"


def slow(order: int) -> None:
    get_order(order)
    print("started", flush=True)
    time.sleep(60)
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def remedy(self) -> str:
        """The command behind ``fix:``."""
        return next(text.split("fix:", 1)[1].strip() for text in self.err.splitlines() if "fix:" in text)


class Commands:
    """Runs commands in one folder, in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capsys = capsys
        patch.chdir(folder)

    def __call__(self, *words: object) -> Done:
        """Run one command."""
        self._capsys.readouterr()
        code = run([str(word) for word in words])
        said = self._capsys.readouterr()
        return Done(code=code, out=said.out, err=said.err)

    def paste(self, line: str) -> Done:
        """Run a command as it was printed."""
        program, *words = shlex.split(line)
        assert program == "agentops-eval", line
        return self(*words)


def environment(**more: str) -> dict[str, str]:
    """The environment of a user who has the packages on the path."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "pytest_plugin")])
    kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    return {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **more}


def process(folder: Path, *words: object, **more: str) -> Done:
    """Run one command in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        check=False,
        timeout=300,
    )
    return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def interrupted(folder: Path, *words: object, after: str = "") -> Done:
    """Run one command, and press Ctrl-C once it has printed a line, one that begins with ``after``."""
    command = subprocess.Popen(
        [*COMMAND, *map(str, words)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    for printed in command.stdout:
        if printed.startswith(after):
            break
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=60)
    return Done(code=command.returncode, out=out, err=err)


def documented_keys() -> dict[str, set[str]]:
    """The keys of each command's JSON as docs/reference/cli.md lists them; "" has those of errors."""
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    first, *parts = re.split(r"^###? (.+)$", page, flags=re.MULTILINE)
    sections = {"": first, **dict(zip(parts[::2], parts[1::2], strict=True))}
    return {
        name: {
            key
            for cell in re.findall(r"^\| (`[a-z][^|]*`) \|", text, re.MULTILINE)
            for key in re.findall(r"`([^`]+)`", cell)
        }
        for name, text in sections.items()
    }


def printed_keys(value: Any, known: set[str], path: str = "") -> set[str]:
    """The keys of a document in the page's notation.

    Null stands for an object that is not there, and an empty list shows nothing of its elements
    unless they are plain values.
    """
    if path in known and not any(key.startswith((f"{path}.", f"{path}[")) for key in known):
        return {path}  # a value of any kind
    if isinstance(value, dict):
        if f"{path}.*" in known:
            return {f"{path}.*"}
        parts = [printed_keys(item, known, f"{path}.{key}" if path else key) for key, item in value.items()]
        return set().union(*parts)
    if isinstance(value, list):
        if not value:
            return {f"{path}[]"} & known
        return set().union(*(printed_keys(item, known, f"{path}[]") for item in value))
    if value is None and any(key.startswith(f"{path}.") for key in known):
        return set()
    return {path}
