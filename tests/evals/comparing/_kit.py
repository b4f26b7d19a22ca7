"""Results of trials, in few words."""

from __future__ import annotations

from typing import Any

from agentops_eval.domain import Ending, ErrorSource, Result, RunError, Verdict, VerdictValue

VALUES = {"p": VerdictValue.PASS, "f": VerdictValue.FAIL, "?": VerdictValue.UNKNOWN}


def trial(case: str, at: int, letter: str, **more: Any) -> Result:
    """One trial: p passes, f fails, ? is unknown, i is an infrastructure error, n needs a recording."""
    told: dict[str, Any] = {"suite": "shop", "case": case, "trial": at, **more}
    if letter == "i":
        error = RunError(source=ErrorSource.INFRASTRUCTURE, kind="ConnectError")
        return Result(ending=Ending.ERROR, error=error, **told)
    if letter == "n":
        return Result(ending=Ending.NEEDS_RECORDING, **told)
    verdict = Verdict(value=VALUES[letter], reason="said so", evaluator="equals")
    return Result(value=VALUES[letter], verdicts=(verdict,), trace_file=f"{case}.{at}.jsonl", **told)


def side(cases: dict[str, str], **more: Any) -> list[Result]:
    """One side: for each case a letter a trial, each with a recording of its own."""
    return [
        trial(case, at, letter, **{"recording": f"{case}{at}", **more})
        for case, letters in cases.items()
        for at, letter in enumerate(letters, 1)
    ]


def live(cases: dict[str, str], **more: Any) -> list[Result]:
    """The same without recordings."""
    return side(cases, recording="", **more)
