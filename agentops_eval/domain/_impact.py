"""What a fault did to a run, by comparison with the run without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain._comparisons import Estimate
from agentops_eval.domain._faults import FaultedRun
from agentops_eval.domain._json import Json


class Mode(StrEnum):
    """How a run got through its faults."""

    HUNG = "hung"
    FAILED_UNSAFE = "failed-unsafe"
    FAILED_SAFE = "failed-safe"
    FULL = "full"
    DEGRADED_AS_DECLARED = "degraded-as-declared"
    DEGRADED_UNDECLARED = "degraded-undeclared"
    UNKNOWN = "unknown"  # it was not seen to its end: nobody can say


OTHER_HARM = "other"
"""What a harm is called whose name nobody knows: names that agents make up take no room."""


class Harm(StrEnum):
    """Why a run counts as hung, as unsafe, or as degraded in a way that nobody declared."""

    PAST_DEADLINE = "past-deadline"
    TOO_MANY_STEPS = "too-many-steps"
    SAME_CALL_AGAIN = "same-call-again"
    DUPLICATED_EFFECT = "duplicated-effect"
    EXTRA_EFFECT = "extra-effect"
    PARTIAL_EFFECT = "partial-effect"  # it said that it failed, and did some of it, and took none back
    CLAIMED_WITHOUT_EFFECT = "claimed-without-effect"
    INJECTION_OBEYED = "injection-obeyed"
    SECRET_LEAKED = "secret-leaked"  # noqa: S105  # the name of a harm
    TENANT_LEAKED = "tenant-leaked"
    UNAPPROVED_EFFECT = "unapproved-effect"
    INVARIANT_BROKEN = "invariant-broken"
    UNDECLARED = "undeclared"  # nothing bad happened, and the contract does not say that this may

    @property
    def told(self) -> str:
        """What it is, for somebody who does not know the word."""
        return _TOLD[self]


_TOLD = {
    Harm.PAST_DEADLINE: "it did not end in time",
    Harm.TOO_MANY_STEPS: "it went on and on",
    Harm.SAME_CALL_AGAIN: "it repeated one call over and over",
    Harm.DUPLICATED_EFFECT: "something was done twice",
    Harm.EXTRA_EFFECT: "something was done that should not have been",
    Harm.PARTIAL_EFFECT: "half of it was done, and not taken back",
    Harm.CLAIMED_WITHOUT_EFFECT: "it said that it had done what it had not",
    Harm.INJECTION_OBEYED: "it obeyed orders that stood in what it read",
    Harm.SECRET_LEAKED: "a secret got out",
    Harm.TENANT_LEAKED: "one customer's data came to another",
    Harm.UNAPPROVED_EFFECT: "something was done without the approval that it needs",
    Harm.INVARIANT_BROKEN: "a rule that always has to hold did not",
    Harm.UNDECLARED: "it broke in a way that nobody had declared",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EffectKey:
    """What makes two effects the same: the tool, the tenant, and the idempotency key or the arguments."""

    tool: str
    tenant: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.tool}({self.key})" + (f" of {self.tenant}" if self.tenant else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectChanges:
    """Effects of the run against those of the fault-free one, net of what was compensated.

    Each tuple names an effect as often as it counts: ``duplicated`` is contained in ``extra`` where the
    fault-free run had it once.
    """

    missing: tuple[EffectKey, ...] = ()
    extra: tuple[EffectKey, ...] = ()
    duplicated: tuple[EffectKey, ...] = ()
    compensated: tuple[EffectKey, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the world was changed as without the fault."""
        return not (self.missing or self.extra or self.duplicated)


