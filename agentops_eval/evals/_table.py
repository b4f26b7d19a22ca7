"""Every evaluator by its name. Each package below offers its own as ``EVALUATORS``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from agentops_eval.evals._evaluator import Factory

_HOMES = ("answers", "tools", "states", "limits", "rubrics")


@cache
def evaluators() -> Mapping[str, Factory]:
    """What makes each evaluator, by its name in a file. A name has one home."""
    found: dict[str, Factory] = {}
    for home in _HOMES:
        offered: Mapping[str, Factory] = import_module(f"agentops_eval.evals.{home}").EVALUATORS
        twice = found.keys() & offered.keys()
        assert not twice, f"{home} offers again: {twice}"
        found |= offered
    return found


def judge_names() -> frozenset[str]:
    """The names of the evaluators that ask a judge."""
    from agentops_eval.evals.rubrics import EVALUATORS

    return frozenset(EVALUATORS)
