"""A trace as the rows of a call tree, with tokens counted once and costs where they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from agentops_eval.domain import Json, Label, Span, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import count_of, error_type
from agentops_eval.traces._cost import Pricer, cost_of, unpriced
from agentops_eval.traces._describe import describe
from agentops_eval.traces._full import content_of
from agentops_eval.traces._ids import depth_first
from agentops_eval.traces._money import total_money, usd_text
from agentops_eval.traces._normal import canonical
from agentops_eval.traces._steps import Step, steps_of
from agentops_eval.traces.llm._parts import total


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRow:
    """One call of the tree. What is unknown is None.

    ``kind`` is agent, llm, tool, human, http or step; ``title`` says kind and name; ``detail`` tells
    the call in one line. Tokens and ``cost`` (US dollars) stand on llm calls only. ``status`` is
    ``ok`` or the error's type; ``label`` says where the answer came from.
    """

    span_id: str
    depth: int
    kind: str
    title: str
    detail: str
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    duration_ms: float | None
    status: str
    label: Label | None

    @property
    def failed(self) -> bool:
        """Whether the call ended in an error."""
        return self.status != "ok"

    @property
    def note(self) -> str:
        """What is worth saying beside the numbers: the error, and a label other than live."""
        label = "" if self.label in {None, Label.LIVE} else str(self.label)
        return ", ".join(filter(None, (self.status if self.failed else "", label)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTotals:
    """Sums over a trace. Tokens and costs are those of llm calls, each counted once.

    A sum is over what is known and None where nothing is; ``without_usage`` and ``without_cost``
    count the llm calls that are missing in it. ``unpriced`` names the llms that no table knows.
    """

    spans: int
    llm_calls: int
    tool_calls: int
    failed_calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    without_usage: int
    without_cost: int
    unpriced: tuple[str, ...] = ()


def view_rows(
    trace: Trace,
    *,
    durations_ms: Mapping[str, float] | None = None,
    labels: Mapping[str, Label] | None = None,
    price: Pricer = cost_of,
) -> tuple[ViewRow, ...]:
    """The call tree, depth first. Durations and labels come by span id from a recording."""
    durations_ms, labels = durations_ms or {}, labels or {}
    given = (trace.spans[index] for index in depth_first(trace.spans)[0])
    pairs = zip(steps_of(canonical(trace)), given, strict=True)
    return tuple(_row(step, span, durations_ms, labels, price) for step, span in pairs)


def _row(
    step: Step,
    given: Span,
    durations_ms: Mapping[str, float],
    labels: Mapping[str, Label],
    price: Pricer,
) -> ViewRow:
    """The row of a step. Its id, time and told cost are those of the span that was ``given``."""
    span, span_id = step.span, given.span_id
    llm = step.kind == "llm"
    cost = price(given) if llm else None
    return ViewRow(
        span_id=span_id,
        depth=step.depth,
        kind=step.kind,
        title=f"{step.kind} {step.title}".rstrip(),
        detail=describe(step),
        input_tokens=count_of(span, sc.USAGE_INPUT_TOKENS) if llm else None,
        output_tokens=count_of(span, sc.USAGE_OUTPUT_TOKENS) if llm else None,
        cost=None if cost is None else cost.amount,
        duration_ms=durations_ms.get(span_id),
        status=error_type(span) or "ok",
        label=labels.get(span_id),
    )


def view_totals(trace: Trace, *, price: Pricer = cost_of) -> ViewTotals:
    """The sums over a trace."""
    rows = view_rows(trace, price=price)
    calls = [row for row in rows if row.kind == "llm"]
    spans = {span.span_id: span for span in trace.spans}
    missing = ((spans[row.span_id], None) for row in calls if row.cost is None)
    return ViewTotals(
        spans=len(rows),
        llm_calls=len(calls),
        tool_calls=sum(row.kind == "tool" for row in rows),
        failed_calls=sum(row.failed for row in rows),
        input_tokens=total(*(row.input_tokens for row in calls)),
        output_tokens=total(*(row.output_tokens for row in calls)),
        cost=total_money(row.cost for row in calls),
        without_usage=sum(row.input_tokens is None or row.output_tokens is None for row in calls),
        without_cost=sum(row.cost is None for row in calls),
        unpriced=unpriced(missing),
    )


def calls_json(
    trace: Trace,
    *,
    durations_ms: Mapping[str, float] | None = None,
    labels: Mapping[str, Label] | None = None,
    price: Pricer = cost_of,
    full: bool = False,
) -> list[Json]:
    """The rows as JSON, for scripts; with ``full`` all that was asked and answered, too.

    Costs are decimal strings.
    """
    rows = view_rows(trace, durations_ms=durations_ms, labels=labels, price=price)
    contents = [dict(content_of(step)) if full else None for step in steps_of(canonical(trace))]
    return [
        {"call": number, **_row_json(row), "content": content}
        for number, (row, content) in enumerate(zip(rows, contents, strict=True))
    ]


def _row_json(row: ViewRow) -> dict[str, Json]:
    return {
        "span_id": row.span_id,
        "depth": row.depth,
        "kind": row.kind,
        "title": row.title,
        "detail": row.detail,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "cost_usd": usd_text(row.cost),
        "duration_ms": row.duration_ms,
        "status": row.status,
        "label": None if row.label is None else str(row.label),
    }
