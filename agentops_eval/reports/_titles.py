"""What evidence is about, in plain words: the tables of titles for kinds, subjects and faults.

A title is right of what passed and of what failed: it says what was looked at. Whatever is in no table keeps
its technical name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentops_eval.domain import Harm, Mode

KINDS: Mapping[str, str] = {
    "attestation": "Signed off: {}",
    "calibration": "From which confidence on {} may be done alone",
    "chaos.explore": "Search of all faults: {}",
    "eval.suite": "Suite {}",
    "gameday": "Game day: {}",
    "gate": "Gate decision: {}",
    "judge": "Agreement of the judge with people: {}",
    "project": "The project's {}",
    "replay": "Replay of {}",
    "slo": "Objective: {}",
    "tier": "How far {} may be done alone",
    "trace.lint": "What traces tell: {}",
}
"""By the kind of evidence; the braces stand for its subject."""

SUBJECTS: Mapping[str, Mapping[str, str]] = {
    "calibration": {"confidence": "How sure it says it is, and how often it is right"},
    "chaos.check": {
        "approval": "nothing is done without the approval that it needs",
        "backoff": "a call that fails is tried again seldom, and later and later",
        "backpressure": "a slow service gets few calls at once",
        "breaker": "a service that keeps failing is left alone, and tried again later",
        "budget": "a loop that would never end is cut off",
        "fallback": "what stands in for a service that is down is said to",
        "idempotency": "nothing is done twice",
        "neighbour": "no tenant sees or disturbs another",
        "resume": "killed and started again, it ends as if nothing had been",
        "saga": "when a step fails, nothing is left half done",
        "shedding": "under load only what is optional is left out",
        "timeouts": "no service that never answers is waited for without end",
    },
    "chaos.explore": {
        "depth-1": "Search of all single faults",
        "depth-2": "Search of all faults, up to two at once",
        "depth-3": "Search of all faults, up to three at once",
    },
    "project": {
        "agents": "The inventory of agents",
        "approvals": "Tools that need a person's approval",
        "attribution": "Who pays for the agents",
        "budget": "Declared caps of calls, time or cost",
        "ci": "Suites in CI",
        "cost-cap": "A cap of cost on runs of suites",
        "degradation-file": "What the agent does when a service is down, as declared",
        "escalation": "Whom an approval goes to when nobody answers",
        "experiments": "Experiments with faults",
        "gameday-plan": "A plan of a game day",
        "gate-file": "The gate that a new version has to pass",
        "gate-in-ci": "The gate in CI",
        "goldens": "Approved goldens of recordings",
        "labels": "Answers labelled by people",
        "objectives": "Objectives of service",
        "owners": "Owners of agents, prompts and runbooks",
        "pinned": "Pinned versions of dependencies",
        "prices": "Prices of the llms in use",
        "prompts-approved": "Approval of prompts in use",
        "prompts-immutable": "Approved prompts, unchanged",
        "review": "The monthly review",
        "runbooks": "Runbooks for what can fail",
        "scenarios": "Suites of scenarios",
        "secrets": "Secrets in recordings and goldens",
        "settings": "The project's settings",
        "tiers": "How far each action may be done alone, as declared",
    },
    "slo": {
        "cost-per-success": "Objective: cost of a successful run",
        "degraded-share": "Objective: share of degraded runs",
        "human-wait": "Objective: how long people take to answer",
        "latency-human": "Objective: how long questions to people take",
        "latency-llm": "Objective: how long calls of the llm take",
        "latency-run": "Objective: how long a run takes",
        "latency-tool": "Objective: how long tools take",
        "reviewer-agreement": "Objective: agreement of reviewers",
        "task-success": "Objective: tasks that succeed",
        "tool-reliability": "Objective: reliability of tools",
    },
    "trace.audit": {"actions": "Actions: approved, explained, and by whose authority"},
    "trace.lint": {
        "all": "What traces tell: all of it",
        "audit": "What traces tell for an audit",
        "confidence": "What traces tell of how sure the agent was",
        "correlation": "What traces tell of what belongs together",
        "cost": "What traces tell of cost",
        "decision": "What traces tell of decisions",
        "human": "What traces tell of questions to people",
        "hygiene": "How clean traces are",
        "llm": "What traces tell of calls of llms",
        "tool": "What traces tell of calls of tools",
    },
    "trace.stats": {
        "drift": "Drift of quality, cost or latency",
        "forecast": "Forecast of cost",
        "incidents": "Failures by their cause",
        "levels": "Success, cost and latency of runs",
    },
}
"""By the kind and the subject of evidence: the whole title; of checks the rule that they hold agents to."""

FAULTS: Mapping[str, str] = {
    "agent_down": "another agent is down",
    "agent_stall": "another agent never answers",
    "answer_repeated": "the same answer again and again",
    "approver_approves_all": "an approver says yes to everything",
    "approver_contradicts": "an approver says yes, and then no",
    "approver_late": "an approval comes late",
    "approver_rejects": "an approver says no",
    "approver_silent": "an approver is silent",
    "clock_jump": "the clock jumps",
    "clock_skew": "the clock is wrong",
    "content_filter": "a filter stops the llm's answer",
    "context_length": "the conversation is too long for the llm",
    "expired_auth": "an expired key",
    "kill": "the agent is killed and started again",
    "latency": "a slow answer",
    "length_stop": "the llm's answer is cut off",
    "llm_degraded": "a worse answer of the llm",
    "llm_swapped": "another llm answers",
    "malformed_json": "a broken answer",
    "mcp_crash": "a tool server crashes",
    "mcp_invalid_result": "a tool server answers in a wrong form",
    "mcp_protocol_error": "a tool server answers with an error",
    "mcp_restart": "a tool server starts anew",
    "mcp_tools_changed": "a tool server changes its tools",
    "message_corrupted": "a changed message between agents",
    "message_delayed": "a late message between agents",
    "message_duplicated": "a message between agents comes twice",
    "message_lost": "a lost message between agents",
    "message_reply_lost": "another agent's answer is lost",
    "overloaded": "an overloaded llm",
    "price_spike": "the llm costs many times as much",
    "quota_exhausted": "no quota is left",
    "rate_limit": "too many requests",
    "refused": "a refused connection",
    "reply_lost": "it is done, and the answer is lost",
    "reset": "a broken connection",
    "server_error": "an error of the server",
    "slow_drip": "an answer that drips in",
    "stall": "no answer at all",
    "stream_cut": "the llm's answer breaks off",
    "stream_duplicated": "a part of the llm's answer comes twice",
    "stream_empty": "an empty answer of the llm",
    "stream_error": "the llm gives up within its answer",
    "stream_reordered": "parts of the llm's answer change places",
    "timeout": "a call times out",
    "tool_duplicated": "a tool does its work twice",
    "tool_empty": "a tool answers nothing",
    "tool_error": "a tool fails",
    "tool_injection": "a planted instruction in a tool's answer",
    "tool_oversized": "a far too long answer of a tool",
    "tool_partial": "a tool answers only in part",
    "tool_reordered": "answers of a tool change places",
    "tool_reply_lost": "a tool does its work, and its answer is lost",
    "tool_schema_drift": "a tool answers in another shape",
    "tool_secret": "a planted secret in a tool's answer",
    "tool_stale": "an outdated answer of a tool",
    "tool_stall": "a tool never answers",
    "tool_timeout": "a tool times out",
    "tool_wrong": "a wrong answer of a tool",
    "torn_arguments": "the llm calls a tool with broken arguments",
    "truncated_json": "an answer that ends in the middle",
    "wrong_content_type": "a sign-in page in place of the answer",
}
"""By the kind of fault, for the middle of a sentence."""

MODES: Mapping[str, str] = {
    Mode.HUNG: "it came to no end",
    Mode.FAILED_UNSAFE: "it did harm",
    Mode.FAILED_SAFE: "it failed and did no harm",
    Mode.FULL: "it did everything, as without the fault",
    Mode.DEGRADED_AS_DECLARED: "it did less, as was declared",
    Mode.DEGRADED_UNDECLARED: "it did less, and nobody had declared that",
    Mode.UNKNOWN: "it was not seen to its end",
}
"""By the mode in which a run got through its faults, of the agent."""

_FAULT = re.compile(r"(?P<kind>[a-z_]+)(?:\(.*\))?(?: @(?P<at>\S+))?(?: .*)?", re.DOTALL)
_MOST_FAULTS = 3


def plain_title(kind: str, subject: str, *, failed: bool = False) -> str:
    """What an item of this kind and subject is about; both as they are where no table has them.

    Rules are told as what has to be so; of one that ``failed`` it is said first that it is broken.
    """
    if kind == "chaos.fault":
        return f"Under a fault: {faults_words(subject)}"
    known = SUBJECTS.get(kind, {})
    if kind == "chaos.check":
        return f"{'Broken rule' if failed else 'Rule'}: {known.get(subject, subject)}"
    first, slash, name = subject.partition("/")
    if subject in known:
        return known[subject]
    if kind == "slo" and first in known:
        return f"{known[first]}{slash and ': '}{name}"
    return KINDS.get(kind, f"{kind} {{}}").replace("{}", subject).strip()


def faults_words(schedule: str) -> str:
    """A schedule as text, in words: which faults, and what each hits."""
    faults = schedule.split(" + ")
    told = list(map(_fault, faults[:_MOST_FAULTS]))
    if len(faults) > _MOST_FAULTS:
        told.append(f"{len(faults) - _MOST_FAULTS} more")
    return "; ".join(told)


def mode_words(says: str) -> str:
    """What evidence of a fault says, with words before the mode that it begins with."""
    mode, _, _ = says.partition(":")
    return f"{MODES[mode]}: {says}" if mode in MODES else says


def harm_words(name: str) -> str:
    """A harm in words; one that nobody knows by its name."""
    return Harm(name).told if name in {*Harm} else name


def _fault(text: str) -> str:
    found = _FAULT.fullmatch(text)
    if found is None or found["kind"] not in FAULTS:
        return text
    at = (found["at"] or "").rpartition("/")[2].partition("#")[0]
    return f"{FAULTS[found['kind']]}{f' ({at})' if at else ''}"
