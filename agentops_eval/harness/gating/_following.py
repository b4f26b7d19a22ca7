"""Looking again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agentops_eval.harness.gating._watch import Look, Watch


def follow(
    watch: Watch,
    *,
    every_s: float,
    timeout_s: float | None = None,
    clock: Callable[[], float],
    monotonic: Callable[[], float],
    sleep: Callable[[float], object],
) -> Iterator[Look]:
    """Look at once, and then every ``every_s`` seconds, until nothing is left to decide or the time is over.

    ``clock`` tells seconds since 1970. The last look is at the end of the time.
    """
    end = None if timeout_s is None else monotonic() + timeout_s
    while True:
        look = watch.look(now_s=clock())
        yield look
        left = every_s if end is None else end - monotonic()
        if look.ended or left <= 0:
            return
        sleep(min(every_s, left))
