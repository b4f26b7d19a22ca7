"""Service levels as tables that fit a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from agentops_eval.cli._output import console, fit, line, many, prose, say
from agentops_eval.cli._prices import say_unpriced

if TYPE_CHECKING:
    from agentops_eval.traces.levels import Bill, Endings, Quantiles, Row, ServiceLevels, ToolLevels

UNKNOWN = "?"
_NAME_LEAST = 12
_SHOWN = 20


def say_levels(levels: ServiceLevels, *, tables: Sequence[str], asked: Sequence[str]) -> None:
    """Everything, the answer to the first question first: whether runs succeed, then time, tools, money."""
    _say_endings(levels.endings)
    _say_latency(levels)
    if levels.tools:
        table("tool", _TOOL, [(_name(tool.name), _tool(tool)) for tool in levels.tools])
    say()
    _say_waste(levels)
    _say_cost(levels, tables, asked)
    if levels.without_clock:
        _say_goldens(levels)
    for name, rows in levels.groups.items():
        head = _ROW_OF_LLM if name == "llm" else _ROW
        cells = _row_of_llm if name == "llm" else _row
        table(name, head, [(_value(row), cells(row)) for row in rows])


def _say_endings(endings: Endings) -> None:
    rate = endings.success_rate
    judged = endings.completed + endings.failed
    shown = UNKNOWN if rate is None else f"{_percent(rate)}% ({endings.completed} of {judged})"
    apart = [
        f"{count} {what}"
        for count, what in (
            (endings.infrastructure, "ended by infrastructure"),
            (endings.unknown, "whose end is not told"),
        )
        if count
    ]
    say(f"{many(endings.runs, 'run')}, success rate {shown}", style="bold")
    if apart:
        prose(f"left out of the rate: {', '.join(apart)}", style="yellow")


def _say_latency(levels: ServiceLevels) -> None:
    found = {**levels.latency_ms, "first chunk": levels.first_chunk_ms}
    known = {kind: one for kind, one in found.items() if one.n}
    if known:
        rows = [(kind, (*_times(one), str(one.n), str(one.unknown))) for kind, one in known.items()]
        table("ms", ("p50", "p95", "p99", "n", "unknown"), rows)
    else:
        prose("durations are unknown: these runs have no clock of their own", style="dim")
    if any(not one.exact for one in known.values()):
        prose("of more than 65,536 values, percentiles are within 1%", style="dim")


def _say_waste(levels: ServiceLevels) -> None:
    waste = levels.waste
    if not (waste.llm_retries or waste.tool_retries or waste.lost.llm_calls):
        return
    lost = waste.lost
    tokens = _tokens(lost)
    told = f"{tokens} tokens" + (f" (unknown of {lost.without_usage})" if lost.without_usage else "")
    again = f"retries: {waste.llm_retries} of llm calls, {waste.tool_retries} of tool calls"
    cost = "cost unknown" if lost.cost is None else _usd(lost)
    prose(f"{again}; wasted: {told} in {many(lost.llm_calls, 'llm call')}, {cost}", hang=9)


def _say_cost(levels: ServiceLevels, tables: Sequence[str], asked: Sequence[str]) -> None:
    bill = levels.bill
    if not bill.llm_calls:
        prose("no llm calls: nothing to price")
        return
    per_run = levels.tokens_per_run
    usage = f" (unknown of {many(bill.without_usage, 'call')})" if bill.without_usage else ""
    prose(f"tokens: {_count(bill.input_tokens)} in, {_count(bill.output_tokens)} out{usage}")
    if per_run.n:
        prose(f"a run:  {_number(per_run.p50)} tokens at the median, {_number(per_run.p95)} at p95")
    unknown = f" (unknown of {many(bill.without_cost, 'call')})" if bill.without_cost else ""
    cost = "unknown" if bill.cost is None else _usd(bill)
    prose(f"cost:   {cost}{unknown}, {_per(levels.cost_per_success)} for each completed run", hang=8)
    by = ", ".join(f"{name}: {many(count, 'call')}" for name, count in bill.sources.items())
    prose(f"prices: {'; '.join(filter(None, (by, *tables))) or 'none'}", style="dim")
    say_unpriced(levels.unpriced, asked)


def _say_goldens(levels: ServiceLevels) -> None:
    count, runs = levels.without_clock, levels.endings.runs
    which = "" if count == runs else f"{count} of {many(runs, 'run')}: "
    prose(
        f"{which}a golden keeps no authority, approver, attribution, told cost or time: "
        "sum up the recording or the export",
        style="yellow",
    )


# -- tables -------------------------------------------------------------------------------------

_TOOL = ("calls", "ok %", "trans", "perm", "infra", "policy", "again", "p50", "p95 ms")
_ROW_OF_LLM = ("calls", "failed", "in", "out", "$", "no price", "p50", "p95 ms")
_ROW = ("runs", "ok %", "llm", "tools", "in", "out", "$", "$/success")


def table(
    name: str, head: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], *, most: int = _SHOWN
) -> None:
    """A table whose first column takes what is left of the width; columns that say nothing are left out."""
    from rich.table import Table
    from rich.text import Text

    shown = rows[:most]
    telling = [at for at in range(len(head)) if any(row[1][at] not in {"0", "", "?"} for row in shown)]
    widths = [max(len(head[at]), *(len(row[1][at]) for row in shown)) + 2 for at in telling]
    room = max(console().width - sum(widths) - 1, _NAME_LEAST)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(Text(name), no_wrap=True)
    for at in telling:
        table.add_column(head[at], justify="right", no_wrap=True)
    for title, cells in shown:
        table.add_row(Text(fit(title, room, middle=True)), *(cells[at] for at in telling))
    say()
    console().print(table)
    if len(rows) > most:
        say(f"and {len(rows) - most} more (--json lists all)", style="dim")


def _tool(tool: ToolLevels) -> tuple[str, ...]:
    from agentops_eval.traces.levels import ErrorClass

    errors = [str(tool.errors.get(error, 0)) for error in ErrorClass]
    ok = UNKNOWN if tool.reliability is None else _percent(tool.reliability)
    return (str(tool.calls), ok, *errors, str(tool.retries), *_times(tool.latency_ms)[:2])


def _row_of_llm(row: Row) -> tuple[str, ...]:
    bill = row.bill
    counts = (str(bill.llm_calls), str(bill.failed_llm_calls))
    used = (_count(bill.input_tokens), _count(bill.output_tokens))
    return (*counts, *used, _usd(bill, sign=""), str(bill.without_cost), *_times(row.latency_ms)[:2])


def _row(row: Row) -> tuple[str, ...]:
    bill, endings = row.bill, row.endings
    assert endings is not None
    ok = UNKNOWN if endings.success_rate is None else _percent(endings.success_rate)
    used = (_count(bill.input_tokens), _count(bill.output_tokens))
    cost = "" if not bill.llm_calls else _usd(bill, sign="")
    calls = (str(bill.llm_calls), str(bill.tool_calls))
    each = UNKNOWN if row.cost_per_success is None else _amount(row.cost_per_success)
    return (str(endings.runs), ok, *calls, *used, cost, each)


def _value(row: Row) -> str:
    return "(unattributed)" if row.value is None else _name(row.value)


def _name(text: str) -> str:
    return line(text, limit=120) or "(no name)"


# -- numbers ------------------------------------------------------------------------------------


def _times(found: Quantiles) -> tuple[str, str, str]:
    return _number(found.p50), _number(found.p95), _number(found.p99)


def _number(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _percent(share: float) -> str:
    """A share in percent, rounded down, so that only what never failed is shown as 100."""
    return "100" if share == 1 else f"{int(share * 1000) / 10:.1f}"


def _count(number: int | None) -> str:
    return UNKNOWN if number is None else str(number)


def _tokens(bill: Bill) -> str:
    if bill.input_tokens is None and bill.output_tokens is None:
        return UNKNOWN
    return str((bill.input_tokens or 0) + (bill.output_tokens or 0))


def _usd(bill: Bill, *, sign: str = "$") -> str:
    """What is known of a cost, with a plus where calls of unknown cost come on top."""
    if bill.cost is None:
        return UNKNOWN
    return f"{sign}{_amount(bill.cost)}{'+' if bill.without_cost else ''}"


def _amount(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount >= 100 else f"{amount:.6f}"


def _per(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"${_amount(amount)}"
