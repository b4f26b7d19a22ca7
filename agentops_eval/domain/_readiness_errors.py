"""Errors of evidence, scorecards and operational measures."""

from __future__ import annotations

from agentops_eval.domain._errors import AgentopsError


class EvidenceInvalid(AgentopsError):
    """A store of evidence, or an item in it, is not as it was written, or says what cannot be meant."""

    code = "AE700"


class CriteriaInvalid(AgentopsError):
    """A file of criteria says something that cannot be meant."""

    code = "AE701"


class AttestationInvalid(AgentopsError):
    """A signed-off file names no role, no criterion that may be attested, or no expiry."""

    code = "AE702"


class ScorecardInvalid(AgentopsError):
    """A file is no scorecard, or one of another form."""

    code = "AE703"


class ObjectivesInvalid(AgentopsError):
    """A file of objectives, incident rules or tiers says something that cannot be meant."""

    code = "AE710"
