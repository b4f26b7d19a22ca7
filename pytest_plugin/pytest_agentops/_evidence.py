"""What a session has shown, gathered test by test and written when it ends: a shard for each worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.harness import evidencing
from pytest_agentops._chosen import base_settings

if TYPE_CHECKING:
    from agentops_eval.chaos.conformance import CheckResult
    from agentops_eval.chaos.exploring import Exploration
    from agentops_eval.domain import Decision, Impact, Result
    from agentops_eval.gate import GateFile
    from agentops_eval.harness import Settings

_OUTPUT = "agentops-results"


@dataclass(slots=True)
class Shown:
    """Replays; impacts and checks with their agents; explorations, too, and how deep they went; decisions.

    ``blocks`` are impacts that are worked out when the session is over. ``results`` are those of suites whose
    files are ``paths``, from the root.
    """

    replays: list[evidencing.Replayed] = field(default_factory=list)
    impacts: list[tuple[str, Impact]] = field(default_factory=list)
    blocks: list[tuple[str, Callable[[], Impact]]] = field(default_factory=list)
    checks: list[tuple[str, CheckResult]] = field(default_factory=list)
    decisions: list[tuple[Decision, GateFile]] = field(default_factory=list)
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
    """Write down what was shown since it was last written, where the project wants evidence.

    A child of an audit has shown nothing of its own.
    """
    if "AGENTOPS_AUDIT_ORDER" in os.environ:
        return
    settings, kept = base_settings(config), shown(config)
    config.stash[_SHOWN] = Shown()
    for make in _makers(config, settings, kept):
        evidencing.note_evidence(config.rootpath, settings, make, warn=warn)


def _makers(
    config: pytest.Config, settings: Settings, kept: Shown
) -> Iterator[Callable[[], evidencing.Noted]]:
    """What there is to write; each is made where a failure is nobody's end."""
    if kept.replays:
        yield lambda: evidencing.noted_of_replays(kept.replays, settings)
    if kept.impacts or kept.blocks:
        yield lambda: evidencing.noted_of_impacts(
            [*kept.impacts, *((agent, impact()) for agent, impact in kept.blocks)], settings
        )
    for spec in sorted({spec for spec, _ in kept.checks}):
        of_it = [one for agent, one in kept.checks if agent == spec]
        yield partial(evidencing.noted_of_checks, of_it, spec, settings)
    for decision, gate in kept.decisions:
        yield partial(_decided, decision, gate, settings)
    for agent, found, depth in kept.explored:
        yield partial(evidencing.noted_of_exploration, found, agent, settings, depth=depth)
    output: dict[str, object] | None = getattr(config, "workeroutput", None)
    if output is not None:
        config.stash[_SHOWN].results += kept.results  # the last time counts, when the session is over
        config.stash[_SHOWN].paths |= kept.paths
        output[_OUTPUT] = _told(kept)
    elif kept.results:
        root = config.rootpath
        yield lambda: evidencing.noted_of_session(kept.results, sorted(kept.paths), settings, root)


def _decided(decision: Decision, gate: GateFile, settings: Settings) -> evidencing.Noted:
    from agentops_eval.reports import decision_json

    name, stages = Path(gate.path).stem, [stage.name for stage in gate.gate.stages]
    document = decision_json(decision)
    return evidencing.noted_of_decision(decision, document, name, settings, [], stages=stages)


def _told(kept: Shown) -> dict[str, list[str]]:
    from agentops_eval.harness.evaluating import row_line

    rows = [row_line(one, after="")[0].decode() for one in kept.results]
    return {"results": rows, "paths": sorted(kept.paths)}


def warn(text: str) -> None:
    """Say a line on standard error."""
    sys.stderr.write(f"agentops: {text}\n")
