"""``trace``: read goldens and recordings as call trees, and compare two of them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import console, json_option, line, many, print_json, say
from agentops_eval.cli._place import CASSETTE, GOLDEN
from agentops_eval.cli._reading import SUFFIXES, reading
from agentops_eval.domain import AgentopsError, CassetteMissing, Divergence, Event, Json, Label, Trace

if TYPE_CHECKING:
    from agentops_eval.replay import Cassette
    from agentops_eval.traces import ViewRow, ViewTotals

_FILE = click.Path(path_type=Path)
_NARROW = 76
_COLUMNS, _NUMBERS = ("in", "out", "cost $", "ms", "status", "answer"), 4


@click.group()
def trace() -> None:
    """Read goldens and recordings as call trees, and compare two of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """A trace and what only its recording knows; ``note`` says what could not be found out."""

    trace: Trace
    durations_ms: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    note: str = ""


@trace.command()
@click.argument("file", type=_FILE)
@json_option
def show(file: Path, as_json: bool) -> int:
    """Draw the call tree of FILE (a golden or a recording) with tokens, cost, durations and status.

    A golden's clock is logical: durations come from the recording beside it.
    """
    from agentops_eval.traces import view_json, view_rows, view_totals

    found = _load(file)
    if as_json:
        document = view_json(found.trace, durations_ms=found.durations_ms, labels=found.labels)
        assert isinstance(document, dict)
        print_json({"path": str(file), **document, "note": found.note})
        return 0
    rows = view_rows(found.trace, durations_ms=found.durations_ms, labels=found.labels)
    titles = _branches(rows)
    if console().width < _NARROW:
        _stack(rows, titles)
    else:
        _tabulate(rows, titles)
    _say_totals(view_totals(found.trace))
    if found.note:
        say(line(found.note), style="dim")
    return 0


def _load(path: Path) -> _Loaded:
    from agentops_eval.traces import read_golden

    if path.suffix.lower() not in SUFFIXES and path.is_file():
        raise Misused(
            f"{path} is neither a golden (*{GOLDEN}) nor a recording (*{CASSETTE})",
            remedy="agentops-eval trace show FILE, with such a file",
        )
    if not path.name.endswith(GOLDEN):
        with reading(path):
            return _of_recording(path)
    with reading(path):
        golden = read_golden(path).trace
    beside = path.with_name(path.name.removesuffix(GOLDEN) + CASSETTE)
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
    """The trace that a recording's events give; a branch follows what it took from its parent."""
    from agentops_eval.replay import read_cassette
    from agentops_eval.traces import derive, observe

    kept = read_cassette(path)
    events: Sequence[Event] = kept.events
    note = ""
    if kept.header.branch:
        events, note = _with_parent(kept)
    if kept.outcome != "completed":
        note = "; ".join(filter(None, (f"the recorded run {kept.outcome}", note)))
    agent, case = kept.header.agent, kept.header.case
    timed = path.suffix == ".jsonl"  # vcrpy keeps no times
    seen = observe(events, agent=agent, case=case)
    return _Loaded(
        trace=derive(events, agent=agent, case=case),
        durations_ms={span_id: one.duration_ms for span_id, one in seen.items()} if timed else {},
        labels={span_id: one.label for span_id, one in seen.items() if one.label is not None},
        note=note,
    )


def _with_parent(branch: Cassette) -> tuple[Sequence[Event], str]:
    from agentops_eval.replay import parent_path, read_cassette

    own = [replace(event, label=Label.BRANCH) for event in branch.events]
    try:
        parent = read_cassette(parent_path(branch.path))
    except AgentopsError as error:
        return own, f"only what the branch recorded itself: its parent cannot be read ({error.what})"
    if parent.digest != branch.header.branch_of:
        return own, "only what the branch recorded itself: its parent was recorded anew since"
    mine = {event.index for event in own}
    taken = [e for e in parent.events if e.index in branch.prefix and e.index not in mine]
    return [*(replace(event, label=Label.REPLAYED) for event in taken), *own], ""


def _branches(rows: Sequence[ViewRow]) -> list[str]:
    """The lines of the tree before each call: which of them go on, by looking at what follows."""
    drawn: list[str] = []
    goes_on: set[int] = set()
    for row in reversed(rows):
        goes_on = {depth for depth in goes_on if depth <= row.depth}
        bars = "".join("│  " if depth in goes_on else "   " for depth in range(1, row.depth))
        last = row.depth not in goes_on
        drawn.append(bars + ("" if row.depth == 0 else "└─ " if last else "├─ "))
        goes_on.add(row.depth)
    ascii_only = not _can_draw()
    if ascii_only:
        drawn = [text.translate(str.maketrans("│└├─", "|`|-")) for text in drawn]
    return drawn[::-1]


