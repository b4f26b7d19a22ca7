"""A user that is scripted: rules first, then hidden facts that were asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json, SimulatedUser
from agentops_eval.evals.users._facts import HiddenFact, asks_for, compiled, facts_of

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRule:
    """When the agent's words fit ``when``, the user says ``say``; at most ``times`` times, 0 for always."""

    when: str
    say: str
    times: int = 0


def rules_of(user: SimulatedUser) -> tuple[UserRule, ...]:
    """The rules of a user, checked. ``{name}`` in ``say`` stands for a hidden fact.

    Raises ValueError for a rule that cannot be meant: an unknown member, no ``when`` or ``say``, a
    pattern that is none, a fact that is not there.
    """
    facts = {fact.name: fact.value for fact in facts_of(user)}
    return tuple(_rule(number, rule, facts) for number, rule in enumerate(user.rules, start=1))


def scripted_turn(
    user: SimulatedUser, rules: Sequence[UserRule], used: Mapping[int, int], heard: str
) -> tuple[str, int | None]:
    """What the script answers to the agent's words, and by which rule; empty where it has no answer.

    Cases, in this order: the first rule that fits and is not used up; every hidden fact that was asked
    for.
    """
    for number, rule in enumerate(rules):
        if rule.times and used.get(number, 0) >= rule.times:
            continue
        if compiled(rule.when).search(heard):
            return rule.say, number
    wanted: list[HiddenFact] = [fact for fact in facts_of(user) if asks_for(fact, heard)]
    return " ".join(fact.sentence for fact in wanted), None


def _rule(number: int, rule: Mapping[str, Json], facts: Mapping[str, str]) -> UserRule:
    where = f"rule {number} of the simulated user"
    when, say, times = rule.get("when"), rule.get("say"), rule.get("times", 0)
    strange = sorted(set(rule) - {"when", "say", "times"})
    if strange:
        raise ValueError(f"{where} has no {strange[0]!r}: it has when, say and times")
    if not isinstance(when, str) or not isinstance(say, str) or not say.strip():
        raise ValueError(f"{where} says when (a pattern) and say (a text)")
    if isinstance(times, bool) or not isinstance(times, int) or times < 0:
        raise ValueError(f"{where}: times is a whole number, 0 for always")
    compiled(when)
    for name in _SLOT.findall(say):
        if name not in facts:
            raise ValueError(f"{where} names {{{name}}}, and there is no such hidden fact")
    return UserRule(when=when, say=_SLOT.sub(lambda found: facts[found.group(1)], say), times=times)
