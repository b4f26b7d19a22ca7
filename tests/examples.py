"""How many examples a property test draws: fewer in CI, where they are the same each time."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import HealthCheck, settings

IN_CI = bool(os.environ.get("CI") or os.environ.get("TESTS_IN_CI"))


def examples(number: int, *, suppress: Sequence[HealthCheck] = ()) -> settings:
    """Settings for so many examples; two fifths of them in CI, and never fewer than 20 for that."""
    fewer = min(number, max(20, number * 2 // 5))
    too = [HealthCheck.too_slow, *suppress]
    return settings(max_examples=fewer if IN_CI else number, deadline=None, suppress_health_check=too)
