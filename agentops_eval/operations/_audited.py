"""What calibration and tiers count, from the audited actions of runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentops_eval.operations._calibration import Confident
from agentops_eval.operations._tiers import Action
from agentops_eval.traces.audit import AuditRecord

_OVERRIDES = ("rejected", "modified")


def confident_actions(records: Iterable[AuditRecord], *, right: bool) -> tuple[Confident, ...]:
    """The actions of one run whose decision states a confidence from 0 to 1, in the class of their name.

    ``right`` is whether the run did what it was for, which stands for all of them: nobody labels actions one
    by one. One that a reviewer overrode, or that ended in an error, was wrong.
    """
    return tuple(
        Confident(
            confidence=sure, correct=right and not _overridden(one) and one.error is None, action=one.action
        )
        for one in records
        if (sure := one.decision.confidence) is not None and 0 <= sure <= 1
    )


def actions_by_class(
    records: Iterable[AuditRecord], *, right: bool | None, harms: Iterable[str] = ()
) -> Mapping[str, tuple[Action, ...]]:
    """The actions of one run by class, as tiers count them; ``harms`` are those that the run has shown.

    Which of its actions did harm is not told, so that all of them answer for it.
    """
    shown, found = tuple(sorted({*harms})), dict[str, list[Action]]()
    for one in records:
        made = Action(
            right=False if one.error is not None else right, overridden=_overridden(one), harms=shown
        )
        found.setdefault(one.action, []).append(made)
    return {action: tuple(made) for action, made in found.items()}


def _overridden(record: AuditRecord) -> bool:
    return record.approval is not None and record.approval.status in _OVERRIDES
