"""Simulated users: who talks to an agent where the turns are not written down.

Everything is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentops_eval.evals.users._check import Lapse, LapseKind, check_talk
    from agentops_eval.evals.users._facts import HiddenFact, asks_for, contradicts, facts_of, tells
    from agentops_eval.evals.users._own import without_user
    from agentops_eval.evals.users._played import Turn, read_turn, user_prompt
    from agentops_eval.evals.users._rules import UserRule, rules_of, scripted_turn
    from agentops_eval.evals.users._talk import SIMULATED_USER, AskUser, Say, Talk, Talked, talk

_HOMES = {
    "_check": "Lapse LapseKind check_talk",
    "_facts": "HiddenFact asks_for contradicts facts_of tells",
    "_own": "without_user",
    "_played": "Turn read_turn user_prompt",
    "_rules": "UserRule rules_of scripted_turn",
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
    "UserRule",
    "asks_for",
    "check_talk",
    "contradicts",
    "facts_of",
    "read_turn",
    "rules_of",
    "scripted_turn",
    "talk",
    "tells",
    "user_prompt",
    "without_user",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    home = _PLACES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
