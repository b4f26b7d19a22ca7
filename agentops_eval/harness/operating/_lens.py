"""Runs become what operational measures count. Nothing in it holds a secret, or a text without end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from agentops_eval.domain import Incident, RunFacts
from agentops_eval.harness.operating._reading import Operated
from agentops_eval.operations import Action, Confident, actions_by_class, confident_actions, incident_of
from agentops_eval.traces import Pricer
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.audit import AuditRecord, audit
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.levels import Attribution, Ending, ending_of, facts_of, log_of, root_of
from agentops_eval.traces.redaction import Redactor

_NAME, _REASON = 120, 500
_MOST_NAMES = 10_000
_SUCCESS = {Ending.COMPLETED: True, Ending.FAILED: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What went wrong in the run of one trace: of which agent, and with which tool, where known."""

    trace: str
    incident: Incident
    agent: str = ""
    tool: str = ""


@dataclass(slots=True, kw_only=True)
class Lens:
    """How runs are looked at: what calls cost, who pays, what is secret, which tools change something.

    ``results_at_s`` (seconds since 1970) is when trials were run, whose clock is logical.

    It counts what nobody can say: ``without_clock`` are runs that do not tell when they were,
    ``undecided`` those of which it is not known whether they succeeded, ``without_trace`` trials whose
    trace was not kept. A run is counted where it is missed.
    """

    price: Pricer
    redactor: Redactor
    attribution: Attribution = field(default_factory=Attribution)
    effects: tuple[str, ...] = ()
    results_at_s: float | None = None
    without_clock: int = 0
    without_trace: int = 0
    undecided: int = 0
    _names: dict[str, str] = field(default_factory=dict)

    def facts(self, runs: Iterable[Operated], *, by: str = "agent") -> list[RunFacts]:
        """The facts of runs, which are grouped by who pays: of results what the suite judged.

        Traces are let go one by one. Raises what the pricer raises.
        """
        told = (self._facts(one, by) for one in runs)
        return [one for one in told if one is not None]

    def _facts(self, one: Operated, by: str) -> RunFacts | None:
        run = self._trace_of(one)
        if run is None:
            return None
        at_s = None if one.judged is None else self.results_at_s
        found = facts_of(run, price=self.price, attribution=self.attribution, by=by, at_s=at_s)
        if found is None:
            self.without_clock += 1
            return None
        found = replace(found, group=self.name(found.group))
        judged = one.judged
        if judged is None:
            return found
        return replace(
            found,
            succeeded=judged.succeeded,
            infrastructure=judged.infrastructure,
            cost_usd=found.cost_usd if judged.cost_usd is None else judged.cost_usd,
            took_s=found.took_s if judged.took_s is None else judged.took_s,
        )

    def happened(self, one: Operated, *, budget_usd: float | None = None) -> Happened | None:
        """What went wrong in a run that did not succeed; None for one that did, or that nobody can judge."""
        run = self._trace_of(one)
        if run is None:
            return None
        right, broken = _outcome(one, run)
        if right is None and not broken:
            self.undecided += 1
        if right is not False and not broken:
            return None
        log = log_of(run, price=self.price, attribution=self.attribution)
        found = incident_of(log, budget_usd=budget_usd)
        surest = found.suspects[:1] if found.step is not None else ()
        told = replace(
            found,
            agent=self.name(found.agent),
            reason=self.redactor.text(found.reason)[:_REASON],
            suspects=tuple(replace(each, agent="", reason="") for each in surest),
        )
        root, tool = root_of(run), "" if found.step is None else log[found.step].tool
        agent = "" if root is None else str(root.attributes.get(sc.AGENT_NAME, ""))
        return Happened(trace=run.trace.trace_id, incident=told, agent=self.name(agent), tool=self.name(tool))

    def confident(self, one: Operated) -> tuple[Confident, ...]:
        """The first action of each class whose decision states a confidence; else the run's own confidence.

        Further actions of a class are no further observations: one outcome stands for all of them.
        """
        run = self._trace_of(one)
        if run is None:
            return ()
        right, _ = _outcome(one, run)
        if right is None:
            self.undecided += 1
            return ()
        known = confident_actions(self._records(run), right=right)
        first = {each.action: each for each in reversed(known)}
        if first:
            return tuple(replace(each, action=self.name(each.action)) for each in first.values())
        root = root_of(run)
        sure = None if root is None else root.attributes.get(sc.AGENTOPS_CONFIDENCE)
        if isinstance(sure, bool) or not isinstance(sure, int | float) or not 0 <= sure <= 1:
            return ()
        return (Confident(confidence=float(sure), correct=right),)

    def actions(self, one: Operated) -> tuple[float, Mapping[str, tuple[Action, ...]]] | None:
        """When a run was, in seconds since 1970, and its actions by class; None for one without a clock."""
        run = self._trace_of(one)
        root = None if run is None else root_of(run)
        if run is None:
            return None
        began_s = None if root is None else root.start_ns / 1e9
        if root is not None and sc.is_logical(root.start_ns):
            began_s = None if one.judged is None else self.results_at_s
        if began_s is None:
            self.without_clock += 1
            return None
        right, _ = _outcome(one, run)
        found: dict[str, tuple[Action, ...]] = {}
        for name, made in actions_by_class(self._records(run), right=right).items():
            found[self.name(name)] = (*found.get(self.name(name), ()), *made)
        return began_s, found

    def name(self, text: str) -> str:
        """A name that an agent gave, without secrets and not without end."""
        if text not in self._names:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            self._names[text] = self.redactor.text(text)[:_NAME]
        return self._names[text]

    def _records(self, run: NormalTrace) -> tuple[AuditRecord, ...]:
        return audit(run, effects=self.effects, attribution=self.attribution, price=self.price).records

    def _trace_of(self, one: Operated) -> NormalTrace | None:
        self.without_trace += one.run is None
        return one.run


def _outcome(one: Operated, run: NormalTrace) -> tuple[bool | None, bool]:
    """Whether a run succeeded, and whether the infrastructure ended it; a suite's judgement goes before.

    That a judge or a simulated user broke is no incident of the agent's.
    """
    ending = ending_of(run)
    broken = ending is Ending.INFRASTRUCTURE
    if one.judged is None:
        return _SUCCESS.get(ending), broken
    return one.judged.succeeded, broken and one.judged.infrastructure
