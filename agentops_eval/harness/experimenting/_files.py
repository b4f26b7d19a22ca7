"""Experiments and plans of game days as files."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.chaos.experiments import read_experiment, read_gameday
from agentops_eval.domain import Experiment, ExperimentInvalid, GamedayInvalid, GamedayPlan


def load_experiment(path: Path) -> Experiment:
    """Read an experiment. Raises ExperimentInvalid, also for a file that cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"the experiment cannot be read: {error.strerror or error}"
        remedy = "give the path of a YAML or JSON file, such as chaos/outage.yaml"
        raise ExperimentInvalid(what, where=str(path), remedy=remedy) from None
    return read_experiment(data, str(path))


def load_gameday(path: Path) -> GamedayPlan:
    """Read the plan of a game day with its experiments. Raises GamedayInvalid."""
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"the plan cannot be read: {error.strerror or error}"
        remedy = "give the path of a YAML or JSON file, such as chaos/gameday.yaml"
        raise GamedayInvalid(what, where=str(path), remedy=remedy) from None
    return read_gameday(data, str(path), open_experiment=lambda name: load_experiment(path.parent / name))
