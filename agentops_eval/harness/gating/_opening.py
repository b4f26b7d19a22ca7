"""A watch of files, opened as the commands ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import Arm, RunMisuse
from agentops_eval.gate import GateFile, JudgeTrust
from agentops_eval.harness.gating._read import read_samples
from agentops_eval.harness.gating._sample_file import SampleFile
from agentops_eval.harness.gating._taking import WatchOptions
from agentops_eval.harness.gating._watch import Watch
from agentops_eval.harness.gating._watch_log import WatchLog
from agentops_eval.harness.gating._watch_rows import WatchHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched. Without a ``log`` a watch forgets what it counted when its process ends."""

    gate: GateFile
    baseline: Path
    candidate: Path
    log: Path | None = None
    seed: int | None = None
    trials: int | None = None
    settle_s: float = 0.0


@contextmanager
def open_watch(
    asked: Watched, *, created: float, tool: str = "", trusts: Mapping[str, JudgeTrust] | None = None
) -> Iterator[Watch]:
    """A watch, which goes on where its log ends. ``created`` is in seconds since 1970, for a new log.

    Raises RunMisuse where another process writes the log, or a path is given twice; WatchInvalid for a log
    that is of another gate, or is not as it was written.
    """
    gate = asked.gate.gate
    options = WatchOptions(
        seed=gate.seed if asked.seed is None else asked.seed, trials=asked.trials, settle_s=asked.settle_s
    )
    paths = {Arm.BASELINE: asked.baseline, Arm.CANDIDATE: asked.candidate}
    _check_apart(asked)

    def read(path: Path, arm: Arm) -> SampleFile:
        return read_samples(
            path,
            arm=arm,
            columns=asked.gate.columns,
            metrics=[metric.name for metric in gate.metrics],
            stage=gate.stages[0].name,
            traffic=[stage.name for stage in gate.stages if stage.share is not None],
            as_written=True,  # what counted is known by its place
        )

    if asked.log is None:
        yield Watch(gate, paths, read, options=options, trusts=trusts or {})
        return
    header = WatchHeader(
        gate=gate.name,
        gate_digest=asked.gate.digest,
        seed=options.seed,
        trials=options.trials,
        settle_s=options.settle_s,
        baseline=str(asked.baseline),
        candidate=str(asked.candidate),
        created=created,
        tool=tool,
    )
    with WatchLog(asked.log, header) as log:
        yield Watch(gate, paths, read, options=options, log=log, trusts=trusts or {})


def _check_apart(asked: Watched) -> None:
    """A log that is also evidence would grow by being watched; one file for both arms compares nothing."""
    named = {"--baseline": asked.baseline, "--candidate": asked.candidate, "--gate": Path(asked.gate.path)}
    named |= {"--log": asked.log} if asked.log is not None else {}
    seen: dict[Path, str] = {}
    for option, path in named.items():
        real = path.resolve()
        if real in seen:
            raise RunMisuse(
                f"{seen[real]} and {option} name the same file",
                where=str(path),
                remedy="give each its own file",
            )
        seen[real] = option
