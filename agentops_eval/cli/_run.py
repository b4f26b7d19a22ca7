"""``record`` and ``replay``: run any ``module:callable`` under a run of ours."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace as replaced
from pathlib import Path
from typing import Any, TypeVar

import click

from agentops_eval.cli._output import json_option, plain, print_json, say
from agentops_eval.domain import GoldenMissing, Json
from agentops_eval.harness import (
    ActiveRun,
    GoldenFile,
    RecordMode,
    Settings,
    Target,
    case_paths,
    load_settings,
    load_target,
    open_run,
    refuse_in_ci,
)

F = TypeVar("F", bound=Callable[..., Any])


def _common(command: F) -> F:
    """The arguments that both commands take."""
    for decorate in reversed(
        (
            click.argument("target", metavar="MODULE:CALLABLE"),
            click.argument("arguments", nargs=-1),
            click.option("--cassette", type=click.Path(path_type=Path), help="The recording's file."),
            click.option("--golden", type=click.Path(path_type=Path), help="The golden's file."),
            click.option("--approve", is_flag=True, help="Approve this run's trace as the golden."),
            json_option,
        )
    ):
        command = decorate(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The files of one target, and the words that name it on the command line."""

    target: Target
    cassette: Path
    golden: Path
    golden_given: bool

    @classmethod
    def of(
        cls, target: Target, settings: Settings, cassette: Path | None, golden: Path | None
    ) -> _Place:
        module, _, name = target.spec.partition(":")
        paths = case_paths(Path(settings.golden_dir), module.replace(".", "/"), name)
        kept = cassette or paths.cassette
        beside = kept.with_name(kept.name.removesuffix(".cassette.jsonl") + ".otlp.jsonl")
        return cls(
            target=target,
            cassette=kept,
            golden=golden or (beside if cassette else paths.golden),
            golden_given=golden is not None,
        )

    def command(self, verb: str, *extra: str) -> str:
        """The command that does ``verb`` to this target, to be pasted."""
        words = ["agentops-eval", verb, self.target.spec, *self.target.arguments]
        return shlex.join([*words, "--cassette", str(self.cassette), *extra])


@click.command()
@_common
@click.option(
    "--approver",
    type=click.Choice(["approve", "reject", "silent"]),
    help="Who answers approve(): everything, nothing, or nobody.",
)
def record(
    target: str,
    arguments: tuple[str, ...],
    cassette: Path | None,
    golden: Path | None,
    approve: bool,
    as_json: bool,
    approver: str | None,
) -> int:
    """Run MODULE:CALLABLE with ARGUMENTS for real, and record what it does."""
    import os

    settings = refuse_in_ci(
        replaced(load_settings(Path.cwd()), record=RecordMode.ALL), os.environ
    )
    place = _Place.of(load_target(target, arguments), settings, cassette, golden)
    answer = {"approve": True, "reject": False, "silent": None}
    scripted = None if approver is None else (lambda _request: answer[approver])
    run = open_run(
        place.cassette,
        settings,
        case=place.target.case,
        agent=place.target.name,
        rerecord=place.command("record"),
        approver=scripted,
    )
    with run:
        result = place.target()
    verdict = _compare(run, place, approve=approve, compare=False)
    return _finish(run, place, result, verdict, as_json)


@click.command()
@_common
@click.option("--twice", is_flag=True, help="Determinism audit: run the case again with everything varied.")
@click.option("--strict", is_flag=True, help="Fail where a recorded call was not asked for.")
@click.option("--allow-drift", is_flag=True, help="Serve an answer whose request differs; always reported.")
@click.option("--real-time", is_flag=True, help="Let time pass for real instead of virtually.")
@click.option("--pace", type=float, help="Play streams as recorded (1), scaled (0.5), or at once (0).")
@click.option("--branch", default="", help="Replay, or with --record make, this branch of the recording.")
@click.option("--record", "recording", is_flag=True, help="With --branch: record what the recording lacks.")
def replay(
    target: str,
    arguments: tuple[str, ...],
    cassette: Path | None,
    golden: Path | None,
    approve: bool,
    as_json: bool,
    twice: bool,
    recording: bool,
    **options: Any,
) -> int:
    """Run MODULE:CALLABLE against its recording: no socket opens, no tool body runs."""
    overrides = {key: value for key, value in options.items() if value not in (None, False, "")}
    if recording:
        if "branch" not in overrides:
            raise click.UsageError("--record needs --branch NAME; to record anew use: agentops-eval record")
        overrides["record"] = "all"
    settings = load_settings(Path.cwd(), overrides=overrides)
    place = _Place.of(load_target(target, arguments), settings, cassette, golden)
    if twice:
        from agentops_eval.cli._audit import audit

        return audit(place.target, place.cassette, settings, as_json)
    run = open_run(
        place.cassette,
        settings,
        case=place.target.case,
        agent=place.target.name,
        rerecord=place.command("record"),
    )
    with run:
        result = place.target()
    verdict = _compare(run, place, approve=approve, compare=True)
    return _finish(run, place, result, verdict, as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """What became of the comparison with the golden: equal, diverged, approved or none."""

    word: str
    text: str = ""


def _compare(run: ActiveRun, place: _Place, *, approve: bool, compare: bool) -> _Verdict:
    golden = GoldenFile(
        place.golden,
        agent=place.target.name,
        approving=approve,
        approve_command=place.command("replay", "--approve"),
    )
    if approve:
        _ = run.trace == golden
        golden.save(run.redactor)
        return _Verdict(word="approved", text=str(place.golden))
    if not place.golden.exists() and (not compare or not place.golden_given):
        return _Verdict(word="none", text=f"approve one: {golden.approve_command}")
    if not place.golden.exists():
        raise GoldenMissing(
            "there is no golden at that path", where=str(place.golden), remedy=golden.approve_command
        )
    if run.trace == golden:
        return _Verdict(word="equal", text=str(place.golden))
    return _Verdict(word="diverged", text=golden.explanation)


def _finish(run: ActiveRun, place: _Place, result: object, verdict: _Verdict, as_json: bool) -> int:
    report = run.report
    code = 1 if verdict.word == "diverged" else 0
    if as_json:
        document: dict[str, Json] = {"target": place.target.spec, "cassette": str(place.cassette)}
        body = report.to_json()
        assert isinstance(body, dict)
        document |= body
        document |= {"digest": run.digest, "result": plain(result), "golden": verdict.word, "exit": code}
        if verdict.text:
            document["golden_text"] = verdict.text
        print_json(document)
        return code
    calls = ", ".join(f"{count} {label}" for label, count in report.labels.items()) or "no calls"
    say(f"{place.target.name} {run.mode.value}: {calls}")
    say(f"  result   {plain(result, limit=300)}")
    say(f"  cassette {place.cassette}")
    say(f"  digest   {run.digest}")
    say(f"  golden   {verdict.word}" + (f" ({verdict.text})" if verdict.word != "diverged" else ""))
    if report.virtual_s:
        say(f"  time     {report.virtual_s:.3f} s of the run passed virtually")
    for line in report.unused:
        say(f"  unused   {plain(line)}")
    if report.stats is not None:
        for line in report.stats.drifted:
            say(f"  drifted  {plain(line)}", style="yellow")
    if verdict.word == "diverged":
        say(verdict.text)
    return code
