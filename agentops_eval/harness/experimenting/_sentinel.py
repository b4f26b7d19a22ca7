"""What ends an experiment early: its abort conditions and the kill switch, looked at all the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.chaos.experiments import told_tolerance, values_of, within
from agentops_eval.domain import AbortCondition, AbortKind, JournalStatus
from agentops_eval.harness.experimenting._activities import Performer, in_thread
from agentops_eval.harness.experimenting._agent import AgentRuns
from agentops_eval.harness.experimenting._stop import Stop

_TICK_S = 0.1


@dataclass(slots=True, kw_only=True)
class Watched:
    """One condition; ``since`` tells the seconds that it counts, and ``stop`` is what it ends."""

    condition: AbortCondition
    since: Callable[[], float]
    stop: Stop
    asked_at: float = float("-inf")


class Sentinel:
    """Looks at the conditions between activities, and while they run; the first that is met ends it.

    In virtual time nothing is looked at while an activity runs: it takes no time.
    """

    def __init__(
        self,
        watched: Sequence[Watched],
        performer: Performer,
        runs: AgentRuns,
        stop: Stop,
        *,
        kill_switch: Path | None = None,
        day: Stop | None = None,
    ) -> None:
        self._watched = tuple(watched)
        self._performer = performer
        self._runs = runs
        self._stop = stop
        self._kill_switch = kill_switch
        self._day = day or stop
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Look while activities run, too."""
        self._thread = threading.Thread(target=self._watch, daemon=True, name="agentops-sentinel")
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(10.0)

    def _watch(self) -> None:
        while not self._over.wait(_TICK_S) and not self._stop.is_set:
            self.look(now=False)

    def look(self, *, now: bool = True) -> None:
        """Look at every condition; at probes only when their time has come, unless it is to be ``now``."""
        if self._kill_switch is not None and self._kill_switch.exists():
            self._day.now(JournalStatus.INTERRUPTED, f"the kill switch {self._kill_switch} is there")
        with self._lock:
            for kept in self._watched:
                if self._stop.is_set:
                    return
                why = self._why(kept, now=now)
                if why:
                    kept.stop.now(JournalStatus.ABORTED, why)

    def _why(self, kept: Watched, *, now: bool) -> str:
        """Why a condition is met, else nothing."""
        condition = kept.condition
        if condition.kind is AbortKind.PROBE:
            if not now and time.monotonic() - kept.asked_at < condition.every_s:
                return ""
            kept.asked_at = time.monotonic()
            return self._asked(condition)
        if condition.kind is AbortKind.ELAPSED:
            return str(condition) if kept.since() > condition.seconds else ""
        if condition.kind is AbortKind.EFFECTS:
            return str(condition) if self._runs.effects > condition.above else ""
        for name, impact in self._runs.impacts.items():
            if impact.mode in condition.modes:
                return f"{name}: it was {impact.mode}"
        return ""

    def _asked(self, condition: AbortCondition) -> str:
        probe, performer = condition.probe, self._performer
        assert probe is not None
        if performer.is_dry(probe):
            return ""
        provider = performer.providers[probe.provider.kind]
        doing = performer.doing(probe, self._stop)
        try:
            given = in_thread(lambda: provider.run(doing), self._stop, timeout_s=probe.timeout_s or 30.0)
        except Exception as error:
            return "" if self._stop.is_set else f"the probe {probe.name} could not be asked: {error}"
        assert probe.tolerance is not None
        values = values_of(performer.configuration, performer.secrets)
        if within(probe.tolerance, given.output, ask=lambda _, __: False, values=values):
            return ""
        wanted = told_tolerance(probe.tolerance)
        return f"the probe {probe.name} gave {given.told or performer.shown(given.output)}, not {wanted}"
