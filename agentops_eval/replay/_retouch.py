"""What a later event gave away as a secret, taken out of the lines that were written before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agentops_eval.domain import Event
from agentops_eval.replay._codec import decode_event


def retouched(
    before: bytes,
    rewrite: Callable[[Event, int], bytes | None],
    *,
    path: Path,
    known: Sequence[int],
    now: int,
) -> bytes:
    """A recording's bytes, with its events redacted by all that is known now.

    ``known`` tells, for the event on each line after the first, how many secrets were known when it
    was written. Events that were written with fewer than ``now`` go through ``rewrite``, with the
    number of their line, which may leave them out; the others keep their bytes. ``path`` is where large
    bodies lie.
    """
    head, *lines = before.split(b"\n")[: len(known) + 1]
    made = [
        line if then == now else rewrite(decode_event(line, path.parent, f"{path}:{number}"), number)
        for number, (line, then) in enumerate(zip(lines, known, strict=True), start=2)
    ]
    return b"\n".join([head, *(line for line in made if line is not None), b""])
