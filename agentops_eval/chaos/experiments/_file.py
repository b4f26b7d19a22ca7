"""The bytes of an experiment's file become an experiment."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping, Sequence

from msgspec import UNSET

from agentops_eval.chaos.experiments._fields import (
    FORMS,
    AbortFields,
    ActivityFields,
    ExperimentFields,
    GamedayFields,
    GateFields,
    HypothesisFields,
    HypothesisRuntimeFields,
    PausesFields,
    RollbacksRuntimeFields,
    RuntimeFields,
    StepFields,
)
from agentops_eval.chaos.experiments._provider_fields import (
    AgentFields,
    FaultFields,
    HttpFields,
    ImpactFields,
    LimitsFields,
    ProcessFields,
    PythonFields,
    ToxicFields,
    ToxiproxyFields,
)
from agentops_eval.chaos.experiments._read_activities import Noted, given, read_abort, read_activity
from agentops_eval.documents import (
    Document,
    DocumentKind,
    Place,
    Problems,
    read_document,
    read_struct,
    shown,
    together,
)
from agentops_eval.domain import (
    Activity,
    AgentopsError,
    Experiment,
    ExperimentInvalid,
    Hypothesis,
    Json,
    Strategy,
    nearest,
)

NOUNS: Mapping[type, str] = {
    AbortFields: "an abort condition",
    ActivityFields: "an activity",
    AgentFields: "an agent provider",
    FaultFields: "a fault",
    GamedayFields: "a plan of a game day",
    GateFields: "a gate",
    HttpFields: "an http provider",
    HypothesisFields: "a steady-state hypothesis",
    HypothesisRuntimeFields: "the hypothesis of a runtime",
    ImpactFields: "an impact provider",
    LimitsFields: "limits",
    PausesFields: "pauses",
    ProcessFields: "a process provider",
    PythonFields: "a python provider",
    RollbacksRuntimeFields: "the rollbacks of a runtime",
    RuntimeFields: "a runtime",
    StepFields: "a step of a game day",
    ToxicFields: "a toxic",
    ToxiproxyFields: "a toxiproxy provider",
}
"""What messages call each structure."""

_EXPERIMENT_FILE: DocumentKind[AgentopsError] = DocumentKind(
    noun="experiment",
    error=ExperimentInvalid,
    example="write title: ... and method: [{type: action, name: ..., provider: {type: agent, agent: ...}}]",
    split="write one experiment a file",
    forms=FORMS,
    nouns=NOUNS,
    instead={"hypothesis": "write steady-state-hypothesis", "rollback": "write rollbacks"},
)

_HERMETIC = frozenset({"agent", "impact"})
"""Providers that run in virtual time and touch nothing outside."""


def read_experiment(data: bytes, name: str) -> Experiment:
    """The experiment that a file describes, YAML or JSON by the suffix of its ``name``; pure.

    Raises ExperimentInvalid with all that is wrong with it: line and path, what is there, what could be.
    """
    document = read_document(data, name, _EXPERIMENT_FILE)
    if has_only("experiments", document.value, other="method"):
        remedy = f"agentops-eval gameday run {shlex.quote(name)}"
        raise ExperimentInvalid("this is the plan of a game day", where=name, remedy=remedy)
    problems: Noted = Problems(document, _EXPERIMENT_FILE)
    fields = read_struct(ExperimentFields, document.value, (), problems, noun="an experiment", top=True)
    if fields is None or problems:
        raise together(problems.errors(), _EXPERIMENT_FILE)
    assert isinstance(document.value, Mapping)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    experiment = _experiment(fields, document.value, problems, path=name, digest=digest)
    if problems:
        raise together(problems.errors(), _EXPERIMENT_FILE)
    return experiment


def has_only(field: str, document: Json, *, other: str) -> bool:
    """Whether a document has the one field and not the other: it is of the kind that the one belongs to."""
    return isinstance(document, Mapping) and field in document and other not in document


def experiment_document(data: bytes, name: str) -> Json:
    """What a file says, be it an experiment or not. Raises ExperimentInvalid for what is no document."""
    return read_document(data, name, _EXPERIMENT_FILE).value


def _experiment(
    fields: ExperimentFields, source: Mapping[str, Json], problems: Noted, *, path: str, digest: str
) -> Experiment:
    parts = _Activities(fields, source, problems)
    runtime = given(fields.runtime, RuntimeFields())
    hypothesis = given(runtime.hypothesis, HypothesisRuntimeFields())
    clock = given(runtime.clock, "")
    return Experiment(
        title=fields.title,
        description=fields.description,
        tags=tuple(fields.tags),
        configuration=fields.configuration,
        secrets=fields.secrets,
        hypothesis=parts.hypothesis,
        method=parts.method,
        rollbacks=parts.rollbacks,
        strategy=hypothesis.strategy if parts.hypothesis is not None else Strategy.SKIP,
        frequency_s=hypothesis.frequency,
        fail_fast=hypothesis.fail_fast,
        fail_fast_ratio=hypothesis.fail_fast_ratio,
        abort=read_abort(
            fields.abort_conditions, source.get("abort-conditions", []), ("abort-conditions",), problems
        ),
        hosts=tuple(fields.allow_hosts),
        virtual=clock == "virtual" if clock else None,
        dry=fields.dry,
        owner=given(fields.owner, ""),
        remedy=fields.remedy,
        notes=tuple(_notes(fields, parts)),
        source=source,
        path=path,
        digest=digest,
    )


class _Activities:
    """The activities of a file, those that are references found by their names."""

    def __init__(self, fields: ExperimentFields, source: Mapping[str, Json], problems: Noted) -> None:
        self._problems = problems
        said = source.get("steady-state-hypothesis") or {}
        assert isinstance(said, Mapping)
        self._fields = fields
        self._sources: list[tuple[Place, list[ActivityFields | None], Json]] = [
            (("method",), list(fields.method), source["method"]),
            (("rollbacks",), list(fields.rollbacks), source.get("rollbacks", [])),
        ]
        looked = fields.steady_state_hypothesis
        place: Place = ("steady-state-hypothesis", "probes")
        probes = list(looked.probes) if looked is not None else []
        self._sources.insert(0, (place, list(probes), said.get("probes", [])))
        self._named: dict[str, Activity] = {}
        read = [self._read(*one) for one in self._sources]
        probes_read, self.method, self.rollbacks = (self._resolved(one) for one in read)
        self.hypothesis: Hypothesis | None = None
        if looked is not None and probes_read:
            self.hypothesis = Hypothesis(title=looked.title, probes=probes_read)
        self._check_probes(probes_read)
        self._check_looks()

    def _read(
        self, place: Place, fields: Sequence[ActivityFields | None], source: Json
    ) -> list[tuple[Place, Activity | str]]:
        found: list[tuple[Place, Activity | str]] = []
        assert isinstance(source, list)
        for at, (one, said) in enumerate(zip(fields, source, strict=True)):
            if one is None or not isinstance(said, Mapping):
                continue
            if one.ref is not UNSET:
                found.append(((*place, at), str(one.ref)))
                continue
            activity = read_activity(one, said, (*place, at), self._problems)
            if activity is not None:
                self._named[activity.name] = activity
                found.append(((*place, at), activity))
        return found

    def _resolved(self, found: Sequence[tuple[Place, Activity | str]]) -> tuple[Activity, ...]:
        activities = []
        for place, one in found:
            if isinstance(one, Activity):
                activities.append(one)
            elif one in self._named:
                activities.append(self._named[one])
            else:
                what = f"there is no activity {shown(one)} to refer to"
                self._problems.add((*place, "ref"), what, nearest(one, self._named))
        return tuple(activities)

    def _check_probes(self, probes: Sequence[Activity]) -> None:
        for at, probe in enumerate(probes):
            if "tolerance" not in probe.source:
                place = ("steady-state-hypothesis", "probes", at)
                self._problems.add(place, "a probe of a steady state lacks tolerance", "tolerance: true")

    def _check_looks(self) -> None:
        """A look at an impact needs an agent's run that it looks at."""
        agents = [name for name, one in self._named.items() if one.provider.kind == "agent"]
        for place, fields, _ in self._sources:
            for at, one in enumerate(fields):
                provider = None if one is None else given(one.provider, None)
                if provider is None or provider.get("type") != "impact":
                    continue
                meant = provider.get("of")
                if isinstance(meant, str) and meant not in agents:
                    what = f"no agent's run is called {shown(meant)}"
                    self._problems.add((*place, at, "provider", "of"), what, nearest(meant, agents))

    @property
    def all(self) -> tuple[Activity, ...]:
        """Every activity, once for each place where it stands."""
        probes = self.hypothesis.probes if self.hypothesis is not None else ()
        return (*probes, *self.method, *self.rollbacks)


