"""Activities, their providers and their tolerances, out of the fields of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Struct

from agentops_eval.chaos._arming import arm
from agentops_eval.chaos.experiments._fields import AbortFields, ActivityFields, PausesFields
from agentops_eval.chaos.experiments._provider_fields import (
    PROVIDERS,
    TOLERANCES,
    AgentFields,
    JsonpathFields,
    RangeFields,
    RegexFields,
)
from agentops_eval.chaos.experiments._within import parsed_path
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.documents import Place, Problems, read_struct, shown
from agentops_eval.domain import (
    AbortCondition,
    AbortKind,
    Activity,
    ActivityKind,
    Asked,
    AtPath,
    Between,
    Exactly,
    Fault,
    FaultInvalid,
    Json,
    Matches,
    Mode,
    OneOf,
    Pauses,
    Provider,
    Schedule,
    Tolerance,
    Where,
    nearest,
)

Noted: TypeAlias = Problems[Any]
T = TypeVar("T")


def given(value: T | msgspec.UnsetType, default: T) -> T:
    """What the file says, else the default."""
    return default if isinstance(value, msgspec.UnsetType) else value


def read_activity(
    fields: ActivityFields, source: Mapping[str, Json], place: Place, problems: Noted
) -> Activity | None:
    """One activity that is no reference; None, noted, where it lacks something or cannot be meant."""
    lacking = [name for name in ("type", "name", "provider") if getattr(fields, name) is UNSET]
    for name in lacking:
        problems.add(place, f"an activity lacks {name}", f"{name}: ...")
    if lacking:
        return None
    provider = _read_provider(source["provider"], (*place, "provider"), problems)
    tolerance = (
        _read_tolerance(source["tolerance"], (*place, "tolerance"), problems)
        if _has_tolerance(source)
        else None
    )
    if provider is None:
        return None
    return Activity(
        kind=given(fields.type, ActivityKind.PROBE),
        name=given(fields.name, ""),
        provider=provider,
        tolerance=tolerance,
        pauses=read_pauses(fields.pauses),
        background=fields.background,
        timeout_s=given(fields.timeout, None),
        dry=given(fields.dry, None),
        source=source,
    )


def _has_tolerance(source: Mapping[str, Json]) -> bool:
    return "tolerance" in source


def read_pauses(fields: PausesFields | msgspec.UnsetType) -> Pauses:
    """The pauses around something."""
    if isinstance(fields, PausesFields):
        return Pauses(before_s=fields.before, after_s=fields.after)
    return Pauses()


def _read_provider(value: Json, place: Place, problems: Noted) -> Provider | None:
    """Who carries an activity out; every field of its kind is checked."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str):
        problems.shape(place, "a provider lacks type", f"type: one of {', '.join(PROVIDERS)}")
        return None
    if kind not in PROVIDERS:
        remedy = nearest(kind, PROVIDERS)
        problems.shape((*place, "type"), f"there is no provider {shown(kind)}", remedy)
        return None
    noun = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} provider"
    fields = read_struct(PROVIDERS[kind], value, place, problems, noun=noun)
    if fields is None:
        return None
    _check_provider(kind, fields, place, problems)
    assert isinstance(value, Mapping)
    return Provider(kind=kind, settings={name: item for name, item in value.items() if name != "type"})


def _check_provider(kind: str, fields: Any, place: Place, problems: Noted) -> None:
    if kind == "impact":
        modes = [mode.value for mode in Mode]
        for at, mode in enumerate(given(fields.mode, [])):
            if mode not in modes:
                problems.add((*place, "mode", at), f"there is no mode {shown(mode)}", nearest(mode, modes))
        if all(
            getattr(fields, name) is UNSET for name in fields.__struct_fields__ if name not in ("type", "of")
        ):
            problems.add(place, "a look at an impact asks for nothing", "mode: [full, degraded-as-declared]")
    if kind == "agent":
        for at, fault in enumerate(fields.faults):
            _check_fault(fault, (*place, "faults", at), problems)
    if kind == "toxiproxy":
        asked = [name for name in ("toxic", "remove", "enabled") if getattr(fields, name) is not UNSET]
        if len(asked) > 1:
            what = f"one change at a time: {' and '.join(asked)} are two"
            problems.add(place, what, "write an activity for each")


def _check_fault(fault: Any, place: Place, problems: Noted) -> None:
    """The kind is of the catalogue, and takes these parameters."""
    if fault is None:
        return
    try:
        arm(0, Fault(kind=fault.fault, parameters=fault.parameters), CATALOGUE)
    except FaultInvalid as error:
        problems.add((*place, "parameters" if fault.parameters else "fault"), error.what, error.remedy)


def schedule_of(settings: Mapping[str, Json]) -> Schedule:
    """The schedule that the settings of an agent's provider ask for."""
    fields = msgspec.convert({"type": "agent", **settings}, AgentFields)
    faults = [
        Fault(
            kind=one.fault,
            parameters=one.parameters,
            where=Where(
                target=one.target,
                site=one.site,
                nth=tuple(one.nth),
                first=one.first,
                last=one.last,
                probability=one.probability,
            ),
        )
        for one in fields.faults
    ]
    return Schedule(faults=tuple(faults), seed=fields.seed)


