"""An impact as journals and evidence keep it, read for pages. Whatever is not as it should be is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agentops_eval.domain import EffectChanges, Json, Reach
from agentops_eval.reports._text import finite, one_line

MOST = 64
"""So many calls, effects and names of each kind are read; the rest is counted."""
NAME, TEXT = 400, 1_000
_SIDES = tuple(EffectChanges.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call that a fault hit or reached; ``hops`` and ``via`` are as in ``ReachedCall``."""

    name: str
    number: int
    kind: str
    reach: Reach
    hops: int | None = None
    via: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactView:
    """What a schedule of faults did, in texts that are bounded and in one line.

    ``injected`` has pairs of a call and what was done to it, ``effects`` of what became of an effect and
    which; ``reasons`` triples of harm, subject and words. Figures are None where nobody knows them. ``test``
    is the regression test that was written.
    """

    faults: str
    mode: str
    why: str = ""
    harms: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str, str], ...] = ()
    injected: tuple[tuple[str, str], ...] = ()
    calls: tuple[CallView, ...] = ()
    more_calls: int = 0
    tools: tuple[str, ...] = ()
    effects: tuple[tuple[str, str], ...] = ()
    more_effects: int = 0
    tenants: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    output: bool = False
    changed_share: float | None = None
    changed: int | None = None
    hops: int = 0
    contained: bool | None = None
    asked_ratio: float | None = None
    recovered_s: float | None = None
    cost_ratio: float | None = None
    check: str = ""
    test: str = ""
    found_with: str = ""
    runs: int | None = None


def impact_view(document: Json, **more: str | int | None) -> ImpactView | None:
    """The view of what ``impact_json`` told; None for what is no such document. ``more`` are other fields."""
    told = mapping(document)
    mode = one_line(text(told.get("mode")), NAME)
    if not mode:
        return None
    radius, recovery = mapping(told.get("blast_radius")), mapping(told.get("recovery"))
    calls = tuple(_calls(radius.get("calls")))
    effects = list(_effects(mapping(told.get("effects"))))
    contained = radius.get("contained")
    fields: dict[str, object] = {
        "faults": one_line(_faults(told), TEXT) or "no fault",
        "mode": mode,
        "why": one_line(text(told.get("why")), TEXT),
        "harms": _names(told.get("harms")),
        "reasons": tuple(_reasons(told.get("reasons"))),
        "injected": tuple(map(_injection, _names(told.get("injected")))),
        "calls": calls,
        "more_calls": max(len(listed(radius.get("calls"))) - len(calls), 0) + count(radius.get("more_calls")),
        "tools": _names(radius.get("tools")),
        "effects": tuple(effects[:MOST]),
        "more_effects": max(len(effects) - MOST, 0),
        "tenants": _names(radius.get("tenants")),
        "agents": _names(radius.get("agents")),
        "output": radius.get("output") is True,
        "changed_share": number(radius.get("steps")),
        "changed": None if radius.get("changed") is None else count(radius.get("changed")),
        "hops": count(radius.get("hops")),
        "contained": contained if isinstance(contained, bool) else None,
        "asked_ratio": number(mapping(told.get("retries")).get("total")),
        "recovered_s": number(recovery.get("seconds")),
        "cost_ratio": number(mapping(told.get("cost")).get("ratio")),
    }
    return ImpactView(**{**fields, **more})  # type: ignore[arg-type]  # each is of its field's type


def _faults(told: Mapping[str, Json]) -> str:
    """As words; older proofs have the schedule alone."""
    return text(told.get("faults")) or text(told.get("schedule"))


def _calls(value: Json) -> Iterator[CallView]:
    for at, one in enumerate(listed(value)[:MOST]):
        told = mapping(one)
        name, number_of = _called(text(told.get("site")))
        hops, via = told.get("hops"), told.get("via")
        before = isinstance(via, int) and not isinstance(via, bool) and 0 <= via < at
        yield CallView(
            name=one_line(name, NAME) or "a call",
            number=number_of,
            kind=one_line(text(told.get("kind")), 40) or "call",
            reach=_reach(told.get("reach")),
            hops=count(hops) if isinstance(hops, int) else None,
            via=via if before and isinstance(via, int) else None,
        )


def _called(site: str) -> tuple[str, int]:
    """A site as people say it: what is called, and which of its calls from 1 on."""
    name, sign, ordinal = site.rpartition("#")
    if sign and ordinal.isascii() and ordinal.isdecimal() and len(ordinal) < 9:
        return name.removeprefix("/"), int(ordinal) + 1
    return site.removeprefix("/"), 1


def _injection(told: str) -> tuple[str, str]:
    """``site: what was done`` as its two parts."""
    site, _, what = told.partition(": ")
    name, number_of = _called(site)
    return f"{name} #{number_of}", what


def _reach(value: Json) -> Reach:
    return Reach(value) if isinstance(value, str) and value in {*Reach} else Reach.CHANGED


def _effects(told: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Each effect once for each of the four; what is duplicated is extra as well, and told as the worse."""
    doubled = _names(told.get("duplicated"))
    for side in _SIDES:
        for name in _names(told.get(side)):
            if side != "extra" or name not in doubled:
                yield side, name


def _reasons(value: Json) -> Iterator[tuple[str, str, str]]:
    for one in map(mapping, listed(value)[:MOST]):
        harm, subject, words = (text(one.get(name)) for name in ("harm", "subject", "text"))
        yield one_line(harm, NAME), one_line(subject, NAME), one_line(words, TEXT)


def _names(value: Json) -> tuple[str, ...]:
    found = (one_line(text(one), NAME) for one in listed(value)[:MOST])
    return tuple(name for name in found if name)


def number(value: Json) -> float | None:
    """A finite number; None for anything else."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return finite(float(value)) if known else None  # type: ignore[arg-type]  # it is a number
    except OverflowError:
        return None


def count(value: Json) -> int:
    """A whole number from 0 on, 0 for anything else."""
    return min(max(value, 0), 10**9) if isinstance(value, int) and not isinstance(value, bool) else 0


def text(value: Json) -> str:
    """A text, empty for anything else."""
    return value if isinstance(value, str) else ""


def mapping(value: Json) -> Mapping[str, Json]:
    """An object, empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Json) -> list[Json]:
    """A list, empty for anything else."""
    return list(value) if isinstance(value, list | tuple) else []