def _notes(fields: ExperimentFields, parts: _Activities) -> Iterator[str]:
    controls = len(fields.controls)
    said = [one.source.get("controls") for one in parts.all]
    controls += sum([len(one) for one in said if isinstance(one, list)])
    if fields.steady_state_hypothesis is not None:
        controls += len(fields.steady_state_hypothesis.controls)
    if controls:
        yield f"controls are not carried out: {controls} of them"
    runtime = given(fields.runtime, RuntimeFields())
    rollbacks = given(runtime.rollbacks, RollbacksRuntimeFields())
    if rollbacks.strategy != "always":
        yield f"rollbacks always run, whatever the strategy {shown(rollbacks.strategy)} says"
    for one in parts.all:
        if one.provider.settings.get("max_retries"):
            yield f"{one.name} is not asked again: retries are the agent's own"


def is_hermetic(experiment: Experiment) -> bool:
    """Whether every activity runs in virtual time and touches nothing outside: then so does all of it."""
    probes = experiment.hypothesis.probes if experiment.hypothesis is not None else ()
    asked = [one.probe for one in experiment.abort if one.probe is not None]
    activities = (*probes, *experiment.method, *experiment.rollbacks, *asked)
    return bool(activities) and all(one.provider.kind in _HERMETIC for one in activities)


def runs_virtually(experiment: Experiment) -> bool:
    """Whether its time is virtual, as the file says or as its activities are."""
    return is_hermetic(experiment) if experiment.virtual is None else experiment.virtual


def activity_of(said: Json, *, where: str) -> Activity:
    """One activity that stands on its own, as in a configuration. Raises ExperimentInvalid."""
    document = Document(name=where, value=said, line_of=lambda _: 0)
    problems: Noted = Problems(document, _EXPERIMENT_FILE)
    fields = read_struct(ActivityFields, said, (), problems, noun="a probe")
    activity = None
    if fields is not None and isinstance(said, Mapping):
        activity = read_activity(fields, said, (), problems)
    if problems or activity is None:
        raise together(problems.errors(), _EXPERIMENT_FILE)
    return activity
