"""What a candidate changed against a baseline: regressions, improvements and noise, told apart."""

from agentops_eval.evals.comparing._compare import compare
from agentops_eval.evals.comparing._samples import measures_of, measures_of_spend, sample_of
from agentops_eval.evals.comparing._sides import Diverges

__all__ = ["Diverges", "compare", "measures_of", "measures_of_spend", "sample_of"]
