"""What a later event gave away as a secret, taken out of the lines that were written before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agentops_eval.domain import Event
from agentops_eval.replay._codec import decode_event


def retouched(
    before: bytes, known: Sequence[int], now: int, line_of: Callable[[Event], bytes], path: Path
) -> bytes | None:
    """A recording's bytes with its events redacted by all that is known now; None where they stay.

    ``known`` tells, for the event on each line after the first, how much was known when it was
    written. Events that were written with less than ``now`` go through ``line_of`` again; the
    others keep their bytes. ``path`` is where large bodies lie and what errors name.
    """
    head, *lines = before.split(b"\n")[: len(known) + 1]
    made = [
        line if then == now else line_of(decode_event(line, path.parent, f"{path}:{number}"))
        for number, (line, then) in enumerate(zip(lines, known, strict=True), start=2)
    ]
    after = b"\n".join([head, *made, b""])
    return None if after == before else after
