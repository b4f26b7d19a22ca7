"""Facts that a text states, whatever its words: amounts, percents, dates, times, names of things, numbers."""

from agentops_eval.evals.answers.facts._extract import Stated, numbers_in, stated_in
from agentops_eval.evals.answers.facts._model import Fact, FactKind
from agentops_eval.evals.answers.facts._weigh import Weighed, weigh

__all__ = ["Fact", "FactKind", "Stated", "Weighed", "numbers_in", "stated_in", "weigh"]
