"""A review as a sheet for people. What is unknown is said to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from agentops_eval.domain import (
    AgentMonth,
    MonthReview,
    Sheet,
    SheetLine,
    SheetPart,
    SheetTable,
    Spent,
    as_command,
    counted,
    in_code,
    in_line,
)
from agentops_eval.operations._spend import usd_of

_MOST = 30
UNNAMED = "(unattributed)"
REVIEW = "review-"
"""How the id of a review's sheet begins; the month is the rest."""


def spent_text(spent: Spent) -> str:
    """What was spent; where the cost of calls is unknown that it was at least so much."""
    if not spent.unknown:
        return usd_of(spent.usd)
    return f"at least {usd_of(spent.usd)}, the cost of {counted(spent.unknown, 'llm call')} is unknown"


def review_headline(review: MonthReview) -> str:
    """What the month came to, in one line."""
    change = change_of(review)
    against = "" if change is None else f", {usd_of(change, signed=True)} against {review.former}"
    spent = review.spent
    least = "at least " if spent.unknown else ""
    more = f"; the cost of {counted(spent.unknown, 'llm call')} is unknown" if spent.unknown else ""
    runs = counted(review.runs, "run")
    return f"{review.month}: {least}{usd_of(spent.usd)} spent in {runs}{against}{more}"


def change_of(review: MonthReview) -> Decimal | None:
    """What was spent more than the month before; None where either is unknown, or no run was before."""
    now, before = review.spent.whole, review.spent_before.whole
    return None if now is None or before is None or not review.runs_before else now - before


def review_sheet(review: MonthReview) -> Sheet:
    """The review, its title in its first part."""
    title = SheetPart(
        id="title",
        title="",
        lines=(in_line(f"Operational review of {review.month}"), in_line(f"{review_headline(review)}.")),
    )
    parts = (title, _steps(review), _spent(review), _why(review), _causes(review), _tools(review),
             _promises(review), _incidents(review), _drift(review), _ahead(review))  # fmt: skip
    return Sheet(id=f"{REVIEW}{review.month}", title="", parts=parts)


def _steps(review: MonthReview) -> SheetPart:
    rows = tuple(
        (
            one.do,
            one.shown_by,
            in_line(str(one.risk)),
            in_line(usd_of(one.usd) if one.usd else ""),
            in_line(as_command(one.command)),
        )
        for one in review.steps
    )
    lines = () if rows else (in_line("Nothing: no rule finds anything to change."),)
    head = ("what", "shown by", "risk", "a month", "command")
    table = SheetTable(head=head, rows=rows, right=frozenset({2, 3})) if rows else None
    return SheetPart(id="change", title="What to change", lines=lines, table=table)


def _spent(review: MonthReview) -> SheetPart:
    before = {one.agent: one for one in review.agents_before}
    rows = []
    for one in sorted(review.agents, key=lambda each: (-each.spent.usd, each.agent)):
        old = before.get(one.agent, AgentMonth(agent=one.agent))
        tokens = [use.tokens for use in one.llms]
        told = "?" if None in tokens else f"{sum(each or 0 for each in tokens):,}"
        cells = (str(one.runs), str(one.failed), told, spent_text(old.spent), spent_text(one.spent))
        rows.append((in_line(in_code(one.agent or UNNAMED)), *(in_line(cell) for cell in cells)))
    head = ("agent", "runs", "failed", "tokens", review.former, review.month)
    return _tabled("spent", "What was spent", head, rows, frozenset({1, 2, 3, 4, 5}), "No run was seen.")


def _why(review: MonthReview) -> SheetPart:
    rows = [
        (
            in_line(in_code(one.agent or UNNAMED), " on ", in_code(one.llm or "(unnamed)")),
            in_line(usd_of(one.before)),
            in_line(usd_of(one.after)),
            *(in_line(usd_of(part, signed=True)) for part in (one.change, one.volume, one.tokens, one.price)),
            in_line(usd_of(one.unsplit, signed=True) if one.unsplit or one.unsplit is None else ""),
        )
        for one in review.changes
    ]
    head = ("agent and llm", review.former, review.month, "change", "by runs", "by tokens a run",
            "by price a token", "not split")  # fmt: skip
    right = frozenset(range(1, 8))
    part = _tabled("why", "Why it changed", head, rows, right, "Nothing was spent in either month.")
    about = in_line(
        "The parts add up to the change. Each is the change of its factor times the mean of the others, over "
        "all orders in which they can change."
    )
    return SheetPart(
        id=part.id, title=part.title, lines=(*part.lines, about) if rows else part.lines, table=part.table
    )


