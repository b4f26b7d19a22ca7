"""Labelled examples of a file, judged where they are not yet, as rows of a calibration."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from agentops_eval.domain import Json, JudgeInvalid, Run, Scenario, Verdict, VerdictValue
from agentops_eval.evals.judging import Judged, Row, Rubric, rubric_key
from agentops_eval.harness._judge import LlmJudge

_LONGEST_FILE = 512 * 1024 * 1024


class _Example(msgspec.Struct, frozen=True):
    """What a line may hold; other members are passed over."""

    id: str | int
    label: VerdictValue | None = None
    verdict: VerdictValue | None = None
    input: Any = None
    answer: Any = None
    reference: Any = None
    rubric: str = ""
    llm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One line of a file of labels: an answer, what people say of it, and what a judge said."""

    id: str
    where: str
    label: VerdictValue | None = None
    verdict: VerdictValue | None = None
    input: Json = None
    answer: Json = None
    reference: Json = None
    rubric: str = ""
    llm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """What files of labels hold. ``replaced`` counts earlier lines whose id stands there again."""

    examples: tuple[Example, ...]
    replaced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opinion:
    """What a judge made of one line."""

    verdict: Verdict
    missing: bool
    unanswered: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class JudgedRows:
    """Rows ready to be counted.

    ``missing`` are lines to which no answer of the judge is recorded, ``unanswered`` why it could not be
    asked, ``problems`` the lines on which it gave no verdict.
    """

    rows: list[Row] = field(default_factory=list)
    other_rubric: int = 0
    missing: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, one: Example, opinion: _Opinion) -> None:
        """Count a line that was judged now."""
        if opinion.missing:
            self.missing.append(one.id)
        elif opinion.unanswered:
            self.unanswered.append(f"{one.id}: {opinion.unanswered[0]}")
        elif opinion.verdict.value is VerdictValue.UNKNOWN:
            self.problems.append(f"{one.id}: {opinion.verdict.reason}")
        self.rows.append(Row(id=one.id, label=one.label, verdict=opinion.verdict.value))


def read_examples(*paths: Path) -> Examples:
    """Read files of labelled examples, JSON lines; of two lines with one id the later one holds.

    Raises JudgeInvalid, naming the line and its field, and for a file that holds no labels.
    """
    found: dict[str, Example] = {}
    read = [one for path in paths for one in _read(path)]
    for one in read:
        found.pop(one.id, None)
        found[one.id] = one
    return Examples(examples=tuple(found.values()), replaced=len(read) - len(found))


def _read(path: Path) -> list[Example]:
    try:
        if path.stat().st_size > _LONGEST_FILE:
            raise JudgeInvalid(
                "the file is too large to be one of labels",
                where=str(path),
                remedy=f"split it: a file of labels has up to {_LONGEST_FILE >> 20} MB; name several",
            )
        lines = path.read_bytes().splitlines()
    except OSError as error:
        what = f"the labels cannot be read: {error.strerror or error}"
        raise JudgeInvalid(what, where=str(path), remedy="name a file of JSON lines") from error
    read = [_example(line, f"{path}:{n}") for n, line in enumerate(lines, start=1) if line.strip()]
    if not read:
        raise JudgeInvalid("the file holds no labels", where=str(path), remedy=_SHAPE)
    return read


def judged_rows(examples: Examples, *, rubric: Rubric | None, judge: LlmJudge | None) -> JudgedRows:
    """The rows of a calibration.

    With a rubric, answers are put to ``judge``; a label of the project, which has no answer, keeps the
    verdict it tells, and is left out where that is another llm's or under another text of the rubric.
    Without one, each line tells its verdict. Raises JudgeInvalid for a line that tells neither.
    """
    found = JudgedRows()
    llm = judge.settings.llm if judge is not None else ""
    mine = [one for one in examples.examples if _is_under(one, rubric, llm)]
    found.other_rubric = len(examples.examples) - len(mine)
    asked: dict[str, _Opinion] = {}
    if rubric is not None and judge is not None:
        asked = _judge_all([one for one in mine if one.answer is not None], rubric, judge)
    for one in mine:
        if (opinion := asked.get(one.id)) is not None:
            found.add(one, opinion)
        elif one.verdict is not None and (rubric is None or one.rubric):
            found.rows.append(Row(id=one.id, label=one.label, verdict=one.verdict))
        else:
            lacks = "no answer to judge" if rubric else "no verdict"
            remedy = (
                "leave --rubric out to count verdicts as they are"
                if rubric
                else "judge the answers: add --rubric"
            )
            raise JudgeInvalid(f"the line {one.id!r} tells {lacks}", where=one.where, remedy=remedy)
    return found


_SHAPE = '{"id": "case-1", "label": "pass", "verdict": "fail"} on each line'


def _is_under(one: Example, rubric: Rubric | None, llm: str) -> bool:
    """Whether a line is about this rubric and this llm; what is judged now is."""
    if rubric is None or not one.rubric:
        return True
    return one.rubric == rubric_key(rubric) and (one.answer is not None or one.llm == llm)


def _judge_all(examples: list[Example], rubric: Rubric, judge: LlmJudge) -> dict[str, _Opinion]:
    """Judge several at a time: an llm takes seconds. The order of answers plays no part."""
    with ThreadPoolExecutor(judge.settings.concurrency, thread_name_prefix="judge") as pool:
        found = pool.map(lambda one: _judge(one, rubric, judge), examples)
        return {one.id: opinion for one, opinion in zip(examples, found, strict=True)}


def _judge(one: Example, rubric: Rubric, judge: LlmJudge) -> _Opinion:
    # A label that overrode the judge here would be held against itself.
    run = Run(scenario=one.id, output=one.answer)
    turns = () if one.input is None else (one.input,)
    with judge.judging(overrides=False) as asked:
        verdict = Judged(rubric=rubric, reference=one.reference)(run, Scenario(id=one.id, turns=turns))
    return _Opinion(verdict=verdict, missing=bool(asked.missing), unanswered=asked.unanswered)


def _example(line: bytes, where: str) -> Example:
    try:
        read = _DECODER.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise JudgeInvalid(f"this line is no label: {error}", where=where, remedy=_SHAPE) from None
    if read.label is VerdictValue.UNKNOWN:
        raise JudgeInvalid("a label is pass or fail", where=where, remedy="leave it out where nobody knows")
    return Example(
        id=str(read.id),
        where=where,
        label=read.label,
        verdict=read.verdict,
        input=read.input,
        answer=read.answer,
        reference=read.reference,
        rubric=read.rubric,
        llm=read.llm,
    )


_DECODER = msgspec.json.Decoder(_Example)
