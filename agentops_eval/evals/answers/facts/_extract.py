"""Everything that a text states and that can be told without understanding it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from agentops_eval.evals.answers.facts._markup import Paper, unmarked
from agentops_eval.evals.answers.facts._model import Fact, FactKind
from agentops_eval.evals.answers.facts._moments import take_moments
from agentops_eval.evals.answers.facts._money import take_money
from agentops_eval.evals.answers.facts._names import take_addresses, take_identifiers, take_numbers
from agentops_eval.evals.answers.facts._polarity import Clause, Clauses, clauses_of

_NUMERIC = {FactKind.AMOUNT, FactKind.PERCENT, FactKind.NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a text states: its facts in their order, and the clauses in which they stand."""

    text: str
    facts: tuple[Fact, ...]
    clauses: Clauses

    def clause_of(self, fact: Fact) -> Clause | None:
        """The clause of one of its facts."""
        return self.clauses.at(fact.start)

    def said(self, clause: Clause) -> str:
        """A clause in the text's words."""
        return self.text[clause.start : clause.end].strip(" ,;:.\n")

    @property
    def topics(self) -> dict[str, set[bool]]:
        """What it speaks of, and whether it says so, denies it, or both."""
        found: dict[str, set[bool]] = {}
        for clause in self.clauses:
            for topic, holds in clause.topics:
                found.setdefault(topic, set()).add(holds)
        return found


def stated_in(text: str) -> Stated:
    """Read a text. Each sort of fact takes its characters away from those that come after it."""
    plain = unmarked(text)
    paper = Paper(plain)
    take_addresses(paper)
    take_moments(paper)
    take_money(paper)
    take_identifiers(paper)
    take_numbers(paper)
    facts = tuple(sorted(paper.facts, key=lambda fact: (fact.start, fact.kind)))
    return Stated(text=plain, facts=facts, clauses=clauses_of(paper.text))


def numbers_in(text: str, *, decimal: str = "") -> list[frozenset[Decimal]]:
    """The readings of every number, amount and percent of a text, in their order.

    ``decimal`` is the decimal separator where that is known. Dates, times and codes hold none.
    """
    paper = Paper(unmarked(text))
    if not decimal:
        take_addresses(paper)
        take_moments(paper)
        take_money(paper)
    take_numbers(paper, decimal=decimal)
    found = sorted((one for one in paper.facts if one.kind in _NUMERIC), key=lambda one: one.start)
    return [one.numbers for one in found if not one.weak]
