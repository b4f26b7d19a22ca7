"""What the story of a run is made of. What the trace does not tell is None, or empty; never made up.

Every text may be an agent's, an llm's or a tool's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from agentops_eval.domain import Json, Label


class Clock(StrEnum):
    """What the places of steps on the line are: milliseconds, or only their order."""

    REAL = "real"
    ORDER = "order"


class StepKind(StrEnum):
    """What a step is, as ``trace show`` calls it."""

    AGENT = "agent"
    LLM = "llm"
    TOOL = "tool"
    HUMAN = "human"
    HTTP = "http"
    STEP = "step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something new that an llm was given: ``who`` is a role, ``source`` the tool whose answer it is."""

    who: str
    told: Json
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A tool that an llm chose, and what for."""

    tool: str
    arguments: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person was asked, and what came of it.

    ``status`` is the trace's word: approved, modified, rejected, timeout, pending or another. ``step`` is
    the number of the step in which the question was put; None where the action tells it itself.
    """

    action: str
    status: str
    details: Json = None
    step: int | None = None
    waited_ms: float | None = None
    deadline_s: float | None = None
    reason: str = ""
    policy: str = ""
    approver: str = ""
    answer: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One step. ``number`` is that of ``trace show``; 0 is the run itself.

    ``actor`` is the agent at whose hands it happened, empty where none is named. ``effect`` is what a tool
    does to the world, in the trace's word; ``acts`` says that it changed something, or tried to. ``asked``
    is the question to a person that an action stands on, or that this step is. ``start`` and ``end`` are
    milliseconds since the run began, or places in the order; None where no time is told. ``details`` are
    everything that is known, by name.
    """

    number: int
    span_id: str
    depth: int
    kind: StepKind
    actor: str
    name: str
    operation: str = ""
    heard: tuple[Heard, ...] = ()
    said: str = ""
    wishes: tuple[Wish, ...] = ()
    given: Json = None
    came_back: Json = None
    sender: str = ""
    effect: str = ""
    acts: bool = False
    asked: Question | None = None
    chosen: str = ""
    options: tuple[str, ...] = ()
    reason: str = ""
    error: str = ""
    error_message: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    took_ms: float | None = None
    start: float | None = None
    end: float | None = None
    label: Label | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStory:
    """A run, told. ``source`` is the file it was read from; ``began`` a date, empty where none is known.

    ``only_told`` counts calls of tools that messages tell of and no step does; ``left_out`` spans that
    tell what another tells already. ``placeholders`` says that secrets were taken out.
    """

    title: str
    source: str
    trace_id: str
    steps: tuple[TraceStep, ...]
    clock: Clock = Clock.ORDER
    began: str = ""
    case: str = ""
    only_told: int = 0
    left_out: int = 0
    placeholders: bool = False
    notes: tuple[str, ...] = ()
