"""A trace drawn as a tree of calls, with their numbers: a table, or two lines a call where it is narrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_eval.cli._output import console, fit, line, many, prose, say
from agentops_eval.cli._prices import say_unpriced

if TYPE_CHECKING:
    from agentops_eval.traces import ViewRow, ViewTotals

_NUMBERS = ("in", "out", "$", "ms")
_LEAST = 40


def draw(rows: Sequence[ViewRow]) -> None:
    """Draw the calls as they lie within each other; every call but the run itself has its number."""
    digits = len(str(len(rows) - 1))
    counts = [f"{number or '':>{digits}} " for number in range(len(rows))]
    titles = [count + branch for count, branch in zip(counts, _branches(rows), strict=True)]
    columns = [column for column in _columns(rows) if column.telling]
    room = console().width - sum(column.width + 2 for column in columns)
    if room < _LEAST:
        _stack(rows, titles, columns)
    else:
        _tabulate(rows, titles, columns, room)


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


def _tabulate(rows: Sequence[ViewRow], titles: Sequence[str], columns: Sequence[_Column], room: int) -> None:
    """A table with the columns that tell something; the others would only narrow the calls."""
    from rich.table import Table
    from rich.text import Text

    # Left to rich, a call longer than ``room`` would push the columns behind it off the screen.
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("call", no_wrap=True, overflow="ellipsis")
    for column in columns:
        table.add_column(column.name, justify="left" if column.text else "right", no_wrap=True)
    for number, (row, title) in enumerate(zip(rows, titles, strict=True)):
        style = "red" if row.failed else ""
        told = Text(title).append(fit(line(_detail(row)), room - len(title)), style=style)
        cells = (Text(column.cells[number], style=style if column.text else "") for column in columns)
        table.add_row(told, *cells)
    console().print(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One column: its title, its cells, and whether they say more than the line below the table."""

    name: str
    cells: tuple[str, ...]
    telling: bool
    text: bool = False

    @property
    def width(self) -> int:
        """How wide it is."""
        return max(len(self.name), *map(len, self.cells))


def _columns(rows: Sequence[ViewRow]) -> Iterator[_Column]:
    for name, cells in zip(_NUMBERS, zip(*map(_numbers, rows), strict=True), strict=True):
        yield _Column(name=name, cells=cells, telling=bool({*cells} - {"", "?"}))
    status = tuple(line(row.status, limit=40) for row in rows)
    yield _Column(name="status", cells=status, telling=any(row.failed for row in rows), text=True)
    labels = tuple("" if row.label is None else str(row.label) for row in rows)
    yield _Column(name="answer", cells=labels, telling=len({*labels} - {""}) > 1, text=True)


def _stack(rows: Sequence[ViewRow], titles: Sequence[str], columns: Sequence[_Column]) -> None:
    """For narrow terminals: the call on one line, what the columns say of it on the next."""
    for number, (row, title) in enumerate(zip(rows, titles, strict=True)):
        room = max(console().width - len(title), 12)
        say(title + fit(line(_detail(row)), room), style="red" if row.failed else "")
        told = [
            cell if column.text else f"{cell} {column.name}"
            for column in columns
            if (cell := column.cells[number])
        ]
        if told:
            say(f"{' ' * len(title)}{', '.join(told)}", style="dim")


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


def say_totals(rows: Sequence[ViewRow], totals: ViewTotals, tables: Sequence[str]) -> None:
    """Say below the tree what holds for all of it; ``tables`` are the tables of prices that were asked."""
    parts = [many(totals.llm_calls, "llm call"), many(totals.tool_calls, "tool call")]
    parts.append(f"{totals.failed_calls} failed" if totals.failed_calls else "none failed")
    labels = {str(row.label) for row in rows if row.label is not None}
    parts += [f"all {label}" for label in labels if len(labels) == 1]
    prose(", ".join(parts))
    if not totals.llm_calls:
        return
    unknown = f" (unknown of {many(totals.without_usage, 'call')})" if totals.without_usage else ""
    say(f"tokens: {_count(totals.input_tokens)} in, {_count(totals.output_tokens)} out{unknown}")
    if totals.cost is None:
        say("cost:   unknown")
    else:
        unknown = f" (unknown of {many(totals.without_cost, 'call')})" if totals.without_cost else ""
        say(f"cost:   ${totals.cost:.6f}{unknown}")
        prose(f"prices: {', else '.join(('what the trace tells', *tables))}", hang=8, style="dim")
    say_unpriced(totals.unpriced, tables)
