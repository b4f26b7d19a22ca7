"""Who answers ``approve()`` in a recording: a callable, or a word for the simplest of them."""

from __future__ import annotations

from agentops_eval.domain import ConfigInvalid
from agentops_eval.seams import Approver

_ANSWERS = {"approve": True, "reject": False, "silent": None}
APPROVERS = tuple(_ANSWERS)


def approver_of(given: Approver | str | None, *, where: str) -> Approver | None:
    """The approver that ``given`` stands for: approve, reject, silent, a callable, or None for nobody.

    Raises ConfigInvalid, naming ``where`` it was given, for anything else.
    """
    if isinstance(given, str):
        if given in _ANSWERS:
            answer = _ANSWERS[given]
            return lambda _: answer
    elif given is None or callable(given):  # a mark or a fixture may hold anything
        return given
    raise ConfigInvalid(
        f"approver={given!r} is neither a word that is known nor a callable",
        where=where,
        remedy=f"one of {', '.join(APPROVERS)}, or a callable that takes the request",
    )
