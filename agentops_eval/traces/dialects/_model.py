"""What is read from one foreign span, and the trace that all of them make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Attribute, Trace
from agentops_eval.traces.llm import Part, Usage
from agentops_eval.traces.reading import SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One span in the conventions' words.

    ``operation`` is empty for a span that only wraps others; ``calls`` are the tool calls that an
    llm asked for; ``used`` are the keys of the source that some rule read or dropped on purpose.
    """

    operation: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    calls: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalTrace:
    """A foreign trace in the conventions' words, and everything needed to look behind it.

    ``trace`` holds attributes of the table in ``semconv`` only. ``sources`` has every span as it was
    emitted, duplicates too. ``unmapped`` names the attributes of a span that no rule reads.
    ``duplicates`` leads from a removed span to the one that stands for it. ``usage`` counts the
    tokens of each llm call once; what no call tells is None. ``repeated`` holds ids that a second,
    different span had as well; of those spans the first counts.
    """

    trace: Trace
    sources: Mapping[str, SourceSpan]
    dialects: Mapping[str, str]
    unmapped: Mapping[str, tuple[str, ...]]
    duplicates: Mapping[str, str]
    usage: Usage
    repeated: tuple[str, ...] = ()

    @property
    def unmapped_keys(self) -> tuple[str, ...]:
        """The attributes that no rule reads, over all spans, in the order of their names."""
        return tuple(sorted({key for keys in self.unmapped.values() for key in keys}))
