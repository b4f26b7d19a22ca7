"""Service levels over many runs: success, latency, reliability, waste and cost, with who they are for."""

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
