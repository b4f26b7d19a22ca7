"""Whether a simulated user kept to its part: what it may tell, what it must tell, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.domain import SimulatedUser
from agentops_eval.evals.users._facts import asks_for, compiled, contradicts, facts_of, tells


class LapseKind(StrEnum):
    """What a simulated user does wrong. None of it is the agent's failure."""

    LEAKED = "leaked"
    DROPPED = "dropped"
    CONTRADICTED = "contradicted"
    WENT_ON = "went-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """One lapse: in which turn of the user (from 1), which fact it is about, and what was said."""

    kind: LapseKind
    turn: int
    fact: str = ""
    said: str = ""

    def __str__(self) -> str:
        what = {
            LapseKind.LEAKED: f"told {self.fact} without being asked",
            LapseKind.DROPPED: f"was asked for {self.fact} and did not tell it",
            LapseKind.CONTRADICTED: f"said {self.said} where {self.fact} is another",
            LapseKind.WENT_ON: "went on although the stop rule was fulfilled",
        }
        return f"in turn {self.turn} the simulated user {what[self.kind]}"


def check_talk(
    user: SimulatedUser, said: Sequence[str], answers: Sequence[str], *, only_last: bool = False
) -> tuple[Lapse, ...]:
    """The lapses of a user in a talk: ``said[0]``, ``answers[0]``, ``said[1]`` and so on.

    What can be decided is decided, the rest passes: a value counts as told where its words stand there
    in their order, a fact as asked for as ``asks_for`` has it, and a contradiction is seen in values
    with digits. What the persona, goal or opening tell is no secret, and neither is what the agent
    said. ``only_last`` looks at the last turn only. Raises ValueError for a pattern that is none.
    """
    facts = facts_of(user)
    public = f"{user.opening} {user.goal} {user.persona}"
    known = {fact.name for fact in facts if tells(fact, public)}
    asked: set[str] = set()
    found: list[Lapse] = []
    for turn, words in enumerate(said, start=1):
        heard = answers[turn - 2] if 1 < turn <= len(answers) + 1 else ""
        if user.stop and heard and compiled(user.stop).search(heard):
            found.append(Lapse(kind=LapseKind.WENT_ON, turn=turn))
        now = {fact.name for fact in facts if heard and asks_for(fact, heard)}
        known |= {fact.name for fact in facts if tells(fact, heard)}
        asked |= now
        for fact in facts:
            if tells(fact, words):
                if fact.name not in asked | known:
                    found.append(Lapse(kind=LapseKind.LEAKED, turn=turn, fact=fact.name))
                known.add(fact.name)
            elif fact.name in now and fact.name not in known:
                other = contradicts(fact, words)
                kind = LapseKind.CONTRADICTED if other else LapseKind.DROPPED
                found.append(Lapse(kind=kind, turn=turn, fact=fact.name, said=other))
    return tuple(one for one in found if not only_last or one.turn == len(said))
