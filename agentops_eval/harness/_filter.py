"""Which of many runs are wanted, by what one run alone can tell, and why the others were left out."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from agentops_eval.domain import moment_text
from agentops_eval.traces import conversations_of, failed
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace

_KEPT, _SHOWN = 1_000, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is asked of a run before it is told of. What is unknown is None."""

    trace_id: str
    started_ns: int | None
    agents: frozenset[str]
    conversations: frozenset[str]
    failed: bool


def facts_of(run: NormalTrace) -> RunFacts:
    """The facts of a run."""
    starts = (span.start_ns for span in run.trace.spans)
    return RunFacts(
        trace_id=run.trace.trace_id,
        started_ns=min((start for start in starts if not sc.is_logical(start)), default=None),
        agents=frozenset(_agents(run)),
        conversations=frozenset(conversations_of(run)),
        failed=any(map(failed, run.trace.spans)),
    )


def _agents(run: NormalTrace) -> Iterator[str]:
    for span in run.trace.spans:
        name = span.attributes.get(sc.AGENT_NAME)
        if isinstance(name, str) and name:
            yield name


class Fit(StrEnum):
    """Whether a run is wanted; UNKNOWN where the trace does not tell what was asked."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Whether a run is wanted; where it is not known to be, ``condition`` is the option that left it out."""

    fit: Fit
    condition: str = ""


FITS = Judged(fit=Fit.YES)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs are wanted: all that fit every condition that is set, in any of its values.

    A trace id may be cut short. ``since`` and ``until`` bound the run's start, the latter exclusively.
    """

    trace_ids: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    errors_only: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def narrows(self) -> bool:
        """Whether any condition is set."""
        return self != RunFilter()

    def judge(self, facts: RunFacts) -> Judged:
        """Whether a run fits, and which condition it does not fit first."""
        begins = tuple(one.lower() for one in self.trace_ids)
        lacks = (
            ("--trace", begins and not facts.trace_id.startswith(begins)),
            ("--agent", self.agents and facts.agents.isdisjoint(self.agents)),
            ("--conversation", self.conversations and facts.conversations.isdisjoint(self.conversations)),
            ("--errors", self.errors_only and not facts.failed),
        )
        for condition, lacking in lacks:
            if lacking:
                return Judged(fit=Fit.NO, condition=condition)
        return self._in_time(facts.started_ns)

    def _in_time(self, started_ns: int | None) -> Judged:
        if self.since is None and self.until is None:
            return FITS
        if started_ns is None:
            return Judged(fit=Fit.UNKNOWN, condition="--until" if self.since is None else "--since")
        started_s = started_ns / 1e9
        if self.since is not None and started_s < self.since.timestamp():
            return Judged(fit=Fit.NO, condition="--since")
        if self.until is not None and started_s >= self.until.timestamp():
            return Judged(fit=Fit.NO, condition="--until")
        return FITS


@dataclass(slots=True, kw_only=True)
class Sieve:
    """Lets the wanted runs through, counts the others by the condition, and sees what there is.

    ``unfit`` counts the runs that were not wanted, ``unknown`` those whose trace does not tell it. Of
    what there is the first thousand are kept.
    """

    wanted: RunFilter = field(default_factory=RunFilter)
    read: int = 0
    unfit: int = 0
    unknown: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    _there: dict[str, dict[str, None]] = field(default_factory=dict)
    _first_ns: int | None = None
    _last_ns: int | None = None

    def through(self, runs: Iterable[NormalTrace]) -> Iterator[NormalTrace]:
        """The wanted among the runs, one by one."""
        return filter(self.lets, runs)

    def lets(self, run: NormalTrace) -> bool:
        """Whether a run is wanted; it is counted."""
        if not self.wanted.narrows:
            self.read += 1
            return True
        facts = facts_of(run)
        return self.count(facts, self.wanted.judge(facts))

    def count(self, facts: RunFacts, judged: Judged) -> bool:
        """Count a run that was judged; whether it is wanted."""
        self.read += 1
        self.unfit += judged.fit is Fit.NO
        self.unknown += judged.fit is Fit.UNKNOWN
        if judged.condition:
            self.left_out[judged.condition] += 1
        self._see("--trace", [facts.trace_id])
        self._see("--agent", facts.agents)
        self._see("--conversation", facts.conversations)
        if facts.started_ns is not None:
            self._first_ns = min(facts.started_ns, self._first_ns or facts.started_ns)
            self._last_ns = max(facts.started_ns, self._last_ns or facts.started_ns)
        return judged.fit is Fit.YES

    def _see(self, condition: str, values: Iterable[str]) -> None:
        known = self._there.setdefault(condition, {})
        if len(known) < _KEPT:
            known.update(dict.fromkeys(sorted(values)))

    def reasons(self) -> Iterator[str]:
        """For each condition how many runs it left out first, and what there is instead."""
        for condition, count in self.left_out.items():
            yield f"{condition} left out {count} of {self.read}{self._instead(condition)}"

    def _instead(self, condition: str) -> str:
        if condition in ("--since", "--until") and self._first_ns is None:
            return ": none tells when it began"
        if condition in ("--since", "--until"):
            return f": the runs began from {_time(self._first_ns)} to {_time(self._last_ns)}"
        if condition not in self._there:
            return ""
        noun = {"--trace": "trace", "--agent": "agent", "--conversation": "conversation"}[condition]
        there = list(self._there[condition])
        if not there:
            return f": no {noun} is named in them"
        near = [name for asked in self._asked(condition) for name in _near(asked, there)]
        shown = list(dict.fromkeys([*near, *there]))[:_SHOWN]
        more = ", ..." if len(there) > len(shown) else ""
        hint = f"; did you mean {near[0]}?" if near else ""
        return f": there {'is' if len(there) == 1 else 'are'} {', '.join(shown)}{more}{hint}"

    def _asked(self, condition: str) -> tuple[str, ...]:
        wanted = self.wanted
        if condition == "--trace":
            return wanted.trace_ids
        return wanted.agents if condition == "--agent" else wanted.conversations


def _near(asked: str, there: list[str]) -> list[str]:
    """The nearest names; an id that is cut short is held to as many digits."""
    cut = {name[: len(asked)].lower(): name for name in reversed(there)}
    found = difflib.get_close_matches(asked.lower(), [name.lower() for name in there], n=1, cutoff=0.6)
    whole = {name.lower(): name for name in reversed(there)}
    begun = difflib.get_close_matches(asked.lower(), cut, n=1, cutoff=0.8)
    return [whole[name] for name in found] or [cut[name] for name in begun]


def _time(ns: int | None) -> str:
    try:
        return moment_text(datetime.fromtimestamp((ns or 0) / 1e9, UTC))
    except (OverflowError, OSError, ValueError):
        return "an unknown time"
