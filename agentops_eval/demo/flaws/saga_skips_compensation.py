"""Books a journey in three steps, and takes back only the last of them when a later one fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from agentops_eval import tool
from agentops_eval.domain import Json

ATTEMPTS, WAIT_S = 3, 2.0
BOOKED = "Your flight, your hotel and your car are booked."
SORRY = "Sorry, the journey could not be booked. Nothing was booked."
PARTLY = "Sorry, the journey could not be booked, and {left} could not be taken back: please call us."


@dataclass(slots=True)
class World:
    """What is booked, by kind, and how far the agent came, which outlives its process.

    Booking or cancelling the same thing twice is like doing it once.
    """

    booked: set[str] = field(default_factory=set)
    begun: int = 0

    def state(self) -> Json:
        """What is booked at the end."""
        return list[Json](sorted(self.booked))

    @tool(effect="write", idempotency_key="key")
    def book_flight(self, key: str) -> str:
        """Book the flight."""
        self.booked.add("flight")
        return "booked"

    @tool(effect="write", idempotency_key="key")
    def book_hotel(self, key: str) -> str:
        """Book the hotel."""
        self.booked.add("hotel")
        return "booked"

    @tool(effect="write", idempotency_key="key")
    def book_car(self, key: str) -> str:
        """Book the car."""
        self.booked.add("car")
        return "booked"

    @tool(effect="write", idempotency_key="key")
    def cancel_flight(self, key: str) -> str:
        """Cancel the flight, if it was booked."""
        self.booked.discard("flight")
        return "cancelled"

    @tool(effect="write", idempotency_key="key")
    def cancel_hotel(self, key: str) -> str:
        """Cancel the hotel, if it was booked."""
        self.booked.discard("hotel")
        return "cancelled"

    @tool(effect="write", idempotency_key="key")
    def cancel_car(self, key: str) -> str:
        """Cancel the car, if it was booked."""
        self.booked.discard("car")
        return "cancelled"

    @property
    def steps(self) -> tuple[tuple[str, Callable[[str], str], Callable[[str], str]], ...]:
        """Each step: what it is, what does it, what takes it back."""
        return (
            ("the flight", self.book_flight, self.cancel_flight),
            ("the hotel", self.book_hotel, self.cancel_hotel),
            ("the car", self.book_car, self.cancel_car),
        )


def flawed(world: World) -> str:
    """Book step by step; where one fails, take back the last two that may have been done."""
    if _is_booked(world):
        return BOOKED
    return _taken_back(world, range(max(world.begun - 2, 0), world.begun))  # the flaw


def mended(world: World) -> str:
    """Book step by step; where one fails, take back every step that may have been done."""
    return BOOKED if _is_booked(world) else _taken_back(world, range(world.begun))


def _is_booked(world: World) -> bool:
    """Whether each step was done; one that failed, or that a crash ended, may have been all the same."""
    for number, (_, book, _) in enumerate(world.steps, start=1):
        world.begun = max(world.begun, number)
        try:
            done = book("j-1")
        except OSError:
            return False
        if done != "booked":
            return False
    return True


def _taken_back(world: World, numbers: range) -> str:
    """Cancel these steps, the last first, and say which could not be."""
    begun = [world.steps[number] for number in reversed(numbers)]
    left = [name for name, _, cancel in begun if not _tried(cancel)]
    return PARTLY.format(left=" and ".join(left)) if left else SORRY


def _tried(cancel: Callable[[str], str]) -> bool:
    for attempt in range(ATTEMPTS):
        try:
            return cancel("j-1") == "cancelled"
        except OSError:
            time.sleep(WAIT_S * 2**attempt)
    return False
