"""What the commands of ``gate`` share: where evidence is, how a decision is told, and its exit code."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._output import plain, print_json, say
from agentops_eval.cli._report_file import Forms, write_as
from agentops_eval.domain import Arm, DecisionValue

if TYPE_CHECKING:
    from agentops_eval.domain import Decision
    from agentops_eval.gate import GateFile
    from agentops_eval.harness.gating import Source

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES: Mapping[DecisionValue, int] = {
    DecisionValue.PROMOTE: 0,
    DecisionValue.HOLD: 20,
    DecisionValue.ROLLBACK: 30,
}


gate_option = click.option(
    "--gate",
    "gate_path",
    type=click.Path(path_type=Path),
    default=Path("gate.yaml"),
    show_default=True,
    metavar="FILE",
    help="The gate file.",
)


def evidence(command: F) -> F:
    """Add the options that name a gate and the samples of both arms."""
    for option in reversed(
        (
            gate_option,
            click.option(
                "--baseline",
                "baselines",
                required=True,
                multiple=True,
                metavar="[STAGE=]FILE",
                help="Samples of the version in production. May be repeated.",
            ),
            click.option(
                "--candidate",
                "candidates",
                required=True,
                multiple=True,
                metavar="[STAGE=]FILE",
                help="Samples of the version that asks to replace it. May be repeated.",
            ),
            click.option("--stage", default="", metavar="NAME", help="The stage of rows that tell none."),
        )
    ):
        command = option(command)
    return command


def sources_of(
    gate: GateFile, baselines: Sequence[str], candidates: Sequence[str], stage: str
) -> list[Source]:
    """The files of both arms. Raises SamplesInvalid for a stage that the gate does not have."""
    from agentops_eval.harness.gating import source_of

    return [
        source_of(gate, arm, word, stage=stage)
        for arm, words in ((Arm.BASELINE, baselines), (Arm.CANDIDATE, candidates))
        for word in words
    ]


def say_decision(decision: Decision, *, as_json: bool) -> None:
    """Print a decision for a person, or as the documented JSON object."""
    from agentops_eval.reports import decision_json, decision_text

    if as_json:
        print_json(decision_json(decision))
        return
    for text, style in decision_text(decision):
        say(plain(text), style=style)


def keep_decision(decision: Decision, gate: Path, files: Sequence[Path]) -> None:
    """Keep what was decided as evidence; ``files`` are those that it rests on."""
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import Noted, noted_of_decision
    from agentops_eval.harness.gating import load_gate
    from agentops_eval.reports import decision_json

    settings = settings_for_reading(Path.cwd())

    def noted() -> Noted:
        stages = [stage.name for stage in load_gate(gate).gate.stages]
        return noted_of_decision(decision, decision_json(decision), gate.stem, settings, files, stages=stages)

    keep(settings, noted)


def write_reports(decision: Decision, files: Sequence[Path], *, quiet: bool) -> None:
    """Write each report, whole or not at all."""
    if not files:
        return
    from agentops_eval.reports import decision_html, decision_json, decision_junit, decision_markdown

    forms: Forms[Decision] = {
        ".html": decision_html,
        ".json": decision_json,
        ".md": decision_markdown,
        ".xml": decision_junit,
    }
    for file in files:
        write_as(file, _beside(decision, file), forms, quiet=quiet)


def _beside(decision: Decision, report: Path) -> Decision:
    """The decision with traces as a report finds them: links are relative to its own folder."""

    def found(trace: str) -> str:
        path, sign, rest = trace.partition("#")
        if not path or not Path(path).exists():
            return trace
        return Path(os.path.relpath(path, report.parent)).as_posix() + sign + rest

    return decision.with_traces(found)
