"""One direction of a connection: stages in a row, which may change while data is in them. Pure."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from agentops_eval.chaos.toxiproxy._embedded._stages import STAGES, End, Piece, Stage
from agentops_eval.chaos.toxiproxy._embedded._toxics import ToxicSpec

_MOST_AT_ONCE = 4_096

Chance = Callable[[str, str], random.Random]
"""Gives the random numbers of a connection: for a toxic by its name, and what they decide."""


@dataclass(slots=True)
class _Slot:
    toxic: ToxicSpec
    stage: Stage
    draw: float  # drawn once a connection

    @property
    def acts(self) -> bool:
        """Whether the toxic acts on this connection; a higher toxicity adds connections and loses none."""
        return self.draw < self.toxic.toxicity


class Pipe:
    """What is fed comes out of ``advance`` when the toxics release it; the clock is the caller's."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._slots: list[_Slot] = []
        self._ready: deque[Piece] = deque()
        self.ended = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing stands in the way, and nothing is in it."""
        return not self._slots and not self._ready

    @property
    def held(self) -> int:
        """How many bytes are in it."""
        return sum(slot.stage.held for slot in self._slots) + sum(len(piece.data) for piece in self._ready)

    def feed(self, data: bytes, now_s: float, end: End | None = None) -> None:
        """Take bytes, or the end, that came from the sender."""
        if self.ended:
            return
        self._pass_on(0, Piece(data, now_s, end))

    def advance(self, now_s: float) -> list[Piece]:
        """Give what is due by now, in order. Nothing follows an end.

        Of very much that is due at once a part is given, and others have their turn: ``due_s`` is then past.
        """
        if self.ended:
            return []
        found: list[Piece] = list(self._ready)
        self._ready.clear()
        for place, slot in enumerate(self._slots):
            for _ in range(_MOST_AT_ONCE):
                if (piece := slot.stage.release(now_s)) is None:
                    break
                if place + 1 < len(self._slots):
                    self._slots[place + 1].stage.feed(piece)
                else:
                    found.append(piece)
        for place, piece in enumerate(found):
            if piece.end is not None:
                self.ended = True
                return found[: place + 1]
        return found

    def due_s(self) -> float | None:
        """When ``advance`` has something to give next, as far as is known."""
        if self.ended:
            return None
        if self._ready:
            return self._ready[0].at_s
        return min((due for slot in self._slots if (due := slot.stage.due_s()) is not None), default=None)

    def add(self, toxic: ToxicSpec, now_s: float) -> None:
        """Put a toxic at the end of the row."""
        draw = self._chance(toxic.name, "toxicity").random()
        slot = _Slot(toxic, Stage({}, random.Random(0), now_s), draw)  # noqa: S311  # draws nothing
        slot.stage = self._stage(slot, now_s)
        self._slots.append(slot)

    def update(self, toxic: ToxicSpec, now_s: float) -> None:
        """Go on with another toxicity or other attributes, without losing or reordering what is held."""
        slot = self._slots[self._place(toxic.name)]
        acted = slot.acts
        slot.toxic = toxic
        if slot.acts and acted:
            slot.stage.update(toxic.attributes, now_s)
        elif slot.acts != acted:
            before, slot.stage = slot.stage, self._stage(slot, now_s)
            for piece in before.drain(now_s):
                slot.stage.feed(piece)

    def remove(self, name: str, now_s: float) -> None:
        """Take a toxic out; what it held goes on at once."""
        place = self._place(name)
        slot = self._slots.pop(place)
        for piece in slot.stage.drain(now_s):
            self._pass_on(place, piece)

    def _stage(self, slot: _Slot, now_s: float) -> Stage:
        toxic = slot.toxic
        kind = STAGES[toxic.type] if slot.acts else Stage
        return kind(toxic.attributes, self._chance(toxic.name, "values"), now_s)

    def _pass_on(self, place: int, piece: Piece) -> None:
        if place < len(self._slots):
            self._slots[place].stage.feed(piece)
        else:
            self._ready.append(piece)

    def _place(self, name: str) -> int:
        return next(place for place, slot in enumerate(self._slots) if slot.toxic.name == name)
