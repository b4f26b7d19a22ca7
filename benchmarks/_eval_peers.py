"""Peers in environments of their own, made when they are first asked for and kept in ``build/bench-envs``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
ENVIRONMENTS = _HERE.parent / "build" / "bench-envs"
_INSTALL_S, _RUN_S = 900, 1_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another tool: what is installed, what runs there, and which kinds of evaluation it has."""

    name: str
    pinned: str
    script: str
    kinds: tuple[str, ...]
    note: str


PEERS = (
    Peer(
        name="pydantic-evals",
        pinned="pydantic-evals==2.62.0",
        script="pydantic_evals_runs.py",
        kinds=("equals", "strict", "any_order", "at_most"),
        note="span trees read from its JSON, run_evaluators, an evaluator more for each call's arguments",
    ),
    Peer(
        name="DeepEval",
        pinned="deepeval==4.3.1",
        script="deepeval_runs.py",
        kinds=("equals", "matches", "strict", "any_order"),
        note="test cases with their tool calls, as it reads no traces, metric.measure without an llm",
    ),
)


class Unavailable(Exception):
    """A peer cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What judging everything took, reading the runs included, and a single evaluation by kind.

    ``cases_s`` is the CPU time of reading what is expected, where that is apart from the runs. ``passed``
    counts by kind: sides that disagree have not done the same work.
    """

    cases_s: float
    cpu_s: float
    wall_s: float
    peak_mb: float
    cases: int
    passed: Mapping[str, int]
    alone_us: Mapping[str, float]

    @property
    def per_cpu_s(self) -> float:
        """Evaluations for each second of CPU time, what is expected being read."""
        return self.cases * len(self.passed) / self.cpu_s

    @property
    def in_all_per_cpu_s(self) -> float:
        """The same with reading what is expected."""
        return self.cases * len(self.passed) / (self.cases_s + self.cpu_s)


def ours(folder: Path, kinds: Sequence[str]) -> Measured:
    """Our side on what ``_eval_ours.write`` wrote to a folder."""
    command = [sys.executable, "-m", "benchmarks._eval_ours", str(folder), ",".join(kinds)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=_HERE.parent, timeout=_RUN_S)
    return Measured(**json.loads(done.stdout))


def prepare(peer: Peer, folder: Path) -> None:
    """Have a peer write what stands in ``neutral.jsonl`` in its own form. Raises Unavailable."""
    _ran(peer, "prepare", folder)


def theirs(peer: Peer, folder: Path) -> Measured:
    """A peer on what it was prepared with. Raises Unavailable."""
    try:
        return Measured(**json.loads(_ran(peer, "run", folder).splitlines()[-1]))
    except (ValueError, IndexError, TypeError) as error:
        raise Unavailable(f"{peer.name} did not say what it measured: {error}") from None


def _ran(peer: Peer, what: str, folder: Path) -> str:
    script = _HERE / "peers" / peer.script
    command = [str(environment(peer)), str(script), what, str(folder), ",".join(peer.kinds)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OPENAI"))}
    try:
        return subprocess.run(
            command, check=True, capture_output=True, env=clean, cwd=folder, timeout=_RUN_S, text=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{peer.name} did not run: {_said(error)}") from None


def environment(peer: Peer, *, within: Path = ENVIRONMENTS) -> Path:
    """The interpreter of a peer's environment, which is made where it is not there. Raises Unavailable."""
    folder = within / peer.pinned.replace("==", "-")
    python, whole = folder / "bin" / "python", folder / ".whole"
    if whole.exists():
        return python
    print(f"making {folder} for {peer.pinned} (once)", file=sys.stderr, flush=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    try:
        shutil.rmtree(folder, ignore_errors=True)
        for command in ([sys.executable, "-m", "venv", str(folder)], [*install, peer.pinned]):
            subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_S)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unavailable(f"{peer.pinned} cannot be installed: {_said(error)}") from None
    whole.touch()
    return python


def _said(error: Exception) -> str:
    """The last line that a command wrote of its failure, else the failure itself."""
    told = getattr(error, "stderr", None) or b""
    text = told if isinstance(told, str) else told.decode(errors="replace")
    return (text.strip().splitlines() or [str(error)])[-1][:200]
