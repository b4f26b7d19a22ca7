"""Runs of scenarios, what was made of them, and the samples that statistics count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain._calls import Effect
from agentops_eval.domain._decisions import Arm
from agentops_eval.domain._findings import ErrorSource, Verdict, VerdictValue
from agentops_eval.domain._json import Json
from agentops_eval.domain._traces import Trace


def case_name(suite: str, case: str, variant: str = "") -> str:
    """What a case of any suite and variant is called where people read it: ``refunds/late [v1.4]``."""
    return f"{f'{suite}/' if suite else ''}{case}{f' [{variant}]' if variant else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """What a run broke off with. Only an agent's own error is the agent's failure."""

    source: ErrorSource
    kind: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One tool call of a run. ``arguments`` is None where the trace does not tell them.

    ``error`` is empty where it succeeded; ``effect`` is None where the trace does not tell it.
    """

    name: str
    arguments: Mapping[str, Json] | None = field(default_factory=dict)
    result: Json = None
    error: str = ""
    effect: Effect | None = None
    idempotency_key: str | None = None
    span_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What a run spent. None is not known, which is not zero."""

    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    latency_s: float | None = None
    llm_calls: int | None = None
    tool_calls: int | None = None
    steps: int | None = None
    retries: int | None = None

    @property
    def tokens(self) -> int | None:
        """Input and output together; None where either is not known."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of one scenario under one agent version and seed.

    ``output`` is the agent's last answer, ``answers`` are those to each turn. ``state`` is what the world
    held at the end and ``state_before`` what it held at the beginning, None where that is not known.
    ``versions`` tells what ran: names of prompts and ``tools``, each with version and digest. ``recording``
    is the digest of what was replayed or recorded, empty for neither: runs with the same recording are one
    observation.
    """

    scenario: str
    suite: str = ""
    trial: int = 1
    variant: str = ""
    agent: str = ""
    output: Json = None
    answers: tuple[Json, ...] = ()
    trace: Trace = field(default_factory=Trace)
    calls: tuple[ToolCall, ...] = ()
    state: Json = None
    state_before: Json = None
    spend: Spend = Spend()
    error: RunError | None = None
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    recording: str = ""


class Ending(StrEnum):
    """How a trial ended: with a verdict, with an error that is not the agent's, or without a recording."""

    JUDGED = "judged"
    ERROR = "error"
    NEEDS_RECORDING = "needs_recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was made of one trial. ``value`` is unknown unless it was judged and nothing was missing.

    ``title`` and ``asked``, what the user said turn by turn, are those of its scenario, so that a report
    needs nothing else; nothing is asked where a simulated user speaks.
    ``output``, ``answers`` (of several turns), both states and the trace in ``trace_file`` are what it was
    judged by. ``labels`` counts its answered calls by where the answers came from. ``where`` is the
    scenario's place, ``remedy`` what to do where it ended without a verdict.
    """

    suite: str
    case: str
    title: str = ""
    asked: tuple[Json, ...] = ()
    trial: int = 1
    variant: str = ""
    ending: Ending = Ending.JUDGED
    value: VerdictValue = VerdictValue.UNKNOWN
    verdicts: tuple[Verdict, ...] = ()
    error: RunError | None = None
    output: Json = None
    answers: tuple[Json, ...] = ()
    state: Json = None
    state_before: Json = None
    spend: Spend = Spend()
    tags: tuple[str, ...] = ()
    segments: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    recording: str = ""
    labels: Mapping[str, int] = field(default_factory=dict)
    trace_id: str = ""
    trace_file: str = ""
    where: str = ""
    remedy: str = ""

    @property
    def passed(self) -> bool | None:
        """True or False where it was judged so, None where nobody can say."""
        known = self.ending is Ending.JUDGED and self.value is not VerdictValue.UNKNOWN
        return self.value is VerdictValue.PASS if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One observation, as statistics and gates count it: one trial of one case.

    ``passed`` is None where nobody can say. ``error`` tells of a trial that ended without a verdict
    and whose fault that was; such trials are in no rate. ``recording`` is that of its result: samples
    of one case that share one are one observation. A gate also asks for the ``arm``, the ``stage`` of the
    rollout, when it was (``at_s``, seconds since 1970), the digest of the ``answer``, and where its ``trace``
    is. Metrics may be no finite numbers: what measured them may be broken.
    """

    case: str
    trial: int = 1
    passed: bool | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: ErrorSource | None = None
    tags: tuple[str, ...] = ()
    segments: Mapping[str, str] = field(default_factory=dict)
    recording: str = ""
    arm: Arm | None = None
    stage: str = ""
    at_s: float | None = None
    answer: str = ""
    trace: str = ""

    @property
    def counts(self) -> bool:
        """Whether it says something of the agent: what broke off without the agent's fault does not."""
        return self.error is None or self.error is ErrorSource.AGENT

    @property
    def outcome(self) -> bool | None:
        """Whether it passed, None where nobody can say. An agent's own error is a failure."""
        return False if self.passed is None and self.error is ErrorSource.AGENT else self.passed
