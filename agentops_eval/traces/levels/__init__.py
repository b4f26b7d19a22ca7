"""Service levels over many runs: success, latency, reliability, waste and cost, with who they are for.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.traces._attribution import Attribution
    from agentops_eval.traces._error_class import ErrorClass
    from agentops_eval.traces.levels._bill import Bill
    from agentops_eval.traces.levels._ending import Ending, ending_of, root_of
    from agentops_eval.traces.levels._facts import facts_of
    from agentops_eval.traces.levels._json import levels_json
    from agentops_eval.traces.levels._log import log_of
    from agentops_eval.traces.levels._model import (
        DIMENSIONS,
        STEP_TYPES,
        Endings,
        Row,
        ServiceLevels,
        ToolLevels,
        WasteLevels,
    )
    from agentops_eval.traces.levels._quantiles import Quantiles, Values, nearest_rank
    from agentops_eval.traces.levels._secrets import without_secrets
    from agentops_eval.traces.levels._tally import Tally

_HOMES = {
    "agentops_eval.traces._attribution": "Attribution",
    "agentops_eval.traces._error_class": "ErrorClass",
    "_bill": "Bill",
    "_ending": "Ending ending_of root_of",
    "_facts": "facts_of",
    "_json": "levels_json",
    "_log": "log_of",
    "_model": "DIMENSIONS STEP_TYPES Endings Row ServiceLevels ToolLevels WasteLevels",
    "_quantiles": "Quantiles Values nearest_rank",
    "_secrets": "without_secrets",
    "_tally": "Tally",
}
"""Where each public name lives, by module."""

__all__ = [
    "DIMENSIONS",
    "STEP_TYPES",
    "Attribution",
    "Bill",
    "Ending",
    "Endings",
    "ErrorClass",
    "Quantiles",
    "Row",
    "ServiceLevels",
    "Tally",
    "ToolLevels",
    "Values",
    "WasteLevels",
    "ending_of",
    "facts_of",
    "levels_json",
    "log_of",
    "nearest_rank",
    "root_of",
    "without_secrets",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
