"""Evidence in, levels out: criteria as data, eight dimensions, what blocks each, and a plan.

Pure: who has files and a clock brings them. Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.domain import Apart, SideBySide, TrendPoint
    from agentops_eval.scorecard._attestations import (
        Attestation,
        attestations_of,
        attestations_schema,
        read_attestations,
    )
    from agentops_eval.scorecard._badge import badge_svg
    from agentops_eval.scorecard._beside import below, compare, levels_of, thresholds_of, trend
    from agentops_eval.scorecard._criteria import (
        DIMENSIONS,
        FRAMEWORKS,
        Check,
        Criteria,
        Criterion,
        HarmCap,
        Threshold,
        extend,
    )
    from agentops_eval.scorecard._file import (
        criteria_of,
        criteria_schema,
        read_criteria,
        shipped_criteria,
    )
    from agentops_eval.scorecard._json import scorecard_from_json, scorecard_json
    from agentops_eval.scorecard._scoring import Scoring

_HOMES = {
    "_attestations": "Attestation attestations_of attestations_schema read_attestations",
    "_badge": "badge_svg",
    "_beside": "below compare levels_of thresholds_of trend",
    "_criteria": "DIMENSIONS FRAMEWORKS Check Criteria Criterion HarmCap Threshold extend",
    "_file": "criteria_of criteria_schema read_criteria shipped_criteria",
    "_json": "scorecard_from_json scorecard_json",
    "_scoring": "Scoring",
    "agentops_eval.domain": "Apart SideBySide TrendPoint",
}
"""Where each public name lives, by module."""

__all__ = [
    "DIMENSIONS",
    "FRAMEWORKS",
    "Apart",
    "Attestation",
    "Check",
    "Criteria",
    "Criterion",
    "HarmCap",
    "Scoring",
    "SideBySide",
    "Threshold",
    "TrendPoint",
    "attestations_of",
    "attestations_schema",
    "badge_svg",
    "below",
    "compare",
    "criteria_of",
    "criteria_schema",
    "extend",
    "levels_of",
    "read_attestations",
    "read_criteria",
    "scorecard_from_json",
    "scorecard_json",
    "shipped_criteria",
    "thresholds_of",
    "trend",
]

__getattr__ = lazy(__name__, {name: home for home, names in _HOMES.items() for name in names.split()})


def __dir__() -> list[str]:
    return sorted(__all__)
