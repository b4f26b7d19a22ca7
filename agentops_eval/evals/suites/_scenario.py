"""One scenario, out of its own fields, the defaults and its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from agentops_eval.documents import Place, shown
from agentops_eval.domain import (
    ApprovalScript,
    Expectation,
    Json,
    Scenario,
    SimulatedUser,
    World,
    nearest,
)
from agentops_eval.evals.suites._expect import Checks, Entry, both, entries, sugar
from agentops_eval.evals.suites._fields import (
    TARGET,
    ApproverFields,
    Scalar,
    ScenarioFields,
    SharedFields,
    UserFields,
)
from agentops_eval.evals.suites._kind import Problems
from agentops_eval.evals.suites._variables import Filling

WORLDS = ("sqlite", "files")
IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_]*$"
"""The name of a parameter."""

_PARAMETER = "world"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a scenario is made of. ``variables`` are all that its texts may name."""

    own: ScenarioFields
    defaults: SharedFields
    place: Place
    id: str
    suite: str
    agent: str
    variables: Mapping[str, Json]

    def said(self, field: str) -> tuple[Any, Place]:
        """What the scenario says, else the defaults; None where neither does or null takes it back."""
        own = getattr(self.own, field)
        if own is not UNSET:
            return own, (*self.place, field)
        default = getattr(self.defaults, field)
        return (None if default is UNSET else default), ("defaults", field)

    def merged(self, field: str) -> Mapping[str, Any]:
        """Both mappings, the scenario's entries above those of the defaults."""
        own, default = getattr(self.own, field), getattr(self.defaults, field)
        return {**({} if own is None else default or {}), **(own or {})}


def make_scenario(source: Source, checks: Checks, problems: Problems) -> Scenario:
    """The scenario; what is wrong with it is noted."""
    fill = Filling(source.variables, problems)
    place = source.place
    title = "" if source.own.title is UNSET else fill.text(str(source.own.title), (*place, "title"))
    parameters = fill.value(source.merged("parameters"), (*place, "parameters"))
    assert isinstance(parameters, Mapping)
    where = problems.document.line(place)
    turns, user = _talk(source, fill, problems)
    return Scenario(
        id=source.id,
        suite=source.suite,
        agent=source.said("agent")[0] or source.agent,
        title=title,
        turns=turns,
        user=user,
        world=_world(source, fill, problems),
        expect=_expectations(source, fill, checks, problems),
        approver=_approver(source, fill, problems),
        tags=_tags(source, fill),
        segments={
            name: fill.text(_written(value), (*place, "segments", name))
            for name, value in source.merged("segments").items()
        },
        variables=source.variables,
        parameters=parameters,
        repeat=source.said("repeat")[0] or 1,
        timeout_s=source.said("timeout_s")[0],
        skip=_skip(source, problems),
        where=where,
    )


# -- who talks --------------------------------------------------------------------------------


def _talk(source: Source, fill: Filling, problems: Problems) -> tuple[tuple[Json, ...], SimulatedUser | None]:
    asked, at = source.said("input")
    user, user_at = source.said("user")
    # What a scenario says itself stands above what all of them would say.
    if asked is not None and user is not None and at[0] != user_at[0]:
        asked, user = (None, user) if at[0] == "defaults" else (asked, None)
    if asked is None and user is None:
        what = "the scenario says neither what the user asks nor who the user is"
        problems.add(source.place, what, "input: ...")
    elif asked is not None and user is not None:
        problems.add(
            at, "a scenario has input or a user, not both", "write what the user says first as user.opening"
        )
    if isinstance(asked, list):
        if not asked:
            problems.add(at, "there is no turn in the list", "input: ...")
        turns = tuple(fill.value(turn, (*at, number)) for number, turn in enumerate(asked))
    else:
        turns = () if asked is None else (fill.value(asked, at),)
    return turns, None if user is None else _user(user, user_at, fill, problems)


def _user(user: UserFields, place: Place, fill: Filling, problems: Problems) -> SimulatedUser:
    rules: list[Mapping[str, Json]] = []
    for number, rule in enumerate(user.rules or []):
        at = (*place, "rules", number)
        if rule is not None:
            said = {"when": fill.text(rule.when, (*at, "when")), "say": fill.text(rule.say, (*at, "say"))}
            rules.append({**said, "times": rule.times} if rule.times else said)
            _pattern(str(rules[-1]["when"]), (*at, "when"), problems)
    if not rules and not user.goal and not user.persona:
        problems.add(place, "nothing tells what the user says", "goal: what the user wants, or rules")
    stop = fill.text(user.stop or "", (*place, "stop"))
    _pattern(stop, (*place, "stop"), problems)
    hidden = fill.value(user.hidden or {}, (*place, "hidden"))
    assert isinstance(hidden, Mapping)
    return SimulatedUser(
        persona=fill.text(user.persona or "", (*place, "persona")),
        goal=fill.text(user.goal or "", (*place, "goal")),
        opening=fill.text(user.opening or "", (*place, "opening")),
        hidden=hidden,
        rules=tuple(rules),
        llm=user.llm or "",
        stop=stop,
        max_turns=user.max_turns or 10,
    )


