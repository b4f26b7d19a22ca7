"""Schedules of three and more faults: too many to enumerate, so Hypothesis draws them."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.chaos.exploring._seen import Picks, Seen


def drawn(parents: Sequence[tuple[Picks, Seen]], *, most: int, seed: int) -> list[Picks]:
    """At most so many different extensions of these by one fault, the same for the same seed."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    able = [(picks, place) for picks, seen in parents if not seen.not_injected for place in seen.places]
    if not able or most < 1:
        return []
    found: dict[Picks, None] = {}
    extension = st.sampled_from(able).flatmap(
        lambda one: st.sampled_from(one[1].fits).map(lambda number: (*one[0], (number, one[1].site)))
    )

    @seeded(seed)
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(extension)
    def collect(picks: Picks) -> None:
        found[picks] = None

    collect()
    return list(found)
