"""What a run does with its cassette, decided from the settings and from what is there."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from agentops_eval.domain import CassetteMissing
from agentops_eval.harness._settings import RecordMode, Settings
from agentops_eval.replay import branch_path


class RunMode(StrEnum):
    """What a run does with its cassette."""

    RECORD = "record"
    REPLAY = "replay"
    BRANCH = "branch"
    WORLD = "world"  # under faults alone: what stands behind the seams answers, and nothing is kept


def decide_mode(path: Path, settings: Settings, *, exists: Callable[[Path], bool] = Path.exists) -> RunMode:
    """Decide what to do, without doing it.

    Raises CassetteMissing where replay has nothing to play, or a branch no recording to leave.
    """
    wants = settings.record
    if settings.branch and exists(path):
        kept = exists(branch_path(path, settings.branch))
        if wants is RecordMode.ALL or (wants is RecordMode.ONCE and not kept):
            return RunMode.BRANCH
        if kept:
            return RunMode.REPLAY
        raise CassetteMissing(
            f"the recording has no branch {settings.branch!r}",
            where=str(branch_path(path, settings.branch)),
            remedy="record it: add --agentops-record=once",
        )
    if settings.branch and wants is not RecordMode.NONE:
        raise CassetteMissing(
            "there is no recording to branch from",
            where=str(path),
            difference="a branch holds only what its recording lacks; the recording comes first",
            remedy="record it without the branch",
        )
    if wants is RecordMode.ALL or (wants is RecordMode.ONCE and not exists(path)):
        return RunMode.RECORD
    return RunMode.REPLAY
