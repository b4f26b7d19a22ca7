"""An agent as a suite calls it: ``module:callable``, given what its signature takes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from agentops_eval.domain import Json, Scenario, ScenarioInvalid, TargetInvalid, Variant, nearest, to_json
from agentops_eval.harness._target import finished, finished_async, load_callable
from agentops_eval.seams import new_virtual_loop, signature_of

HISTORY, SEED = "history", "seed"
_FIRST = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

Said: TypeAlias = Mapping[str, Json]
"""One thing that was said: ``role`` is ``user`` or ``assistant``, ``content`` what."""


class Talk(Protocol):
    """Who talks to the agent."""

    def next_turn(self, history: Sequence[Said], /) -> Json:
        """What is said next, None where all is said."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A callable with the keywords that it takes, None for any. ``lasts``: one object for a whole talk."""

    spec: str
    function: Callable[..., Any]
    takes: frozenset[str] | None
    lasts: bool

    @property
    def name(self) -> str:
        """What it is called in traces."""
        return str(getattr(self.function, "__name__", self.spec.rpartition(":")[2]))

    def admits(self, name: str) -> bool:
        """Whether it can be given something under that name."""
        return self.takes is None or name in self.takes

    def talk(self, talk: Talk, given: Mapping[str, object]) -> tuple[Json, ...]:
        """Have the whole conversation; gives the answer to each turn. Raises what the agent raises."""
        target = self.function(**given) if self.lasts else self.function
        more = {} if self.lasts else given
        ends = closing(target) if self.lasts and hasattr(target, "close") else nullcontext()
        with ends:
            steps = _conversation(talk)
            if _is_async(target):
                with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
                    return runner.run(self._talk_async(target, steps, more))
            return self._talk(target, steps, more)

    def _talk(
        self, target: Callable[..., Any], steps: _Steps, given: Mapping[str, object]
    ) -> tuple[Json, ...]:
        try:
            said, history = next(steps)
            while True:
                answer = finished(target(said, **given, **self._past(history)))
                said, history = steps.send(to_json(answer))
        except StopIteration as done:
            return _answers(done)

    async def _talk_async(
        self, target: Callable[..., Any], steps: _Steps, given: Mapping[str, object]
    ) -> tuple[Json, ...]:
        done = False
        answers: tuple[Json, ...] = ()
        step: Json = None
        while not done:
            try:
                said, history = steps.send(step)
            except StopIteration as end:
                answers, done = _answers(end), True
            else:
                step = to_json(await finished_async(target(said, **given, **self._past(history))))
        return answers

    def _past(self, history: Sequence[Said]) -> Mapping[str, object]:
        return {HISTORY: list(history)} if not self.lasts and self._remembers else {}

    @property
    def _remembers(self) -> bool:
        """Whether it is told what was said before."""
        return self.takes is not None and HISTORY in self.takes


_Steps: TypeAlias = Generator[tuple[Json, Sequence[Said]], Json, tuple[Json, ...]]


def _conversation(talk: Talk) -> _Steps:
    """Give each turn with what was said before it; take the answer."""
    history: list[Said] = []
    answers: list[Json] = []
    while (said := talk.next_turn(tuple(history))) is not None:
        answer = yield said, tuple(history)
        answers.append(answer)
        history += [{"role": "user", "content": said}, {"role": "assistant", "content": answer}]
    return tuple(answers)


def _answers(end: StopIteration) -> tuple[Json, ...]:
    found: tuple[Json, ...] = end.value
    return found


def _is_async(target: object) -> bool:
    called = target if inspect.isroutine(target) else getattr(target, "__call__", target)  # noqa: B004  # its method
    return inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called)


def load_agent(spec: str, *, root: Path) -> Agent:
    """Import an agent. Raises TargetInvalid for what is not there or takes nothing that a user may say."""
    return agent_of(load_callable(spec, root=root), spec)


def agent_of(function: Callable[..., Any], spec: str = "") -> Agent:
    """An agent that is at hand already. Raises TargetInvalid where it takes nothing that a user may say."""
    spec = spec or f"{function.__module__}:{getattr(function, '__qualname__', type(function).__name__)}"
    lasts = inspect.isclass(function)
    try:
        parameters = signature_of(function).parameters
    except (ValueError, TypeError):  # a builtin without a signature: calling tells
        return Agent(spec=spec, function=function, takes=None, lasts=lasts)
    heard = next((name for name, one in parameters.items() if one.kind in _FIRST), None)
    anything = any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in parameters.values())
    if not lasts and heard is None and not anything:
        raise TargetInvalid(f"{spec} takes no argument for what the user says", remedy="def agent(text): ...")
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        return Agent(spec=spec, function=function, takes=None, lasts=lasts)
    keywords = {name for name in parameters if lasts or name != heard}
    return Agent(spec=spec, function=function, takes=frozenset(keywords), lasts=lasts)


def check_fit(agent: Agent, scenario: Scenario, variant: Variant) -> None:
    """Raise ScenarioInvalid where the agent cannot be given what the scenario or its variant gives."""
    several = len(scenario.turns) > 1 or scenario.user is not None
    if several and not agent.lasts and not agent.admits(HISTORY):
        raise ScenarioInvalid(
            f"{agent.spec} cannot be talked to over several turns",
            where=scenario.where,
            difference="it is a function that is not told what was said before",
            remedy="give it a parameter history (a list of {role, content}), or name a class",
        )
    wanted = {**scenario.parameters, **variant.parameters}
    if scenario.world is not None:
        wanted[scenario.world.parameter] = None
    for name in wanted:
        if not agent.admits(name):
            known = agent.takes or frozenset()
            raise ScenarioInvalid(
                f"{agent.spec} takes no parameter {name!r}",
                where=scenario.where,
                difference=f"its parameters: {', '.join(sorted(known)) or 'none but the text'}",
                remedy=nearest(name, known),
            )
