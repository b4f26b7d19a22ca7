"""``record`` and ``replay``: run any ``module:callable`` under a run of ours."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any, TypeVar

import click

from agentops_eval.cli._ending import through
from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import agents_output, json_option, note
from agentops_eval.cli._place import Place
from agentops_eval.cli._proxy import ProxyOptions, proxy_options, run_behind_proxy
from agentops_eval.domain import ApproverMissing, CassetteMissing, CassetteStale
from agentops_eval.harness import (
    APPROVERS,
    ActiveRun,
    RecordMode,
    Settings,
    Target,
    begin_watching,
    load_settings,
    load_target,
    open_run,
    refuse_in_ci,
    rename_hint,
    settings_for_reading,
)
from agentops_eval.replay import CASSETTE_SUFFIX, VCR_SUFFIXES

F = TypeVar("F", bound=Callable[..., Any])


def _common(command: F) -> F:
    """Add the arguments that both commands take."""
    for decorate in reversed(
        (
            click.argument("target", metavar="MODULE:CALLABLE", required=False),
            click.argument("arguments", nargs=-1),
            click.option("--cassette", type=click.Path(path_type=Path), help="The recording's file."),
            click.option("--golden", type=click.Path(path_type=Path), help="The golden's file."),
            click.option("--approve", is_flag=True, help="Approve this run's trace as the golden."),
            json_option,
            proxy_options,
        )
    ):
        command = decorate(command)
    return command


@click.command(short_help="Run an agent for real, and record what it does.")
@_common
@click.option(
    "--approver",
    type=click.Choice(APPROVERS),
    help="Who answers approve(): everything is approved, rejected, or never answered.",
)
def record(
    target: str,
    arguments: tuple[str, ...],
    proxy: ProxyOptions | None,
    cassette: Path | None,
    golden: Path | None,
    approve: bool,
    as_json: bool,
    approver: str | None,
) -> int:
    """Run MODULE:CALLABLE with ARGUMENTS for real, and record what it does.

    MODULE is looked for in the current folder and among what is installed. Arguments that begin with
    a dash go behind a --.

    With --proxy, run any command: record --proxy -- node agent.mjs "Order 1042". The llms that it
    asks are asked through a proxy on loopback. Without a command the proxy serves until Ctrl-C.
    """
    given = settings_for_reading(Path.cwd())
    settings = refuse_in_ci(replaced(given, record=RecordMode.ALL, branch=""), os.environ)
    _writable(cassette)
    if proxy is not None:
        _without(proxy, approver=approver)
        words = (target, *arguments) if target else ()
        files = {"cassette": cassette, "golden": golden}
        return run_behind_proxy("record", proxy, words, settings, **files, approve=approve, as_json=as_json)
    found = _load(target, arguments, as_json)
    place = Place.of(found, settings, cassette=cassette, golden=golden, rewriting=True)
    run = _open(place, settings, place.command("record"), approver=approver)
    note(f"recording {found.spec} ...")
    try:
        return through(run, place, approve=approve, as_json=as_json)
    except ApproverMissing as error:
        if approver is None:
            error.remedy = place.command("record", "--approver", "approve")
        raise


@click.command(short_help="Run an agent against its recording.")
@_common
@click.option("--twice", is_flag=True, help="Determinism audit: run the case again with everything varied.")
@click.option("--strict", is_flag=True, help="Fail where a recorded call was not asked for.")
@click.option("--allow-drift", is_flag=True, help="Serve an answer whose request differs; always reported.")
@click.option("--real-time", is_flag=True, help="Let time pass for real instead of virtually.")
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    help="Play streams as recorded (1), scaled (0.5), or at once (0).",
)
@click.option("--branch", default="", help="Replay, or with --record make, this branch of the recording.")
@click.option("--record", "recording", is_flag=True, help="With --branch: record what the recording lacks.")
def replay(
    target: str,
    arguments: tuple[str, ...],
    proxy: ProxyOptions | None,
    cassette: Path | None,
    golden: Path | None,
    approve: bool,
    as_json: bool,
    twice: bool,
    recording: bool,
    **options: Any,
) -> int:
    """Run MODULE:CALLABLE against its recording: no socket opens, no tool body runs.

    With --branch and --record, what the recording cannot answer is done for real, and recorded beside it.
    """
    begin_watching(os.environ)
    settings = _replay_settings(recording, options)
    if proxy is not None:
        _without(proxy, twice=twice)
        words = (target, *arguments) if target else ()
        files = {"cassette": cassette, "golden": golden}
        return run_behind_proxy("replay", proxy, words, settings, **files, approve=approve, as_json=as_json)
    found = _load(target, arguments, as_json)
    place = Place.of(found, settings, cassette=cassette, golden=golden)
    if twice:
        from agentops_eval.cli._audit import audit

        _auditable(place, settings)
        return audit(found, place, settings, as_json)
    if recording and not place.cassette.exists():
        where, remedy = str(place.cassette), _remedy(place, settings)
        raise CassetteMissing("there is no recording to branch from", where=where, remedy=remedy)
    run = _open(place, settings, _remedy(place, settings))
    if recording:
        note(f"recording the branch {settings.branch} of {found.spec} ...")
    return through(run, place, approve=approve, as_json=as_json)


def _without(proxy: ProxyOptions, **options: object) -> None:
    """Refuse what needs the agent in this process."""
    for name, value in options.items():
        if value:
            raise Misused(
                f"--{name} needs an agent in this process, and --proxy runs another one",
                remedy=f"leave --{name} out",
            )


def _auditable(place: Place, settings: Settings) -> None:
    """Refuse at once what every run of the audit would fail for. Raises CassetteMissing."""
    from agentops_eval.replay import branch_path

    remedy = _remedy(place, settings)
    if not place.cassette.exists():
        where, told = str(place.cassette), _renamed(place, settings)
        raise CassetteMissing("there is no recording to audit", where=where, difference=told, remedy=remedy)
    branch = branch_path(place.cassette, settings.branch) if settings.branch else place.cassette
    if not branch.exists():
        what = f"the recording has no branch {settings.branch!r} to audit"
        raise CassetteMissing(what, where=str(branch), remedy=remedy)


def _replay_settings(recording: bool, options: dict[str, object]) -> Settings:
    """What the command line says wins; and nothing but ``--record`` makes this command record."""
    overrides = {key: value for key, value in options.items() if value not in (None, False, "")}
    if recording and "branch" not in overrides:
        raise Misused(
            "--record records a branch, and none was named",
            remedy="add --branch NAME; to record anew: agentops-eval record MODULE:CALLABLE",
        )
    overrides["record"] = (RecordMode.ALL if recording else RecordMode.NONE).value
    return load_settings(Path.cwd(), overrides=overrides)


def _load(target: str, arguments: tuple[str, ...], as_json: bool) -> Target:
    with agents_output(aside=as_json):  # modules may print when they are imported
        return load_target(target, arguments)


def _writable(cassette: Path | None) -> None:
    """Refuse before anything is done for real what would only fail when the recording is written."""
    if cassette is None:
        return
    if cassette.is_dir():
        inside = cassette / f"NAME{CASSETTE_SUFFIX}"
        raise Misused(f"{cassette} is a folder", remedy=f"name a file in it: --cassette {inside}")
    if cassette.suffix.lower() in VCR_SUFFIXES:
        ours = shlex.quote(str(cassette.with_name(cassette.stem + CASSETTE_SUFFIX)))
        theirs = shlex.quote(str(cassette))
        raise Misused(
            f"{cassette.name} would be one of vcrpy's, which cannot hold a recording of ours",
            remedy=f"--cassette {ours}, then: agentops-eval cassette convert {ours} {theirs}",
        )


def _remedy(place: Place, settings: Settings) -> str:
    """What mends a replay that misses: for a branch, recording that branch again.

    A branch needs a recording that it leaves, which comes first.
    """
    if settings.branch and place.cassette.exists():
        return place.command("replay", "--branch", settings.branch, "--record")
    return place.command("record")


def _open(place: Place, settings: Settings, rerecord: str, *, approver: str | None = None) -> ActiveRun:
    try:
        return open_run(
            place.cassette,
            settings,
            case=place.case,
            agent=place.agent,
            rerecord=rerecord,
            approver=approver,
        )
    except (CassetteMissing, CassetteStale) as error:
        error.remedy = rerecord
        error.difference = error.difference or _renamed(place, settings)
        raise


def _renamed(place: Place, settings: Settings) -> str:
    """What lets the recording of a callable that is gone follow, where this may be that one."""
    if place.options or place.cassette.exists():
        return ""
    here = Path.cwd()
    imported = Path(settings.golden_dir, place.cassette.name)
    if imported.exists():
        return f"is it {imported}? add --cassette {shlex.quote(str(imported))}"
    hint = rename_hint(here / place.cassette, here / settings.golden_dir, here, began=here)
    return hint and f"was the callable renamed or moved? {hint}"
