"""What of a run an evaluator of answers looks at: the last answer or that of one turn, whole or a field."""

from __future__ import annotations

import json
from collections.abc import Callable

from agentops_eval.domain import ErrorSource, Json, Run, Scenario, Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._json_text import NoJson, json_of
from agentops_eval.evals._paths import Path, found_at, path_of, spelled
from agentops_eval.evals._verdicts import failing, shown, unknown


def broken_off(run: Run) -> Verdict | None:
    """The verdict on a run that broke off: fail by the agent's own error, unknown by another's."""
    if run.error is None:
        return None
    what = f"{run.error.kind}: {run.error.message}" if run.error.message else run.error.kind
    if run.error.source is ErrorSource.AGENT:
        return failing(f"there is no answer: the agent broke off with {what}")
    return unknown(f"there is no answer: an error of the {run.error.source} ended the run: {what}")


def seen(run: Run, *, turn: int | None, path: Path, nothing: bool = False) -> Json | Verdict:
    """The answer, or the verdict on its absence. ``nothing`` says that None is an answer, too."""
    broken = broken_off(run)
    if broken is not None:
        return broken
    if turn is not None and turn > len(run.answers):
        return failing(f"there is no answer to turn {turn}: the run has {len(run.answers)} answers")
    value = run.output if turn is None else run.answers[turn - 1]
    if path:
        return _field(value, path)
    return failing("the agent gave no answer") if value is None and not nothing else value


def _field(value: Json, path: Path) -> Json | Verdict:
    try:
        found = found_at(json_of(value), path)
    except NoJson as error:
        return failing(f"the answer has no {spelled(path)}: it is no JSON: {error}")
    if len(found) == 1:
        return found[0]
    return failing(f"the answer has {len(found) or 'no'} values at {spelled(path)}")


def over(
    judge: Callable[[Json], Verdict], *, turn: int | None, field: str, nothing: bool = False
) -> Evaluator:
    """An evaluator that judges the answer to ``turn`` (1 is the first; the last answer where it is None).

    ``field`` is a path in an answer of JSON. Raises ValueError for a turn or a path that is none.
    """
    if turn is not None and turn < 1:
        raise ValueError(f"turn is {turn}, and the first is 1")
    path = path_of(field)

    def evaluator(run: Run, scenario: Scenario) -> Verdict:
        value = seen(run, turn=turn, path=path, nothing=nothing)
        return value if isinstance(value, Verdict) else judge(value)

    return evaluator


def over_text(judge: Callable[[str], Verdict], *, turn: int | None, field: str) -> Evaluator:
    """The same for evaluators of text. An answer that is no text is judged by its JSON, in one line."""
    return over(lambda value: judge(text_of(value)), turn=turn, field=field)


def text_of(value: Json) -> str:
    """An answer as text."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):
        return shown(value)
