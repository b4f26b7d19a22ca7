"""A talk with an agent, turn by turn: written once, without I/O, for synchronous and asynchronous agents.

``talk(scenario)`` is a generator. It yields ``Say`` (give this to the agent, send back its answer) or
``AskUser`` (give this to the llm that plays the user, send back its reply), and returns a ``Talked``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeAlias

from agentops_eval.domain import ErrorSource, Json, RunError, Scenario, SimulatedUser, to_json
from agentops_eval.evals.judging import Prompt, Reply
from agentops_eval.evals.users._check import check_talk
from agentops_eval.evals.users._facts import asks, compiled
from agentops_eval.evals.users._played import read_turn, user_prompt
from agentops_eval.evals.users._rules import UserRule, rules_of, scripted_turn

SIMULATED_USER = "simulated-user"
"""The recipient of the hand-off in which a user's llm is asked, so that it is told from the agent's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Give this turn to the agent. ``history`` is the talk so far, this turn included."""

    turn: Json
    history: tuple[tuple[str, Json], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskUser:
    """Ask the llm that plays the user. ``sample`` counts its turns, from 1."""

    prompt: Prompt
    llm: str
    sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Talked:
    """How a talk went.

    ``ended`` is why: ``turns`` (all were said), ``stop`` (the stop rule), ``reached`` or ``gave up`` (the
    user's own word), ``nothing asked``, ``max_turns``, or ``error``, which then is the simulator's and
    never the agent's.
    """

    said: tuple[Json, ...] = ()
    answers: tuple[Json, ...] = ()
    ended: str = "turns"
    error: RunError | None = None

    @property
    def output(self) -> Json:
        """The agent's last answer."""
        return self.answers[-1] if self.answers else None


Step: TypeAlias = "Say | AskUser"
Talk: TypeAlias = "Generator[Step, Json | Reply, Talked]"


def talk(scenario: Scenario, *, clean: Callable[[str], str] = str) -> Talk:
    """The talk that a scenario asks for: its turns, and then its user where it has one.

    ``clean`` takes out of what was said what an llm that plays the user may not see. Raises ValueError
    for a user that cannot be meant, before anything is said.
    """
    state = _State()
    player = None if scenario.user is None else _Player(scenario.user, clean)
    for turn in scenario.turns:
        yield from state.say(turn)
    if player is None:
        return state.over("turns")
    return (yield from player.play(state))


@dataclass(slots=True)
class _State:
    said: list[Json] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)

    def say(self, turn: Json) -> Generator[Step, Json | Reply, None]:
        self.said.append(turn)
        answer = yield Say(turn=turn, history=self._history())
        assert not isinstance(answer, Reply)
        self.answers.append(answer)

    def _history(self) -> tuple[tuple[str, Json], ...]:
        told: list[tuple[str, Json]] = []
        for number, turn in enumerate(self.said):
            told.append(("user", turn))
            if number < len(self.answers):
                told.append(("assistant", self.answers[number]))
        return tuple(told)

    def over(self, ended: str, *, kind: str = "", message: str = "") -> Talked:
        error = RunError(source=ErrorSource.SIMULATOR, kind=kind, message=message) if kind else None
        return Talked(said=tuple(self.said), answers=tuple(self.answers), ended=ended, error=error)


class _Player:
    """A simulated user at its part."""

    def __init__(self, user: SimulatedUser, clean: Callable[[str], str]) -> None:
        self._user, self._clean = user, clean
        self._rules: tuple[UserRule, ...] = rules_of(user)
        self._used: dict[int, int] = {}
        self._asked = 0
        if user.stop:
            compiled(user.stop)
        if user.max_turns < 1:
            raise ValueError(f"max_turns is 1 or more, not {user.max_turns}")

    def play(self, state: _State) -> Talk:
        """Take turns until the talk is over.

        Cases before each turn: the stop rule is fulfilled; the talk is as long as it may be; the script
        answers; an llm plays the user; nothing was asked; something was, and nobody knows the answer.
        """
        while True:
            heard = _text(state.answers[-1]) if state.answers else ""
            if self._user.stop and state.answers and compiled(self._user.stop).search(heard):
                return state.over("stop")
            if len(state.said) >= self._user.max_turns:
                return state.over("max_turns")
            turn = self._scripted(state, heard)
            if not turn and self._user.llm:
                said = yield from self._played(state)
                if isinstance(said, Talked):
                    return said
                turn = said
            if not turn and not asks(heard):
                return state.over("nothing asked")
            if not turn:
                what = f"no rule and no hidden fact answers: {heard[-300:]}"
                return state.over("error", kind="no-answer", message=what)
            yield from state.say(turn)

    def _scripted(self, state: _State, heard: str) -> str:
        if not state.said:
            return self._user.opening or ("" if self._user.llm else self._user.goal)
        turn, rule = scripted_turn(self._user, self._rules, self._used, heard) if self._follows() else ("", 0)
        if turn and rule is not None:
            self._used[rule] = self._used.get(rule, 0) + 1
        return turn

    def _follows(self) -> bool:
        """Whether there is a script: with an llm and no rules, the llm tells the facts itself."""
        return bool(self._rules) or not self._user.llm

    def _played(self, state: _State) -> Generator[Step, Json | Reply, str | Talked]:
        self._asked += 1
        said = [self._clean(_text(one)) for one in state.said]
        answers = [self._clean(_text(one)) for one in state.answers]
        prompt = user_prompt(self._user, said, answers)
        reply = yield AskUser(prompt=prompt, llm=self._user.llm, sample=self._asked)
        assert isinstance(reply, Reply)
        if reply.text is None:
            return state.over("error", kind="no-reply", message=reply.problem)
        turn = read_turn(reply.text, prompt)
        if turn.problem:
            return state.over("error", kind="unreadable", message=turn.problem)
        if turn.done:
            return state.over(turn.done)
        lapses = check_talk(self._user, [*said, turn.say], answers, only_last=True)
        if lapses:
            return state.over("error", kind=lapses[0].kind.value, message=str(lapses[0]))
        return turn.say


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(to_json(value), ensure_ascii=False)
