"""What the determinism audit does to a varied run: other draws, other durations, other values."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from agentops_eval.domain import Call, DrawRequest, Label, Outcome, Seam, ValueReply
from agentops_eval.replay._audit import Factor
from agentops_eval.replay._cassette import Cassette
from agentops_eval.seams import Next, Steps

# Into the past, because a virtual clock follows readings that lie ahead, and readings that are not
# varied must not move along. Year, month, weekday, hour, minute and second all change.
SHIFT_S = -(400 * 86_400 + 3_661.5)

_URL = re.compile(r"([a-z][a-z0-9+.-]*://)(?:[^/?#@]*@)?[^/?#:]*(.*)", re.IGNORECASE | re.DOTALL)
_OPPOSITES = {"true": "false", "yes": "no", "on": "off", "1": "0"}
_OPPOSITES |= {no: yes for yes, no in _OPPOSITES.items()}


class Perturb:
    """A handler that answers draws with other values than the recorded ones, the same each time.

    ``site`` limits it to the draws of one place. ``clock_shifted`` says that the run's own clock is
    shifted already, so that only recorded readings need to be.
    """

    def __init__(self, factor: Factor, *, site: str = "", seed: int = 1, clock_shifted: bool = False) -> None:
        self._factor = factor
        self._site = site
        self._seed = seed
        self._clock_shifted = clock_shifted
        self._lock = threading.Lock()
        self._drawn: Counter[str] = Counter()

    def handle(self, call: Call, next: Next) -> Steps:
        """Vary readings of this factor; pass everything else on."""
        mine = not self._site or call.site == self._site
        if mine and self._factor is Factor.ENTROPY and call.seam is Seam.ENTROPY:
            return self._drawn_anew(call)
        outcome = yield next(call)
        assert outcome is not None
        if mine and self._factor is Factor.TIME and call.seam is Seam.CLOCK:
            return self._shifted(call, outcome)
        return outcome

    def _shifted(self, call: Call, outcome: Outcome) -> Outcome:
        if not isinstance(outcome, ValueReply) or not isinstance(outcome.value, (int, float)):
            return outcome
        if self._clock_shifted and outcome.label is Label.LIVE:
            return outcome
        nanoseconds = isinstance(call.request, DrawRequest) and call.request.source.endswith("_ns")
        value = outcome.value + (int(SHIFT_S * 1e9) if nanoseconds else SHIFT_S)
        return ValueReply(value=value, label=Label.SCRIPTED)

    def _drawn_anew(self, call: Call) -> Outcome:
        request = call.request
        assert isinstance(request, DrawRequest)
        name = f"{call.span}|{request.source}|{request.argument}"
        with self._lock:
            self._drawn[name] += 1
            number = self._drawn[name]
        source = random.Random(0)  # noqa: S311 -- values for one audited run
        source.seed(f"{self._seed}|{name}|{number}")
        size = request.argument or 16
        if request.source == "random.random":
            return ValueReply(value=source.random(), label=Label.SCRIPTED)
        if request.source == "random.getrandbits":
            return ValueReply(value=source.getrandbits(size), label=Label.SCRIPTED)
        return ValueReply(value=source.randbytes(size).hex(), label=Label.SCRIPTED)


def mirrored(cassette: Cassette) -> Mapping[int, float]:
    """Other durations by an event's index, the slowest the fastest: answers awaited together change places.

    Calls that were given up keep their durations, and so do readings. The recording stays as it is:
    what overlapped in it decides the order of siblings, which must not change with the durations.
    """
    timed = [e for e in cassette.events if e.outcome is not None and not isinstance(e.request, DrawRequest)]
    if not timed:
        return {}
    took_s = [event.ended_s - event.started_s for event in timed]
    total_s = max(took_s) + min(took_s)
    return {event.index: total_s - s for event, s in zip(timed, took_s, strict=True)}


def another_value(value: str | None) -> str:
    """A value of the same kind for an environment variable: a number, a switch, an address, a text."""
    text = (value or "").strip()
    if text.lower() in _OPPOSITES:
        return _OPPOSITES[text.lower()]
    for kind in (int, float):
        with suppress(ValueError):
            number = kind(text)
            if number + 1 != number and number == number:  # noqa: PLR0124 -- neither too large nor nan
                return str(number + 1)
    address = _URL.fullmatch(text)
    if address is not None:
        return f"{address[1]}varied.invalid{address[2]}"
    return f"{text}-varied" if text else "varied"