def _pattern(text: str, place: Place, problems: Problems) -> None:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        problems.add(place, f"{shown(text)} is no regular expression: {error}")


# -- where, and with which end ----------------------------------------------------------------


def _world(source: Source, fill: Filling, problems: Problems) -> World | None:
    world, place = source.said("world")
    if world is None:
        return None
    parameter = world.get("as", _PARAMETER)
    if not isinstance(parameter, str) or not re.search(IDENTIFIER, parameter):
        problems.add((*place, "as"), f"the agent has no parameter {shown(parameter)}", "as: world")
    kinds = [kind for kind in world if kind != "as"]
    if len(kinds) != 1:
        problems.add(place, "a world is of one kind", f"name one of {', '.join(WORLDS)} or module:callable")
        return None
    kind, setup = kinds[0], world[kinds[0]]
    if kind not in WORLDS and not re.search(TARGET, kind):
        problems.add((*place, kind), f"there is no world {shown(kind)}", nearest(kind, WORLDS))
    if setup is not None and not isinstance(setup, Mapping):
        problems.add((*place, kind), f"the set-up of a world is a mapping, not {shown(setup)}")
        setup = None
    filled = fill.value(setup or {}, (*place, kind))
    assert isinstance(filled, Mapping)
    return World(kind=kind, parameter=str(parameter), setup=filled)


def _expectations(
    source: Source, fill: Filling, checks: Checks, problems: Problems
) -> tuple[Expectation, ...]:
    own, default = source.own, source.defaults
    defaults = [] if own.expect is None else list(entries(default.expect, ("defaults", "expect")))
    found: list[Entry] = both(defaults, list(entries(own.expect, (*source.place, "expect"))))
    for name in ("state", "budget"):
        places: tuple[Place, Place] = (("defaults", name), (*source.place, name))
        found += sugar(name, getattr(default, name), getattr(own, name), places)
    made = []
    for name, arguments, place in found:
        if not checks.named(name, place):
            continue
        missed = fill.missed
        filled = fill.value(arguments, place)
        expectation = Expectation(evaluator=name, arguments=filled, where=problems.document.where(place))
        if fill.missed == missed:  # else it is not known what the evaluator is given
            expectation = checks.settled(expectation, arguments, place)
        made.append(expectation)
    return tuple(made)


def _approver(source: Source, fill: Filling, problems: Problems) -> str | tuple[ApprovalScript, ...]:
    approver, place = source.said("approver")
    if approver is None or isinstance(approver, str):
        return approver or ""
    return tuple(
        _script(one, (*place, number), fill, problems)
        for number, one in enumerate(approver)
        if one is not None
    )


def _script(one: ApproverFields, place: Place, fill: Filling, problems: Problems) -> ApprovalScript:
    modified = one.details is not UNSET
    if modified != (one.answer == "modify"):
        what = "details belong to the answer modify" if modified else "the answer modify needs details"
        problems.add(place, what, "{answer: modify, details: {...}}")
    return ApprovalScript(
        action=fill.text(one.action or "*", (*place, "action")),
        answer=one.answer,
        details=fill.value(one.details, (*place, "details")) if modified else None,
        after_s=float(one.after_s or 0),
    )


# -- words about it ---------------------------------------------------------------------------


def _tags(source: Source, fill: Filling) -> tuple[str, ...]:
    own, default = source.own.tags, source.defaults.tags
    common = None if own is None else default
    places: tuple[tuple[Any, Place], ...] = ((common, ("defaults", "tags")), (own, (*source.place, "tags")))
    listed = (
        fill.text(str(tag), place)
        for tags, place in places
        for tag in ([tags] if isinstance(tags, str) else tags or [])
    )
    return tuple(dict.fromkeys(listed))


def _written(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _skip(source: Source, problems: Problems) -> str:
    reason, place = source.said("skip")
    if reason is not None and not reason.strip():
        problems.add(place, "a scenario is not skipped without a reason", "skip: why")
    return reason or ""
