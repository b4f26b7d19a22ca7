"""``trace show`` for traces that were made elsewhere: their runs, one after the other."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.cli._output import line, many, plain, print_json, prose, say
from agentops_eval.cli._tree import draw, say_totals
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX

if TYPE_CHECKING:
    from agentops_eval.domain import Trace
    from agentops_eval.traces.dialects import NormalTrace
    from agentops_eval.traces.reading import Problems

_HEAD = 64 * 1024
_EXPORTS = (b"resourceSpans", b"resource_spans", b"resourceLogs", b"resource_logs")
_OWN_OR_VCR = (GOLDEN_SUFFIX, CASSETTE_SUFFIX, ".yaml", ".yml")
_SHOWN = 10


def is_foreign(path: Path) -> bool:
    """Whether a file holds OTLP that is no golden of ours; a look at its beginning decides."""
    if path.name.endswith(_OWN_OR_VCR) or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(path) as unpacked:
                head = unpacked.read(_HEAD)
        except (OSError, EOFError):
            return True  # the reader says what is wrong with it
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[")
    return any(mark in head for mark in _EXPORTS) if text else b"\x00" in head or path.suffix == ".pb"


def show_foreign(files: Sequence[Path], *, as_json: bool) -> int:
    """Show every run in the files together; what could not be read is said at the end."""
    from agentops_eval.traces import summary_json
    from agentops_eval.traces.dialects import normalise
    from agentops_eval.traces.reading import Problems, read_traces

    problems = Problems()
    runs = (normalise(found) for found in read_traces(files, problems))
    if as_json:
        shown = [summary_json(run) for run in runs]
        notes = [{"where": problem.where, "what": problem.what} for problem in problems.kept]
        paths = [str(file) for file in files]
        print_json({"paths": paths, "runs": shown, "problems": notes, "problem_count": problems.count})
        return 0
    count = 0
    for run in runs:
        if count:
            say("")
        count += 1
        _show(run)
    say_problems(problems)
    if not count:
        say("no spans in " + ", ".join(plain(file) for file in files))
    return 0


def _show(run: NormalTrace) -> None:
    from agentops_eval.traces import view_rows, view_totals

    trace_id = run.trace.spans[0].trace_id
    dialects = sorted({name for name in run.dialects.values() if name != "unknown"})
    prose(line(f"trace {trace_id} ({', '.join(dialects) or 'no dialect that is known'})"), style="bold")
    rows = view_rows(run.trace, durations_ms=_durations(run.trace))
    draw(rows)
    say_totals(rows, view_totals(run.trace))
    if run.duplicates:
        prose(f"{many(len(run.duplicates), 'span')} left out: another tells the same call", style="dim")


def _durations(trace: Trace) -> Mapping[str, float]:
    """By the ids under which spans are shown; those follow from the place in the tree."""
    from agentops_eval.traces import canonical

    pairs = zip(canonical(trace).spans, trace.spans, strict=True)
    timed = ((shown.span_id, span.end_ns - span.start_ns) for shown, span in pairs)
    return {span_id: took_ns / 1e6 for span_id, took_ns in timed if took_ns >= 0}


def say_problems(problems: Problems) -> None:
    """What could not be read, the first of it."""
    if not problems.count:
        return
    prose(f"{many(problems.count, 'problem')}, passed over:", style="yellow")
    for problem in problems.kept[:_SHOWN]:
        say(f"  {line(str(problem))}")
    if problems.count > _SHOWN:
        say(f"  and {problems.count - _SHOWN} more (--json lists the first 1,000)")
