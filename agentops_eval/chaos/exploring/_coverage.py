"""What an exploration covered, counted exactly: each schedule of the space is in one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Json

SAME_BEHAVIOUR = "same behaviour"
"""Pruned, because a run that behaved the same was expanded at that call."""
SAME_CLASS = "same class of kinds"
"""Pruned, because another kind of fault had the same effects wherever that callee is called."""
NOT_REACHED = "the call was never made"
NOT_INJECTED = "could not be injected"


@dataclass(slots=True, kw_only=True)
class Counts:
    """Schedules of one size: their number is the sum of what was run, is unreachable, pruned and cut."""

    covered: int = 0
    unreachable: Counter[str] = field(default_factory=Counter)
    pruned: Counter[str] = field(default_factory=Counter)
    cut: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.covered + self.unreachable.total() + self.pruned.total() + self.cut

    def to_json(self) -> dict[str, Json]:
        """As reports tell it."""
        return {
            "total": self.total,
            "covered": self.covered,
            "unreachable": dict(sorted(self.unreachable.items())),
            "pruned": dict(sorted(self.pruned.items())),
            "cut": self.cut,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the space of faults is known.

    ``further`` counts schedules of three and more faults, which are drawn and not enumerated. ``labels``
    counts the calls behind first faults by where their answers came from; ``left`` the runs that left their
    recording, whose end nobody knows. ``audited`` of the pruned schedules were run after all.
    """

    singles: Counts = field(default_factory=Counts)
    pairs: Counts = field(default_factory=Counts)
    further: Mapping[int, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    left: int = 0
    audited: int = 0
    disagreed: int = 0
    behaviours: int = 0
    runs: int = 0

    def to_json(self) -> dict[str, Json]:
        """As reports tell it."""
        return {
            "singles": self.singles.to_json(),
            "pairs": self.pairs.to_json(),
            "further": {str(size): count for size, count in sorted(self.further.items())},
            "labels": dict(sorted(self.labels.items())),
            "left_recording": self.left,
            "audited": self.audited,
            "audit_disagreed": self.disagreed,
            "behaviours": self.behaviours,
            "runs": self.runs,
        }
