"""Runs gathered by month: facts of each, each agent's spending, and incidents by class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from agentops_eval.domain import AgentMonth, LlmUse, RunFacts, Spent, ToolUse
from agentops_eval.harness.operating._lens import Lens
from agentops_eval.harness.operating._reading import Operated
from agentops_eval.operations import month_of
from agentops_eval.traces.levels import Bill, Tally


@dataclass(slots=True)
class Months:
    """Takes runs, and tells of each month. Memory holds the facts of runs, and no trace."""

    lens: Lens
    runs: list[RunFacts] = field(default_factory=list)
    incidents: dict[str, Counter[str]] = field(default_factory=dict)
    _tallies: dict[tuple[str, str, bool], Tally] = field(default_factory=dict)

    def take(self, runs: Iterable[Operated]) -> None:
        """Take runs. Those that do not tell when they were are counted by the lens, and in no month."""
        for one in runs:
            for fact in self.lens.facts([one]):
                self.runs.append(fact)
                self._count(one, fact)

    def _count(self, one: Operated, fact: RunFacts) -> None:
        month, failed = month_of(fact.at_s), fact.succeeded is False or fact.infrastructure
        assert one.run is not None
        tally = self._tallies.setdefault((month, fact.group, failed), self._tally())
        tally.add(one.run)
        happened = self.lens.happened(one) if failed else None
        if happened is not None:
            self.incidents.setdefault(month, Counter())[happened.incident.kind.value] += 1

    def _tally(self) -> Tally:
        return Tally(price=self.lens.price, attribution=self.lens.attribution)

    @property
    def agents(self) -> Mapping[str, tuple[AgentMonth, ...]]:
        """Each agent's months, by month."""
        found: dict[str, list[AgentMonth]] = {}
        for month, agent in sorted({(month, agent) for month, agent, _ in self._tallies}):
            found.setdefault(month, []).append(self._agent(month, agent))
        return {month: tuple(some) for month, some in found.items()}

    def _agent(self, month: str, agent: str) -> AgentMonth:
        well, bad = (self._tallies.get((month, agent, failed), self._tally()) for failed in (False, True))
        whole = self._tally()
        whole.merge(well)
        whole.merge(bad)
        levels, failed = whole.levels(), bad.levels()
        return AgentMonth(
            agent=agent,
            runs=levels.endings.runs,
            failed=failed.endings.runs,
            llms=tuple(self._uses((row.value or "", row.bill) for row in levels.groups["llm"])),
            tools=tuple(
                ToolUse(
                    tool=self.lens.name(one.name), calls=one.calls, failed=one.failed, retried=one.retries
                )
                for one in levels.tools
            ),
            lost=_spent(well.levels().waste.lost),
            failed_spent=_spent(failed.bill),
        )

    def _uses(self, bills: Iterable[tuple[str, Bill]]) -> Iterator[LlmUse]:
        for llm, bill in bills:
            tokens = bill.tokens if bill.llm_calls else 0
            yield LlmUse(llm=self.lens.name(llm), spent=_spent(bill), tokens=tokens)


def _spent(bill: Bill) -> Spent:
    """Of no call nothing was spent; a call without a price is unknown, and no 0."""
    return Spent(usd=bill.cost or Decimal(0), calls=bill.llm_calls, unknown=bill.without_cost)
