"""``cassette convert``, ``prune``, ``migrate`` and ``recover``: recordings changed, never their meaning."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._ending import Ended, perform
from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import agents_output, json_option, line, many, plain, print_json, say
from agentops_eval.cli._place import Place
from agentops_eval.cli._reading import reading
from agentops_eval.domain import CassetteMissing, Event, RunMisuse
from agentops_eval.harness import ActiveRun, load_target, open_run, settings_for_reading
from agentops_eval.replay import CASSETTE_SUFFIX

if TYPE_CHECKING:
    from agentops_eval.replay import Cassette, Converted, Pruned

_PATH = click.Path(path_type=Path)


@click.command(short_help="Make one of vcrpy's of a recording, or the reverse.")
@click.argument("source", type=_PATH)
@click.argument("target", type=_PATH)
@click.option("--force", is_flag=True, help="Replace TARGET if it exists.")
@json_option
def convert(source: Path, target: Path, force: bool, as_json: bool) -> int:
    """Convert SOURCE to TARGET; the suffix decides: .cassette.jsonl (ours), .yaml or .json (vcrpy's)."""
    if target.exists() and source.exists() and source.samefile(target):
        raise Misused(f"{source} and {target} are the same file", remedy="name another target")
    if target.exists() and not force:
        words = ["agentops-eval", "cassette", "convert", str(source), str(target), "--force"]
        raise Misused(f"{target} exists already", remedy=f"to replace it: {shlex.join(words)}")
    with reading(source):
        done = _converted(source, target, exclusive=not force)
    if as_json:
        print_json(
            {
                "source": str(source),
                "target": str(target),
                "events": done.events,
                "left_out": dict(done.left_out),
                "failures": done.failures,
                "merged": done.merged,
            }
        )
        return 0
    say(f"{plain(target)}: {many(done.events, 'event')}")
    for seam, count in done.left_out:
        say(f"  left out  {count} of the seam {seam}, which vcrpy cannot hold", style="yellow")
    if done.failures:
        failed = many(done.failures, "HTTP call")
        say(f"  left out  {failed} without a complete answer, which vcrpy cannot hold", style="yellow")
    if done.merged:
        say(f"  merged    the chunks of {many(done.merged, 'body')}", style="yellow")
    return 0


def _converted(source: Path, target: Path, *, exclusive: bool) -> Converted:
    from agentops_eval.replay import convert_cassette, request_key
    from agentops_eval.traces.redaction import Redactor

    settings = settings_for_reading(Path.cwd())
    rules, redactor = settings.match_rules, Redactor(settings.redaction_rules)

    def key(event: Event) -> str:
        return request_key(event.seam, event.boundary, event.request, rules=rules, redactor=redactor)

    return convert_cassette(
        source, target, redactor=redactor, key=key, rules=rules.digest, exclusive=exclusive
    )


@click.command(short_help="Drop recorded calls that a run never asks for.")
@click.argument("file", type=_PATH)
@click.argument("target", metavar="MODULE:CALLABLE")
@click.argument("arguments", nargs=-1)
@json_option
def prune(file: Path, target: str, arguments: tuple[str, ...], as_json: bool) -> int:
    """Replay MODULE:CALLABLE against FILE, then drop the recorded calls that it never asked for."""
    from agentops_eval.replay import prune as pruned

    _own_format(file)
    settings = replace(settings_for_reading(Path.cwd()), strict=False, branch="")
    with agents_output(aside=as_json):
        found = load_target(target, arguments)
    place = Place.of(found, settings, cassette=file, golden=None)
    run = open_run(file, settings, case=place.case, agent=place.agent, rerecord=place.command("record"))
    kept = _recorded(file)
    ended = perform(run, place, aside=as_json)
    if ended.outcome != kept.outcome:
        raise _another_ending(file, kept, ended, place)
    done = pruned(kept, _used(kept, run))
    if as_json:
        print_json(
            {
                "path": str(file),
                "kept": done.kept,
                "removed": list(done.removed),
                "blobs": list(done.blobs),
                "freed_bytes": done.freed,
                "stale_branches": [str(path) for path in done.stale_branches],
                "unused": list(run.report.unused),
            }
        )
        return 0
    _say_pruned(file, done, run)
    return 0


def _say_pruned(file: Path, done: Pruned, run: ActiveRun) -> None:
    for unused in run.report.unused:
        say(f"  dropped  {line(unused)}")
    freed = f", {many(done.freed, 'byte')} freed" if done.removed else ""
    say(f"{plain(file)}: {many(len(done.removed), 'event')} dropped, {done.kept} kept{freed}")
    for path in done.stale_branches:
        say(f"  warning: the branch {path.name} no longer fits: record it again", style="yellow")


def _own_format(file: Path) -> None:
    from agentops_eval.replay import VCR_SUFFIXES
    from agentops_eval.traces import FileKind, kind_at

    if file.suffix.lower() in VCR_SUFFIXES and kind_at(file) is not FileKind.CASSETTE:
        target = file.with_name(file.stem + CASSETTE_SUFFIX)
        words = ["agentops-eval", "cassette", "convert", str(file), str(target)]
        raise Misused(f"{file} is one of vcrpy's", remedy=f"convert it first: {shlex.join(words)}")


def _recorded(file: Path) -> Cassette:
    from agentops_eval.replay import read_cassette

    return read_cassette(file)


def _used(kept: Cassette, run: ActiveRun) -> set[int]:
    """What the run asked for; what happened inside a tool that nobody called goes with it."""
    gone = {event.index for event in run.unused}
    for event in kept.events:  # in the order of their start, so parents come first
        if event.parent in gone:
            gone.add(event.index)
    return {event.index for event in kept.events} - gone


def _another_ending(file: Path, kept: Cassette, ended: Ended, place: Place) -> RunMisuse:
    told = f": {ended.raised.message}" if ended.raised else ""
    return RunMisuse(
        "the replay ended otherwise than the recorded run, so nothing was dropped",
        where=str(file),
        difference=f"recorded  {kept.outcome}\nthis run  {ended.outcome}{told}",
        remedy=place.command("replay"),
    )


@click.command(short_help="Rewrite a recording in this release's format.")
@click.argument("file", type=_PATH)
@json_option
def migrate(file: Path, as_json: bool) -> int:
    """Rewrite FILE in the format version of this release."""
    from agentops_eval.replay import FORMAT_VERSION
    from agentops_eval.replay import migrate as migrated

    _own_format(file)
    with reading(file):
        if not file.exists():
            raise CassetteMissing("there is no recording", where=str(file))
        done = migrated(file)
    if as_json:
        print_json({"path": str(file), "migrated": done, "version": FORMAT_VERSION})
        return 0
    say(f"{plain(file)}: {'now' if done else 'already'} version {FORMAT_VERSION}")
    return 0


@click.command(short_help="Make a cassette of an interrupted recording.")
@click.argument("partial", type=_PATH)
@click.argument("target", type=_PATH, required=False)
@json_option
def recover(partial: Path, target: Path | None, as_json: bool) -> int:
    """Turn the PARTIAL file of an interrupted recording into the cassette TARGET.

    Without TARGET it becomes the cassette that was being recorded, unless there is one already.
    """
    from agentops_eval.harness import recover_recording
    from agentops_eval.traces import PARTIAL_SUFFIX

    if partial.exists() and partial.suffix != PARTIAL_SUFFIX:
        left = f".NAME{CASSETTE_SUFFIX}.*{PARTIAL_SUFFIX}"
        raise Misused(
            f"{partial} is not what an interrupted recording leaves: {left}",
            remedy="agentops-eval doctor lists what can be recovered",
        )
    with reading(partial):
        settings = settings_for_reading(Path.cwd())
        path = recover_recording(partial, settings, target=target)
    events = len(_recorded(path).events)
    if as_json:
        print_json({"partial": str(partial), "target": str(path), "events": events})
        return 0
    say(f"{plain(path)}: {many(events, 'event')} recovered")
    return 0
