"""What a run may spend."""

from __future__ import annotations

import math

from agentops_eval.domain import Run, Scenario, Spend, Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._verdicts import failing, listed, passing, unknown


def budget(
    cost_usd: float | None = None,
    *,
    tokens: int | None = None,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    latency_s: float | None = None,
    steps: int | None = None,
    llm_calls: int | None = None,
    tool_calls: int | None = None,
    retries: int | None = None,
) -> Evaluator:
    """The run spends no more: US dollars, tokens (of input, output, or both), seconds, steps, calls, retries.

    Exactly the limit is within it. Unknown where the run does not tell what it spent and nothing else is
    beyond its limit: what is not known never passes. The score is the smallest limit / spent. Raises
    ValueError where nothing is limited, or a limit is below zero.
    """
    given = {
        "cost_usd": cost_usd,
        "tokens": tokens,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "latency_s": latency_s,
        "steps": steps,
        "llm_calls": llm_calls,
        "tool_calls": tool_calls,
        "retries": retries,
    }
    limits = {name: limit for name, limit in given.items() if limit is not None}
    if not limits:
        raise ValueError(f"say what is limited: {', '.join(given)}")
    for name, limit in limits.items():
        if not 0 <= limit < math.inf:
            raise ValueError(f"{name} is {limit}, and a limit is a number from 0")

    def evaluator(run: Run, scenario: Scenario) -> Verdict:
        return _verdict(limits, run.spend)

    return evaluator


def _verdict(limits: dict[str, int | float], spend: Spend) -> Verdict:
    """Cases: something beyond its limit; something unknown; everything within."""
    spent = {name: _spent(name, spend) for name in limits}
    over = [name for name, limit in limits.items() if _at_least(name, spend) > limit]
    if over:
        score = min(limits[name] / _at_least(name, spend) for name in over)
        said = [f"{name} {_number(_at_least(name, spend))}, at most {_number(limits[name])}" for name in over]
        return failing(listed(said, 5), score=score)
    untold = [name for name, value in spent.items() if value is None]
    if untold:
        return unknown(f"the run does not tell its {', '.join(untold)}")
    said = [f"{name} {_number(value or 0)}, at most {_number(limits[name])}" for name, value in spent.items()]
    return passing(listed(said, len(limits)))


def _spent(name: str, spend: Spend) -> int | float | None:
    value: int | float | None = getattr(spend, name)
    return value


def _at_least(name: str, spend: Spend) -> int | float:
    """What was spent for sure: of tokens of which only a part is known, that part."""
    if name == "tokens":
        return (spend.input_tokens or 0) + (spend.output_tokens or 0)
    return _spent(name, spend) or 0


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
