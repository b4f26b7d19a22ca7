"""What a person is told of trials that did not pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentops_eval.domain import Ending, Result, VerdictValue
from agentops_eval.traces import clipped, printable

_LONGEST, _MOST_LINES = 400, 12


def failure_lines(results: Sequence[Result]) -> list[str]:
    """The verdicts that are no pass, trial by trial, and what to do where there is none."""
    several = len(results) > 1
    return [
        line for result in results if result.passed is not True for line in _lines(result, several=several)
    ]


def _lines(result: Result, *, several: bool) -> Iterator[str]:
    at = f"trial {result.trial}: " if several else ""
    indent = " " * len(at)
    if result.ending is not Ending.JUDGED:
        told = result.ending if result.error is None else result.error.message
        for line in told.splitlines()[:_MOST_LINES]:
            yield f"{at}{_shown(line)}"
            at = indent
        if result.remedy and result.remedy not in told:
            yield f"{indent}fix: {result.remedy}"
        return
    for verdict in result.verdicts:
        if verdict.value is not VerdictValue.PASS:
            word = "fails" if verdict.value is VerdictValue.FAIL else "is unknown"
            yield f"{at}{verdict.evaluator} {word}: {_shown(verdict.reason)}"
            at = indent
    if not result.verdicts:
        yield f"{at}nothing is expected of this case"
    if result.output is not None:
        yield f"{indent}answer: {_shown(str(result.output))}"
    if result.remedy:
        yield f"{indent}fix: {result.remedy}"


def _shown(text: str) -> str:
    return printable(clipped(text, _LONGEST))
