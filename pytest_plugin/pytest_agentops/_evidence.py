"""What a session has shown, gathered test by test and written when it ends: a shard for each worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from agentops_eval.harness import evidencing
from pytest_agentops._chosen import base_settings

if TYPE_CHECKING:
    from agentops_eval.chaos.conformance import CheckResult
    from agentops_eval.domain import Impact


@dataclass(slots=True)
class Shown:
    """Replays, impacts with their agents, and checks with theirs."""

    replays: list[evidencing.Replayed] = field(default_factory=list)
    impacts: list[tuple[str, Impact]] = field(default_factory=list)
    checks: list[tuple[str, CheckResult]] = field(default_factory=list)


_SHOWN = pytest.StashKey[Shown]()


def shown(config: pytest.Config) -> Shown:
    """What this session has shown so far."""
    return config.stash.setdefault(_SHOWN, Shown())


def write(config: pytest.Config) -> None:
    """Write it down, where the project wants evidence. A child of an audit has shown nothing of its own."""
    if "AGENTOPS_AUDIT_ORDER" in os.environ:
        return
    settings = base_settings(config)

    def notes() -> Iterator[evidencing.Noted]:
        kept = shown(config)
        if kept.replays:
            yield evidencing.noted_of_replays(kept.replays, settings)
        if kept.impacts:
            yield evidencing.noted_of_impacts(kept.impacts, settings)
        for spec in sorted({spec for spec, _ in kept.checks}):
            of_it = [one for agent, one in kept.checks if agent == spec]
            yield evidencing.noted_of_checks(of_it, spec, settings)

    for noted in notes():
        evidencing.note_evidence(config.rootpath, settings, lambda: noted, warn=_warn)  # noqa: B023  # at once


def _warn(text: str) -> None:
    sys.stderr.write(f"agentops: {text}\n")
