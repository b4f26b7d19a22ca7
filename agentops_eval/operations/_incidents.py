"""What went wrong in a run, at which step and by whom, as far as rules can tell, and how often they do."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Estimate, Incident, IncidentClass, LogStep, Suspect, VerdictValue
from agentops_eval.operations._estimates import estimate_of
from agentops_eval.operations._incident_rules import RULES, modes_of
from agentops_eval.stats import mcnemar_mid_p, wilson

LEAST_CONFIDENCE = 0.3
"""Below it nobody can say: that is about how often naming the second step of every run is right."""

AGENT_CONFIDENCE = 0.5
"""Below it no agent is blamed: rules of words name the step better than any baseline, and the agent not."""

Blamed: TypeAlias = tuple[str, int]
"""The agent and the step, counted from 0."""


def incident_of(
    steps: Sequence[LogStep],
    *,
    budget_usd: float | None = None,
    least_confidence: float = LEAST_CONFIDENCE,
) -> Incident:
    """What went wrong in a run that failed, by the surest rule; unknown where none is sure enough.

    Past ``budget_usd`` the step that crossed it is a suspect, too. Rules that look for a cause in words are
    as confident as they were right about the step on labelled logs, so they blame no agent; the others go
    by errors, harms and costs. Whose step a suspect is, it tells itself.
    """
    suspects = [*_over_budget(steps, budget_usd), *(one for rule in RULES for one in rule(steps))]
    ranked = sorted(suspects, key=lambda one: -one.confidence)
    mast = tuple(dict.fromkeys([*(one.mast for one in ranked if one.mast), *modes_of(steps)]))
    if not ranked or ranked[0].confidence < least_confidence:
        return Incident(mast=mast, suspects=tuple(ranked))
    surest = ranked[0]
    return Incident(
        kind=surest.kind,
        agent=surest.agent if surest.confidence >= AGENT_CONFIDENCE else "",
        step=surest.step,
        confidence=surest.confidence,
        reason=surest.reason,
        mast=mast,
        suspects=tuple(ranked),
    )


def _over_budget(steps: Sequence[LogStep], budget_usd: float | None) -> list[Suspect]:
    spent = 0.0
    for at, step in enumerate(steps):
        spent += step.cost_usd or 0.0
        if budget_usd is not None and spent > budget_usd:
            why = f"with this step it had cost {spent:.4g} US dollars of {budget_usd:.4g}"
            return [
                Suspect(
                    rule="over-budget",
                    kind=IncidentClass.COST_BLOWOUT,
                    step=at,
                    agent=step.agent,
                    confidence=0.9,
                    reason=why,
                )
            ]
    return []


# -- how often the rules are right -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesser:
    """How often one way to blame was right: of the agent, of the step. Chance has no limits."""

    name: str
    agent: Estimate
    step: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Localisation:
    """Rules beside trivial baselines on the logs that rules answered, ``answered`` of ``logs``.

    A verdict passes where the rules were right more often than the best baseline, in pairs and at 5 %
    (mid-p of McNemar's test); else it is unknown: the rules have not shown that they add anything.
    """

    logs: int
    answered: int
    rules: Guesser
    baselines: tuple[Guesser, ...]
    agent: VerdictValue = VerdictValue.UNKNOWN
    step: VerdictValue = VerdictValue.UNKNOWN
    agent_p: float | None = None
    step_p: float | None = None

    @property
    def table(self) -> str:
        """All of it in Markdown. Where a verdict is unknown so is the rules' answer, its figure beside it."""
        rows = [
            ("rules", _cell(self.rules.agent, self.agent), _cell(self.rules.step, self.step)),
            *((one.name, _cell(one.agent), _cell(one.step)) for one in self.baselines),
        ]
        lines = [" | ".join(("", *row, "")).strip() for row in (("", "agent", "step"), ("---",) * 3, *rows)]
        return "\n".join(lines) + "\n"


def _cell(found: Estimate, verdict: VerdictValue = VerdictValue.PASS) -> str:
    if found.value is None:
        return "unknown"
    limits = "" if found.low is None or found.high is None else f" ({found.low:.2f} to {found.high:.2f})"
    return f"{'' if verdict is VerdictValue.PASS else 'unknown: '}{found.value:.2f}{limits}"


def localise(
    logs: Sequence[tuple[Sequence[LogStep], Blamed]],
    *,
    rules: Callable[[Sequence[LogStep]], Incident] = incident_of,
) -> Localisation:
    """Hold rules against labelled logs, each with the agent and step that is to blame.

    The agent that a rule names is that of its step.
    """
    guessed = [(steps, truth, rules(steps)) for steps, truth in logs]
    told = [
        (steps, truth, (found.suspects[0].agent, found.suspects[0].step))
        for steps, truth, found in guessed
        if found.step is not None
    ]
    truths = [truth for _, truth, _ in told]
    ours = [guess for _, _, guess in told]
    trivial = {name: [guess(steps) for steps, _, _ in told] for name, guess in _TRIVIAL.items()}
    scored = tuple(_scored(name, guesses, truths) for name, guesses in trivial.items())
    verdicts = [_beats(ours, list(trivial.values()), truths, part) for part in (0, 1)]
    (agent, agent_p), (step, step_p) = verdicts
    return Localisation(
        logs=len(logs),
        answered=len(told),
        rules=_scored("rules", ours, truths),
        baselines=(*scored, _chance([steps for steps, _, _ in told])),
        agent=agent,
        step=step,
        agent_p=agent_p,
        step_p=step_p,
    )


def _most_frequent(steps: Sequence[LogStep]) -> Blamed:
    ((agent, _),) = Counter(step.agent for step in steps if step.kind != "tool").most_common(1)
    return agent, next(at for at, step in enumerate(steps) if step.agent == agent)


_TRIVIAL: dict[str, Callable[[Sequence[LogStep]], Blamed]] = {
    "first step": lambda steps: (steps[0].agent, 0),
    "second step": lambda steps: (steps[min(1, len(steps) - 1)].agent, min(1, len(steps) - 1)),
    "last step": lambda steps: (steps[-1].agent, len(steps) - 1),
    "most frequent agent": _most_frequent,
}


def _scored(name: str, guesses: Sequence[Blamed], truths: Sequence[Blamed]) -> Guesser:
    right = [
        sum(guess[part] == truth[part] for guess, truth in zip(guesses, truths, strict=True))
        for part in (0, 1)
    ]
    agent, step = (estimate_of(wilson(one, len(truths)) if truths else None) for one in right)
    return Guesser(name=name, agent=agent, step=step)


def _chance(logs: Sequence[Sequence[LogStep]]) -> Guesser:
    """What blaming any agent, and any step, of a log is right on average."""
    if not logs:
        return Guesser(name="chance", agent=Estimate(), step=Estimate())
    agents = math.fsum(
        1 / max(1, len({step.agent for step in steps if step.kind != "tool"})) for steps in logs
    )
    places = math.fsum(1 / len(steps) for steps in logs)
    return Guesser(
        name="chance",
        agent=Estimate(value=agents / len(logs), n=len(logs), method="expected"),
        step=Estimate(value=places / len(logs), n=len(logs), method="expected"),
    )


def _beats(
    ours: Sequence[Blamed],
    trivial: Sequence[Sequence[Blamed]],
    truths: Sequence[Blamed],
    part: int,
) -> tuple[VerdictValue, float | None]:
    """Against the baseline that was right most often."""
    if not truths:
        return VerdictValue.UNKNOWN, None
    right = [guess[part] == truth[part] for guess, truth in zip(ours, truths, strict=True)]
    others = [
        [guess[part] == truth[part] for guess, truth in zip(one, truths, strict=True)] for one in trivial
    ]
    best = max(others, key=sum)
    won = sum(mine and not other for mine, other in zip(right, best, strict=True))
    lost = sum(other and not mine for mine, other in zip(right, best, strict=True))
    p = mcnemar_mid_p(won, lost)
    return (VerdictValue.PASS if won > lost and p <= 0.05 else VerdictValue.UNKNOWN), p
