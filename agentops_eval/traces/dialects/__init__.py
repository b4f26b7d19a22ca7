"""Traces of other instrumentations in the conventions' words, so that one judge can read them all."""

from agentops_eval.traces.dialects._model import NormalTrace
from agentops_eval.traces.dialects._normalise import essential, normalise

__all__ = ["NormalTrace", "essential", "normalise"]
