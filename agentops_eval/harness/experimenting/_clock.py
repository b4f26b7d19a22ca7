"""The time of an experiment: real, or virtual where every activity runs in virtual time."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from agentops_eval.harness.experimenting._stop import Stop

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class ExperimentClock(Protocol):
    """Tells and passes time."""

    def now(self) -> str:
        """The time of day, as journals write it."""

    def elapsed_s(self) -> float:
        """Seconds since the beginning."""

    def wait(self, seconds: float, stop: Stop) -> None:
        """Let time pass, unless it has to end."""

    def passed(self, seconds: float) -> None:
        """Say that something took so long in virtual time."""


class RealClock:
    """The world's time."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> str:
        """The time of day."""
        return datetime.now(UTC).isoformat()

    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun

    def wait(self, seconds: float, stop: Stop) -> None:
        """Really wait."""
        stop.wait(seconds)

    def passed(self, seconds: float) -> None:
        """The world's time passes by itself."""


class VirtualClock:
    """Time that passes by what is done alone: the same experiment has the same stamps again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._elapsed_s = 0.0

    def now(self) -> str:
        """Virtual time, from the beginning of the year 2000."""
        return (_EPOCH + timedelta(seconds=self.elapsed_s())).isoformat()

    def elapsed_s(self) -> float:
        """Virtual seconds since the beginning."""
        return round(self._elapsed_s, 6)

    def wait(self, seconds: float, stop: Stop) -> None:
        """Costs nothing."""
        if not stop.is_set:
            self.passed(seconds)

    def passed(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._elapsed_s += seconds
