"""An agent as a suite calls it: ``module:callable``, given what its signature takes."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentops_eval.domain import Scenario, ScenarioInvalid, TargetInvalid, Variant, nearest
from agentops_eval.evals.users import Talked
from agentops_eval.harness._target import finished, finished_async, load_callable
from agentops_eval.harness._user import HISTORY, UserLlm, converse, converse_async
from agentops_eval.seams import new_virtual_loop, signature_of

SEED = "seed"
_FIRST = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


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

    def talk(
        self,
        scenario: Scenario,
        given: Mapping[str, object],
        *,
        ask: UserLlm | None = None,
        clean: Callable[[str], str] = str,
    ) -> Talked:
        """Have the whole conversation of a scenario. Raises what the agent raises.

        ``ask`` is the llm that plays a simulated user, ``clean`` takes secrets out of what it is shown.
        """
        target = self.function(**given) if self.lasts else functools.partial(self.function, **given)
        close = _closing(target) if self.lasts else None
        if not _is_async(target if self.lasts else self.function):

            @functools.wraps(target)
            def call(*said: Any, **more: Any) -> Any:
                return finished(target(*said, **more))

            try:
                return converse(call, scenario, ask=ask, clean=clean)
            finally:
                if close is not None:
                    finished(close())

        @functools.wraps(target)
        async def call_async(*said: Any, **more: Any) -> Any:
            return await finished_async(target(*said, **more))

        async def whole() -> Talked:
            try:
                return await converse_async(call_async, scenario, ask=ask, clean=clean)
            finally:
                if close is not None:
                    await finished_async(close())

        with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
            return runner.run(whole())


def _closing(target: object) -> Callable[[], Any] | None:
    """What ends an agent that lasts, if anything does."""
    named = (getattr(target, name, None) for name in ("close", "aclose"))
    return next((one for one in named if callable(one)), None)


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
    keywords = {name for name in parameters if lasts or name != heard or name in HISTORY}
    return Agent(spec=spec, function=function, takes=frozenset(keywords), lasts=lasts)


def check_fit(agent: Agent, scenario: Scenario, variant: Variant) -> None:
    """Raise ScenarioInvalid where the agent cannot be given what the scenario or its variant gives."""
    several = len(scenario.turns) > 1 or scenario.user is not None
    if several and not agent.lasts and not any(map(agent.admits, HISTORY)):
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
