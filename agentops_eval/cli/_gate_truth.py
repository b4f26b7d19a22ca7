"""Options that say what is true of candidates that are made up, and which gate they are given to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._eval_options import RATE, Finite
from agentops_eval.cli._gate_options import gate_option

if TYPE_CHECKING:
    from agentops_eval.gate import Gate, MadeUp, Truth

F = TypeVar("F", bound=Callable[..., Any])
_SCATTER = Finite(0, 100)
_MOST_TRIALS = 1_000


_OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.argument("gate_file", metavar="[GATE]", required=False, type=click.Path(path_type=Path)),
    gate_option,
    click.option(
        "--pass-rate", type=RATE, default=0.9, show_default=True, help="Of the baseline, in traffic."
    ),
    click.option(
        "--discordance", type=RATE, default=0.2, show_default=True, help="Pairs whose outcomes differ."
    ),
    click.option(
        "--spread",
        type=_SCATTER,
        default=0.25,
        show_default=True,
        help="Standard deviation of a pair's difference, of the range of a bounded metric.",
    ),
    click.option(
        "--noise",
        type=_SCATTER,
        default=0.5,
        show_default=True,
        help="Standard deviation of the logarithm of a pair's ratio, for unbounded metrics.",
    ),
    click.option("--events", type=_SCATTER, default=1.0, show_default=True, help="The mean of counts."),
    click.option(
        "--trials",
        type=click.IntRange(1, _MOST_TRIALS),
        default=1,
        show_default=True,
        help="Trials of a case.",
    ),
    click.option(
        "--case-spread",
        type=_SCATTER,
        default=0.0,
        show_default=True,
        help="Standard deviation of the change from case to case.",
    ),
    click.option("--together", is_flag=True, help="All metrics move together."),
)


def made_up(command: F) -> F:
    """Add the gate, and options for how both arms scatter."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def truth_of(given: Mapping[str, Any]) -> Truth:
    """What ``made_up`` gave."""
    from agentops_eval.gate import Truth

    return Truth(
        baseline=given["pass_rate"],
        discordance=given["discordance"],
        spread=given["spread"],
        noise=given["noise"],
        events=given["events"],
        trials=given["trials"],
        case_spread=given["case_spread"],
        together=given["together"],
    )


def gate_of(given: Mapping[str, Any]) -> Gate:
    """The gate that was named. Raises GateInvalid."""
    from agentops_eval.harness.gating import load_gate

    return load_gate(given["gate_file"] or given["gate_path"]).gate


def candidate_at(effect: float) -> MadeUp:
    """A candidate that changes every metric by so much, in the metric's own units."""
    from agentops_eval.gate import MadeUp

    return MadeUp(name=f"effect {effect:+g}" if effect else "identical", effect=effect, margins=False)
