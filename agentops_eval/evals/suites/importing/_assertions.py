"""promptfoo's assertions as expectations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Json
from agentops_eval.evals.suites._variables import filled
from agentops_eval.evals.suites.importing._notes import Expect, Notebook, list_of, mapping_of, text_of

_SIMILAR = 0.75  # promptfoo's own threshold where none is given
_DISTANCE = 5
_IGNORED = frozenset({"type", "value", "threshold", "metric"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assertion:
    """One assertion: its kind without ``not-``, and what it is held against."""

    kind: str
    negated: bool
    value: Json
    threshold: float | None
    at: str
    notes: Notebook

    @property
    def name(self) -> str:
        """Its type as the file has it."""
        return f"not-{self.kind}" if self.negated else self.kind

    def changed(self, why: str) -> None:
        """It is kept, and not quite what it was."""
        self.notes.changed(self.at, self.name, why)


Made: TypeAlias = "tuple[str, Json] | str"
"""An evaluator with its arguments, or why there is none."""


def assertions(items: list[Json], expect: Expect, known: set[str], at: str, notes: Notebook) -> None:
    """Add what can be expected of each assertion; note the others. ``known`` are the variables there are."""
    for number, item in enumerate(items):
        where = f"{at}[{number}]"
        body = mapping_of(item)
        kind = text_of(body.get("type"))
        maker = _MAKERS.get(kind.removeprefix("not-"))
        if maker is None:
            what = kind or "an assertion without a type"
            notes.left(where, what, "write it as a function of your own, and name it module:callable")
            continue
        why = _unusable(body)
        threshold = body.get("threshold")
        number_given = isinstance(threshold, (int, float)) and not isinstance(threshold, bool)
        found = _Assertion(
            kind=kind.removeprefix("not-"),
            negated=kind.startswith("not-"),
            value=filled(body.get("value"), known),
            threshold=float(threshold) if number_given else None,  # type: ignore[arg-type]  # it is a number
            at=where,
            notes=notes,
        )
        made: Made = why or maker(found)
        if isinstance(made, str):
            notes.left(where, kind, made)
            continue
        for option in sorted(body.keys() - _IGNORED - ({"weight"} if body.get("weight") == 1 else set())):
            notes.left(
                f"{where}.{option}", "an option of an assertion", "every expectation has to hold, for itself"
            )
        notes.expect(expect, *made, where, kind)


def _unusable(body: Mapping[str, Json]) -> str:
    value = body.get("value")
    if body.get("transform"):
        return "its transform is code"
    if body.get("weight") == 0:
        return "its weight is 0: it decides nothing"
    if isinstance(value, str) and value.startswith(("file://", "javascript:", "python:", "package:")):
        return "its value is a file or code"
    return ""


def _equals(one: _Assertion) -> Made:
    if not one.negated:
        return "answer_equals", {"expected": one.value}
    if not isinstance(one.value, str) or "{{" in one.value:
        return "only a text without variables can be expected not to be the answer"
    return "answer_matches", {"pattern": re.escape(one.value), "whole": True, "expected": False}


def _contains(one: _Assertion) -> Made:
    texts = one.value
    if one.kind.endswith(("-all", "-any")) and isinstance(texts, str):
        texts = [part.strip() for part in texts.split(",")]
    how = "any" if one.kind.endswith("-any") else "all"
    if one.negated and how == "all" and len(list_of(texts)) > 1:
        return "that not all of several texts are there has no counterpart; expect each one"
    texts = [str(text) if isinstance(text, (int, float)) else text for text in list_of(texts)]
    arguments: dict[str, Json] = {"texts": texts[0] if len(texts) == 1 else texts}
    if one.negated or (how == "any" and len(texts) > 1):
        arguments["how"] = "none" if one.negated else how
    if one.kind.startswith("i"):
        arguments["case"] = False
    return "answer_contains", arguments


def _starts(one: _Assertion) -> Made:
    if not isinstance(one.value, str) or "{{" in one.value:
        return "a beginning with variables has no counterpart"
    return _pattern(f"^{re.escape(one.value)}", negated=one.negated)


def _regex(one: _Assertion) -> Made:
    if not isinstance(one.value, str):
        return "a regular expression is a text"
    return _pattern(one.value, negated=one.negated)


def _pattern(pattern: str, *, negated: bool) -> Made:
    return "answer_matches", {"pattern": pattern, "expected": False} if negated else {"pattern": pattern}


def _json(one: _Assertion) -> Made:
    if one.negated:
        return "that an answer is no JSON has no counterpart"
    return "answer_schema", {"schema": one.value if isinstance(one.value, Mapping) else {}}


def _similar(one: _Assertion) -> Made:
    if one.negated or not isinstance(one.value, str):
        return "only one text can be expected to be similar"
    one.changed("similar by letters and words, not by embeddings: look at the limit, or name an embedder")
    return "answer_similar", {"expected": one.value, "at_least": one.threshold or _SIMILAR}


def _levenshtein(one: _Assertion) -> Made:
    if one.negated or not isinstance(one.value, str) or not one.value:
        return "only a distance from a text has a counterpart"
    distance = _DISTANCE if one.threshold is None else one.threshold
    least = max(0.0, round(1 - distance / max(len(one.value), 1), 3))
    one.changed(f"a share of letters that are the same, {least:g}, not a distance of {distance:g}")
    return "answer_similar", {"expected": one.value, "at_least": least}


def _cost(one: _Assertion) -> Made:
    return _limit(one, "cost_usd", one.threshold)


def _latency(one: _Assertion) -> Made:
    return _limit(one, "latency_s", None if one.threshold is None else one.threshold / 1000)


def _limit(one: _Assertion, name: str, limit: float | None) -> Made:
    if one.negated or limit is None:
        return "a budget is a limit that is not passed, and needs a threshold"
    return "budget", {name: limit}


def _rubric(one: _Assertion) -> Made:
    if one.negated or not isinstance(one.value, str):
        return "a judge is given a criterion in words that has to hold"
    if one.threshold is not None:
        one.changed("the judge says pass or fail; the threshold of its score is left out")
    return "judge", {"rubric": one.value}


def _refusal(one: _Assertion) -> Made:
    return "refuses", {"expected": not one.negated}


def _words(one: _Assertion) -> Made:
    most = mapping_of(one.value).get("max")
    if one.negated or not isinstance(most, int) or mapping_of(one.value).keys() != {"max"}:
        return "only the most words that an answer may have have a counterpart"
    return "concise", {"max_words": most}


_MAKERS: Mapping[str, Callable[[_Assertion], Made]] = {
    "contains": _contains,
    "contains-all": _contains,
    "contains-any": _contains,
    "cost": _cost,
    "equals": _equals,
    "icontains": _contains,
    "icontains-all": _contains,
    "icontains-any": _contains,
    "is-json": _json,
    "is-refusal": _refusal,
    "latency": _latency,
    "levenshtein": _levenshtein,
    "llm-rubric": _rubric,
    "regex": _regex,
    "similar": _similar,
    "starts-with": _starts,
    "word-count": _words,
}
