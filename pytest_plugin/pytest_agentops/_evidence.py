"""What a session has shown, gathered test by test and written when it ends: a shard for each worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pytest

from agentops_eval.harness import evidencing
from pytest_agentops._chosen import base_settings

if TYPE_CHECKING:
    from agentops_eval.chaos.conformance import CheckResult
    from agentops_eval.chaos.exploring import Exploration
    from agentops_eval.domain import Impact, Result
    from agentops_eval.harness import Settings

_OUTPUT = "agentops-results"


@dataclass(slots=True)
class Shown:
    """Replays; impacts and checks with their agents; explorations with theirs, and how deep they went.

    ``blocks`` are impacts that are worked out when the session is over. ``results`` are those of suites whose
    files are ``paths``, from the root.
    """

    replays: list[evidencing.Replayed] = field(default_factory=list)
    impacts: list[tuple[str, Impact]] = field(default_factory=list)
    blocks: list[tuple[str, Callable[[], Impact]]] = field(default_factory=list)
    checks: list[tuple[str, CheckResult]] = field(default_factory=list)
    explored: list[tuple[str, Exploration, int]] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)


_SHOWN = pytest.StashKey[Shown]()


def shown(config: pytest.Config) -> Shown:
    """What this session has shown so far."""
    return config.stash.setdefault(_SHOWN, Shown())


def from_worker(config: pytest.Config, told: Mapping[str, list[str]]) -> None:
    """Take over results of a worker: only the controller can tell whether all of a suite was run."""
    from agentops_eval.harness.evaluating import read_row

    kept = shown(config)
    kept.results += [read_row(line.encode(), after="", where="a worker")[0] for line in told["results"]]
    kept.paths.update(told["paths"])


def write(config: pytest.Config) -> None:
    """Write it down, where the project wants evidence. A child of an audit has shown nothing of its own."""
    if "AGENTOPS_AUDIT_ORDER" in os.environ:
        return
    settings = base_settings(config)
    for make in _makers(config, settings):
        evidencing.note_evidence(config.rootpath, settings, make, warn=_warn)


def _makers(config: pytest.Config, settings: Settings) -> Iterator[Callable[[], evidencing.Noted]]:
    """What there is to write; each is made where a failure is nobody's end."""
    kept = shown(config)
    if kept.replays:
        yield lambda: evidencing.noted_of_replays(kept.replays, settings)
    if kept.impacts or kept.blocks:
        yield lambda: evidencing.noted_of_impacts(
            [*kept.impacts, *((agent, impact()) for agent, impact in kept.blocks)], settings
        )
    for spec in sorted({spec for spec, _ in kept.checks}):
        of_it = [one for agent, one in kept.checks if agent == spec]
        yield partial(evidencing.noted_of_checks, of_it, spec, settings)
    for agent, found, depth in kept.explored:
        yield partial(evidencing.noted_of_exploration, found, agent, settings, depth=depth)
    output: dict[str, object] | None = getattr(config, "workeroutput", None)
    if kept.results and output is not None:
        output[_OUTPUT] = _told(kept)
    elif kept.results:
        root = config.rootpath
        yield lambda: evidencing.noted_of_session(kept.results, sorted(kept.paths), settings, root)


def _told(kept: Shown) -> dict[str, list[str]]:
    from agentops_eval.harness.evaluating import row_line

    rows = [row_line(one, after="")[0].decode() for one in kept.results]
    return {"results": rows, "paths": sorted(kept.paths)}


def _warn(text: str) -> None:
    sys.stderr.write(f"agentops: {text}\n")
