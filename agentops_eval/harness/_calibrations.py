"""Calibrations of judges as files: written by ``judge calibrate``, read where a verdict has to be trusted."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agentops_eval.domain import JudgeInvalid
from agentops_eval.evals.judging import Calibration, Rubric, calibration_json
from agentops_eval.traces import write_whole

SUFFIX = ".calibration.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What of a calibration decides whether verdicts count."""

    name: str
    trusted: bool
    rubric: str
    llm: str
    shortfalls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    confusion: dict[str, int]


def calibration_path(folder: Path, name: str) -> Path:
    """The file of a calibration. Raises JudgeInvalid for a name that cannot be a file's."""
    if not _NAME.fullmatch(name):
        what = f"{name!r} cannot name a calibration"
        raise JudgeInvalid(what, remedy="use letters, digits, '.', '_' and '-', like --name correctness")
    return folder / f"{name}{SUFFIX}"


def write_calibration(folder: Path, found: Calibration, *, replace: bool = False) -> Path:
    """Write a calibration, in the place of an earlier one that rests on no more labels.

    Raises JudgeInvalid where the earlier one rests on more and is not to be replaced, and where the disk
    refuses.
    """
    path = calibration_path(folder, found.name)
    earlier, labels = _labels_of(path), found.measured.confusion.labelled
    if earlier > labels and not replace:
        raise JudgeInvalid(
            f"the calibration {found.name!r} rests on more labels than this one",
            where=str(path),
            difference=f"labels: {earlier} before, {labels} now",
            remedy="name the earlier file of labels as well; or, where that is meant, add --replace",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(calibration_json(found), indent=2).encode() + b"\n")
    except OSError as error:
        what = f"the calibration cannot be written: {error.strerror or error}"
        remedy = "make the folder writable, or name another: `folder` under [tool.agentops.judge]"
        raise JudgeInvalid(what, where=str(path), remedy=remedy) from error
    return path


def _labels_of(path: Path) -> int:
    """How many labels a calibration rests on; 0 where there is none that can be read."""
    try:
        counts = msgspec.json.decode(path.read_bytes(), type=_Counted).confusion
    except (OSError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return 0
    return sum(counts.values())


def read_trust(folder: Path, rubric: Rubric, *, llm: str) -> str:
    """Why verdicts of ``llm`` under ``rubric`` do not count; empty where every calibration of both holds.

    Whatever a calibration is called, it is about the text of the rubric and the llm that stand in it.
    Cases: one cannot be read; none is about this text, or none about this llm; the judge did not reach
    the floor.
    """
    remedy = f"agentops-eval judge calibrate LABELS.jsonl --rubric {rubric.id}"
    found: list[Trust] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Trust))
        except (OSError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            return f"{path} cannot be read ({type(error).__name__}): {remedy}"
    same = [one for one in found if one.rubric == rubric.digest]
    if not same:
        changed = any(one.name == rubric.id for one in found)
        why = "was changed since it was calibrated" if changed else "was never calibrated"
        return f"{rubric.id} {why}: {remedy}"
    mine = [one for one in same if one.llm == llm]
    if not mine:
        others = ", ".join(sorted({one.llm or "an llm without a name" for one in same}))
        return f"{rubric.id} was calibrated with {others}, not with {llm or 'this one'}: {remedy}"
    short = next((one for one in mine if not one.trusted), None)
    return "" if short is None else f"{rubric.id} is below its floor: {'; '.join(short.shortfalls)}"
