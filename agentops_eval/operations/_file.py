"""The text of a file of objectives becomes objectives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import UNSET, UnsetType

from agentops_eval.documents import (
    DocumentKind,
    Problems,
    Schema,
    file_schema,
    read_document,
    read_struct,
    shown,
    together,
)
from agentops_eval.domain import ObjectivesInvalid, Tier
from agentops_eval.operations._fields import (
    FORMS,
    AutonomyFields,
    EscalationFields,
    ObjectiveFields,
    ObjectivesFields,
)
from agentops_eval.operations._objectives import Escalation, Indicator, Objective, Objectives
from agentops_eval.operations._tiers import DEFAULT_KEEP, DEFAULT_UP, TierRule

OBJECTIVES_FILE = DocumentKind(
    noun="file of objectives",
    error=ObjectivesInvalid,
    example="write objectives: [{name: success, indicator: task-success, target: 0.95}]",
    split="write one file an agent",
    forms=FORMS,
    nouns={
        ObjectivesFields: "a file of objectives",
        ObjectiveFields: "an objective",
        AutonomyFields: "autonomy",
        EscalationFields: "an escalation",
    },
    instead={
        "slo": "write target",
        "objective": "write target",
        "threshold": "write below_s",
        "below": "write below_s",
        "sli": "write indicator",
        "window_days": "write window: 28d",
    },
)
_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0}
_ASKS = {
    Indicator.LATENCY: ({"target", "below_s"}, {"step"}),
    Indicator.HUMAN_WAIT: ({"target", "below_s"}, set[str]()),
    Indicator.TOOL_RELIABILITY: ({"target"}, {"tool", "errors"}),
    Indicator.DEGRADED_SHARE: ({"at_most"}, set[str]()),
    Indicator.COST_PER_SUCCESS: ({"at_most_usd"}, set[str]()),
}
"""What an indicator needs, and what it may have. The others need a target and nothing else."""
_SOMETIMES = ("target", "at_most", "at_most_usd", "below_s", "step", "tool", "errors")
_EXAMPLES = {
    "target": "target: 0.95",
    "at_most": "at_most: 0.1",
    "at_most_usd": "at_most_usd: 0.25",
    "below_s": "below_s: 5",
}

_Noted: TypeAlias = Problems[ObjectivesInvalid]


def read_objectives(data: bytes, name: str) -> Objectives:
    """The objectives that a file describes, YAML or JSON by the suffix of its ``name``; pure.

    Raises ObjectivesInvalid with all that is wrong: line and path, what is there, what could be.
    """
    document = read_document(data, name, OBJECTIVES_FILE)
    problems = Problems(document, OBJECTIVES_FILE)
    fields = read_struct(
        ObjectivesFields, document.value, (), problems, noun="a file of objectives", top=True
    )
    if fields is not None and not problems:
        _check(fields, problems)
    if fields is None or problems:
        raise together(problems.errors(), OBJECTIVES_FILE)
    rule = _rule(fields.autonomy, problems)
    if problems:
        raise together(problems.errors(), OBJECTIVES_FILE)
    usual = 30.0 if isinstance(fields.window, UnsetType) else _days(fields.window)
    return Objectives(
        agent="" if isinstance(fields.agent, UnsetType) else fields.agent,
        objectives=tuple(_objective(one, usual) for one in fields.objectives),
        tiers={}
        if isinstance(fields.autonomy, UnsetType)
        else {action: Tier(tier) for action, tier in fields.autonomy.tiers.items()},
        rule=rule,
        escalation=_escalation(fields.autonomy),
    )


def objectives_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of files of objectives; it knows not which field asks for which."""
    return file_schema(ObjectivesFields, title="agentops-eval objectives")


def _check(fields: ObjectivesFields, problems: _Noted) -> None:
    seen: set[str] = set()
    if isinstance(fields.window, str) and _days(fields.window) <= 0:
        problems.add(("window",), "a window of nothing holds no event", "window: 28d")
    for at, one in enumerate(fields.objectives):
        if one.name in seen:
            problems.add(
                ("objectives", at, "name"), f"two objectives are called {shown(one.name)}", "rename one"
            )
        seen.add(one.name)
        for field, what, remedy in _wrong(one):
            problems.add(("objectives", at, *([field] if field else [])), what, remedy)


def _wrong(one: ObjectiveFields) -> Iterator[tuple[str, str, str]]:
    """The field that is wrong, if it is there, what is wrong with it, and what could be."""
    indicator = Indicator(one.indicator)
    needs, may = _ASKS.get(indicator, ({"target"}, set()))
    for name in _SOMETIMES:
        there = getattr(one, name) is not UNSET
        if name in needs and not there:
            yield "", f"an objective of {indicator} lacks {name}", _EXAMPLES[name]
        elif there and name not in needs | may:
            yield name, f"an objective of {indicator} has no {name}", "leave it out"
    if isinstance(one.window, str) and _days(one.window) <= 0:
        yield "window", "a window of nothing holds no event", "window: 28d"


def _rule(fields: AutonomyFields | UnsetType, problems: _Noted) -> TierRule:
    """The rule for moving; noted where it leaves no room between entering a tier and leaving it."""
    if isinstance(fields, UnsetType):
        return TierRule()
    said: dict[str, Any] = {
        name: value for name in ("alpha", "least") if (value := getattr(fields, name)) is not UNSET
    }
    for name, usual in (("up", DEFAULT_UP), ("keep", DEFAULT_KEEP)):
        if isinstance(rates := getattr(fields, name), dict):
            said[name] = {**usual, **{Tier(tier): rate for tier, rate in rates.items()}}
    try:
        return TierRule(**said)
    except ValueError as error:
        problems.add(("autonomy",), str(error), "keep: a lower rate than up, for each tier")
        return TierRule()


def _escalation(fields: AutonomyFields | UnsetType) -> Mapping[str, Escalation]:
    if isinstance(fields, UnsetType) or isinstance(fields.escalation, UnsetType):
        return {}
    return {action: Escalation(after_s=one.after_s, to=one.to) for action, one in fields.escalation.items()}


def _days(window: str) -> float:
    return float(window[:-1]) * _UNITS[window[-1]]


def _objective(fields: ObjectiveFields, usual_days: float) -> Objective:
    said: dict[str, Any] = {
        name: value for name in fields.__struct_fields__ if (value := getattr(fields, name)) is not UNSET
    }
    window = said.pop("window", None)
    said["window_days"] = usual_days if window is None else _days(window)
    said["indicator"] = Indicator(fields.indicator)
    if "at_most" in said:
        said["target"] = 1 - said.pop("at_most")
    if "at_most_usd" in said:
        said["target"] = said.pop("at_most_usd")
    if "errors" in said:
        said["errors"] = tuple(said["errors"])
    return Objective(**said)
