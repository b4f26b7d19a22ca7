"""What a run tells people: where its answers came from and what is left over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import DrawRequest, Event, Failure, Json, Label
from agentops_eval.replay import PlayerStats, Recorded, describe


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Counts of one run. ``labels`` counts events by label; ``virtual_s`` is None in real time.

    ``summary`` says what several misses have in common, empty without misses.
    """

    case: str
    mode: str
    labels: Mapping[str, int] = field(default_factory=dict)
    stats: PlayerStats | None = None
    unused: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    virtual_s: float | None = None
    summary: str = ""

    @classmethod
    def of(
        cls,
        case: str,
        mode: str,
        events: Sequence[Event],
        *,
        stats: PlayerStats | None,
        unused: Sequence[Recorded],
        problems: Sequence[BaseException],
        virtual_s: float | None,
        summary: str = "",
    ) -> RunReport:
        """Count ``events``; draws of time and entropy are no calls, and a miss has no answer to label."""
        calls = [e for e in events if not isinstance(e.request, DrawRequest) and e.outcome is not None]
        return cls(
            case=case,
            mode=mode,
            labels=dict(Counter(event.label.value for event in calls)),
            stats=stats,
            unused=tuple(describe(call) for call in unused),
            problems=tuple(str(problem) for problem in problems),
            virtual_s=virtual_s,
            summary=summary,
        )

    def to_json(self) -> Json:
        """The documented keys of ``--json``."""
        stats = self.stats
        return {
            "case": self.case,
            "mode": self.mode,
            "labels": dict(self.labels),
            "elsewhere": 0 if stats is None else stats.elsewhere,
            "unmatched": 0 if stats is None else stats.unmatched,
            "drifted": [] if stats is None else [str(drift) for drift in stats.drifted],
            "forked_at": None if stats is None else stats.forked_at,
            "unused": list(self.unused),
            "problems": list(self.problems),
            "virtual_s": self.virtual_s,
        }


def answered(event: Event) -> bool:
    """Whether the world answered a call: draws always come, and what was replayed is not recorded."""
    if isinstance(event.request, DrawRequest) or event.label is Label.REPLAYED:
        return False
    return event.outcome is not None and not isinstance(event.outcome, Failure)
