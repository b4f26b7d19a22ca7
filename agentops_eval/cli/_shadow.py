"""``shadow``: a candidate beside recorded runs, with no effect on the world."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._filters import named
from agentops_eval.cli._gate_options import EXIT_CODES, say_decision
from agentops_eval.cli._output import agents_output, json_option, print_json
from agentops_eval.cli._problems import problems_json, problems_of, say_problems
from agentops_eval.cli._shadow_told import Told, say_shadow, shadow_json
from agentops_eval.domain import Arm, DecisionValue

if TYPE_CHECKING:
    from agentops_eval.domain import Decision
    from agentops_eval.gate import GateFile
    from agentops_eval.harness import Settings
    from agentops_eval.harness.shadowing import Recordings, ShadowFiles, ShadowOrders

F = TypeVar("F", bound=Callable[..., Any])
STAGE = "shadow"
_PATH = click.Path(path_type=Path)
_recorded_agent = click.option(
    "--recorded-agent",
    "recorded_agents",
    multiple=True,
    type=named,
    metavar="NAME",
    help="Only recorded runs of this agent, by its name in the trace. May be repeated.",
)


def _choosing(command: F) -> F:
    """Which candidate, judged by what, and what it is told."""
    for option in reversed(
        (
            click.option("--agent", metavar="MODULE:CALLABLE", required=True, help="The candidate."),
            click.option(
                "--candidate",
                default="shadow",
                show_default=True,
                metavar="NAME",
                help="Its branch of the recordings: what llms answered it.",
            ),
            click.option(
                "--record",
                "recording",
                is_flag=True,
                help="Ask llms what is not recorded, and keep the answers in the branch.",
            ),
            click.option(
                "--suite", "suites", type=_PATH, multiple=True, help="Judge both sides by these scenarios."
            ),
            click.option(
                "--suppressed",
                type=click.Choice(["acknowledge", "error"]),
                default="acknowledge",
                show_default=True,
                help="What an effect is answered with.",
            ),
            click.option("--acts", multiple=True, metavar="TOOL", help="This tool changes the world."),
            click.option("--reads", multiple=True, metavar="TOOL", help="This tool only reads."),
            click.option(
                "--timeout",
                "timeout_s",
                type=click.FloatRange(min=0, min_open=True, max=1e6),
                metavar="SECONDS",
                help="Longest time of a run.",
            ),
        )
    ):
        command = option(command)
    return command


@click.command(short_help="Run a candidate on recorded runs, without any effect.")
@click.argument("runs", metavar="RUNS...", type=_PATH, nargs=-1, required=True)
@_recorded_agent
@_choosing
@click.option(
    "--out",
    type=_PATH,
    required=True,
    metavar="FOLDER",
    help="For the rows of both sides, with their traces.",
)
@click.option("--force", is_flag=True, help="Overwrite the rows in --out.")
@click.option("--gate", "gate_path", type=_PATH, metavar="FILE", help="Decide by this gate.")
@json_option
def shadow(
    runs: tuple[Path, ...], out: Path, force: bool, gate_path: Path | None, as_json: bool, **given: Any
) -> int:
    """Run the candidate on what was asked in RUNS, and pair what it does with what was recorded.

    RUNS are recordings, exported traces, or folders with them. Tools answer from the recording: no tool
    body runs, and nothing goes out but questions to llms, with --record. A run that asks what was not
    recorded is unknown.

    Exit codes: 0 every run passed, 1 one failed or is unknown; with --gate 0 promote, 20 hold, 30 roll back;
    2 usage or unreadable input, 3 a recording is needed.
    """
    from agentops_eval.harness import load_settings, settings_for_reading
    from agentops_eval.harness.gating import load_gate
    from agentops_eval.harness.shadowing import ShadowFiles, read_recordings

    root = Path.cwd()
    settings = load_settings(
        root, overrides={"record": "once" if given["recording"] else "none", "branch": ""}
    )
    gate = None if gate_path is None else load_gate(gate_path)
    files = ShadowFiles(out)
    problems = problems_of(settings)
    found = read_recordings(
        runs,
        keep_in=files.recordings,
        settings=settings_for_reading(root),
        problems=problems,
        agents=given["recorded_agents"],
    )
    told = _paired(_orders(root, settings, given), found, files, force=force)
    decision = _decided(gate, files, root) if gate is not None and told.pairs else None
    if as_json:
        print_json(shadow_json(told, files, decision) | problems_json(problems))
    else:
        say_shadow(told, files, again=_recording())
        say_problems(problems)
        if decision is not None:
            say_decision(decision, as_json=False)
    if gate is not None:
        return EXIT_CODES[DecisionValue.HOLD if decision is None else decision.value]
    return 0 if told.pairs and all(one.candidate.result.passed for one in told.pairs) else 1


def _recording() -> str:
    """The same command, which also asks llms; the rows of this one are there by then."""
    given = sys.argv[1:]
    return shlex.join(
        ["agentops-eval", *given, *(one for one in ("--record", "--force") if one not in given)]
    )


def _orders(root: Path, settings: Settings, given: dict[str, Any]) -> ShadowOrders:
    from agentops_eval.harness import load_suites
    from agentops_eval.harness.shadowing import ShadowOrders
    from agentops_eval.replay import Suppressed

    loaded = load_suites(given["suites"], root=root) if given["suites"] else None
    if loaded is not None and loaded.problems:
        raise loaded.problems[0]
    return ShadowOrders(
        root=root,
        settings=settings,
        agent=given["agent"],
        candidate=given["candidate"],
        suites=() if loaded is None else loaded.suites,
        told=Suppressed(given["suppressed"]),
        acts=given["acts"],
        reads=given["reads"],
        timeout_s=given["timeout_s"],
    )


def _paired(orders: ShadowOrders, found: Recordings, files: ShadowFiles, *, force: bool) -> Told:
    """Run the candidate beside every recorded run; each pair is written before the next begins."""
    from agentops_eval.harness.shadowing import PairsWriter, ShadowSession

    pairs, left_out = [], list(found.left_out)
    with agents_output(aside=True):
        session = ShadowSession(orders)
        try:
            with PairsWriter(files, force=force) as writer:
                for run in found.runs:
                    pair = session.pair(run)
                    if isinstance(pair, str):
                        left_out.append((run.case, pair))
                    else:
                        writer.write(pair)
                        pairs.append(pair)
        finally:
            session.close()
    return Told(pairs=pairs, left_out=left_out, by_effects=not orders.suites)


def _decided(gate: GateFile, files: ShadowFiles, root: Path) -> Decision:
    """Decide about the stage called shadow, where the gate has one, else about its first."""
    from agentops_eval.harness.gating import Source, decide_files

    stage = STAGE if any(one.name == STAGE for one in gate.gate.stages) else ""
    sources = [
        Source(arm=Arm.BASELINE, path=files.baseline, stage=stage),
        Source(arm=Arm.CANDIDATE, path=files.candidate, stage=stage),
    ]
    return decide_files(gate, sources, root=root, now_s=time.time())
