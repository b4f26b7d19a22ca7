"""What each toxic does to one direction of one connection: pure, and told the time.

A stage is fed pieces with the time of their arrival, and releases them, whole, cut up or never, each at a
time of its own. Nothing here reads a clock or a socket: the same pieces at the same times and the same
seed are released at the same times.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

_MS = 1_000
_US = 1_000_000
_BANDWIDTH_STEP_MS = 100


class End(Enum):
    """How a direction ends: its sender finished, a toxic closes the connection, or a toxic resets it."""

    FINISHED = "finished"
    CLOSED = "closed"
    RESET = "reset"


class Piece(NamedTuple):
    """Bytes that arrived together, or, without bytes, the end of their direction."""

    data: bytes
    at_s: float
    end: End | None = None


class Stage:
    """Lets everything pass, as a toxic does that was not drawn for this connection."""

    def __init__(self, attributes: Mapping[str, int], chance: random.Random, now_s: float) -> None:
        self.held = 0
        self._queue: deque[Piece] = deque()
        self._offset = 0
        self._attributes = attributes
        self._chance = chance

    def feed(self, piece: Piece) -> None:
        """Take what the stage before released."""
        self._queue.append(piece)
        self.held += len(piece.data)

    def release(self, now_s: float) -> Piece | None:
        """Give the next piece that is due by now, stamped with when it was due; else None."""
        due_s = self.due_s()
        return None if due_s is None or due_s > now_s else self._take(due_s)

    def due_s(self) -> float | None:
        """When the next piece is released; None where that is never, or not known yet."""
        return self._queue[0].at_s if self._queue else None

    def update(self, attributes: Mapping[str, int], now_s: float) -> None:
        """Go on with other attributes."""
        self._attributes = attributes

    def drain(self, now_s: float) -> Iterator[Piece]:
        """Give all that is held, for the stage goes away."""
        while self._queue:
            yield self._cut(len(self._queue[0].data), now_s)

    def _take(self, due_s: float) -> Piece:
        return self._cut(len(self._queue[0].data), due_s)

    def _cut(self, size: int, at_s: float) -> Piece:
        """Take at most ``size`` bytes of the oldest piece, or its end."""
        head = self._queue[0]
        whole, begin = len(head.data), self._offset
        size = min(size, whole - begin)
        if begin + size >= whole:
            self._queue.popleft()
            self._offset = 0
        else:
            self._offset = begin + size
        self.held -= size
        data = head.data if size == whole else head.data[begin : begin + size]
        return Piece(data, at_s, head.end)

    def _clear(self) -> None:
        self._queue.clear()
        self._offset = self.held = 0


class Latency(Stage):
    """Delays all data by ``latency`` milliseconds, plus or minus up to ``jitter``; order is kept."""

    def __init__(self, attributes: Mapping[str, int], chance: random.Random, now_s: float) -> None:
        super().__init__(attributes, chance, now_s)
        self._draws: deque[float] = deque()
        self._last_s = now_s

    def feed(self, piece: Piece) -> None:
        """Draw the jitter of a piece at its arrival."""
        super().feed(piece)
        self._draws.append(self._chance.uniform(-1, 1) if self._attributes["jitter"] else 0.0)

    def due_s(self) -> float | None:
        """The arrival and the delay; an end waits for the data before it, and no longer."""
        if not self._queue:
            return None
        head = self._queue[0]
        if head.end is not None:
            return max(head.at_s, self._last_s)
        delay_ms = self._attributes["latency"] + self._draws[0] * self._attributes["jitter"]
        return max(head.at_s + max(delay_ms, 0.0) / _MS, self._last_s)

    def _take(self, due_s: float) -> Piece:
        self._draws.popleft()
        self._last_s = due_s
        return super()._take(due_s)


class Bandwidth(Stage):
    """Lets ``rate`` thousand bytes a second pass, a tenth of a second's worth at a time; at 0 nothing."""

    def __init__(self, attributes: Mapping[str, int], chance: random.Random, now_s: float) -> None:
        super().__init__(attributes, chance, now_s)
        self._free_s = now_s

    def due_s(self) -> float | None:
        """When the next bytes have passed."""
        if not self._queue:
            return None
        head, rate = self._queue[0], self._attributes["rate"]
        begin_s = max(head.at_s, self._free_s)
        if head.end is not None:
            return begin_s
        return None if rate <= 0 else begin_s + self._step(rate) / (rate * _MS)

    def update(self, attributes: Mapping[str, int], now_s: float) -> None:
        """Time that passed under the old rate is no credit under the new one."""
        super().update(attributes, now_s)
        self._free_s = max(self._free_s, now_s)

    def _step(self, rate: int) -> int:
        return min(len(self._queue[0].data) - self._offset, rate * _BANDWIDTH_STEP_MS)

    def _take(self, due_s: float) -> Piece:
        self._free_s = due_s
        return self._cut(max(self._step(self._attributes["rate"]), 0), due_s)


