"""What is run under faults: an agent, how each run of it begins, and who answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentops_eval.chaos import Limits
from agentops_eval.domain import Json
from agentops_eval.harness._opening import Answers
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import Cassette
from agentops_eval.seams import Approver


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One run that is about to begin: what to call, what tells its world's state after it, what ends that.

    ``resume`` is called in place of ``call`` where a killed agent is started again.
    ``tasks`` are other things that the same agent can be asked in the same world, such as for another tenant.
    """

    call: Callable[[], object]
    resume: Callable[[], object] | None = None
    state: Callable[[], Json] | None = None
    close: Callable[[], object] | None = None
    tasks: Mapping[str, Callable[[], object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An agent as it is run again and again.

    ``begin`` lays out a fresh world each time. ``cassette`` is its recording, read once; without one the
    world answers. ``path`` is where that recording lies. ``tasks`` names those that its plays have.
    """

    name: str
    begin: Callable[[], Play]
    answers: Answers = Answers.WORLD
    cassette: Cassette | None = None
    path: Path = field(default_factory=lambda: Path("world.cassette.jsonl"))
    limits: Limits = field(default_factory=Limits)
    settings: Settings = field(default_factory=Settings)
    approver: Approver | None = None
    tasks: tuple[str, ...] = ()
