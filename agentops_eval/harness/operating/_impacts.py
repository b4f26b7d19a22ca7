"""Impacts, as journals and proofs keep them, as failures that were seen. Nothing in them is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentops_eval.chaos import CATALOGUE
from agentops_eval.domain import (
    AgentopsError,
    Dependency,
    FailureReach,
    FailureSeen,
    Fault,
    Json,
    Schedule,
    Seam,
    ShownBy,
)

_MOST, _TEXT = 50, 500
_BEHIND = re.compile(r"#\d+(?::|/|$)")
_LLM = "llm"
_SORTS = {
    Seam.TOOL: Dependency.TOOL,
    Seam.MCP: Dependency.TOOL,
    Seam.AGENT: Dependency.AGENT,
    Seam.HUMAN: Dependency.HUMAN,
    Seam.CLOCK: Dependency.CLOCK,
    Seam.HTTP: Dependency.HTTP,
}


def seen_of(impact: Mapping[str, Json], *, agent: str, by: ShownBy, **more: Any) -> FailureSeen | None:
    """The failure that an impact tells of; None where it holds no schedule that can be read."""
    try:
        schedule = Schedule.from_json(impact.get("schedule"))
    except AgentopsError:
        return None
    sites = [str(one).partition(": ")[0] for one in _listed(impact.get("injected"))]
    known = [CATALOGUE[one.kind] for one in schedule if one.kind in CATALOGUE]
    radius, recovery, cost = (_mapping(impact.get(name)) for name in ("blast_radius", "recovery", "cost"))
    return FailureSeen(
        agent=agent,
        by=by,
        causes=tuple(sorted({kind.fault_class.value for kind in known})),
        dependencies=tuple(sorted({pair for one in schedule for pair in _hit(one, sites)})),
        mode=str(impact.get("mode") or ""),
        harms=tuple(sorted({*_texts(impact.get("harms")), *_harms(impact.get("reasons"))})),
        reasons=tuple(_reasons(impact.get("reasons"))),
        kinds=tuple(sorted({one.kind for one in schedule})),
        under=str(schedule)[:_TEXT],
        reach=_reach(radius) if radius else None,
        recovery_s=_number(recovery.get("seconds")),
        cost_ratio=_number(cost.get("ratio")),
        **more,
    )


def _hit(fault: Fault, sites: Sequence[str]) -> Iterator[tuple[Dependency, str]]:
    """What a fault hit: the callee of its site, else its target, else whatever was hit."""
    where = fault.where
    named = [_callee(where.site)] if where.site else [where.target] if where.target != "*" else []
    for name in dict.fromkeys(named or map(_callee, sites)):
        yield _sort(fault, name), name[:_TEXT]


def _callee(site: str) -> str:
    """``refund`` of ``0.2:/billing#0/refund#1``."""
    whole = re.sub(r"#\d+$", "", site)
    parts = _BEHIND.split(whole)
    return parts[-1] if len(parts) > 1 else whole.partition("/")[2] or whole


def _sort(fault: Fault, name: str) -> Dependency:
    kind = CATALOGUE.get(fault.kind)
    if name == _LLM:
        return Dependency.LLM
    if "://" in name:
        return Dependency.HTTP
    seams = frozenset() if kind is None else kind.seams
    return _SORTS[next(iter(seams))] if len(seams) == 1 else Dependency.TOOL


def _reach(radius: Mapping[str, Json]) -> FailureReach:
    hops, contained, output = radius.get("hops"), radius.get("contained"), radius.get("output")
    return FailureReach(
        steps=_number(radius.get("steps")),
        hops=hops if isinstance(hops, int) else None,
        contained=contained if isinstance(contained, bool) else None,
        output=output if isinstance(output, bool) else None,
        tools=_texts(radius.get("tools")),
        effects=_texts(radius.get("effects")),
        tenants=_texts(radius.get("tenants")),
        agents=_texts(radius.get("agents")),
    )


def _pairs(reasons: Json) -> Iterator[tuple[str, str]]:
    """Harm and words of each reason, as impacts tell them, or as journals of explorations do."""
    for one in _listed(reasons)[:_MOST]:
        if isinstance(one, Mapping):
            told = str(one.get("text") or "") or str(one.get("subject") or "")
            yield str(one.get("harm") or ""), told
        elif isinstance(one, list | tuple) and len(one) == 2:
            yield str(one[0]), str(one[1])


def _harms(reasons: Json) -> set[str]:
    return {harm for harm, _ in _pairs(reasons) if harm}


def _reasons(reasons: Json) -> Iterator[str]:
    yield from ((f"{harm}: {told}" if told else harm)[:_TEXT] for harm, told in _pairs(reasons))


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(one)[:_TEXT] for one in _listed(value)[:_MOST])


def _listed(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else []


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
