"""The approver that a scenario scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from agentops_eval.domain import ApprovalRequest, ApprovalScript, ScenarioInvalid, nearest
from agentops_eval.harness._approver import approver_of
from agentops_eval.seams import Answer, Approval, Approver

_ANSWERS: Mapping[str, Callable[[ApprovalScript], Answer]] = {
    "approve": lambda script: True,
    "reject": lambda script: False,
    "silent": lambda script: None,
    "modify": lambda script: Approval(status="modified", details=script.details),
}


def scripted(given: str | tuple[ApprovalScript, ...], *, where: str) -> Approver | None:
    """The approver of a scenario: a word for the simplest ones, or scripts; the first that fits answers.

    A request that none fits meets silence; so does one whose deadline is over before the answer comes.
    Raises ScenarioInvalid for an answer that nobody gives, and ConfigInvalid for a word that is not known.
    """
    if isinstance(given, str):
        return approver_of(given or None, where=where)
    for script in given:
        if script.answer not in _ANSWERS:
            what = f"an approver does not answer {script.answer!r}"
            raise ScenarioInvalid(what, where=where, remedy=nearest(script.answer, _ANSWERS))

    def answer(request: ApprovalRequest) -> Answer:
        fits = (script for script in given if fnmatchcase(request.action, script.action))
        script = next(fits, None)
        if script is None or (request.deadline_s is not None and script.after_s > request.deadline_s):
            return None
        return _ANSWERS[script.answer](script)

    return answer
