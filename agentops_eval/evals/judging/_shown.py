"""What a judge is shown of a run, part by part and never more than it may see."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json, Run, Scenario, ToolCall, to_json
from agentops_eval.evals.judging._rubric import Rubric, See

LONGEST = 24_000
"""Characters of one part that are shown; of more, the beginning and the end."""

_CALLS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One part: what it is, and its text. ``cut`` says that the middle of it is left out."""

    see: See
    text: str
    cut: bool = False


def shown_of(
    rubric: Rubric,
    run: Run,
    scenario: Scenario,
    *,
    reference: Json = None,
    clean: Callable[[str], str] = str,
) -> tuple[Shown, ...]:
    """The parts that a rubric lets its judge see, in the rubric's order; what a run lacks is left out.

    ``clean`` takes out of each text what nobody may see; it is then bounded.
    """
    texts = {
        See.INPUT: _input(scenario),
        See.ANSWER: _text(run.output),
        See.CALLS: _calls(run.calls),
        See.REFERENCE: _text(reference),
        See.STATE: _text(run.state),
    }
    return tuple(_bounded(see, clean(texts[see])) for see in rubric.sees if texts[see].strip())


def missing(rubric: Rubric, shown: Sequence[Shown]) -> tuple[See, ...]:
    """What the rubric needs and the run does not have."""
    there = {part.see for part in shown}
    return tuple(see for see in rubric.needs if see not in there)


def _input(scenario: Scenario) -> str:
    if scenario.turns:
        return "\n\n".join(_text(turn) for turn in scenario.turns)
    if scenario.user is None:
        return ""
    return "\n\n".join(part for part in (scenario.user.goal, scenario.user.opening) if part)


def _calls(calls: Sequence[ToolCall]) -> str:
    lines = [_call(number, call) for number, call in enumerate(calls[:_CALLS_SHOWN], start=1)]
    if len(calls) > _CALLS_SHOWN:
        lines.append(f"and {len(calls) - _CALLS_SHOWN} more")
    return "\n".join(lines)


def _call(number: int, call: ToolCall) -> str:
    arguments = "not known" if call.arguments is None else _text(dict(call.arguments))
    ended = f"failed: {call.error}" if call.error else f"gave {_text(call.result) or 'nothing'}"
    return f"{number}. {call.name} {arguments} {ended}"


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(to_json(value), ensure_ascii=False, sort_keys=True)


def _bounded(see: See, text: str) -> Shown:
    if len(text) <= LONGEST:
        return Shown(see=see, text=text)
    half = LONGEST // 2
    gone = len(text) - 2 * half
    return Shown(see=see, text=f"{text[:half]}\n[{gone} characters left out]\n{text[-half:]}", cut=True)
