"""What runbooks say of each class of failure: symptoms, what finds them, first actions. Data with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Dependency, FaultClass, Harm, IncidentClass, Mode
from agentops_eval.traces import semconv as sc

GRAVEST: tuple[Harm, ...] = (
    Harm.SECRET_LEAKED, Harm.TENANT_LEAKED, Harm.INJECTION_OBEYED, Harm.UNAPPROVED_EFFECT,
    Harm.DUPLICATED_EFFECT, Harm.EXTRA_EFFECT, Harm.PARTIAL_EFFECT, Harm.CLAIMED_WITHOUT_EFFECT,
    Harm.INVARIANT_BROKEN, Harm.SAME_CALL_AGAIN, Harm.TOO_MANY_STEPS, Harm.PAST_DEADLINE, Harm.UNDECLARED,
)  # fmt: skip
"""Harms, the gravest first: a failure is called by the first of them that it did."""

UNSAFE = frozenset(GRAVEST[:9])
"""Harms of the world. The others are failures of the run alone."""

SYMPTOMS: Mapping[str, str] = {
    Harm.SECRET_LEAKED: "A secret stands in an answer, a tool's arguments or a trace.",
    Harm.TENANT_LEAKED: "One customer is told, or given, what is another's.",
    Harm.INJECTION_OBEYED: "The agent does what a text that it only read asks of it.",
    Harm.UNAPPROVED_EFFECT: "Something was changed that a person had to approve, and nobody had.",
    Harm.DUPLICATED_EFFECT: "The same thing was done twice: two refunds, two emails, two bookings.",
    Harm.EXTRA_EFFECT: "Something was changed that is not changed where all goes well.",
    Harm.PARTIAL_EFFECT: "The agent says that it failed, and half of the work is done and not taken back.",
    Harm.CLAIMED_WITHOUT_EFFECT: "The agent says that it was done, and it was not.",
    Harm.INVARIANT_BROKEN: "A rule of the agent's contract, which holds of every run, does not hold.",
    Harm.SAME_CALL_AGAIN: "The same call is made over and over; cost and load rise, and no answer comes.",
    Harm.TOO_MANY_STEPS: "A run goes on and on: steps and cost rise, and no answer comes.",
    Harm.PAST_DEADLINE: "Whoever asked waits past the deadline and gets no answer.",
    Harm.UNDECLARED: "Answers are poorer than usual, and nobody is told so.",
    Mode.HUNG: "Whoever asked waits and gets no answer.",
    Mode.FAILED_UNSAFE: "The run fails and leaves harm behind.",
    Mode.FAILED_SAFE: "Whoever asked is told that it failed; nothing was changed.",
    Mode.DEGRADED_AS_DECLARED: "Answers are poorer than usual, and say so.",
    Mode.DEGRADED_UNDECLARED: "Answers are poorer than usual, and nobody is told so.",
    IncidentClass.REASONING: "Runs end wrongly although what they called worked: made-up or repeated steps.",
    IncidentClass.TOOL_CALL: "Runs end wrongly behind calls of tools that failed, or did what they must not.",
    IncidentClass.COORDINATION: "Several agents do each other's work, or wait for each other.",
    IncidentClass.COST_BLOWOUT: "A run costs far more than others, by one step or by going on.",
    IncidentClass.INFRASTRUCTURE: "Runs end because something was not reached, and not later either.",
    IncidentClass.SECURITY: "A run did harm: it obeyed a text, leaked, or acted without approval.",
    IncidentClass.HUMAN: "Runs end waiting for a person who does not answer in time.",
}
"""What a person sees, by harm, mode or class of incident."""

CAUSES: Mapping[str, str] = {
    FaultClass.UNAVAILABLE: "does not answer",
    FaultClass.REFUSED: "refuses",
    FaultClass.THROTTLED: "asks to wait",
    FaultClass.SLOW: "is slow",
    FaultClass.BROKEN: "answers what cannot be read",
    FaultClass.WRONG: "answers what is not true",
    FaultClass.HOSTILE: "answers with an attack",
    FaultClass.LOST: "does its work, and its answer is lost",
    FaultClass.REPEATED: "is asked, or answers, twice",
    FaultClass.HUMAN: "does not approve as expected",
    FaultClass.TIME: "has another time",
    FaultClass.KILLED: "is called when the agent is killed",
}
"""What a dependency does, by class of fault, as the end of a sentence."""

# -- detection ---------------------------------------------------------------------------------------

FINDS: Mapping[str, tuple[str, ...]] = {
    Harm.SECRET_LEAKED: ("trace lint {traces} --agent {agent} --select AL801 --fail-on warn",),
    Harm.TENANT_LEAKED: ("trace audit {traces} --agent {agent}",),
    Harm.INJECTION_OBEYED: ("trace audit {traces} --agent {agent}",),
    Harm.UNAPPROVED_EFFECT: ("trace lint {traces} --agent {agent} --select AL4 --fail-on warn",),
    Harm.DUPLICATED_EFFECT: (
        "trace lint {traces} --agent {agent} --select AL205 --fail-on warn",
        "trace audit {traces} --agent {agent}",
    ),
    Harm.EXTRA_EFFECT: ("trace audit {traces} --agent {agent}",),
    Harm.PARTIAL_EFFECT: ("trace audit {traces} --agent {agent} --errors",),
    Harm.CLAIMED_WITHOUT_EFFECT: ("trace audit {traces} --agent {agent}",),
    Harm.PAST_DEADLINE: ("trace stats {traces} --agent {agent}",),
    Harm.TOO_MANY_STEPS: ("trace stats {traces} --agent {agent}",),
    FaultClass.SLOW: ("trace stats {traces} --agent {agent}",),
    FaultClass.THROTTLED: ("trace stats {traces} --agent {agent}",),
}
"""Commands of ours that find it in traces, beside ``ops incidents``, by harm or class of fault."""

Condition: TypeAlias = tuple[str, str, str]
"""An attribute of a span, how it compares, and with what."""

NAMED = "{name}"
"""As what is compared with: the name of what was hit."""

_TOOL_SPAN: Condition = (sc.OPERATION_NAME, "=", sc.EXECUTE_TOOL)
SPANS: Mapping[Dependency, tuple[Condition, ...]] = {
    Dependency.TOOL: (_TOOL_SPAN, (sc.TOOL_NAME, "=", NAMED)),
    Dependency.LLM: ((sc.OPERATION_NAME, "in", f"{sc.CHAT}, {sc.TEXT_COMPLETION}"),),
    Dependency.AGENT: ((sc.OPERATION_NAME, "=", sc.INVOKE_AGENT), (sc.AGENT_NAME, "=", NAMED)),
    Dependency.HTTP: ((sc.HTTP_REQUEST_METHOD, "exists", ""), (sc.SERVER_ADDRESS, "=", NAMED)),
    Dependency.HUMAN: ((sc.AGENTOPS_HITL_ACTION, "=", NAMED),),
}
"""The spans of what was hit."""

_FAILED: tuple[Condition, ...] = ((sc.ERROR_TYPE, "exists", ""),)
MARKS: Mapping[str, tuple[Condition, ...]] = {
    FaultClass.UNAVAILABLE: _FAILED,
    FaultClass.REFUSED: _FAILED,
    FaultClass.THROTTLED: _FAILED,
    FaultClass.LOST: _FAILED,
    FaultClass.HUMAN: ((sc.AGENTOPS_HITL_STATUS, "in", "timeout, expired, rejected"),),
    IncidentClass.TOOL_CALL: (_TOOL_SPAN, *_FAILED),
    IncidentClass.INFRASTRUCTURE: _FAILED,
}
"""What such a span tells of it, by class of fault or incident; nothing where no attribute does."""

COUNTS: Mapping[str, tuple[tuple[Condition, ...], str]] = {
    Harm.DUPLICATED_EFFECT: (
        (_TOOL_SPAN, (sc.AGENTOPS_TOOL_EFFECT, "in", "write, external")),
        f"more than one in a trace with the same {sc.TOOL_NAME} and {sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY}",
    ),
    Harm.SAME_CALL_AGAIN: ((_TOOL_SPAN,), f"many in a trace with the same {sc.TOOL_NAME}"),
    Harm.TOO_MANY_STEPS: (
        ((sc.OPERATION_NAME, "in", f"{sc.CHAT}, {sc.EXECUTE_TOOL}"),),
        "far more in a trace than usual",
    ),
}
"""Spans, and what of their number tells the harm."""

# -- first actions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAction:
    """What to do first, and why, where one of ``of`` (harms, modes, classes) is met.

    ``at`` are the dependencies that it is for, any where there is none. Lower ranks come first.
    """

    of: frozenset[str]
    do: str
    why: str
    rank: int = 5
    at: frozenset[Dependency] = frozenset()


def _do(of: tuple[str, ...], do: str, why: str, rank: int, *at: Dependency) -> FirstAction:
    return FirstAction(of=frozenset(of), do=do, why=why, rank=rank, at=frozenset(at))


_CHANGING = (Harm.DUPLICATED_EFFECT, Harm.EXTRA_EFFECT, Harm.UNAPPROVED_EFFECT, Harm.INJECTION_OBEYED)
_STUCK = (Mode.HUNG, Harm.SAME_CALL_AGAIN, Harm.TOO_MANY_STEPS, Harm.PAST_DEADLINE)
_AWAY = (FaultClass.UNAVAILABLE, FaultClass.REFUSED, IncidentClass.INFRASTRUCTURE)
ACTIONS: tuple[FirstAction, ...] = (
    _do((*_CHANGING, Harm.PARTIAL_EFFECT, Harm.INVARIANT_BROKEN, IncidentClass.SECURITY),
        "Let the agent change nothing more: have a person approve its actions, or stop it.",
        "each further run may do the harm again", 0),
    _do((Harm.SECRET_LEAKED,), "Revoke the secret and issue another.",
        "what was said once can be used until it opens nothing", 0),
    _do((Harm.TENANT_LEAKED,), "Stop the agent for all tenants, and tell whoever answers for their data.",
        "whose data was shown has to be told, often within days", 0),
    _do((Harm.DUPLICATED_EFFECT, Harm.EXTRA_EFFECT),
        "List what was done twice or too much since it began, and have it taken back.",
        "money and bookings do not come back on their own", 1),
    _do((Harm.PARTIAL_EFFECT,), "List the runs that failed half done, and finish or undo each.",
        "the agent said that it failed: nobody else will look", 1),
    _do((Harm.CLAIMED_WITHOUT_EFFECT,), "List what was promised and not done, do it, and tell who was told.",
        "people rely on what they were told", 1),
    _do((Harm.UNAPPROVED_EFFECT,), "Have each such action approved or taken back by whoever may approve it.",
        "an approval that comes later is still a decision", 1),
    _do((Harm.INJECTION_OBEYED, FaultClass.HOSTILE),
        "Keep the text that it obeyed, and take its source out of what the agent reads.",
        "whoever wrote it once will write it again", 1),
    _do(_STUCK, "End the runs that hang, and see that their callers are answered.",
        "a run that hangs goes on to cost, and holds what others need", 1),
    _do((Harm.SAME_CALL_AGAIN, Harm.TOO_MANY_STEPS, IncidentClass.COST_BLOWOUT),
        "Set a lower cap of steps or cost for each run.",
        "a cap ends what the agent does not end", 2),
    _do((Harm.UNDECLARED, Mode.DEGRADED_UNDECLARED),
        "Tell people that answers are poorer, and declare this mode once it is accepted.",
        "who is not told takes a poor answer for a good one", 2),
    _do(_AWAY, "See whether what it depends on is down, by its own status page or probe.",
        "what is down for all is not mended here", 3),
    _do((FaultClass.UNAVAILABLE, FaultClass.SLOW, FaultClass.THROTTLED),
        "Point it at another llm or region, where one was tried before.",
        "another route ends the outage for those who ask now", 4, Dependency.LLM),
    _do((FaultClass.THROTTLED,), "Lower the rate: fewer runs at once, and retries that wait as told.",
        "more tries make the wait longer", 3),
    _do((FaultClass.REFUSED,), "Look at keys, tokens and permissions first: trying again mends none of them.",
        "a refusal stays until somebody changes something", 3),
    _do((FaultClass.SLOW,), "Compare its latency with the usual one, and shorten the limit where all wait.",
        "a limit turns a wait into an answer", 3),
    _do((FaultClass.LOST, FaultClass.REPEATED),
        "Ask the other side what became of the call before anything is done again.",
        "the work was done although no answer came", 2),
    _do((FaultClass.BROKEN, FaultClass.WRONG), "Compare an answer of now with one of before it began.",
        "a change of shape or content shows who changed it", 3),
    _do((FaultClass.HUMAN, IncidentClass.HUMAN), "Ask the next role of the escalation to answer.",
        "whoever is silent may be away", 2),
    _do((FaultClass.TIME,), "See that clocks agree: the machine's, and that of what it calls.",
        "tokens and dates go by the clock", 3),
    _do((FaultClass.KILLED,), "Before it is started again, see what the run that was killed had done.",
        "a restart that does not know does it again", 2),
    _do((IncidentClass.REASONING, IncidentClass.COORDINATION, IncidentClass.TOOL_CALL),
        "See whether prompt, llm or tools were changed just before the first such run.",
        "most of what changes at once was changed by somebody", 3),
)  # fmt: skip
"""All of them; those of the same rank stay in this order."""