def _can_draw() -> bool:
    try:
        "│└├─".encode(console().encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _tabulate(rows: Sequence[ViewRow], titles: Sequence[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    cells = [
        (*_numbers(row), line(row.status, limit=40), "" if row.label is None else str(row.label))
        for row in rows
    ]
    # Left to rich, a long call would push the columns behind it off the screen.
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *cells, strict=True)]
    room = max(console().width - sum(widths) - 2 * len(widths), 24)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("call", no_wrap=True, overflow="ellipsis")
    for number, name in enumerate(_COLUMNS):
        table.add_column(name, justify="right" if number < _NUMBERS else "left", no_wrap=True)
    for row, title, cell in zip(rows, titles, cells, strict=True):
        style = "red" if row.failed else ""
        told = Text(title).append(_cut(_detail(row), room - len(title)), style=style)
        table.add_row(told, *cell[:_NUMBERS], Text(cell[_NUMBERS], style=style), cell[-1])
    console().print(table)


def _stack(rows: Sequence[ViewRow], titles: Sequence[str]) -> None:
    """For narrow terminals: the call on one line, its numbers on the next."""
    for row, title in zip(rows, titles, strict=True):
        room = max(console().width - len(title), 12)
        say(title + _cut(_detail(row), room), style="red" if row.failed else "")
        names = ("in", "out", "$", "ms")
        told = [f"{number} {name}" for name, number in zip(names, _numbers(row), strict=True) if number]
        told += [row.status] if row.failed else []
        told += [str(row.label)] if row.label is not None else []
        if told:
            say(f"{' ' * len(title)}{', '.join(told)}", style="dim")


def _cut(text: str, room: int) -> str:
    shown = line(text, limit=1_000)
    room = max(room, 8)
    return shown if len(shown) <= room else f"{shown[: room - 3]}..."


def _detail(row: ViewRow) -> str:
    """The call in one line; of an llm call only its name, for what was said would fill the screen."""
    return row.title if row.kind in {"llm", "agent"} or not row.detail else row.detail


def _numbers(row: ViewRow) -> tuple[str, str, str, str]:
    """Tokens, cost and milliseconds; what is unknown of an llm call is a question mark, never 0."""
    llm = row.kind == "llm"
    cost = "?" if row.cost is None else f"{row.cost:.6f}"
    return (
        _count(row.input_tokens) if llm else "",
        _count(row.output_tokens) if llm else "",
        cost if llm else "",
        "?" if row.duration_ms is None else f"{row.duration_ms:.0f}",
    )


def _count(number: int | None) -> str:
    return "?" if number is None else str(number)


def _say_totals(totals: ViewTotals) -> None:
    say(f"{many(totals.llm_calls, 'llm call')}, {many(totals.tool_calls, 'tool call')}")
    if not totals.llm_calls:
        return
    unknown = f" (unknown of {many(totals.without_usage, 'call')})" if totals.without_usage else ""
    say(f"tokens: {_count(totals.input_tokens)} in, {_count(totals.output_tokens)} out{unknown}")
    if totals.cost is None:
        say("cost:   unknown")
    else:
        unknown = f" (unknown of {many(totals.without_cost, 'call')})" if totals.without_cost else ""
        say(f"cost:   ${totals.cost:.6f}{unknown}")


@trace.command()
@click.argument("golden", type=_FILE)
@click.argument("other", type=_FILE)
@json_option
def diff(golden: Path, other: Path, as_json: bool) -> int:
    """Show where OTHER leaves GOLDEN; each is a golden or a recording. Exit code 1 where it does."""
    from agentops_eval.traces import diverge, render_divergence

    found = diverge(_load(golden).trace, _load(other).trace)
    if as_json:
        print_json({"equal": found is None, "divergence": None if found is None else _divergence(found)})
        return 0 if found is None else 1
    if found is None:
        say("equal", style="green")
        return 0
    say(render_divergence(found, agent=str(other), golden_path=str(golden), approve_command=""))
    whole = shlex.join(["agentops-eval", "trace", "show", str(other)])
    say(f"The whole of it:  {whole}")
    return 1


def _divergence(found: Divergence) -> Json:
    return {
        "call": found.call,
        "total": found.total,
        "path": found.path,
        "golden": found.golden,
        "run": found.run,
        "others": found.others,
    }
