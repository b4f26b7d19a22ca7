"""Finding the verdict in a file of results that a person overrides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from agentops_eval.domain import Json, ResultsInvalid, VerdictValue, nearest
from agentops_eval.evals.judging import Label, answer_digest

_LONGEST_LINE = 64 * 1024 * 1024
_RUBRIC = "rubric:"


class _Verdict(msgspec.Struct, frozen=True):
    value: VerdictValue
    evaluator: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()


class _Result(msgspec.Struct, frozen=True):
    """What is looked at in a line of results; lines that tell no case are of another kind."""

    suite: str = ""
    case: str = ""
    trial: int = 1
    variant: str = ""
    output: Any = None
    verdicts: tuple[_Verdict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One verdict of a judge in a file of results. ``rubric`` is its id with its digest."""

    suite: str
    case: str
    trial: int
    variant: str
    output: Json
    evaluator: str
    rubric: str
    llm: str
    value: VerdictValue
    reason: str

    def labelled(self, label: VerdictValue, *, why: str, role: str, at: str) -> Label:
        """A person's word on it."""
        trial = f"#{self.trial}" if self.trial != 1 else ""
        variant = f"@{self.variant}" if self.variant else ""
        return Label(
            id=f"{self.suite}::{self.case}{variant}{trial}::{self.rubric}".removeprefix("::"),
            label=label,
            verdict=self.value,
            suite=self.suite,
            case=self.case,
            rubric=self.rubric,
            answer_digest=answer_digest(self.output),
            why=why,
            trial=self.trial,
            variant=self.variant,
            role=role,
            llm=self.llm,
            at=at,
        )


def find_judgement(
    path: Path,
    case: str,
    *,
    suite: str = "",
    rubric: str = "",
    trial: int | None = None,
    variant: str | None = None,
) -> Judgement:
    """The one verdict of a judge on ``case`` that fits; of a result told twice, the last.

    Raises ResultsInvalid where the file cannot be read, where nothing fits (with the nearest case or
    what there is), and where several do (with what tells them apart).
    """
    every = tuple(_judgements(path))
    mine = {
        (one.suite, one.case, one.variant, one.trial, one.rubric): one for one in every if one.case == case
    }
    if not mine:
        cases = {one.case for one in every}
        what = f"no judge's verdict on {case!r} is in the results"
        remedy = (
            nearest(case, cases) if cases else "only verdicts of judges are labelled: run the suite with one"
        )
        raise ResultsInvalid(what, where=str(path), remedy=remedy)
    fitting = [
        one
        for one in mine.values()
        if (not suite or one.suite == suite)
        and (not rubric or rubric in (one.rubric, one.rubric.partition("@")[0]))
        and (trial is None or one.trial == trial)
        and (variant is None or one.variant == variant)
    ]
    if len(fitting) == 1:
        return fitting[0]
    raise _ambiguous(path, case, fitting or list(mine.values()), several=bool(fitting))


def _ambiguous(path: Path, case: str, found: Sequence[Judgement], *, several: bool) -> ResultsInvalid:
    shown = "\n".join(
        f"--suite {one.suite} --rubric {one.rubric.partition('@')[0]} --trial {one.trial}"
        + (f" --variant {one.variant}" if one.variant else "")
        + f"  {one.value.value}: {one.reason[:80]}"
        for one in found[:10]
    )
    what = f"several verdicts on {case!r} fit" if several else f"no verdict on {case!r} fits"
    return ResultsInvalid(what, where=str(path), difference=shown, remedy="say which, with these options")


def _judgements(path: Path) -> Iterator[Judgement]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), start=1):
                if line.strip():
                    yield from _of(line, f"{path}:{number}")
    except OSError as error:
        what = f"the results cannot be read: {error.strerror or error}"
        raise ResultsInvalid(what, where=str(path), remedy="name the file that eval run wrote") from error


def _of(line: bytes, where: str) -> Iterator[Judgement]:
    try:
        row = _DECODER.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        what = f"this line is no result: {error}"
        raise ResultsInvalid(what, where=where, remedy="name the file that eval run wrote") from None
    for one in row.verdicts if row.case else ():
        rubric = _told(one, _RUBRIC)
        if rubric:
            yield Judgement(
                suite=row.suite,
                case=row.case,
                trial=row.trial,
                variant=row.variant,
                output=row.output,
                evaluator=one.evaluator,
                rubric=rubric,
                llm=_told(one, "llm:"),
                value=one.value,
                reason=one.reason,
            )


def _told(verdict: _Verdict, what: str) -> str:
    return next((text.removeprefix(what) for text in verdict.evidence if text.startswith(what)), "")


_DECODER = msgspec.json.Decoder(_Result)
