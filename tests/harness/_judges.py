"""Judges over a scripted llm, and what they make of answers."""

from __future__ import annotations

from pathlib import Path

from agentops_eval import Settings
from agentops_eval.domain import (
    Expectation,
    Run,
    Scenario,
    VerdictValue,
)
from agentops_eval.evals import evaluate
from agentops_eval.evals.judging import RUBRICS
from agentops_eval.harness import (
    JudgeSettings,
    RecordMode,
    open_judge,
)
from agentops_eval.testing import LlmServer

CORRECT = RUBRICS["correctness"]
PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN
ONCE, ALL, NONE = (Settings(record=mode) for mode in (RecordMode.ONCE, RecordMode.ALL, RecordMode.NONE))
CASE = Scenario(id="case", suite="s", turns=("The total?",), expect=(Expectation(evaluator="correctness"),))


def honest(shown: dict[str, str]) -> str:
    return "pass" if "42" in shown["answer"] else "fail"


def speaks(server: LlmServer, **more: object) -> JudgeSettings:
    base = server.url if more.get("api") == "anthropic" else f"{server.url}/v1"
    return JudgeSettings(**{"base_url": base, "llm": "judge-1", **more})  # type: ignore[arg-type]


def judged(
    root: Path,
    settings: Settings,
    judge: JudgeSettings,
    *answers: object,
    environ: dict[str, str] | None = None,
) -> list[tuple[VerdictValue, int, str]]:
    """Judge answers; give each verdict's value, how much was missing, and the reason."""
    found = []
    with open_judge(root, settings=settings, judge=judge, environ=environ or {}) as over:
        for answer in answers:
            with over.judging() as asked:
                verdict = evaluate(Run(scenario="case", suite="s", output=answer), CASE)[0]
            found.append((verdict.value, len(asked.missing), verdict.reason))
    return found
