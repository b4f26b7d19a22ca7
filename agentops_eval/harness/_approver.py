"""Who answers ``approve()`` in a recording: a callable, or a word for the simplest of them."""

from __future__ import annotations

from typing import cast

from agentops_eval.domain import ApprovalRequest, ConfigInvalid
from agentops_eval.seams import Ask

_WORDS = {"approve": True, "reject": False, "silent": None}


def approver_of(given: object, *, where: str) -> Ask | None:
    """The approver that ``given`` stands for: approve, reject, silent, a callable, or None for nobody.

    Raises ConfigInvalid, naming ``where`` it was given, for anything else.
    """
    if given is None or callable(given):
        return cast("Ask | None", given)
    if isinstance(given, str) and given in _WORDS:
        answer = _WORDS[given]

        def always(_: ApprovalRequest) -> bool | None:
            return answer

        return always
    raise ConfigInvalid(
        f"approver={given!r} is neither a word that is known nor a callable",
        where=where,
        remedy=f"one of {', '.join(_WORDS)}, or a callable that takes the request",
    )
