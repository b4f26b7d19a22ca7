"""``trace``: read goldens and recordings as call trees, and compare two of them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from agentops_eval.cli._decisions import decisions
from agentops_eval.cli._errors import Misused
from agentops_eval.cli._foreign import is_foreign, show_foreign
from agentops_eval.cli._import import import_traces
from agentops_eval.cli._output import json_option, line, print_json, prose, say, say_divergence, say_lines
from agentops_eval.cli._place import find_blob
from agentops_eval.cli._reading import SUFFIXES, reading
from agentops_eval.cli._stats import stats
from agentops_eval.cli._tree import draw, say_totals
from agentops_eval.domain import AgentopsError, CassetteMissing, Divergence, Json, Label, Trace
from agentops_eval.harness import read_recorded
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX, FileKind, kind_at

_FILE = click.Path(path_type=Path)


@click.group()
def trace() -> None:
    """Read goldens and recordings as call trees, and compare two of them."""


trace.add_command(import_traces)
trace.add_command(stats)
trace.add_command(decisions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """A trace and what only its recording knows; ``note`` says what could not be found out."""

    trace: Trace
    durations_ms: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    note: str = ""


@trace.command()
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option("--full", is_flag=True, help="Show all that was asked and answered, nothing left out.")
@json_option
def show(files: tuple[Path, ...], full: bool, as_json: bool) -> int:
    """Draw the call tree of FILE (a golden or a recording) with tokens, cost, durations and status.

    A golden's clock is logical: durations come from the recording beside it. With --full they are left
    out: what is shown then follows from FILE alone, so that git can compare two versions of it.

    OTLP files of any framework are shown run by run. Several belong together: a trace may be spread
    over them, logs included.
    """
    from agentops_eval.traces import full_lines, view_json, view_rows, view_totals

    file = files[0]
    if all(map(is_foreign, files)):
        if full:
            raise Misused(
                "--full is for goldens and recordings", remedy="agentops-eval trace show FILE --json"
            )
        return show_foreign(files, as_json=as_json)
    if len(files) > 1:
        own = next(file for file in files if not is_foreign(file))
        raise Misused(
            f"several files are shown together only where all are OTLP exports, and {own} is none",
            remedy=f"agentops-eval trace show {shlex.quote(str(own))}",
        )
    found = _load_alone(file) if full and not as_json else _load(file)
    if as_json:
        document = view_json(found.trace, durations_ms=found.durations_ms, labels=found.labels, full=full)
        assert isinstance(document, dict)
        print_json({"path": str(file), **document, "note": found.note})
        return 0
    if full:
        say_lines(full_lines(found.trace))
        return 0
    rows = view_rows(found.trace, durations_ms=found.durations_ms, labels=found.labels)
    draw(rows)
    say_totals(rows, view_totals(found.trace))
    if found.note:
        prose(line(found.note), style="dim")
    return 0


def _load_alone(path: Path) -> _Loaded:
    """What the file says by itself. git gives a golden's versions elsewhere, without their blobs."""
    from agentops_eval.traces import read_golden

    if not _is_golden(path):
        return _load(path)
    with reading(path):
        return _Loaded(trace=read_golden(path, load=lambda name: find_blob(path, name)).trace)


def _is_golden(path: Path) -> bool:
    """Whether the file is a golden and no recording, as its first line says or else its name."""
    kind = kind_at(path)
    if kind in (FileKind.CASSETTE, FileKind.GOLDEN):
        return kind is FileKind.GOLDEN
    if path.suffix.lower() not in SUFFIXES and path.is_file():
        raise Misused(
            f"{path} is neither a golden (*{GOLDEN_SUFFIX}) nor a recording (*{CASSETTE_SUFFIX})",
            remedy="agentops-eval trace show FILE, with such a file",
        )
    return path.name.endswith(GOLDEN_SUFFIX)


def _load(path: Path) -> _Loaded:
    from agentops_eval.traces import read_golden

    if not _is_golden(path):
        with reading(path):
            return _of_recording(path)
    with reading(path):
        golden = read_golden(path).trace
    beside = path.with_name(path.name.removesuffix(GOLDEN_SUFFIX) + CASSETTE_SUFFIX)
    try:
        recorded = _of_recording(beside)
    except CassetteMissing:
        return _Loaded(trace=golden, note=f"durations are unknown: there is no {beside.name} beside it")
    except AgentopsError as error:
        return _Loaded(trace=golden, note=f"durations are unknown: {error.what}")
    if {span.span_id for span in golden} != {span.span_id for span in recorded.trace}:
        return _Loaded(trace=golden, note=f"durations are unknown: {beside.name} holds another run")
    return replace(recorded, trace=golden)


def _of_recording(path: Path) -> _Loaded:
    found = read_recorded(path)
    return _Loaded(trace=found.trace, durations_ms=found.durations_ms, labels=found.labels, note=found.note)


@trace.command()
@click.argument("golden", type=_FILE)
@click.argument("other", type=_FILE)
@click.option(
    "--all", "everything", is_flag=True, help="Show everything that differs, not only the first place."
)
@json_option
def diff(golden: Path, other: Path, everything: bool, as_json: bool) -> int:
    """Show where OTHER leaves GOLDEN; each is a golden or a recording. Exit code 1 where it does."""
    from agentops_eval.traces import divergences, render_divergence, render_divergences

    found = divergences(_load(golden).trace, _load(other).trace)
    if as_json:
        told = [_divergence(one) for one in found]
        print_json({"equal": not found, "divergence": told[0] if told else None, "divergences": list(told)})
        return 1 if found else 0
    if not found:
        say("equal", style="green")
        return 0
    names = {"agent": str(other), "golden_path": str(golden)}
    if everything:
        say_divergence(render_divergences(found, **names))
    else:
        say_divergence(render_divergence(found[0], **names, approve_command=""))
    words = ["agentops-eval", "trace"]
    if (len(found) > 1 or found[0].also) and not everything:
        say(f"All of them:      {shlex.join([*words, 'diff', '--all', str(golden), str(other)])}")
    say(f"The whole of it:  {shlex.join([*words, 'show', '--full', str(other)])}")
    return 1


def _divergence(found: Divergence) -> Json:
    return {
        "call": found.call,
        "total": found.total,
        "path": found.path,
        "golden": found.golden,
        "run": found.run,
        "others": found.others,
        "also": [{"golden": golden, "run": run} for golden, run in found.also],
    }
