"""Who or what every span of a run is for: agent, task, team, tenant, use case, authority."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Attribute
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The attributes in which each of these is looked for, in order; what is not set has its default."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, what: str) -> tuple[str, ...]:
        """The attribute names for agent, task, team, tenant, use_case or authority."""
        return self.names.get(what) or sc.ATTRIBUTION[what]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A value, the attribute that tells it, and the span on which it stands; a resource has no span."""

    value: str
    name: str
    span_id: str


def told_by(run: NormalTrace, names: Sequence[str]) -> dict[str, Told]:
    """For every span that is told of: what it says itself, else its nearest ancestor, else its resource."""
    beside: dict[str, list[str]] = {}
    for gone, kept in run.duplicates.items():
        beside.setdefault(kept, []).append(gone)
    inherited: dict[str, Told] = {}
    found: dict[str, Told] = {}
    for span in run.trace.spans:  # depth first: a parent comes before its children
        bags = [span.attributes]
        sources = [run.sources.get(one) for one in (span.span_id, *beside.get(span.span_id, ()))]
        bags += [source.span.attributes for source in sources if source is not None]
        told = _first(names, bags, span.span_id) or inherited.get(span.parent_id)
        if told is not None:
            inherited[span.span_id] = told
        else:
            told = _first(names, [source.origin.resource for source in sources if source is not None], "")
        if told is not None:
            found[span.span_id] = told
    return found


def _first(names: Iterable[str], bags: Sequence[Mapping[str, Attribute]], span_id: str) -> Told | None:
    for name in names:
        for bag in bags:
            value = _text(bag.get(name))
            if value is not None:
                return Told(value=value, name=name, span_id=span_id)
    return None


def _text(value: Attribute) -> str | None:
    """A value that can be a group's name; long ones are cut, lists joined."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)[:_LONGEST]
    if isinstance(value, tuple):
        value = ", ".join(item for item in value[:20] if isinstance(item, str))
    return value.strip()[:_LONGEST] or None if isinstance(value, str) else None