def _read_tolerance(value: Json, place: Place, problems: Noted) -> Tolerance | None:
    """What a probe has to give; None, noted, for what is no tolerance."""
    if isinstance(value, (bool, int, str)):
        return Exactly(value=value)
    if isinstance(value, list):
        return OneOf(values=tuple(value))
    if isinstance(value, Mapping):
        return _structured(value, place, problems)
    remedy = f"{{type: range, range: [{value}, {value}]}}" if isinstance(value, float) else "tolerance: true"
    what = f"{shown(value)} is no tolerance: a truth value, a whole number, a text, a list or a mapping is"
    problems.add(place, what, remedy)
    return None


def _structured(value: Mapping[str, Json], place: Place, problems: Noted) -> Tolerance | None:
    kind = value.get("type")
    if kind == "probe":
        fields = read_struct(ActivityFields, value, place, problems, noun="a probe")
        probe = None if fields is None else read_activity(fields, value, place, problems)
        return None if probe is None else Asked(activity=probe)
    if not isinstance(kind, str) or kind not in TOLERANCES:
        what = f"there is no tolerance of type {shown(kind)}"
        problems.add((*place, "type"), what, nearest(str(kind), ["probe", *TOLERANCES]))
        return None
    made = read_struct(TOLERANCES[kind], value, place, problems, noun=f"a tolerance of type {kind}")
    return None if made is None else _made(made, place, problems)


def _made(fields: Struct, place: Place, problems: Noted) -> Tolerance | None:
    if isinstance(fields, RegexFields):
        try:
            re.compile(fields.pattern)
        except re.error as error:
            problems.add((*place, "pattern"), f"{shown(fields.pattern)} is no regular expression: {error}")
        return Matches(pattern=fields.pattern, target=fields.target)
    if isinstance(fields, JsonpathFields):
        try:
            if "${" not in fields.path:
                parsed_path(fields.path)
        except Exception as error:  # its library raises anything
            problems.add((*place, "path"), f"{shown(fields.path)} is no JSON path: {error}")
        return AtPath(
            path=fields.path,
            target=fields.target,
            count=given(fields.count, None),
            expect=given(fields.expect, None),
            expects=fields.expect is not UNSET,
        )
    assert isinstance(fields, RangeFields)
    low, high = fields.range
    if low > high:
        problems.add(
            (*place, "range"), "nothing is in a range that ends before it begins", f"[{high}, {low}]"
        )
    return Between(low=low, high=high, target=fields.target)


_NEEDED = {
    AbortKind.PROBE: ("name", "provider", "tolerance"),
    AbortKind.ELAPSED: ("seconds",),
    AbortKind.EFFECTS: ("above",),
    AbortKind.MODE: ("modes",),
}
_OPTIONAL = {AbortKind.PROBE: ("every",)}


def read_abort(
    fields: Sequence[AbortFields | None], source: Json, place: Place, problems: Noted
) -> tuple[AbortCondition, ...]:
    """The conditions that end an experiment or a day early."""
    assert isinstance(source, list)
    found = [
        _condition(one, said, (*place, at), problems)
        for at, (one, said) in enumerate(zip(fields, source, strict=True))
        if one is not None and isinstance(said, Mapping)
    ]
    return tuple(one for one in found if one is not None)


def _condition(
    fields: AbortFields, source: Mapping[str, Json], place: Place, problems: Noted
) -> AbortCondition | None:
    needed = _NEEDED[fields.type]
    known = {*needed, *_OPTIONAL.get(fields.type, ()), "type"}
    before = bool(problems)
    for name in needed:
        if name not in source:
            problems.add(place, f"an abort condition of type {fields.type} lacks {name}", f"{name}: ...")
    for name in source:
        if name not in known:
            problems.add((*place, name), f"an abort condition of type {fields.type} has no {name}")
    modes = [mode.value for mode in Mode]
    for at, mode in enumerate(given(fields.modes, [])):
        if mode not in modes:
            problems.add((*place, "modes", at), f"there is no mode {shown(mode)}", nearest(mode, modes))
    if bool(problems) and not before:
        return None
    probe = None
    if fields.type is AbortKind.PROBE:
        said = {key: item for key, item in source.items() if key != "every"}
        looked = ActivityFields(
            type=ActivityKind.PROBE, name=fields.name, provider=fields.provider, tolerance=fields.tolerance
        )
        probe = read_activity(looked, said, place, problems)
        if probe is None:
            return None
    return AbortCondition(
        kind=fields.type,
        probe=probe,
        every_s=given(fields.every, 1.0),
        seconds=given(fields.seconds, 0.0),
        above=given(fields.above, 0),
        modes=tuple(given(fields.modes, [])),
    )
