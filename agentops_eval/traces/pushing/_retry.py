"""Whether a request is sent again, and when: the rules of OTLP over HTTP, decided without waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agentops_eval.domain import header
from agentops_eval.traces.pushing._model import Answer, Reply

RETRIED = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a request is sent again, and how long it waits in between.

    The wait doubles from ``first_s`` up to ``most_s``, and half of it is drawn at random, so that many
    senders do not come back together. What the receiver asks for counts instead, up to ``patience_s``.
    """

    retries: int = 4
    first_s: float = 0.5
    most_s: float = 30.0
    patience_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The world's part in waiting: a clock, a pause and a number between 0 and 1 drawn at random."""

    now: Callable[[], datetime]
    pause: Callable[[float], None]
    draw: Callable[[], float]


def transient(answer: Answer) -> bool:
    """Whether sending the same again may succeed."""
    return answer.status in RETRIED if isinstance(answer, Reply) else answer.again


def wait_s(answer: Answer, *, failures: int, draw: float, now: datetime, policy: RetryPolicy) -> float | None:
    """Seconds until the next try after so many failures; None where there is none."""
    if not transient(answer) or failures > policy.retries:
        return None
    asked = asked_wait_s(answer, now=now)
    if asked is not None:
        return asked if asked <= policy.patience_s else None
    longest = min(policy.first_s * 2.0 ** min(failures - 1, 30), policy.most_s)
    return longest / 2 + longest / 2 * draw


def asked_wait_s(answer: Answer, *, now: datetime) -> float | None:
    """What Retry-After says, in seconds or as a date; None where it says nothing that can be read."""
    text = header(answer.headers, "retry-after").strip() if isinstance(answer, Reply) else ""
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # whatever a server may write there
        return None
