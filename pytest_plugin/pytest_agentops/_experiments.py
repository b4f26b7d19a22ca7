"""Experiments as pytest collects them: one item a file, carried out as ``agentops-eval chaos run`` does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.domain import AgentopsError, Experiment, Weakness
from agentops_eval.harness.experimenting import (
    Conducted,
    Project,
    Stop,
    conduct,
    load_experiment,
    recover,
    signals,
)
from pytest_agentops._suites import UnreadableItem, settings_of_suites

if TYPE_CHECKING:
    from collections.abc import Sequence

RECOVERED = pytest.StashKey[bool]()
_LOOKS = re.compile(rb"^\s*[\"']?method[\"']?\s*:", re.MULTILINE)
_HEAD_BYTES = 65_536


class ExperimentFailed(Exception):
    """An experiment showed something, or could not be carried out."""


def is_experiment(path: Path) -> bool:
    """Whether a file looks like an experiment: it has a method."""
    try:
        with path.open("rb") as file:
            return _LOOKS.search(file.read(_HEAD_BYTES)) is not None
    except OSError:
        return False


class ExperimentFile(pytest.File):
    """A file with one experiment."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item. What is wrong with the file fails as an item, so that others still run."""
        try:
            experiment = load_experiment(self.path)
        except AgentopsError as error:
            yield UnreadableItem.from_parent(self, name="unreadable", text=str(error))
            return
        yield ExperimentItem.from_parent(self, name=experiment.title, experiment=experiment)


class ExperimentItem(pytest.Item):
    """One experiment. It passes where the steady state held, no agent did harm, and all of it was undone."""

    def __init__(self, *, experiment: Experiment, **more: Any) -> None:
        super().__init__(**more)
        self._experiment = experiment
        self.extra_keyword_matches.update(experiment.tags)

    def runtest(self) -> None:
        """Carry it out; Ctrl-C undoes it first, and then ends the session."""
        stop = Stop()
        try:
            with signals(stop):
                conducted = self._conducted(stop)
        except AgentopsError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        if stop.is_set:
            raise KeyboardInterrupt(stop.reason)
        if conducted.weaknesses:
            raise ExperimentFailed("\n".join(_lines(conducted.weaknesses)))

    def _conducted(self, stop: Stop) -> Conducted:
        root = self.config.rootpath
        settings = settings_of_suites(self.config)
        project = Project(root=root, home=root, settings=settings, environ=dict(os.environ))
        if RECOVERED not in self.config.stash:
            self.config.stash[RECOVERED] = True
            left = [text for one in recover(project) for text in one.failed]
            if left:
                told = "\n".join(left)
                pytest.fail(f"a killed process has left what could not be undone:\n{told}", pytrace=False)
        return conduct(self._experiment, project, stop=stop)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was found, without a traceback through our own code."""
        if isinstance(excinfo.value, ExperimentFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file."""
        return self.path, None, self.name


def _lines(weaknesses: Sequence[Weakness]) -> Iterator[str]:
    for one in weaknesses:
        yield f"{one.kind}: {one.what}{f' ({one.activity})' if one.activity else ''}"
        if one.owner:
            yield f"  owner:  {one.owner}"
        yield f"  remedy: {one.remedy}"
