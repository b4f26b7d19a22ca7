"""Evidence: dated facts about an agent that a scorecard may cite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentops_eval.domain._findings import VerdictValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What was shown, was shown of these. Empty where it is not known.

    ``tools`` and ``prompt`` are digests or the names that their owners give them; ``llm`` is the name
    that the provider answered with.
    """

    agent: str = ""
    prompt: str = ""
    tools: str = ""
    llm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One dated fact: of ``agent``, ``kind`` about ``subject`` held, did not hold, or could not be told.

    ``kind`` is one of ``EVIDENCE_KINDS``; ``subject`` is what of that kind: a check's name, a suite, a gate.
    ``at`` and ``expires`` are moments in UTC (RFC 3339); it counts before ``expires``, for ever where that is
    empty. ``measures`` are figures with their units in their names. ``harms`` are those that were shown
    (names of ``Harm``): a fact with any is unsafe, whatever its verdict. ``source`` is the file that proves
    it, relative to the project, with ``source_digest``, its SHA-256 in hexadecimal digits; ``trace`` is the
    trace in it, where there is one.
    """

    agent: str
    kind: str
    at: str
    verdict: VerdictValue
    subject: str = ""
    says: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)
    harms: tuple[str, ...] = ()
    versions: Versions = Versions()
    expires: str = ""
    source: str = ""
    source_digest: str = ""
    trace: str = ""

    @property
    def unsafe(self) -> bool:
        """Whether harm was shown."""
        return bool(self.harms)


EVIDENCE_KINDS: Mapping[str, str] = {
    "attestation": "a role signed that a criterion is met",
    "calibration": "an agent's or a judge's confidence was held against what came of it",
    "chaos.check": "a conformance check was passed; the subject is the check",
    "chaos.explore": "the faults of an agent were explored; the subject is the space",
    "chaos.fault": "an agent was run under faults; the subject is the schedule",
    "eval.suite": "a suite of scenarios was run; the subject is the suite",
    "gameday": "a game day was held; the subject is the plan",
    "gate": "a gate decided on a candidate; the subject is the gate",
    "judge": "a judge was measured against people; the subject is the judge",
    "project": "the project's files were looked at; the subject is what was looked for",
    "replay": "a recording was replayed; the subject is the golden",
    "slo": "an objective was held over a window; the subject is the objective",
    "tier": "a class of actions was held against its tier of autonomy; the subject is the class",
    "trace.audit": "decisions were audited in traces",
    "trace.lint": "traces were linted",
    "trace.stats": "traces were counted: costs, durations, errors",
}
"""What may be shown, and of what the subject is."""
