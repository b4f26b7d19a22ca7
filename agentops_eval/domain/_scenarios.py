"""Scenarios: what an agent is asked, in which world, and what has to be so afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentops_eval.domain._json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that has to be so: an evaluator's name and what it is given, as the file says it.

    ``evaluator`` is one of ours or ``module:callable``; ``arguments`` is what stands behind the name:
    a mapping of arguments, or the first argument alone. ``where`` is the file with the field's path.
    """

    evaluator: str
    arguments: Json = None
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the agent works on: ``kind`` is one of ours (``sqlite``, ``files``) or ``module:callable``.

    ``setup`` is given to it as it stands; what it holds afterwards is the end state. The agent is handed
    the world under the name ``parameter``.
    """

    kind: str
    parameter: str = "world"
    setup: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalScript:
    """How one kind of approval request is answered: ``action`` is a pattern of its name.

    ``answer`` is ``approve``, ``reject``, ``modify`` or ``silent``; ``details`` are what a modified
    approval says instead; ``after_s`` is how long the person takes.
    """

    action: str = "*"
    answer: str = "approve"
    details: Json = None
    after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedUser:
    """Who talks to the agent where the turns are not written down.

    ``hidden`` are facts that are told only when asked for. ``rules`` script the answers
    (``{when: pattern, say: text}``); without any, ``llm`` plays the user. The talk ends with ``stop``
    (a pattern in what the agent said), when the goal is reached, or after ``max_turns``.
    """

    persona: str = ""
    goal: str = ""
    opening: str = ""
    hidden: Mapping[str, Json] = field(default_factory=dict)
    rules: tuple[Mapping[str, Json], ...] = ()
    llm: str = ""
    stop: str = ""
    max_turns: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One named task. ``id`` is unique in its suite and never changes; ``turns`` are what a user says.

    ``agent`` is ``module:callable``. ``repeat`` asks for so many independent trials, all of which
    have to pass. ``variables`` were filled into the texts already. ``segments`` place the case
    (``language: de``), so that no segment's loss hides in a mean. ``skip`` is the reason for which it is
    not run, empty where it is. ``where`` is its file with its line.
    """

    id: str
    suite: str = ""
    agent: str = ""
    title: str = ""
    turns: tuple[Json, ...] = ()
    user: SimulatedUser | None = None
    world: World | None = None
    expect: tuple[Expectation, ...] = ()
    approver: str | tuple[ApprovalScript, ...] = ""
    tags: tuple[str, ...] = ()
    segments: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Json] = field(default_factory=dict)
    parameters: Mapping[str, Json] = field(default_factory=dict)
    repeat: int = 1
    timeout_s: float | None = None
    skip: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One candidate of a matrix: keyword arguments of the agent, under a name that is a file name.

    The variant without a name is the baseline: it is what the recordings are of.
    """

    name: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Scenarios that run together.

    ``name`` is what the file says, else its path from the root without suffix. ``digest`` is that of what
    the file says, its tables included, whatever its format or spelling.
    """

    name: str
    scenarios: tuple[Scenario, ...] = ()
    variants: tuple[Variant, ...] = (Variant(),)
    path: str = ""
    digest: str = ""
