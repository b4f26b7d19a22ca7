"""What kind of failure a span tells of: one that passes, one that stays, the machinery's, or a refusal."""

from __future__ import annotations

import re
from enum import StrEnum

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc


class ErrorClass(StrEnum):
    """Transient: trying again may help. Permanent: it will not. Infrastructure: nobody was reached.

    Policy: somebody was, and refused on purpose (permissions, filters, guardrails, approvals).
    """

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    INFRASTRUCTURE = "infrastructure"
    POLICY = "policy"


# In this order: what a status or a type says exactly, then what words say.
_STATUS = {
    **dict.fromkeys((401, 403, 451), ErrorClass.POLICY),
    **dict.fromkeys((408, 425, 429, 529), ErrorClass.TRANSIENT),
}
_WORDS = (
    (ErrorClass.POLICY, re.compile(
        r"permission|forbidden|unauthor|denied|content.?filter|guardrail|policy|moderation|refus(?:al|ed by)"
        r"|reject|approval|safety", re.IGNORECASE)),
    (ErrorClass.TRANSIENT, re.compile(
        r"rate.?limit|too many requests|overload|time.?d?.?out|temporar|unavailable|throttl|try again|busy"
        r"|quota|conflict|deadlock", re.IGNORECASE)),
    (ErrorClass.INFRASTRUCTURE, re.compile(
        r"connect|socket|dns|resolve|ssl|tls|certificate|network|proxy|unreachable|broken.?pipe|reset by peer"
        r"|protocolerror|no route", re.IGNORECASE)),
)  # fmt: skip


def error_class(span: Span) -> ErrorClass:
    """The class of a failed span's error, by its type, status, message and what its sender says."""
    retriable = span.attributes.get(sc.AGENTOPS_ERROR_RETRIABLE)
    if isinstance(retriable, bool):
        return ErrorClass.TRANSIENT if retriable else ErrorClass.PERMANENT
    told = str(span.attributes.get(sc.ERROR_TYPE, ""))
    status = span.attributes.get(sc.HTTP_RESPONSE_STATUS_CODE, told)
    if str(status).isdecimal() and len(str(status)) == 3:
        return _of_status(int(str(status)))
    for text in (told, span.status_message[:2000]):
        for found, words in _WORDS:
            if words.search(text):
                return found
    return ErrorClass.PERMANENT


def _of_status(status: int) -> ErrorClass:
    return _STATUS.get(status, ErrorClass.TRANSIENT if status >= 500 else ErrorClass.PERMANENT)
