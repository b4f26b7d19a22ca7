"""Experiments in few words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agentops_eval.chaos.experiments import read_experiment

if TYPE_CHECKING:
    from agentops_eval.domain import Experiment


def probe(name: str = "look", tolerance: Any = True, **provider: Any) -> dict[str, Any]:
    """A probe of a process, unless its provider says otherwise."""
    said = provider or {"type": "process", "path": "true"}
    return {"type": "probe", "name": name, "tolerance": tolerance, "provider": said}


def action(name: str = "act", **provider: Any) -> dict[str, Any]:
    """An action of a process, unless its provider says otherwise."""
    return {"type": "action", "name": name, "provider": provider or {"type": "process", "path": "true"}}


def document(**more: Any) -> dict[str, Any]:
    """An experiment that says as little as it may."""
    return {"title": "an outage", "method": [], **more}


def experiment(**more: Any) -> Experiment:
    """The same, read."""
    return read_experiment(json.dumps(document(**more)).encode(), "outage.json")
