"""What is gathered for each value of a dimension, and for each tool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from agentops_eval.traces._error_class import ErrorClass
from agentops_eval.traces.levels._bill import Bill
from agentops_eval.traces.levels._ending import Ending
from agentops_eval.traces.levels._model import Endings, Row, ToolLevels
from agentops_eval.traces.levels._quantiles import Values

MOST_VALUES = 1_000
OTHERS = "(others)"
"""Where the values of a dimension are more than MOST_VALUES, those that come later are one."""

_EXACT = 4_096


def endings_of(counts: Mapping[Ending, int]) -> Endings:
    """Counted endings as a value."""
    return Endings(
        completed=counts.get(Ending.COMPLETED, 0),
        failed=counts.get(Ending.FAILED, 0),
        infrastructure=counts.get(Ending.INFRASTRUCTURE, 0),
        unknown=counts.get(Ending.UNKNOWN, 0),
    )


class _Group:
    def __init__(self) -> None:
        self.bill = Bill()
        self.endings: Counter[Ending] = Counter()
        self.latency = Values(exact=_EXACT)


class Grouped:
    """Bills by the value of one dimension; None is what is attributed to nobody."""

    def __init__(self) -> None:
        self._groups: dict[str | None, _Group] = {}

    def _of(self, value: str | None) -> _Group:
        if value not in self._groups and len(self._groups) >= MOST_VALUES and value is not None:
            value = OTHERS
        return self._groups.setdefault(value, _Group())

    def add(self, value: str | None, bill: Bill, took_ns: int | None) -> None:
        """Take one call."""
        group = self._of(value)
        group.bill += bill
        if bill.llm_calls:
            group.latency.add(took_ns)

    def end(self, value: str | None, ending: Ending) -> None:
        """Take the ending of a run whose root has the value."""
        self._of(value).endings[ending] += 1

    def merge(self, other: Grouped) -> None:
        """Take what another gathered."""
        for value, theirs in other._groups.items():
            group = self._of(value)
            group.bill += theirs.bill
            group.endings.update(theirs.endings)
            group.latency.merge(theirs.latency)

    def rows(self, *, with_endings: bool) -> tuple[Row, ...]:
        """The rows, the dearest first; what is attributed to nobody is the last."""
        rows = [
            Row(
                value=value,
                endings=endings_of(group.endings) if with_endings else None,
                bill=group.bill,
                latency_ms=group.latency.quantiles(unit=1_000_000),
            )
            for value, group in self._groups.items()
        ]
        return tuple(sorted(rows, key=_dearest_first))


def _dearest_first(row: Row) -> tuple[object, ...]:
    tokens = (row.bill.input_tokens or 0) + (row.bill.output_tokens or 0)
    return (row.value is None, -(row.bill.cost or 0), -tokens, -row.bill.llm_calls, row.value or "")


class _Tool:
    def __init__(self) -> None:
        self.calls = self.retries = 0
        self.errors: Counter[ErrorClass] = Counter()
        self.latency = Values(exact=_EXACT)


class Tools:
    """How each tool behaved."""

    def __init__(self) -> None:
        self._tools: dict[str, _Tool] = {}

    def _of(self, name: str) -> _Tool:
        if name not in self._tools and len(self._tools) >= MOST_VALUES:
            name = OTHERS
        return self._tools.setdefault(name, _Tool())

    def add(self, name: str, error: ErrorClass | None, took_ns: int | None, *, retried: bool) -> None:
        """Take one call."""
        tool = self._of(name)
        tool.calls += 1
        tool.retries += retried
        tool.latency.add(took_ns)
        if error is not None:
            tool.errors[error] += 1

    def merge(self, other: Tools) -> None:
        """Take what another gathered."""
        for name, theirs in other._tools.items():
            tool = self._of(name)
            tool.calls += theirs.calls
            tool.retries += theirs.retries
            tool.errors.update(theirs.errors)
            tool.latency.merge(theirs.latency)

    @property
    def retries(self) -> int:
        """Those of all tools."""
        return sum(tool.retries for tool in self._tools.values())

    def levels(self) -> tuple[ToolLevels, ...]:
        """Every tool, those with the most failures first."""
        found = [
            ToolLevels(
                name=name,
                calls=tool.calls,
                errors={error: tool.errors[error] for error in ErrorClass if tool.errors[error]},
                retries=tool.retries,
                latency_ms=tool.latency.quantiles(unit=1_000_000),
            )
            for name, tool in self._tools.items()
        ]
        return tuple(sorted(found, key=lambda tool: (-tool.failed, -tool.calls, tool.name)))
