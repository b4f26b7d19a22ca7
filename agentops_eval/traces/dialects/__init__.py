"""Traces of other instrumentations in the conventions' words, so that one judge can read them all."""

from agentops_eval.traces.dialects._model import NormalTrace
from agentops_eval.traces.dialects._normalise import essential, normalise
from agentops_eval.traces.dialects._operations import sort_of
from agentops_eval.traces.dialects._own import normal_of
from agentops_eval.traces.dialects._secrets import without_secrets

__all__ = ["NormalTrace", "essential", "normal_of", "normalise", "sort_of", "without_secrets"]
