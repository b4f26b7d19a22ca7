"""Talking to an agent for a scenario: its turns, or a simulated user who asks an llm for its own.

What a user's llm is asked crosses the http seam inside a hand-off called ``simulated-user``, so that it
is recorded and replayed with the run and yet told from what the agent asked.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from agentops_eval.domain import Json, JudgeInvalid, Scenario, ScenarioInvalid, to_json
from agentops_eval.evals.judging import Prompt, Reply
from agentops_eval.evals.users import SIMULATED_USER, AskUser, Say, Talk, Talked, talk
from agentops_eval.harness._judge_settings import JudgeSettings
from agentops_eval.harness._llm_client import ask_llm, request_of
from agentops_eval.seams import handoff

HISTORY = ("history", "messages")
"""What an agent calls the parameter in which it wants the talk so far."""

UserLlm: TypeAlias = Callable[[Prompt, str, int], Reply]
"""Answers a prompt as ``llm``, for the so-manieth time."""


def user_llm(settings: JudgeSettings, *, environ: Mapping[str, str] | None = None) -> UserLlm:
    """An llm that plays users, at the endpoint of ``[tool.agentops.judge]``; inside a run it is the run's."""

    def ask(prompt: Prompt, llm: str, sample: int) -> Reply:
        asked = replace(settings, llm=llm)
        try:
            request = request_of(prompt, asked, sample=sample)
            return ask_llm(request, asked, environ=environ).reply
        except JudgeInvalid as error:
            return Reply(problem=f"{error.what}; fix: {error.remedy}")

    return ask


def converse(
    agent: Callable[..., Any],
    scenario: Scenario,
    *,
    ask: UserLlm | None = None,
    clean: Callable[[str], str] = str,
) -> Talked:
    """Talk to ``agent`` until the scenario's turns are said, or its user has no more to say.

    The agent is called once a turn with what the user says. One that has a parameter called ``history``
    or ``messages`` is given the talk so far there as well (``{"role": ..., "content": ...}``, this turn
    included); one with nothing else is given that alone. ``clean`` is the redactor's ``text``: what a
    user's llm is shown has to be what a recording may hold.

    What the agent raises is raised; what the simulated user does wrong is ``Talked.error``. Raises
    ScenarioInvalid for a user that cannot be meant, before the agent is called.
    """
    call, steps = _caller(agent), _begun(talk(scenario, clean=clean), scenario)
    answer: Json | Reply = None
    while True:
        step = steps(answer)
        if isinstance(step, Talked):
            return step
        answer = to_json(call(step)) if isinstance(step, Say) else _play(step, ask)


async def converse_async(
    agent: Callable[..., Awaitable[Any]],
    scenario: Scenario,
    *,
    ask: UserLlm | None = None,
    clean: Callable[[str], str] = str,
) -> Talked:
    """The same for an agent that is a coroutine function. The user's llm is asked while the loop waits."""
    call, steps = _caller(agent), _begun(talk(scenario, clean=clean), scenario)
    answer: Json | Reply = None
    while True:
        step = steps(answer)
        if isinstance(step, Talked):
            return step
        answer = to_json(await call(step)) if isinstance(step, Say) else _play(step, ask)


def _begun(steps: Talk, scenario: Scenario) -> Callable[[Json | Reply], Say | AskUser | Talked]:
    """The generator as a function from answers to steps; its end is a step as well."""
    begun = False

    def step(answer: Json | Reply) -> Say | AskUser | Talked:
        nonlocal begun
        try:
            found = steps.send(answer) if begun else next(steps)
        except StopIteration as done:
            talked: Talked = done.value
            return talked
        except ValueError as error:
            if begun:
                raise
            raise ScenarioInvalid(str(error), where=f"{scenario.where or scenario.id}.user") from None
        begun = True
        return found

    return step


def _play(step: AskUser, ask: UserLlm | None) -> Reply:
    if ask is None:
        return Reply(problem=f"there is no llm to play the user: {step.llm} was to")
    answer = ask

    def played(_: object) -> Reply:
        return answer(step.prompt, step.llm, step.sample)

    return handoff(SIMULATED_USER, {"turn": step.sample}, played, sender="scenario")


def _caller(agent: Callable[..., Any]) -> Callable[[Say], Any]:
    """How the agent wants its turns."""
    parameters: Mapping[str, inspect.Parameter] = {}
    with suppress(TypeError, ValueError):  # a builtin that does not say
        parameters = inspect.signature(agent).parameters
    name = next((one for one in HISTORY if one in parameters), "")
    required = [
        one
        for one in parameters.values()
        if one.name != name
        and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.VAR_POSITIONAL)
    ]

    def call(step: Say) -> Any:
        if not name:
            return agent(step.turn)
        told = [{"role": role, "content": content} for role, content in step.history]
        return agent(step.turn, **{name: told}) if required else agent(**{name: told})

    return call
