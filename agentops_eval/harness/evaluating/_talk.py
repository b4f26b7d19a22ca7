"""Who talks to the agent in a trial: the turns that are written down, or a simulated user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json
from agentops_eval.harness.evaluating._agent import Said, Talk
from agentops_eval.harness.evaluating._plan import Trial


@dataclass(frozen=True, slots=True)
class ScriptedTalk:
    """Says the turns one after another, whatever the agent answers."""

    turns: tuple[Json, ...]

    def next_turn(self, history: Sequence[Said], /) -> Json:
        """The turn whose number follows from what was said; None at the end."""
        number = sum(said["role"] == "user" for said in history)
        return self.turns[number] if number < len(self.turns) else None


def talk_of(trial: Trial) -> Talk:
    """The talk of one trial."""
    return ScriptedTalk(trial.scenario.turns)
