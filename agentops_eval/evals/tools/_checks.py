"""Several checks of one run, and the verdict that they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import ToolCall, Verdict, VerdictValue, shorten
from agentops_eval.evals import _say as say
from agentops_eval.evals.tools._judging import evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: it holds, it does not, or (None) the trace does not tell.

    ``text`` says what is wrong or not told; ``calls`` are those it is about.
    """

    holds: bool | None
    text: str = ""
    calls: tuple[ToolCall, ...] = ()


def verdict_of(checks: Sequence[Check], *, fine: str, score: float | None = None) -> Verdict:
    """Fail where one check does not hold, else unknown where one is not known, else pass.

    The score is the share of the checks that hold, where nothing else is given and all are known.
    """
    wrong = [check for check in checks if check.holds is False]
    unknown = [check for check in checks if check.holds is None]
    told = wrong or unknown
    reason = say.first([check.text for check in told], 440) or fine
    if unknown:
        score = None
    elif score is None:
        score = (len(checks) - len(wrong)) / len(checks) if checks else 1.0
    return Verdict(
        value=VerdictValue.FAIL if wrong else VerdictValue.UNKNOWN if unknown else VerdictValue.PASS,
        score=score,
        reason=reason,
        evidence=evidence(call for check in told for call in check.calls),
    )


def shown(call: ToolCall, number: int | None = None) -> str:
    """``issue_refund(order=1042, amount=5990) (call 2)``."""
    given = call.arguments
    if given is None:
        told = "(arguments not told)"
    else:
        each = [f"{say.name(name)}={say.value(value)}" for name, value in list(given.items())[:8]]
        told = f"({shorten(', '.join(each + ['...'] * (len(given) > 8)), 160)})"
    place = "" if number is None else f" (call {number})"
    return f"{say.name(call.name)}{told}{place}"