class SlowClose(Stage):
    """Holds the end back for ``delay`` milliseconds; data passes."""

    def due_s(self) -> float | None:
        """A reset is not held back."""
        if not self._queue:
            return None
        head = self._queue[0]
        held = head.end is not None and head.end is not End.RESET
        return head.at_s + (self._attributes["delay"] / _MS if held else 0.0)


class Timeout(Stage):
    """Drops all data, holds the sender's end back, and closes the connection after ``timeout`` milliseconds.

    They count from when the toxic came to the connection, or was updated. With 0 it is never closed.
    """

    def __init__(self, attributes: Mapping[str, int], chance: random.Random, now_s: float) -> None:
        super().__init__(attributes, chance, now_s)
        self._since_s = now_s
        self._dropped = self._over = False

    def feed(self, piece: Piece) -> None:
        """Drop data."""
        if piece.end is None:
            self._dropped = True
        else:
            super().feed(piece)

    def due_s(self) -> float | None:
        """What another toxic closed or reset, passes."""
        if self._over:
            return None
        if self._queue and self._queue[0].end is not End.FINISHED:
            return self._queue[0].at_s
        wait_ms = self._attributes["timeout"]
        return self._since_s + wait_ms / _MS if wait_ms > 0 else None

    def update(self, attributes: Mapping[str, int], now_s: float) -> None:
        """Count anew."""
        super().update(attributes, now_s)
        self._since_s = now_s

    def drain(self, now_s: float) -> Iterator[Piece]:
        """A stream with a hole in it cannot go on; one that lost nothing can."""
        if self._dropped:
            self._clear()
            yield Piece(b"", now_s, End.CLOSED)
        else:
            yield from super().drain(now_s)

    def _take(self, due_s: float) -> Piece:
        self._over = True
        if self._queue and self._queue[0].end is not End.FINISHED:
            return super()._take(due_s)
        return Piece(b"", due_s, End.CLOSED)


class ResetPeer(Stage):
    """Withholds data, and resets the connection ``timeout`` milliseconds after the first of it came."""

    def __init__(self, attributes: Mapping[str, int], chance: random.Random, now_s: float) -> None:
        super().__init__(attributes, chance, now_s)
        self._over = False

    def due_s(self) -> float | None:
        """An end counts as something that came."""
        if self._over or not self._queue:
            return None
        return self._queue[0].at_s + self._attributes["timeout"] / _MS

    def _take(self, due_s: float) -> Piece:
        self._over = True
        self._clear()
        return Piece(b"", due_s, End.RESET)


class Slicer(Stage):
    """Cuts data into slices of ``average_size`` bytes, plus or minus ``size_variation``.

    It waits ``delay`` microseconds after each.
    """

    def __init__(self, attributes: Mapping[str, int], chance: random.Random, now_s: float) -> None:
        super().__init__(attributes, chance, now_s)
        self._free_s = now_s

    def due_s(self) -> float | None:
        """Not before the wait after the last slice is over."""
        return max(self._queue[0].at_s, self._free_s) if self._queue else None

    def _take(self, due_s: float) -> Piece:
        if self._queue[0].end is not None:
            return super()._take(due_s)
        average, variation = self._attributes["average_size"], self._attributes["size_variation"]
        size = average + (self._chance.randint(-variation, variation) if variation else 0)
        self._free_s = due_s + self._attributes["delay"] / _US
        return self._cut(max(size, 1), due_s)


class LimitData(Stage):
    """Lets ``bytes`` bytes pass, counted from when the toxic came to the connection, and closes it then."""

    def __init__(self, attributes: Mapping[str, int], chance: random.Random, now_s: float) -> None:
        super().__init__(attributes, chance, now_s)
        self._passed = 0
        self._over = False

    def feed(self, piece: Piece) -> None:
        """Nothing passes any more once it is closed."""
        if not self._over:
            super().feed(piece)

    def _take(self, due_s: float) -> Piece:
        if self._queue[0].end is not None:
            return super()._take(due_s)
        left = self._attributes["bytes"] - self._passed
        piece = self._cut(left, due_s) if left > 0 else Piece(b"", due_s, End.CLOSED)
        self._passed += len(piece.data)
        if self._passed >= self._attributes["bytes"]:
            self._over = True
            self._clear()
            if piece.end is None:
                self._queue.append(Piece(b"", due_s, End.CLOSED))
        return piece


STAGES: Mapping[str, type[Stage]] = {
    "bandwidth": Bandwidth,
    "latency": Latency,
    "limit_data": LimitData,
    "reset_peer": ResetPeer,
    "slicer": Slicer,
    "slow_close": SlowClose,
    "timeout": Timeout,
}
