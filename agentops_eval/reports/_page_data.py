"""The cases as the page's script reads them: short keys, texts bounded so that the page stays usable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agentops_eval.domain import ChangeKind, Json, Result, Verdict, VerdictValue, counted
from agentops_eval.reports._cases import CaseView, Status, error_of, status_of
from agentops_eval.reports._changes import Changes
from agentops_eval.reports._report import CaseDiff, DiffRow, Report
from agentops_eval.reports._text import block, finite, one_line, spelled

TEXT_BUDGET = 8_000_000
"""Characters of outputs and reasons on a page: each gets an equal share, within the bounds below."""
LEAST_TEXT, MOST_TEXT = 200, 20_000
MOST_ROWS, LONGEST_ROW = 400, 4_000
MOST_TURNS = 50
_VALUES = tuple(VerdictValue)
_STATUSES = tuple(Status)
KINDS = tuple(ChangeKind)


def page_data(report: Report, cases: Sequence[CaseView], told: Mapping[str, str]) -> str:
    """JSON that can stand in a script element: no character of it means anything to HTML.

    ``told`` leads from trace files to the addresses of pages that tell their runs.
    """
    return script_json(_Data(report, cases, told).document())


def script_json(value: Json) -> str:
    """JSON without ``<``, ``>``, ``&`` and JavaScript's own line ends, all of them written as escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def tags_of(case: CaseView) -> list[str]:
    """The case's tags as the page spells them, in its filter and in its rows."""
    return [tag for tag in (one_line(tag, 100) for tag in case.trials[0].tags) if tag]


def segments_of(case: CaseView) -> list[str]:
    """The case's segments as the page spells them."""
    pairs = case.trials[0].segments.items()
    return [f"{one_line(name, 100)}: {one_line(value, 100)}" for name, value in pairs]


class _Data:
    """What is said often is said once: names of evaluators and versions are numbers into lists."""

    def __init__(self, report: Report, cases: Sequence[CaseView], told: Mapping[str, str]) -> None:
        self._cases, self._told = cases, told
        texts = sum(len(trial.verdicts) + 1 for case in cases for trial in case.trials)
        texts += sum(len(case.asked[:MOST_TURNS]) for case in cases)
        self._limit = min(max(TEXT_BUDGET // max(texts, 1), LEAST_TEXT), MOST_TEXT)
        self._names: dict[str, int] = {}
        self._versions: dict[tuple[tuple[str, str], ...], int] = {}
        self._diffs = {(diff.suite, diff.case, diff.variant): diff for diff in report.diffs}
        self._changes = Changes(report.comparison)

    def document(self) -> Json:
        cases = [self._case(case) for case in self._cases]
        return {
            "statuses": [status.words for status in _STATUSES],
            "values": [str(value) for value in _VALUES],
            "changes": [str(kind) for kind in KINDS],
            "evaluators": [one_line(name, 200) for name in self._names],
            "versions": [[[one_line(part, 200) for part in pair] for pair in one] for one in self._versions],
            "cases": cases,
        }

    def _case(self, case: CaseView) -> Mapping[str, Json]:
        first = case.trials[0]
        change = self._changes.of(case)
        diff = self._diffs.get((case.suite, case.case, case.variant))
        found: dict[str, Json] = {
            "n": one_line(case.name, 400),
            "s": case.status.rank,
            "p": case.passed,
            "r": one_line(case.reason, 400),
            "x": _rounded(case.score, 4),
            "c": _rounded(case.cost_usd, 6),
            "l": _rounded(case.latency_s, 3),
            "g": tags_of(case),
            "e": segments_of(case),
            "w": one_line(first.where, 400),
            "h": one_line(case.title, 400),
            "u": self._asked(case),
            "m": block(case.remedy, 1_000),
            "t": [self._trial(trial) for trial in case.trials],
        }
        if change is not None:
            found["k"] = KINDS.index(change.kind)
            found["b"] = f"{change.baseline.passed}/{change.baseline.judged}"
            found["f"] = one_line(change.diverges, 400)
        if diff is not None:
            found["d"] = _diff(diff)
        return {key: value for key, value in found.items() if value not in (None, "", [])}

    def _asked(self, case: CaseView) -> list[Json]:
        turns = [block(spelled(turn), self._limit) for turn in case.asked[:MOST_TURNS]]
        more = len(case.asked) - MOST_TURNS
        return [*turns, f"and {counted(more, 'more turn')}"] if more > 0 else [*turns]

    def _trial(self, trial: Result) -> Mapping[str, Json]:
        error = "" if trial.error is None else error_of(trial.error)
        facts = {
            "seed": "" if trial.seed is None else str(trial.seed),
            "recording": trial.recording,
            "trace": trial.trace_id,
            "trace file": trial.trace_file,
        }
        found: dict[str, Json] = {
            "i": trial.trial,
            "s": status_of(trial).rank,
            "v": [self._verdict(verdict) for verdict in trial.verdicts],
            "q": block(error, self._limit),
            "o": block(spelled(trial.output), self._limit),
            "z": [[key, one_line(value, 400)] for key, value in facts.items() if value],
            "r": self._told.get(trial.trace_file, ""),
            "c": _rounded(trial.spend.cost_usd, 6),
            "l": _rounded(trial.spend.latency_s, 3),
        }
        if trial.versions:
            key = tuple(trial.versions.items())
            found["y"] = self._versions.setdefault(key, len(self._versions))
        return {key: value for key, value in found.items() if value not in (None, "", [])}

    def _verdict(self, verdict: Verdict) -> Json:
        name = self._names.setdefault(verdict.evaluator, len(self._names))
        evidence = [one_line(one, 200) for one in verdict.evidence[:20]]
        found: list[Json] = [name, _VALUES.index(verdict.value), _rounded(verdict.score, 4)]
        found.append(block(verdict.reason, self._limit))
        return [*found, evidence] if evidence else found


def _diff(diff: CaseDiff) -> Json:
    heads = [one_line(diff.baseline, 200), one_line(diff.candidate, 200)]
    rows = [split_row(row) for row in diff.rows[:MOST_ROWS]]
    return [*heads, rows, max(len(diff.rows) - MOST_ROWS, 0)]


def split_row(row: DiffRow) -> list[Json]:
    """A row as kind, whether it is the first, and what both sides begin with, differ in and end with."""
    left, right = block(row.left, LONGEST_ROW), block(row.right, LONGEST_ROW)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    middle = left[start : len(left) - end], right[start : len(right) - end]
    return [str(row.kind), int(row.first), left[:start], *middle, left[len(left) - end :]]


def _common(left: str, right: str) -> int:
    """How many characters both begin with, up to the last that does not cut a word in two."""
    size = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        size += 1
    if size == len(left) == len(right):
        return size
    while size and left[size - 1].isalnum():
        size -= 1
    return size


def _rounded(value: float | None, digits: int) -> float | None:
    known = finite(value)
    return None if known is None else round(known, digits)
