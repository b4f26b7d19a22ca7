"""The fixture ``scorecard``: how ready the agent is, by all evidence that there is when the test runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import ConfigInvalid, DimensionScore, Scorecard, nearest
from agentops_eval.harness import Settings
from agentops_eval.harness.evidencing import (
    ScoreOrder,
    agent_meant,
    agents_shown,
    note_evidence,
    noted_of_project,
    score,
    wants_evidence,
)
from pytest_agentops import _evidence
from pytest_agentops._case import told_plainly
from pytest_agentops._chosen import base_settings
from pytest_agentops._scenario import found

_KEYWORDS = ("criteria", "attestations")
_EXAMPLE = 'for example @pytest.mark.scorecard("refunds", attestations="signed.yaml")'
_TOLD = 3


class Level(int):
    """A level, 0 to 5, that can say what it lacks when an assertion about it fails."""

    card: Scorecard
    dimensions: tuple[DimensionScore, ...]

    @classmethod
    def of(cls, card: Scorecard, name: str) -> Level:
        """The level of a dimension, or of the whole where none is named."""
        level = cls(min(one.level for one in card.dimensions if name in ("", one.name)))
        level.card = card
        level.dimensions = tuple(
            one for one in card.dimensions if name in ("", one.name) and one.level == level
        )
        return level


@dataclass(frozen=True, slots=True, repr=False)
class Readiness:
    """A scorecard in the hands of a test: ``assert scorecard.level("security") >= 2``; ``card`` is all."""

    card: Scorecard

    def __repr__(self) -> str:
        return f"Readiness({self.card.agent})"

    def level(self, dimension: str = "") -> Level:
        """The level of a dimension; without a name that of the whole, which is that of the weakest one."""
        __tracebackhide__ = True
        names = [one.name for one in self.card.dimensions]
        if dimension and dimension not in names:
            remedy = nearest(dimension, names) or ", ".join(names)
            pytest.fail(f"there is no dimension {dimension!r}; {remedy}", pytrace=False)
        return Level.of(self.card, dimension)


def open_scorecard(request: pytest.FixtureRequest) -> Readiness:
    """Write what the session has shown so far, look at the project's files, and score."""
    __tracebackhide__ = True
    with told_plainly():
        return Readiness(_scored(request.node))


def _scored(item: pytest.Item) -> Scorecard:
    config, settings = item.config, base_settings(item.config)
    mark = item.get_closest_marker("scorecard")
    args, options = (mark.args, mark.kwargs) if mark else ((), {})
    _check(item, args, options)
    if not wants_evidence(config.rootpath, settings):
        raise ConfigInvalid(
            "nothing keeps evidence here, and without evidence every level is 0",
            where=str(config.rootpath / "pyproject.toml"),
            remedy="add a table [tool.agentops] to pyproject.toml, or set AGENTOPS_EVIDENCE=1",
        )
    _evidence.write(config)
    shown = agents_shown(config.rootpath)
    agent = args[0] if args else _agent(item, settings, shown)
    root = config.rootpath
    note_evidence(root, settings, lambda: noted_of_project(root, settings, agent), warn=_evidence.warn)
    order = ScoreOrder(
        root=root,
        criteria=tuple(_files(item, options, "criteria")),
        attestations=tuple(_files(item, options, "attestations")),
    )
    return score(order, [agent], unnamed={*shown} <= {agent})[agent]


def _check(item: pytest.Item, args: tuple[object, ...], options: Iterable[str]) -> None:
    where = f"@pytest.mark.scorecard of {item.nodeid}"
    for name in options:
        if name not in _KEYWORDS:
            what = f"@pytest.mark.scorecard has no keyword {name!r}"
            raise ConfigInvalid(what, where=where, remedy=nearest(name, _KEYWORDS))
    if len(args) > 1 or not all(isinstance(one, str) and one for one in args):
        raise ConfigInvalid("@pytest.mark.scorecard takes an agent's name", where=where, remedy=_EXAMPLE)


def _agent(item: pytest.Item, settings: Settings, shown: tuple[str, ...]) -> str:
    agent = agent_meant(settings, shown)
    if not agent:
        raise ConfigInvalid(
            f"there is evidence of {len(shown)} agents: {', '.join(shown[:10])}",
            where=item.nodeid,
            remedy=f"@pytest.mark.scorecard({shown[0]!r})",
        )
    return agent


def _files(item: pytest.Item, options: Mapping[str, Any], name: str) -> Iterator[Path]:
    """Beside the test, or from the root."""
    given = options.get(name, ())
    for one in (given,) if isinstance(given, str) else given:
        yield found(one, Path(item.path).parent, item.config)


# -- what a failed assertion tells --------------------------------------------------------------------


def explain(op: str, left: object, right: object) -> list[str] | None:
    """What a level lacks, where two were compared and it is too low."""
    level, asked, wanted = (
        (left, right, op in (">=", ">", "=="))
        if isinstance(left, Level)
        else (
            right,
            left,
            op in ("<=", "<", "=="),
        )
    )
    if not isinstance(level, Level) or isinstance(asked, Level) or not isinstance(asked, int) or not wanted:
        return None
    whole = len({one.name for one in level.card.dimensions} - {one.name for one in level.dimensions}) == 0
    names = "every dimension" if whole else ", ".join(one.name for one in level.dimensions)
    lines = [f"{level.card.agent!r} is at level {int(level)} in {names}, and {asked} is asked for ({op})"]
    if int(level) < asked:
        most = _TOLD if len(level.dimensions) == 1 else 1
        for one in level.dimensions[:_TOLD]:
            lines += _lacking(one, level.card, most)
    return [*lines, shlex.join(["agentops-eval", "scorecard", "--agent", level.card.agent])]


def _lacking(one: DimensionScore, card: Scorecard, most: int) -> Iterator[str]:
    """What holds a dimension down: harm first, then the criteria that the next level waits for."""
    for cap in one.caps[:most]:
        yield f"  {one.name} is held down to {cap.level}: {cap.reason}"
        yield f"    evidence  {', '.join(cap.sources[:_TOLD]) or 'none'}"
    order = {step.criterion: place for place, step in enumerate(card.plan)}
    results = {each.id: each for each in one.criteria}
    blocking = sorted(one.blocking, key=lambda name: order.get(name, len(order)))
    for name in blocking[:most]:
        found_there = results[name]
        yield f"  {name} (level {found_there.level}) is {found_there.standing}: {found_there.reason}"
        yield f"    evidence  {', '.join(found_there.sources[:_TOLD]) or 'none'}"
        yield f"    show it:  {found_there.command}"
    if len(blocking) > most:
        yield f"  and {len(blocking) - most} more"
