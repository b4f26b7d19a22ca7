"""What ``gate watch`` and ``gate serve`` share: which files are followed, and how a look is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval import __version__
from agentops_eval.cli._durations import Duration
from agentops_eval.cli._gate_options import gate_option
from agentops_eval.cli._output import flush, line, many, print_json, say
from agentops_eval.domain import DecisionValue

if TYPE_CHECKING:
    from agentops_eval.harness.gating import Look, Watch, Watched

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_STYLES = {DecisionValue.PROMOTE: "green", DecisionValue.HOLD: "yellow", DecisionValue.ROLLBACK: "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The options of both commands; the log is None where there is none."""

    gate_path: Path
    baseline: Path
    candidate: Path
    seed: int | None
    trials: int | None
    settle_s: float


_OPTIONS = (
    gate_option,
    click.option(
        "--baseline",
        type=_FILE,
        required=True,
        metavar="FILE",
        help="Samples of the version in production, appended as they come.",
    ),
    click.option(
        "--candidate",
        type=_FILE,
        required=True,
        metavar="FILE",
        help="Samples of the version that asks to replace it.",
    ),
    click.option("--seed", type=int, help="Fixes the order of pairs in place of the gate's."),
    click.option(
        "--trials",
        type=click.IntRange(1, 10_000),
        help="A case counts with so many trials in each arm; else with as many as the other has.",
    ),
    click.option(
        "--settle",
        "settle_s",
        type=Duration(),
        default="0s",
        show_default=True,
        help="A session of traffic counts when it has been quiet for so long.",
    ),
)


def followed(command: F) -> F:
    """Add the options that name the gate, both arms' files, and when a case or session is whole."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def watched(asked: Followed, log: Path | None) -> Watched:
    """What is to be watched. Raises GateInvalid."""
    from agentops_eval.harness.gating import Watched, load_gate

    return Watched(
        gate=load_gate(asked.gate_path),
        baseline=asked.baseline,
        candidate=asked.candidate,
        log=log,
        seed=asked.seed,
        trials=asked.trials,
        settle_s=asked.settle_s,
    )


@contextmanager
def opened(asked: Watched) -> Iterator[Watch]:
    """The watch, with what the folder's calibrations say of judges. Raises what opening the log raises."""
    from agentops_eval.harness._judge_settings import load_judge_settings
    from agentops_eval.harness.gating import open_watch, read_trusts

    root = Path.cwd()
    trusts = read_trusts(asked.gate.gate, root / load_judge_settings(root).folder)
    with open_watch(asked, created=time.time(), tool=__version__, trusts=trusts) as watch:
        yield watch


def tell_look(look: Look) -> None:
    """Print one line of a look."""
    found = look.decision
    parts = [f"{many(found.n, 'unit')}"]
    if found.n_needed:
        parts.append(f"needs {found.n_needed:,} more")
    parts += [f"{look.waiting:,} waiting"] if look.waiting else []
    parts += [f"{look.late:,} too late"] if look.late else []
    why = next((one.message for one in found.reasons if one.blocks), "")
    why = why or (found.reasons[0].message if found.reasons else "")
    stage = f"{line(found.stage, limit=60)}: " if found.stage else ""
    text = f"look {look.number}  {found.value:<8}  {stage}{', '.join(parts)}; {line(why, limit=200)}"
    say(text, style=_STYLES[found.value])
    flush()


def print_look(look: Look) -> None:
    """Print a look as one line of JSON: its own counts, and the decision as ``gate decide`` prints it."""
    from agentops_eval.reports import decision_json

    counts = {
        "look": look.number,
        "new": look.new,
        "waiting": look.waiting,
        "late": look.late,
        "ended": look.ended,
    }
    print_json({**counts, **decision_json(look.decision)})
    flush()
