"""What a run tells people: where its answers came from and what is left over."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import AgentopsError, DrawRequest, Event, Failure, Json, Label, Seam
from agentops_eval.domain.mcp import CONNECTION_CLOSED, REQUEST_TIMEOUT
from agentops_eval.replay import Alike, PlayerStats, Recorded, describe

STOOD_IN = "answered although it sends a value where the recording has a placeholder for a secret"
"""What is said of a call behind a placeholder."""

HOW_TO_TELL = (
    "To tell them apart, give each a span of its own (handoff) or a value that differs and is no secret; "
    "what only looks like a secret belongs into redact_allow"
)
"""What to do about calls that are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Counts of one run. ``labels`` counts events by label; ``virtual_s`` is None in real time.

    ``summary`` says what several misses have in common, empty without misses. ``alike`` are calls
    of a recording that a replay can tell apart by their order alone.
    """

    case: str
    mode: str
    labels: Mapping[str, int] = field(default_factory=dict)
    stats: PlayerStats | None = None
    unused: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    virtual_s: float | None = None
    summary: str = ""
    alike: tuple[str, ...] = ()

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
        alike: Sequence[Alike] = (),
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
            alike=tuple(str(one) for one in alike),
        )

    def to_json(self) -> Json:
        """The documented keys of ``--json``."""
        stats = self.stats
        return {
            "case": self.case,
            "mode": self.mode,
            "labels": dict(self.labels),
            "elsewhere": 0 if stats is None else stats.elsewhere,
            "stand_ins": [] if stats is None else list(stats.stand_ins),
            "unmatched": 0 if stats is None else stats.unmatched,
            "drifted": [] if stats is None else [str(drift) for drift in stats.drifted],
            "forked_at": None if stats is None else stats.forked_at,
            "unused": list(self.unused),
            "problems": list(self.problems),
            "virtual_s": self.virtual_s,
            "alike": list(self.alike),
        }


_TOOLS = (Seam.TOOL, Seam.MCP)
_NOBODY_THERE = ((), (CONNECTION_CLOSED,), (REQUEST_TIMEOUT,))
_OUTAGES = (ConnectionError, TimeoutError, socket.gaierror)


def answered(events: Sequence[Event]) -> bool:
    """Whether the world answered at all: draws always come, and what was replayed is not recorded.

    A tool that raised is an answer too: an order that is out of stock is what the agent must cope
    with. It is none where it only passes an outage on: a connection that failed, in the tool itself
    or in a call inside it.
    """
    asked = [e for e in events if not isinstance(e.request, DrawRequest) and e.label is not Label.REPLAYED]
    cut_off = _around(events, [e for e in asked if isinstance(e.outcome, Failure) and _is_outage(e)])
    refused = {e.index for e in asked if e.seam in _TOOLS and isinstance(e.outcome, Failure)} - cut_off
    replied = any(e.outcome is not None and not isinstance(e.outcome, Failure) for e in asked)
    return replied or bool(refused)


def holds_something(events: Sequence[Event]) -> bool:
    """Whether there is more in it than draws and errors of our own, and so anything to recover."""
    return any(not isinstance(e.request, DrawRequest) and not _is_ours(e) for e in events)


def _is_ours(event: Event) -> bool:
    """Whether the call failed by an error of ours: nobody could be asked, or the run was misused."""
    return isinstance(event.outcome, Failure) and isinstance(event.outcome.native, AgentopsError)


def _is_outage(event: Event) -> bool:
    """Whether a failed call is one that nobody answered, rather than one that was refused."""
    native = event.outcome.native if isinstance(event.outcome, Failure) else None
    if event.seam is Seam.MCP and isinstance(event.outcome, Failure):
        return event.outcome.arguments[:1] in _NOBODY_THERE
    return event.seam is not Seam.TOOL or isinstance(native, _OUTAGES)


def _around(events: Sequence[Event], failed: Sequence[Event]) -> set[int]:
    """The indices of ``failed`` and of everything inside which they happened."""
    parents = {event.index: event.parent for event in events}
    found: set[int] = set()
    for event in failed:
        at: int | None = event.index
        while at is not None and at not in found:
            found.add(at)
            at = parents.get(at)
    return found
