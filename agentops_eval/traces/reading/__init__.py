"""Reading traces that were made elsewhere, whatever their size and however they are spelt."""

from agentops_eval.traces.reading._model import Origin, Problem, Problems, SourceSpan, SourceTrace
from agentops_eval.traces.reading._read import read_traces, text_of
from agentops_eval.traces.reading._spool import Spool

__all__ = ["Origin", "Problem", "Problems", "SourceSpan", "SourceTrace", "Spool", "read_traces", "text_of"]
