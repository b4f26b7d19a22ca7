"""Looks at what faults did to an agent: an impact as JSON, and whether it is as a probe asks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

import msgspec
from msgspec import UNSET

from agentops_eval.chaos.experiments._provider_fields import ImpactFields
from agentops_eval.domain import BlastRadius, EffectKey, Impact, Json, to_json

_SHOWN = 4_000


def impact_json(impact: Impact) -> dict[str, Json]:
    """What a run under faults came to, as a journal keeps it."""
    run, effects = impact.run, impact.effects
    return {
        "mode": str(impact.mode),
        "faults": str(run.schedule) if run.schedule.faults else "",
        "schedule": run.schedule.to_json(),
        "ended": str(run.ended),
        "why": impact.why or run.why,
        "output": _bounded(run.output),
        "error": None if run.error is None else f"{run.error.kind}: {run.error.message}",
        "elapsed_s": round(run.elapsed_s, 6),
        "calls": len(run.events),
        "injected": [f"{one.site}: {one.told or one.kind}" for one in run.injections],
        "harms": sorted(impact.harms),
        "reasons": [
            {"harm": str(one.harm), "subject": one.subject, "text": one.text} for one in impact.reasons
        ],
        "blast_radius": radius_json(impact.blast_radius),
        "effects": {
            "missing": _keys(effects.missing),
            "extra": _keys(effects.extra),
            "duplicated": _keys(effects.duplicated),
            "compensated": _keys(effects.compensated),
        },
        "retries": {"total": _rounded(impact.retries.total), "honoured": _rounded(impact.retries.honoured)},
        "recovery": {"seconds": _rounded(impact.recovery.seconds), "calls": impact.recovery.calls},
        "cost": {"ratio": _rounded(impact.cost.ratio), "wasted": _rounded(impact.cost.wasted)},
        "labels": {str(name): count for name, count in sorted(impact.labels.items())},
    }


def radius_json(radius: BlastRadius) -> dict[str, Json]:
    """How far a fault reached, with the calls that it reached."""
    return {
        "steps": round(radius.steps, 6),
        "changed": radius.changed,
        "tools": sorted(radius.tools),
        "effects": _keys(radius.effects),
        "tenants": sorted(radius.tenants),
        "agents": sorted(radius.agents),
        "output": radius.output,
        "hops": radius.hops,
        "contained": radius.contained,
        "calls": [
            {
                "site": one.site,
                "kind": one.kind,
                "reach": str(one.reach),
                "hops": one.hops,
                "via": one.via,
            }
            for one in radius.calls
        ],
        "more_calls": radius.more_calls,
    }


def _keys(keys: tuple[EffectKey, ...] | frozenset[EffectKey]) -> list[Json]:
    return [str(key) for key in sorted(keys)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _bounded(value: Json) -> Json:
    """An agent's answer, or the beginning of it."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."
    text = str(to_json(value))
    return value if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def differences(impact: Impact, settings: Mapping[str, Json]) -> tuple[str, ...]:
    """What of a run's impact is not as a probe asks; nothing where all of it is."""
    return tuple(_differences(impact, msgspec.convert({"type": "impact", **settings}, ImpactFields)))


def _differences(impact: Impact, asked: ImpactFields) -> Iterator[str]:
    radius, effects = impact.blast_radius, impact.effects
    if asked.mode is not UNSET and impact.mode not in asked.mode:
        yield f"it was {impact.mode}, not {' or '.join(asked.mode)}"
    if asked.harms is not UNSET and (more := impact.harms - set(asked.harms)):
        yield f"harm was done: {', '.join(sorted(more))}"
    if asked.tools is not UNSET:
        outside = [tool for tool in radius.tools if not any(fnmatchcase(tool, glob) for glob in asked.tools)]
        if outside:
            yield f"it reached {', '.join(sorted(outside))}"
    if asked.steps is not UNSET and radius.steps > asked.steps:
        yield f"{radius.steps:.0%} of the steps differ, not {asked.steps:.0%} at most"
    if asked.hops is not UNSET and radius.hops > asked.hops:
        yield f"it went {radius.hops} hops, not {asked.hops} at most"
    if asked.effects is not UNSET:
        changed = {name: getattr(effects, name) for name in ("missing", "extra", "duplicated")}
        for name, keys in changed.items():
            if keys and name not in asked.effects:
                yield f"effects are {name}: {', '.join(map(str, keys))}"
    if asked.retries is not UNSET and (impact.retries.total or 0.0) > asked.retries:
        yield f"there were {impact.retries.total:g} times as many calls, not {asked.retries:g} at most"
