"""Reading traces that were made elsewhere, whatever their size and however they are spelt."""

from agentops_eval.traces.reading._model import Origin, Problem, Problems, SourceSpan, SourceTrace
from agentops_eval.traces.reading._read import read_traces, weight_of
from agentops_eval.traces.reading._spool import Spool
from agentops_eval.traces.reading.formats import recognised

__all__ = [
    "Origin",
    "Problem",
    "Problems",
    "SourceSpan",
    "SourceTrace",
    "Spool",
    "read_traces",
    "recognised",
    "weight_of",
]