def _causes(review: MonthReview) -> SheetPart:
    rows = []
    for one in review.agents:
        well = one.spent.usd - one.failed_spent.usd - one.lost.usd
        useful = Spent(usd=well, unknown=one.spent.unknown - one.failed_spent.unknown - one.lost.unknown)
        cells = (useful, one.lost, one.failed_spent)
        rows.append((in_line(in_code(one.agent or UNNAMED)), *(in_line(spent_text(each)) for each in cells)))
    head = ("agent", "work that was used", "failed and repeated calls", "runs that failed")
    return _tabled("causes", "What it went into", head, rows, frozenset({1, 2, 3}), "Nothing was spent.")


def _tools(review: MonthReview) -> SheetPart:
    before = {(one.agent, tool.tool): tool.calls for one in review.agents_before for tool in one.tools}
    rows = [
        (
            in_line(in_code(one.agent or UNNAMED), " calls ", in_code(tool.tool)),
            *(
                in_line(f"{number:,}")
                for number in (before.get((one.agent, tool.tool), 0), tool.calls, tool.failed, tool.retried)
            ),
        )
        for one in review.agents
        for tool in sorted(one.tools, key=lambda each: (-each.calls, each.tool))
    ]
    head = ("tool", f"calls in {review.former}", f"calls in {review.month}", "failed", "made again")
    return _tabled("tools", "Tools", head, rows, frozenset({1, 2, 3, 4}), "No tool was called.")


def _promises(review: MonthReview) -> SheetPart:
    before = {one.name: one for one in review.statuses_before}
    rows = []
    for one in review.statuses:
        old = before.get(one.name)
        cells = (
            one.verdict.value,
            "?" if old is None else old.verdict.value,
            f"{one.target:g}",
            "?" if one.level.value is None else f"{one.level.value:.4g}",
            "" if one.budget_left is None else f"{100 * one.budget_left:.0f} %",
        )
        rows.append((in_line(in_code(one.name)), *map(in_line, cells), in_line(one.why)))
    head = ("objective", "at its end", "at its beginning", "target", "measured", "budget left", "why")
    none = "Unknown: no file of objectives was given."
    return _tabled("promises", "Promises", head, rows, frozenset({3, 4, 5}), none)


def _incidents(review: MonthReview) -> SheetPart:
    rows = [
        (in_line(name), in_line(str(before)), in_line(str(after)), in_line(f"{after - before:+d}"))
        for name, (before, after) in review.incidents.items()
    ]
    head = ("class", review.former, review.month, "change")
    return _tabled(
        "incidents", "Incidents", head, rows, frozenset({1, 2, 3}), "No run is known to have failed."
    )


def _drift(review: MonthReview) -> SheetPart:
    lines = []
    for one in review.drifts:
        lines.append(in_line(f"{one.measure}: {one.verdict.value}{f', {one.why}' if one.why else ''}."))
        lines += [
            in_line(f"On {point.label} {one.measure} went from {point.before:.4g} to {point.after:.4g}.")
            for point in one.points
        ]
    return SheetPart(id="drift", title="What moved", lines=tuple(lines))


def _ahead(review: MonthReview) -> SheetPart:
    return SheetPart(id="ahead", title="The next quarter", lines=tuple(_foretold(review)))


def _foretold(review: MonthReview) -> Iterator[SheetLine]:
    found = review.forecast
    if found is None or found.cost.value is None:
        yield in_line(f"Unknown: {'there is no forecast' if found is None else found.why}.")
        return
    cost = found.cost
    limits = f"(${cost.low or 0:,.2f} to ${cost.high or 0:,.2f} at 95 %)"
    ahead = f"The {found.weeks} weeks after it will cost ${cost.value:,.2f} {limits}"
    yield in_line(f"{ahead}, by {counted(cost.n, 'week')} of history.")


def _tabled(
    name: str,
    title: str,
    head: tuple[str, ...],
    rows: Sequence[tuple[SheetLine, ...]],
    right: frozenset[int],
    none: str,
) -> SheetPart:
    if not rows:
        return SheetPart(id=name, title=title, lines=(in_line(none),))
    more = max(len(rows) - _MOST, 0)
    return SheetPart(
        id=name, title=title, table=SheetTable(head=head, rows=tuple(rows[:_MOST]), right=right, more=more)
    )
