"""The fields of experiments and game days. Errors, the JSON Schemas and the reference are made of these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from agentops_eval.domain import AbortKind, ActivityKind, Dry, Require, Strategy

ROLE = r"^role:[a-z0-9]+(-[a-z0-9]+)*$(?!\n)"
VARIABLE = r"^\$\{?[_a-zA-Z][_a-zA-Z0-9]*\}?$(?!\n)"
FORMS = {ROLE: "a role (role:on-call)", VARIABLE: "a number, or ${name} of a configured value"}
"""Patterns in words."""

Role = Annotated[str, Meta(pattern=ROLE, max_length=80)]
Seconds = Annotated[float, Meta(ge=0, le=604_800)]
Configured = Annotated[str, Meta(pattern=VARIABLE)]
Name = Annotated[str, Meta(min_length=1, max_length=300)]
Text = Annotated[str, Meta(max_length=20_000)]


def told(text: str) -> Meta:
    """What a field means."""
    return Meta(description=text)


class PausesFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """How long to wait around an activity, in seconds."""

    before: Annotated[Seconds | Configured, told("Seconds before it.")] = 0.0
    after: Annotated[Seconds | Configured, told("Seconds after it.")] = 0.0


class ActivityFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One action or probe, or a reference to one that stands elsewhere in the file."""

    type: Annotated[ActivityKind | UnsetType, told("Whether it looks or acts.")] = UNSET
    name: Annotated[Name | UnsetType, told("What journals call it.")] = UNSET
    provider: Annotated[
        dict[str, Any] | UnsetType,
        told("Who carries it out: `type` is python, process, http, agent, impact or toxiproxy."),
    ] = UNSET
    ref: Annotated[Name | UnsetType, told("The name of another activity of the file, which is meant.")] = (
        UNSET
    )
    tolerance: Annotated[Any, told("What a probe of a steady state has to give.")] = UNSET
    pauses: Annotated[PausesFields | UnsetType, told("How long to wait around it.")] = UNSET
    background: Annotated[bool, told("Whether what follows begins before it ends.")] = False
    timeout: Annotated[Seconds | UnsetType, told("Seconds after which it counts as failed.")] = UNSET
    controls: Annotated[list[dict[str, Any]], told("Read, and not carried out.")] = []
    dry: Annotated[Dry | UnsetType, told("What of it is told and not done.")] = UNSET


class HypothesisFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What has to be so for the state to count as steady."""

    title: Annotated[Name, told("The hypothesis, in words.")]
    probes: Annotated[list[ActivityFields], told("What is looked at; each has a `tolerance`.")] = []
    controls: Annotated[list[dict[str, Any]], told("Read, and not carried out.")] = []


class HypothesisRuntimeFields(
    Struct,
    forbid_unknown_fields=True,
    kw_only=True,
    rename={"fail_fast": "fail-fast", "fail_fast_ratio": "fail-fast-ratio"},
):
    """When the steady state is looked at."""

    strategy: Annotated[Strategy, told("Around the method, only on one side of it, during it, or never.")] = (
        Strategy.DEFAULT
    )
    frequency: Annotated[
        Annotated[float, Meta(gt=0, le=86_400)], told("Seconds between two looks during the method.")
    ] = 1.0
    fail_fast: Annotated[bool, told("Whether a look that is not met ends the method.")] = False
    fail_fast_ratio: Annotated[
        Annotated[float, Meta(ge=0, le=100)], told("Percent of the looks that must fail for that.")
    ] = 0.0


class RollbacksRuntimeFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """Read for Chaos Toolkit's sake: rollbacks always run."""

    strategy: Annotated[str, told("Of no effect: rollbacks always run.")] = "always"


class RuntimeFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """How the experiment is carried out."""

    hypothesis: Annotated[
        HypothesisRuntimeFields | UnsetType, told("When the steady state is looked at.")
    ] = UNSET
    rollbacks: Annotated[RollbacksRuntimeFields | UnsetType, told("Of no effect: they always run.")] = UNSET
    clock: Annotated[
        Literal["real", "virtual"] | UnsetType,
        told(
            "Whether pauses and stamps are of virtual time. By default virtual where every activity is an "
            "agent's run or a look at one."
        ),
    ] = UNSET


class AbortFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One reason to end early. Rollbacks run all the same."""

    type: Annotated[AbortKind, told("A probe, the time that has passed, effects, or an agent's mode.")]
    name: Annotated[Name | UnsetType, told("Of a probe.")] = UNSET
    provider: Annotated[dict[str, Any] | UnsetType, told("Of a probe.")] = UNSET
    tolerance: Annotated[Any, told("Of a probe: what it has to give, for the experiment to go on.")] = UNSET
    every: Annotated[
        Annotated[float, Meta(gt=0, le=86_400)] | UnsetType,
        told("Of a probe: seconds between two looks while an activity runs."),
    ] = UNSET
    seconds: Annotated[
        Annotated[float, Meta(gt=0, le=604_800)] | UnsetType, told("Of the time that may pass.")
    ] = UNSET
    above: Annotated[
        Annotated[int, Meta(ge=0)] | UnsetType, told("How many effects all agents' runs may have together.")
    ] = UNSET
    modes: Annotated[
        list[str] | UnsetType, told("Modes of an agent's run, such as failed-unsafe and hung.")
    ] = UNSET


class ExperimentFields(
    Struct,
    forbid_unknown_fields=True,
    kw_only=True,
    rename={
        "steady_state_hypothesis": "steady-state-hypothesis",
        "abort_conditions": "abort-conditions",
        "allow_hosts": "allow-hosts",
    },
):
    """An experiment in Chaos Toolkit's shape. What it does not know begins with `abort-conditions`."""

    title: Annotated[Name, told("What is tried, in one line.")]
    description: Annotated[Text, told("What is expected, and why.")] = ""
    version: Annotated[Any, told("Of the format; read and kept.")] = UNSET
    tags: Annotated[list[Name], told("Words to choose by.")] = []
    contributions: Annotated[dict[str, Any], told("What it contributes to; read and kept.")] = {}
    configuration: Annotated[
        dict[str, Any],
        told("Values for `${name}`: given, of the environment (`type: env`), or of a probe (`type: probe`)."),
    ] = {}
    secrets: Annotated[dict[str, Any], told("The same, in groups; none of them reaches a journal.")] = {}
    controls: Annotated[list[dict[str, Any]], told("Read, and not carried out.")] = []
    extensions: Annotated[list[dict[str, Any]], told("Read and kept.")] = []
    steady_state_hypothesis: Annotated[HypothesisFields | None, told("What has to hold.")] = None
    method: Annotated[list[ActivityFields], told("What is done and looked at, in order.")]
    rollbacks: Annotated[list[ActivityFields], told("What undoes it. They always run.")] = []
    runtime: Annotated[RuntimeFields | UnsetType, told("How it is carried out.")] = UNSET
    dry: Annotated[Dry | None, told("What of it is told and not done.")] = None
    abort_conditions: Annotated[list[AbortFields], told("What ends it early.")] = []
    allow_hosts: Annotated[
        list[Name], told("Hosts besides loopback that its http activities may call, `name` or `name:port`.")
    ] = []
    owner: Annotated[Role | UnsetType, told("The role that answers for what it shows.")] = UNSET
    remedy: Annotated[Text, told("What to do where it shows something.")] = ""


class GateFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What must be so for the game day to go on behind an experiment."""

    require: Annotated[Require, told("What the experiment must have come to.")] = Require.STEADY
    probes: Annotated[list[ActivityFields], told("What else has to be within its tolerance.")] = []


class StepFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One experiment of a game day."""

    experiment: Annotated[Name, told("Its file, relative to the plan's folder.")]
    pauses: Annotated[PausesFields | UnsetType, told("How long to wait around it.")] = UNSET
    gate: Annotated[GateFields | UnsetType, told("What must be so for the next to begin.")] = UNSET
    owner: Annotated[Role | UnsetType, told("The role that answers for what it shows.")] = UNSET
    remedy: Annotated[Text, told("What to do where it shows something.")] = ""


class GamedayFields(
    Struct,
    forbid_unknown_fields=True,
    kw_only=True,
    rename={
        "abort_conditions": "abort-conditions",
        "kill_switch": "kill-switch",
        "allow_hosts": "allow-hosts",
    },
):
    """The plan of a game day."""

    title: Annotated[Name, told("What the day is about.")]
    hypothesis: Annotated[Text, told("What it is meant to show.")] = ""
    roles: Annotated[dict[str, Role], told("Who takes part, as roles and never as people.")] = {}
    owner: Annotated[Role | UnsetType, told("The role that answers where no step names one.")] = UNSET
    experiments: Annotated[list[StepFields], Meta(min_length=1, description="What is tried, in order.")]
    abort_conditions: Annotated[list[AbortFields], told("What ends the day early.")] = []
    kill_switch: Annotated[
        Name | UnsetType, told("A file, relative to the plan's folder, whose presence stops everything.")
    ] = UNSET
    allow_hosts: Annotated[list[Name], told("Hosts besides loopback that the gates' probes may call.")] = []
