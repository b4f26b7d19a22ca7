"""Temporary."""

from collections.abc import Sequence

from agentops_eval.cli._output import say
from agentops_eval.domain import Result


def say_results(results: Sequence[Result]) -> None:
    for r in results:
        say(
            f"{r.suite}::{r.case} {r.variant} {r.trial} {r.ending} {r.value} {[v.reason for v in r.verdicts if not v.passed]} {r.remedy}"
        )
