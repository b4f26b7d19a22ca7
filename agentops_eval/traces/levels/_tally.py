"""Gathers service levels run by run, in memory that does not grow with the number of runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed, number_of, shown
from agentops_eval.traces._attribution import Attribution, told_by
from agentops_eval.traces._cost import Pricer, cost_of, llm_of, unpriced
from agentops_eval.traces._error_class import ErrorClass, error_class
from agentops_eval.traces._spans import LLM, step_type, took_ns
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.levels._bill import TOOL_CALL, Bill, bill_of
from agentops_eval.traces.levels._ending import Ending, ending_of, root_of
from agentops_eval.traces.levels._groups import MOST_VALUES, Grouped, Tools, endings_of
from agentops_eval.traces.levels._model import STEP_TYPES, ServiceLevels, WasteLevels
from agentops_eval.traces.levels._quantiles import Values
from agentops_eval.traces.levels._waste import Waste, waste_of

MS = 1_000_000


class Tally:
    """Takes runs and tells their service levels. Their order does not matter, nor how they are split up."""

    def __init__(
        self,
        *,
        price: Pricer = cost_of,
        attribution: Attribution = Attribution(),  # noqa: B008  # frozen
        by: Iterable[str] = (LLM,),
    ) -> None:
        self._price = price
        self._attribution = attribution
        self._groups = {dimension: Grouped() for dimension in by}
        self._endings: Counter[Ending] = Counter()
        self._latency = {kind: Values() for kind in STEP_TYPES}
        self._first_chunk, self._tokens = Values(), Values()
        self._errors: Counter[tuple[str, ErrorClass]] = Counter()
        self._tools = Tools()
        self._bill, self._lost = Bill(), Bill()
        self._llm_retries = self._without_clock = 0
        self._unpriced: Counter[str] = Counter()

    def add(self, run: NormalTrace) -> None:
        """Take one run. Raises what the pricer raises, with nothing of the run counted."""
        prices = {span.span_id: self._price(span) for span in run.trace.spans if step_type(span) == LLM}
        ending, waste = ending_of(run), waste_of(run)
        values = {name: self._values(name, run) for name in self._groups}
        total = Bill()
        for span in run.trace.spans:
            self._time(span)
            bill = self._step(span, waste)
            if step_type(span) == LLM:
                bill = bill_of(span, prices[span.span_id], failed=failed(span))
                self._unpriced.update(unpriced([(span, prices[span.span_id])]))
                self._first_chunk.add(_first_chunk_ns(span))
                self._llm_retries += span.span_id in waste.retried
                self._lost += bill if span.span_id in waste.wasted else Bill()
            if bill.llm_calls or bill.tool_calls:
                total += bill
                for name, group in self._groups.items():
                    if name != LLM or bill.llm_calls:
                        group.add(values[name].get(span.span_id), bill, took_ns(span))
        self._without_clock += any(sc.is_logical(span.start_ns) for span in run.trace.spans[:1])
        self._end(run, ending, total, values)

    def _values(self, dimension: str, run: NormalTrace) -> Mapping[str, str | None]:
        if dimension == LLM:
            return {span.span_id: llm_of(span) or None for span in run.trace.spans}
        told = told_by(run, self._attribution.of(dimension))
        return {span_id: one.value for span_id, one in told.items()}

    def _time(self, span: Span) -> None:
        kind = step_type(span)
        took = took_ns(span)
        if kind == "human":
            told = sc.AGENTOPS_HITL_WAIT_MS in span.attributes
            took = _scaled(span, sc.AGENTOPS_HITL_WAIT_MS, MS) if told else took
        self._latency[kind].add(took)

    def _step(self, span: Span, waste: Waste) -> Bill:
        """Count a step's error; a tool call has its place in every bill, an llm call gets one of its own."""
        kind = step_type(span)
        error = error_class(span) if failed(span) else None
        if error is not None:
            self._errors[kind, error] += 1
        if kind != "tool":
            return Bill()
        self._tools.add(
            shown(span, sc.TOOL_NAME), error, took_ns(span), retried=span.span_id in waste.retried
        )
        return TOOL_CALL

    def _end(
        self,
        run: NormalTrace,
        ending: Ending,
        total: Bill,
        values: Mapping[str, Mapping[str, str | None]],
    ) -> None:
        root = root_of(run)
        self._endings[ending] += 1
        self._latency["run"].add(None if root is None else took_ns(root))
        self._tokens.add(total.tokens)
        self._bill += total
        for name, group in self._groups.items():
            if name != LLM:
                group.end(None if root is None else values[name].get(root.span_id), ending)

    def merge(self, other: Tally) -> None:
        """Take what another gathered, with the same pricer, attribution and dimensions."""
        self._endings.update(other._endings)
        self._errors.update(other._errors)
        for kind, values in self._latency.items():
            values.merge(other._latency[kind])
        self._first_chunk.merge(other._first_chunk)
        self._tokens.merge(other._tokens)
        self._tools.merge(other._tools)
        self._bill += other._bill
        self._lost += other._lost
        self._llm_retries += other._llm_retries
        self._without_clock += other._without_clock
        self._unpriced.update(other._unpriced)
        for name, group in self._groups.items():
            group.merge(other._groups[name])

    def levels(self) -> ServiceLevels:
        """The service levels of the runs so far."""
        errors: dict[str, dict[ErrorClass, int]] = {}
        for (kind, error), count in sorted(self._errors.items()):
            errors.setdefault(kind, {})[error] = count
        return ServiceLevels(
            endings=endings_of(self._endings),
            latency_ms={kind: values.quantiles(unit=MS) for kind, values in self._latency.items()},
            first_chunk_ms=self._first_chunk.quantiles(unit=MS),
            tokens_per_run=self._tokens.quantiles(),
            errors=errors,
            tools=self._tools.levels(),
            waste=WasteLevels(
                llm_retries=self._llm_retries, tool_retries=self._tools.retries, lost=self._lost
            ),
            bill=self._bill,
            unpriced=dict(sorted(self._unpriced.items())[:MOST_VALUES]),
            without_clock=self._without_clock,
            groups={name: group.rows(with_endings=name != LLM) for name, group in self._groups.items()},
        )


def _first_chunk_ns(span: Span) -> int | None:
    return _scaled(span, sc.RESPONSE_TIME_TO_FIRST_CHUNK, 1000 * MS)


def _scaled(span: Span, key: str, unit: int) -> int | None:
    value = number_of(span, key)
    return round(value * unit) if value is not None and 0 <= value < 2**63 // unit else None
