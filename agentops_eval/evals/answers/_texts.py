"""Answers held against texts: equal, containing, matching, short enough, given at all."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from agentops_eval.domain import Json, Run, Scenario, Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._json_diff import around
from agentops_eval.evals._json_text import NoJson, json_of
from agentops_eval.evals._linear import Linear
from agentops_eval.evals._verdicts import failing, listed, passing, shown
from agentops_eval.evals.answers._seen import broken_off, over, over_text, text_of
from agentops_eval.traces import same

MOST_MATCHED = 100_000
"""Characters of an answer in which a pattern is looked for."""

_SENTENCE_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s|$)|\n{2,}")


def answer_equals(
    expected: Json, *, normalise: bool = False, turn: int | None = None, field: str = ""
) -> Evaluator:
    """The answer is ``expected``.

    Text equals text character by character; with ``normalise`` case and runs of white space count for
    nothing. Anything else is compared as JSON, also with an answer that is JSON text: 1 is 1.0, and True
    is not 1.
    """

    def judge(value: Json) -> Verdict:
        if _equal(expected, value, normalise=normalise):
            return passing("the answer is as expected")
        one, other = around(expected, value)
        return failing(f"the answer is {other} where {one} is expected")

    return over(judge, turn=turn, field=field, nothing=True)


def _equal(expected: Json, value: Json, *, normalise: bool) -> bool:
    if isinstance(expected, str):
        said = text_of(value) if value is not None else None
        if said is None:
            return False
        return plain(expected) == plain(said) if normalise else expected == said
    if isinstance(value, str):
        try:
            return same(expected, json_of(value))
        except NoJson:
            return False
    return same(expected, value)


def answer_contains(
    texts: str | list[str],
    *,
    how: Literal["all", "any", "none"] = "all",
    case: bool = True,
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """The answer holds all, any or none of ``texts``. Runs of white space are one space on both sides.

    With ``case: false`` capitals and small letters are the same. Raises ValueError for an empty text,
    which everything holds.
    """
    wanted = [texts] if isinstance(texts, str) else texts
    if not wanted or not all(map(str.strip, wanted)):
        raise ValueError("an empty text is in every answer")

    def judge(text: str) -> Verdict:
        said = plain(text, case=case)
        there = [plain(one, case=case) in said for one in wanted]
        held = [shown(one) for one, is_there in zip(wanted, there, strict=True) if is_there]
        lacking = [shown(one) for one, is_there in zip(wanted, there, strict=True) if not is_there]
        share = len(held) / len(wanted)
        if how == "none":
            reason = (
                f"the answer holds {listed(held)}" if held else "the answer holds none of what it must not"
            )
            return failing(reason, score=1 - share) if held else passing(reason)
        if how == "any":
            nothing = f"the answer holds none of {listed(lacking)}"
            return passing(f"the answer holds {held[0]}") if held else failing(nothing)
        missing = f"the answer does not hold {listed(lacking)}"
        return failing(missing, score=share) if lacking else passing(f"the answer holds {listed(held)}")

    return over_text(judge, turn=turn, field=field)


def plain(text: str, *, case: bool = False) -> str:
    """Text with one space for every run of white space, composed, and with ``case`` false without case."""
    joined = " ".join(unicodedata.normalize("NFC", text).split())
    return joined if case else joined.casefold()


def answer_matches(
    pattern: str,
    *,
    expected: bool = True,
    whole: bool = False,
    case: bool = True,
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """A regular expression matches in the answer, or the ``whole`` answer; or with ``expected: false`` not.

    It is matched in time that grows with the answer's length alone, whatever an agent answers: nested
    repeats cannot be made to take for ever. Hence no backreferences, atomic groups or possessive repeats,
    and an answer of more than 100,000 characters fails. Raises ValueError for such a pattern, and for one
    that is none.
    """
    matcher = Linear(pattern, ignore_case=not case)

    def judge(text: str) -> Verdict:
        if len(text) > MOST_MATCHED:
            return failing(f"the answer has {len(text):,} characters; {MOST_MATCHED:,} are searched at most")
        found = matcher.matches(text) if whole else matcher.found(text)
        what = "is" if whole else "holds"
        said = f"the answer {what} {'a match' if found else 'no match'} of {shown(pattern)}"
        return passing(said) if found is expected else failing(f"{said}: {shown(text)}")

    return over_text(judge, turn=turn, field=field)


def concise(
    max_words: int | None = None,
    *,
    max_chars: int | None = None,
    max_sentences: int | None = None,
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """The answer is no longer than so many words, characters or sentences.

    Words stand between white space; a sentence ends with ``.``, ``!``, ``?`` or an empty line. Raises
    ValueError where nothing is limited.
    """
    limits = {"words": max_words, "characters": max_chars, "sentences": max_sentences}
    if not any(limit is not None for limit in limits.values()):
        raise ValueError("say how long the answer may be: max_words, max_chars or max_sentences")

    def judge(text: str) -> Verdict:
        counts = {"words": len(text.split()), "characters": len(text), "sentences": sentences(text)}
        set_ = {name: limit for name, limit in limits.items() if limit is not None}
        over_it = [
            f"{counts[name]:,} {name}, at most {limit:,}"
            for name, limit in set_.items()
            if counts[name] > limit
        ]
        if over_it:
            score = min(limit / counts[name] for name, limit in set_.items() if counts[name] > limit)
            return failing(f"the answer has {listed(over_it)}", score=max(0.0, score))
        return passing(
            "; ".join(f"{counts[name]:,} {name}, at most {limit:,}" for name, limit in set_.items())
        )

    return over_text(judge, turn=turn, field=field)


def sentences(text: str) -> int:
    """How many sentences a text has; what follows the last end is one, too."""
    return sum(1 for part in _SENTENCE_END.split(text) if part.strip())


def completes() -> Evaluator:
    """The run ended without an error of the agent's and gave an answer that is not empty."""

    def evaluator(run: Run, scenario: Scenario) -> Verdict:
        broken = broken_off(run)
        if broken is not None:
            return broken
        empty = run.output is None or (isinstance(run.output, str) and not run.output.strip())
        return failing("the agent gave no answer") if empty else passing("the run ended with an answer")

    return evaluator
