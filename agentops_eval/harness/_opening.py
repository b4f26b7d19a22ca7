"""What a run is opened with: its recording and shelf, the header of a new one, its entropy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from agentops_eval.domain import CassetteForeign, CassetteMissing
from agentops_eval.harness._former import mendable
from agentops_eval.harness._mode import RunMode
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import (
    Cassette,
    CassetteHeader,
    Shadow,
    Shelf,
    StandIn,
    branch_path,
    check_cassette,
    file_digest,
    read_cassette,
    shelf_of_branch,
)
from agentops_eval.seams import Approver, Clock, Entropy, Handler
from agentops_eval.traces.redaction import Redactor


class Answers(StrEnum):
    """Who answers an agent under faults: its recording, or the world that stands behind its seams.

    Of a recording that is given with a world, llms' answers are taken for as long as nothing differs, and
    every tool runs anew.
    """

    RECORDING = "recording"
    WORLD = "world"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulting:
    """What a run under faults is opened with.

    ``outermost`` are handlers before the event log, ``before`` those between it and whatever answers.
    ``stand_in`` is asked before a call is a miss. ``cassette`` is the recording where it was read already.
    Where the world answers, time is virtual, starts at ``wall_start_s``, and entropy is drawn from ``seed``;
    only loopback is let through.
    """

    outermost: tuple[Handler, ...] = ()
    before: tuple[Handler, ...] = ()
    stand_in: StandIn | None = None
    answers: Answers = Answers.RECORDING
    cassette: Cassette | None = None
    redactor: Redactor | None = None
    seed: int = 0
    wall_start_s: float = 1_767_225_600.0  # the first of January 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What is run: the cassette's path, its case name, the agent's name, how to record it again.

    ``upstreams`` are the addresses behind the proxy of an agent in another process, by name, as far as
    they have to be kept; None for an agent in this process. Another process lives in real time.
    ``behind`` are handlers that see only what goes out into the world. ``live_tools`` lets a branch run
    every tool anew. ``shadow`` keeps a candidate from the world, on the recording of any case. ``faulting``
    lets faults happen.
    """

    path: Path
    case: str
    agent: str = "agent"
    rerecord: str = ""
    approver: Approver | None = None
    upstreams: Mapping[str, str] | None = None
    behind: tuple[Handler, ...] = ()
    live_tools: bool = False
    shadow: Shadow | None = None
    faulting: Faulting | None = None


def cassette_of(spec: RunSpec, settings: Settings) -> Cassette:
    """The recording to replay, or to branch from. Raises CassetteMissing, CassetteStale and their kin."""
    if spec.faulting is not None and spec.faulting.cassette is not None:
        return spec.faulting.cassette
    try:
        cassette = read_cassette(spec.path)
    except CassetteMissing as missing:
        missing.remedy = spec.rerecord or missing.remedy
        raise
    try:
        case = "" if spec.shadow is not None else spec.case
        check_cassette(cassette, case=case, max_age_days=settings.max_age_days, now=datetime.now(UTC))
    except CassetteForeign as foreign:
        raise mendable(foreign, cassette, spec.case, rerecord=spec.rerecord) from None
    return cassette


def shelf_of(
    cassette: Cassette, settings: Settings, mode: RunMode, redactor: Redactor, *, whole: bool = False
) -> Shelf:
    """The recorded answers to take from: those of the branch, where one is replayed.

    With ``whole`` also what its run did not take from its parent.
    """
    rules = settings.match_rules
    if settings.branch and mode is RunMode.REPLAY:
        branch = read_cassette(branch_path(cassette.path, settings.branch))
        return shelf_of_branch(cassette, branch, rules=rules, redactor=redactor, whole=whole)
    return Shelf(cassette, rules=rules, redactor=redactor)


def header_of(spec: RunSpec, settings: Settings, clock: Clock, *, parent: Cassette | None) -> CassetteHeader:
    """The header of a new recording; with a ``parent``, of a branch that leaves it."""
    from agentops_eval import __version__

    return CassetteHeader(
        case=spec.case,
        agent=spec.agent,
        recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        tool=f"agentops-eval {__version__}",
        wall_start_s=clock.wall_s(),
        rules=settings.match_rules.digest,
        branch=settings.branch if parent is not None else "",
        branch_of=file_digest(spec.path) if parent is not None else "",
        upstreams=spec.upstreams or {},
    )


def entropy_of(spec: RunSpec, mode: RunMode, redactor: Redactor) -> Entropy:
    """Real entropy where something may happen for real; in a replay, seeded by the case."""
    if spec.faulting is not None and mode is not RunMode.BRANCH:
        return Entropy(seed=spec.faulting.seed, learn=redactor.learn)
    if mode is not RunMode.REPLAY:
        return Entropy(learn=redactor.learn)
    seed = int.from_bytes(hashlib.sha256(spec.case.encode()).digest()[:8], "big")
    return Entropy(seed=seed, learn=redactor.learn)
