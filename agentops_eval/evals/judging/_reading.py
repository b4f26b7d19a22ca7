"""Reading what a judge replied. What is not exactly a verdict is none: unknown, never a pass."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.domain import Json, VerdictValue
from agentops_eval.evals.judging._prompt import Prompt
from agentops_eval.evals.judging._rubric import Rubric
from agentops_eval.evals.judging._shown import Shown

_FENCE = re.compile(r"^[ \t]*```[ \t]*(?:json)?[ \t]*\n(.*?)^[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_LONGEST_REPLY = 100_000
_LONGEST_REASON = 400
_LONGEST_QUOTE = 200
_MOST_QUOTES = 3


class Choice(StrEnum):
    """Which of two answers a judge prefers."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"
    UNKNOWN = "unknown"


_VALUES = frozenset(value.value for value in VerdictValue)
_CHOICES = frozenset(choice.value for choice in Choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one reply says. ``problem`` tells why it says nothing; ``quotes`` do stand in what was shown."""

    value: VerdictValue = VerdictValue.UNKNOWN
    score: float | None = None
    reason: str = ""
    quotes: tuple[str, ...] = ()
    problem: str = ""


def read_opinion(
    text: str, prompt: Prompt, rubric: Rubric, shown: Sequence[Shown] = (), *, at_least: float | None = None
) -> Opinion:
    """The opinion in a reply: a JSON object that repeats the check word, alone or in one fenced block.

    Cases: no such object; none of the rubric's scale; undecided by the judge itself; a grade; pass or
    fail. ``at_least`` is the score from which a grade passes, by default the rubric's.
    """
    found = read_reply(text, prompt.check)
    if isinstance(found, str):
        return Opinion(problem=found)
    reason, quotes = _line(found.get("reason"), _LONGEST_REASON), _quotes(found.get("quotes"), shown)
    if rubric.grades:
        return _graded(found, rubric, at_least, Opinion(reason=reason, quotes=quotes))
    said = found.get("verdict")
    word = said.strip().lower() if isinstance(said, str) else ""
    if word not in _VALUES:
        return Opinion(reason=reason, problem=f"its verdict is {_line(said, 60) or 'missing'}")
    value = VerdictValue(word)
    score = None if value is VerdictValue.UNKNOWN else float(value is VerdictValue.PASS)
    return Opinion(value=value, score=score, reason=reason, quotes=quotes)


def read_choice(text: str, prompt: Prompt) -> tuple[Choice, str]:
    """Which answer a reply prefers, and why; unknown, and what is wrong, where it is no such reply."""
    found = read_reply(text, prompt.check)
    if isinstance(found, str):
        return Choice.UNKNOWN, found
    said = found.get("better")
    word = said.strip().lower() if isinstance(said, str) else ""
    if word not in _CHOICES:
        return Choice.UNKNOWN, f"its choice is {_line(said, 60) or 'missing'}"
    return Choice(word), _line(found.get("reason"), _LONGEST_REASON)


def _graded(found: Mapping[str, Json], rubric: Rubric, at_least: float | None, told: Opinion) -> Opinion:
    grade = found.get("grade")
    if grade is None and "grade" in found:
        return told
    if isinstance(grade, float) and grade.is_integer():
        grade = int(grade)
    if isinstance(grade, bool) or not isinstance(grade, int) or not 1 <= grade <= len(rubric.grades):
        return Opinion(reason=told.reason, problem=f"its grade is {_line(grade, 60) or 'missing'}")
    score = (grade - 1) / (len(rubric.grades) - 1)
    least = rubric.at_least if at_least is None else at_least
    value = VerdictValue.PASS if score >= least else VerdictValue.FAIL
    reason = f"grade {grade} of {len(rubric.grades)}: {told.reason}".removesuffix(": ")
    return Opinion(value=value, score=score, reason=reason, quotes=told.quotes)


def read_reply(text: str, check: str) -> Mapping[str, Json] | str:
    """The one object of a reply, which repeats the check word; or what is wrong with the reply.

    Two of them, or one whose members stand there twice, could be read either way: they are refused.
    """
    if len(text) > _LONGEST_REPLY:
        return "its reply is too long to be one"
    whole = _parsed(text)
    found = [whole] if whole is not None else [_parsed(block) for block in _FENCE.findall(text)]
    objects = [one for one in found if one is not None]
    if not objects:
        return "its reply is not one JSON object"
    meant = [one for one in objects if one.get("check") == check]
    if not meant:
        return "its reply does not repeat the check word"
    return meant[0] if len(objects) == 1 else "its reply holds several JSON objects"


def _parsed(text: str) -> Mapping[str, Json] | None:
    try:
        found = json.loads(text.strip().removeprefix("\ufeff"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands there twice")
    return found


def _quotes(value: Json, shown: Sequence[Shown]) -> tuple[str, ...]:
    """The quotes that do stand in what was shown; a judge that invents one is not repeated."""
    given = value if isinstance(value, list) else [value]
    texts = [(part.see.value, " ".join(part.text.split()).casefold()) for part in shown]
    found: list[str] = []
    for quote in (" ".join(one.split()) for one in given if isinstance(one, str)):
        home = next((see for see, text in texts if quote and quote.casefold() in text), "")
        if home and len(found) < _MOST_QUOTES:
            found.append(f"{home}: {quote[:_LONGEST_QUOTE]}")
    return tuple(found)


def _line(value: Json, longest: int) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return " ".join(text[: longest * 4].split())[:longest]