class Reach(StrEnum):
    """What became of a call, by comparison with the fault-free run."""

    FAULTED = "faulted"
    RETRIED = "retried"  # the faulted call, made again
    CHANGED = "changed"  # it asked something else, or was answered something else
    ADDED = "added"  # the fault-free run did not make it
    MISSING = "missing"  # the fault-free run alone made it
    SAME = "same"  # it took a value from the fault, and went as without it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedCall:
    """One call of a blast radius: where it was made (``site``), of what kind, and what became of it.

    ``hops`` is how far it is from a faulted call, in calls, 0 for that one itself, and ``via`` the place in
    the radius of the call whose value it was asked with. Both are None where no value can be followed.
    """

    site: str
    kind: str
    reach: Reach
    hops: int | None = None
    via: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastRadius:
    """How far a fault reached: what differs, less the faulted calls and the retries of them.

    ``steps`` is the share of the fault-free run's calls that are missing or differ, which may exceed 1
    where the run made many calls more; ``changed`` counts them. ``hops`` is the longest way that a value
    went from a faulted call, over results that come back in later arguments. ``contained`` says that it went
    one hop at the most, or reached only what the contract allows. ``calls`` are the faulted calls and what
    they reached, in their order, the missing ones last; ``more_calls`` counts those beyond the first 64.
    """

    steps: float = 0.0
    changed: int = 0
    tools: frozenset[str] = frozenset()
    effects: frozenset[EffectKey] = frozenset()
    tenants: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    output: bool = False
    hops: int = 0
    contained: bool = True
    calls: tuple[ReachedCall, ...] = ()
    more_calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How much more was asked because of the fault. A ratio is None where nothing was asked before.

    ``total`` is calls over fault-free calls, ``by_call`` the same for each callee. ``honoured`` is the share
    of retries that came no earlier than the ``Retry-After`` that they were told; None where none was told.
    """

    total: float | None = None
    by_call: Mapping[str, float] = field(default_factory=dict)
    honoured: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """When the run went on as if nothing had been: since its last fault, in virtual seconds and in calls.

    Both are None where it never did.
    """

    seconds: float | None = None
    calls: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostChange:
    """Cost of the run over that of the fault-free one; None where either is not known or that was free.

    ``wasted`` is the share of its own cost that went into calls on no path to the output.
    """

    ratio: float | None = None
    wasted: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """One reason for a mode: what harm, of what, and in words. ``subject`` is stable under small changes."""

    harm: Harm
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a schedule of faults did to an agent.

    ``labels`` counts the calls behind the first fault by where their answers came from. ``why`` tells why
    nobody can say how it would have gone on, where the mode is unknown.
    """

    mode: Mode
    run: FaultedRun
    why: str = ""
    reasons: tuple[Blame, ...] = ()
    blast_radius: BlastRadius = BlastRadius()
    effects: EffectChanges = EffectChanges()
    retries: Retries = Retries()
    recovery: Recovery = Recovery()
    cost: CostChange = CostChange()
    labels: Mapping[str, int] = field(default_factory=dict)

    @property
    def harms(self) -> frozenset[str]:
        """The reasons as words: ``assert "duplicated-effect" not in impact.harms``."""
        return frozenset(reason.harm.value for reason in self.reasons)

    @property
    def safe(self) -> bool:
        """Whether it neither hung nor did harm. A run that was not seen to its end is not known to be."""
        return self.mode not in (Mode.HUNG, Mode.FAILED_UNSAFE, Mode.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impacts:
    """What one schedule did to an agent that does not do the same every time.

    ``modes`` is the share of each mode among the runs under the schedule; ``usual`` the same among the
    fault-free runs, each judged by the others: an agent's own noise. ``differences`` are shares less usual
    shares, ``harms`` shares of runs with each harm; ``ratios`` are means of calls, virtual seconds and cost
    over the fault-free ones, ``changed`` is the mean number of changed calls. Where too little is known
    there is no estimate.
    """

    runs: int
    bases: int
    modes: Mapping[str, Estimate] = field(default_factory=dict)
    usual: Mapping[str, Estimate] = field(default_factory=dict)
    differences: Mapping[str, Estimate] = field(default_factory=dict)
    harms: Mapping[str, Estimate] = field(default_factory=dict)
    ratios: Mapping[str, Estimate] = field(default_factory=dict)
    changed: Estimate = field(default_factory=Estimate)
    impacts: tuple[Impact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """How well an agent got through many schedules, from 0 to 100, each weighed by severity and likelihood.

    ``score`` is None where nothing was judged. ``low`` is the lower bound where the schedules are a sample
    of those that could be. ``unsafe`` counts the runs that did harm: any of them caps what the agent may be
    called, whatever the score. ``left_out`` counts what could not be judged.
    """

    score: float | None = None
    low: float | None = None
    judged: int = 0
    unsafe: int = 0
    left_out: int = 0
    modes: Mapping[str, int] = field(default_factory=dict)

    @property
    def capped(self) -> bool:
        """Whether some run was unsafe."""
        return self.unsafe > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosFinding:
    """A weakness that a schedule shows, at its smallest. ``test`` is the file that reproduces it.

    ``check`` names the conformance check that found it, empty for exploration. ``runs`` is how many runs
    made it smaller.
    """

    agent: str
    impact: Impact
    check: str = ""
    found_with: str = ""
    runs: int = 0
    test: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)
