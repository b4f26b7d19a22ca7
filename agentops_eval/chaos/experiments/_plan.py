"""The bytes of a game day's plan become a plan."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import TypeAlias

from agentops_eval.chaos.experiments._fields import (
    FORMS,
    ActivityFields,
    GamedayFields,
    GateFields,
    StepFields,
)
from agentops_eval.chaos.experiments._file import NOUNS, has_only
from agentops_eval.chaos.experiments._read_activities import (
    Noted,
    given,
    read_abort,
    read_activity,
    read_pauses,
)
from agentops_eval.documents import DocumentKind, Place, Problems, read_document, read_struct, together
from agentops_eval.domain import (
    Activity,
    AgentopsError,
    Experiment,
    GamedayInvalid,
    GamedayPlan,
    GamedayStep,
    Json,
)

_GAMEDAY_FILE: DocumentKind[AgentopsError] = DocumentKind(
    noun="plan of a game day",
    error=GamedayInvalid,
    example="write title: ... and experiments: [{experiment: outage.yaml}]",
    split="write one game day a file",
    forms=FORMS,
    nouns=NOUNS,
    instead={"steps": "write experiments", "people": "write roles", "participants": "write roles"},
)

Open: TypeAlias = Callable[[str], Experiment]
"""Reads the experiment of a file that a plan names. Raises AgentopsError."""


def read_gameday(data: bytes, name: str, *, open_experiment: Open) -> GamedayPlan:
    """The plan that a file describes, with its experiments, YAML or JSON by the suffix of its ``name``.

    Raises GamedayInvalid with all that is wrong with it, and what is wrong with its experiments.
    """
    document = read_document(data, name, _GAMEDAY_FILE)
    if has_only("method", document.value, other="experiments"):
        remedy = f"agentops-eval chaos run {shlex.quote(name)}"
        raise GamedayInvalid("this is an experiment, and no plan of a game day", where=name, remedy=remedy)
    problems: Noted = Problems(document, _GAMEDAY_FILE)
    fields = read_struct(GamedayFields, document.value, (), problems, noun="a plan", top=True)
    if fields is None or problems:
        raise together(problems.errors(), _GAMEDAY_FILE)
    source = document.value
    assert isinstance(source, Mapping)
    said = source["experiments"]
    assert isinstance(said, list)
    steps = [
        _step(one, said[at], ("experiments", at), problems, open_experiment)
        for at, one in enumerate(fields.experiments)
    ]
    abort = read_abort(
        fields.abort_conditions, source.get("abort-conditions", []), ("abort-conditions",), problems
    )
    if problems:
        raise together(problems.errors(), _GAMEDAY_FILE)
    folder = PurePath(name).parent
    return GamedayPlan(
        title=fields.title,
        hypothesis=fields.hypothesis,
        roles=dict(fields.roles),
        owner=given(fields.owner, ""),
        steps=tuple(step for step in steps if step is not None),
        abort=abort,
        kill_switch=str(folder / str(fields.kill_switch)) if "kill-switch" in source else "",
        hosts=tuple(fields.allow_hosts),
        source=source,
        path=name,
        digest=f"sha256:{hashlib.sha256(data).hexdigest()}",
    )


def _step(
    fields: StepFields, source: Mapping[str, Json], place: Place, problems: Noted, open_experiment: Open
) -> GamedayStep | None:
    gate = given(fields.gate, GateFields())
    said = source.get("gate") or {}
    assert isinstance(said, Mapping)
    probes = _probes(gate.probes, said.get("probes", []), (*place, "gate", "probes"), problems)
    try:
        experiment = open_experiment(fields.experiment)
    except (AgentopsError, OSError) as error:
        problems.add((*place, "experiment"), _in_words(error))
        return None
    return GamedayStep(
        experiment=experiment,
        pauses=read_pauses(fields.pauses),
        require=gate.require,
        probes=probes,
        owner=given(fields.owner, ""),
        remedy=fields.remedy,
    )


def _in_words(error: AgentopsError | OSError) -> str:
    if isinstance(error, AgentopsError):
        return f"{error.what}{f' ({error.where})' if error.where else ''}" + (
            f"\n{error.difference}" if error.difference else ""
        )
    return f"the experiment {error.filename} cannot be read: {error.strerror}"


def _probes(
    fields: Sequence[ActivityFields | None], source: Json, place: Place, problems: Noted
) -> tuple[Activity, ...]:
    assert isinstance(source, list)
    found = []
    for at, (one, said) in enumerate(zip(fields, source, strict=True)):
        if one is None or not isinstance(said, Mapping):
            continue
        activity = read_activity(one, said, (*place, at), problems)
        if activity is not None and activity.tolerance is None:
            problems.add((*place, at), "a probe of a gate lacks tolerance", "tolerance: true")
        if activity is not None and activity.provider.kind == "impact":
            problems.add((*place, at, "provider"), "a gate cannot look at an experiment's runs")
        found += [activity] if activity is not None else []
    return tuple(found)
