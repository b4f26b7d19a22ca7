"""What an agent emitted and what crossed its seams, told as one trace."""

from agentops_eval.traces.capture._emitted import Emitted, emitted_span
from agentops_eval.traces.capture._merge import merge

__all__ = ["Emitted", "emitted_span", "merge"]
