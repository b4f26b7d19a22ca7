"""``cassette``: look into recordings, convert them, and keep them tidy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from agentops_eval.cli._output import json_option, plain, print_json, say
from agentops_eval.domain import (
    AgentopsError,
    DrawRequest,
    Event,
    Failure,
    HttpReply,
    Json,
    KeptBody,
)

_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def cassette() -> None:
    """Look into recordings, convert them, and keep them tidy."""


@cassette.command()
@_FILE
@click.option("--all", "everything", is_flag=True, help="Show readings of clock and entropy too.")
@json_option
def show(file: Path, everything: bool, as_json: bool) -> int:
    """List what FILE holds, one recorded call a line."""
    from agentops_eval.replay import read_cassette

    kept = read_cassette(file)
    events = [e for e in kept.events if everything or not isinstance(e.request, DrawRequest)]
    if as_json:
        print_json(
            {
                "path": str(file),
                "case": kept.header.case,
                "agent": kept.header.agent,
                "recorded_at": kept.header.recorded_at,
                "tool": kept.header.tool,
                "branch": kept.header.branch,
                "outcome": kept.outcome,
                "digest": kept.digest,
                "events": [_event_json(event) for event in events],
            }
        )
        return 0
    say(f"{kept.header.case or file.name}: {len(events)} calls, {kept.outcome}", style="bold")
    say(f"  recorded {kept.header.recorded_at or 'at an unknown time'} by {kept.header.tool or 'another tool'}")
    for event in events:
        say(f"  {event.index:>4}  {event.seam.value:<7} {plain(_title(event), limit=90):<60} {_answer(event)}")
    hidden = len(kept.events) - len(events)
    if hidden:
        say(f"  and {hidden} readings of clock and entropy (--all shows them)")
    return 0


def _event_json(event: Event) -> Json:
    return {
        "index": event.index,
        "seam": event.seam.value,
        "boundary": event.boundary,
        "span": event.span,
        "parent": event.parent,
        "label": event.label.value,
        "answer": _answer(event),
        "started_s": event.started_s,
        "ended_s": event.ended_s,
        "key": event.key,
    }


def _title(event: Event) -> str:
    inside = "" if event.span == "/" else f"  in {event.span}"
    return event.boundary + inside


def _answer(event: Event) -> str:
    outcome = event.outcome
    if outcome is None:
        return "no answer (interrupted)"
    if isinstance(outcome, Failure):
        return f"raised {plain(outcome.kind, limit=60)}"
    if isinstance(outcome, HttpReply):
        assert isinstance(outcome.body, KeptBody)
        chunks = len(outcome.body.chunks)
        streamed = f" in {chunks} chunks" if chunks > 1 else ""
        cut = ", cut" if outcome.body.end.kind.value == "cut" else ""
        return f"{outcome.status}, {len(outcome.body.data)} bytes{streamed}{cut}"
    return plain(outcome.value, limit=60)


@cassette.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace TARGET if it exists.")
@json_option
def convert(source: Path, target: Path, force: bool, as_json: bool) -> int:
    """Convert SOURCE to TARGET; the suffix decides: .cassette.jsonl, .yaml or .json (vcrpy)."""
    from agentops_eval.replay import convert_cassette

    if target.exists() and not force:
        raise click.UsageError(f"{target} exists; --force replaces it")
    done = convert_cassette(source, target)
    if as_json:
        print_json({"source": str(source), "target": str(target), "kept": done.kept, "left_out": done.left_out})
        return 0
    say(f"{target}: {done.kept} calls")
    if done.left_out:
        say(f"  left out {done.left_out} events that vcrpy cannot hold (tools, failures, readings)", style="yellow")
    return 0


@cassette.command()
@_FILE
@click.argument("target", metavar="MODULE:CALLABLE")
@click.argument("arguments", nargs=-1)
@json_option
def prune(file: Path, target: str, arguments: Sequence[str], as_json: bool) -> int:
    """Replay MODULE:CALLABLE against FILE, then drop the calls that it never asked for."""
    from dataclasses import replace

    from agentops_eval.harness import load_settings, load_target, open_run
    from agentops_eval.replay import prune_cassette

    settings = replace(load_settings(Path.cwd()), strict=False)
    found = load_target(target, arguments)
    run = open_run(file, settings, case=found.case, agent=found.name)
    with run:
        found()
    unused = {event.index for event in run.unused}
    dropped = prune_cassette(file, unused) if unused else 0
    if as_json:
        print_json({"path": str(file), "dropped": dropped, "calls": list(run.report.unused)})
        return 0
    say(f"{file}: dropped {dropped} of the recorded events")
    return 0


@cassette.command()
@_FILE
@json_option
def migrate(file: Path, as_json: bool) -> int:
    """Rewrite FILE in the format version of this release."""
    from agentops_eval.replay import migrate_cassette

    before, after = migrate_cassette(file)
    if as_json:
        print_json({"path": str(file), "from": before, "to": after})
        return 0
    say(f"{file}: version {before} -> {after}" if before != after else f"{file}: already version {after}")
    return 0


@cassette.command()
@click.argument("partial", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@json_option
def recover(partial: Path, target: Path, as_json: bool) -> int:
    """Turn the PARTIAL file of a recording that was interrupted into the cassette TARGET."""
    from agentops_eval.replay import recover_cassette

    if target.exists():
        raise click.UsageError(f"{target} exists; recover into another file")
    kept = recover_cassette(partial, target)
    if as_json:
        print_json({"partial": str(partial), "target": str(target), "events": kept})
        return 0
    say(f"{target}: {kept} events recovered")
    return 0


def problem_of(path: Path) -> str | None:
    """Why a cassette cannot be used, None where it can; for ``doctor``."""
    from agentops_eval.replay import read_cassette

    try:
        read_cassette(path)
    except AgentopsError as error:
        return str(error)
    return None


