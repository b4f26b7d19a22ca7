"""All samples of a decision: files of both arms, each of one stage, read with what is wrong with them."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agentops_eval.domain import Arm, Reason, Sample, SamplesInvalid, nearest
from agentops_eval.gate import GateFile, Kind, Metric
from agentops_eval.harness.gating._read import read_samples
from agentops_eval.harness.gating._sample_file import SampleFile

_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file or folder of samples, of one arm. Rows that tell no stage themselves are of ``stage``."""

    arm: Arm
    path: Path
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The samples of all sources in their order, and what their files tell against them."""

    samples: tuple[Sample, ...]
    doubts: tuple[Reason, ...] = ()


def source_of(gate: GateFile, arm: Arm, word: str, *, stage: str = "") -> Source:
    """What ``FILE`` or ``STAGE=FILE`` names. A file that is there is a file, whatever its name looks like.

    Raises SamplesInvalid for a stage that the gate does not have.
    """
    name, sign, rest = word.partition("=")
    if not sign or Path(word).exists():
        name, rest = stage, word
    names = [one.name for one in gate.gate.stages]
    if name and name not in names:
        raise SamplesInvalid(
            f"the gate has no stage {name!r}",
            where=gate.path,
            difference=f"its stages are {', '.join(names)}",
            remedy=nearest(name, names),
        )
    return Source(arm=arm, path=Path(rest), stage=name)


def gather(gate: GateFile, sources: Iterable[Source]) -> Gathered:
    """Read all sources. Raises SamplesInvalid for what cannot be read at all, or is of both arms."""
    read: list[tuple[Source, SampleFile]] = []
    doubts: list[Reason] = []
    known: dict[tuple[int, int], Source] = {}
    for source in sources:
        _refuse_of_both(source, known)
        found = _read(gate, source)
        read.append((source, found))
        doubts += [replace(one, message=f"{source.path}: {one.message}") for one in found.doubts]
    samples = tuple(sample for _, found in read for sample in found.samples)
    return Gathered(samples=samples, doubts=(*doubts, *_absent(gate, read)))


def _refuse_of_both(source: Source, known: dict[tuple[int, int], Source]) -> None:
    """What is compared with itself is no worse, whatever it is."""
    try:
        found = source.path.stat()
    except OSError:
        return  # reading it says why
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        return
    other = known.setdefault((found.st_dev, found.st_ino), source)
    if other.arm is not source.arm:
        raise SamplesInvalid(
            "the baseline and the candidate are the same file",
            where=str(source.path),
            difference=f"{other.arm}  {other.path}\n{source.arm}  {source.path}",
            remedy="give each arm the samples of its own runs",
        )


def _read(gate: GateFile, source: Source) -> SampleFile:
    return read_samples(
        source.path,
        arm=source.arm,
        columns=gate.columns,
        metrics=[metric.name for metric in gate.gate.metrics],
        stage=source.stage,
        traffic=[stage.name for stage in gate.gate.stages if stage.share is not None],
    )


def _absent(gate: GateFile, read: Sequence[tuple[Source, SampleFile]]) -> Iterator[Reason]:
    """Which metrics no row of some files has, and which names may have been meant."""
    for metric in gate.gate.metrics:
        lacking = [
            (source, found)
            for source, found in read
            if found.samples and _asked(metric, source.arm) and not _has(found, metric.name)
        ]
        if lacking:
            names = sorted({name for _, found in lacking for name in found.columns})
            paths = ", ".join(str(source.path) for source, _ in lacking)
            yield Reason(
                code="column",
                message=f"no row of {paths} has {metric.name}",
                metric=metric.name,
                remedy=_meant(metric.name, names),
            )


def _asked(metric: Metric, arm: Arm) -> bool:
    """A hard limit is the candidate's alone: the baseline need not have its column."""
    return metric.kind is not Kind.LIMIT or arm is Arm.CANDIDATE


def _has(found: SampleFile, name: str) -> bool:
    return name == "passed" or any(name in sample.metrics for sample in found.samples)


def _meant(name: str, columns: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, columns, n=1)
    if near:
        return f"name: {near[0]}, or  columns: {{metrics: {{{name}: {near[0]}}}}}"
    return f"name its column, columns: {{metrics: {{{name}: ...}}}}; there are {', '.join(columns[:_LISTED])}"
