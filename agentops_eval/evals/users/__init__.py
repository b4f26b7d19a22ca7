"""Simulated users: who talks to an agent where the turns are not written down.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.evals.users._check import Lapse, LapseKind, check_talk
    from agentops_eval.evals.users._facts import HiddenFact, facts_of
    from agentops_eval.evals.users._own import without_user
    from agentops_eval.evals.users._played import Turn, read_turn, user_prompt
    from agentops_eval.evals.users._talk import SIMULATED_USER, AskUser, Say, Talk, Talked, talk

_HOMES = {
    "_check": "Lapse LapseKind check_talk",
    "_facts": "HiddenFact facts_of",
    "_own": "without_user",
    "_played": "Turn read_turn user_prompt",
    "_talk": "SIMULATED_USER AskUser Say Talk Talked talk",
}
"""Where each public name lives, by module."""

__all__ = [
    "SIMULATED_USER",
    "AskUser",
    "HiddenFact",
    "Lapse",
    "LapseKind",
    "Say",
    "Talk",
    "Talked",
    "Turn",
    "check_talk",
    "facts_of",
    "read_turn",
    "talk",
    "user_prompt",
    "without_user",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
