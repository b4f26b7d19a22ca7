"""``--agentops-explore``: one more test for each agent that a ``chaos`` mark names, which explores it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentops_eval.chaos.exploring import Exploration, Options
from agentops_eval.domain import AgentopsError, ChaosFinding
from agentops_eval.harness import redactor_of
from agentops_eval.harness.faulting import Around, ExploreOrder, explore_agent, read_budget
from pytest_agentops._chaos import read_mark
from pytest_agentops._evidence import shown


class Weak(Exception):
    """The exploration found something."""


class ExploreItem(pytest.Item):
    """Explores one agent. It fails where a fault, or two at once, do harm."""

    def __init__(self, *, order: ExploreOrder, around: Around, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._order, self._around = order, around

    def runtest(self) -> None:
        """Explore within the budget."""
        found = explore_agent(self._order, self._around)
        told = (self._order.subject.target, found, self._order.options.depth)
        shown(self.config).explored.append(told)
        self.add_report_section("call", "exploration", _covered(found))
        if not found.steady:
            redactor = redactor_of(self._order.subject.settings)
            raise Weak(redactor.text("\n".join((*map(_told, found.findings), *_doubts(found)))))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show findings and errors of ours without a traceback."""
        if isinstance(excinfo.value, (Weak, AgentopsError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style=style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, and what it is called."""
        return self.path, None, self.name


def add_explorations(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Append an item for each agent, with its words and world, that a mark among ``items`` names, once."""
    try:
        runs, seconds = read_budget(config.getoption("agentops_explore"))
    except ValueError as error:
        raise pytest.UsageError(f"--agentops-explore: {error}") from None
    seen: set[object] = set()
    for item in list(items):
        mark = item.get_closest_marker("chaos")
        if mark is None or not mark.args:
            continue
        try:
            marked = read_mark(item)
        except AgentopsError:  # told when the test itself runs
            continue
        key = (mark.args, tuple(sorted((name, repr(value)) for name, value in mark.kwargs.items())))
        module = item.getparent(pytest.Module)
        if marked.order is None or key in seen or module is None:
            continue
        seen.add(key)
        order = ExploreOrder(
            subject=marked.order,
            contract=marked.path,
            options=Options(runs=runs, undeclared=marked.path is not None),
        )
        name = f"explore[{' '.join(mark.args)}]"
        items.append(ExploreItem.from_parent(module, name=name, order=order, around=Around(seconds=seconds)))


def _told(finding: ChaosFinding) -> str:
    impact = finding.impact
    reasons = [f"  {one.harm.value}: {one.text or one.subject}" for one in impact.reasons]
    return "\n".join((f"{impact.mode.value} under {impact.run.schedule}", *reasons))


def _doubts(found: Exploration) -> list[str]:
    return [f"the search was wrong to prune ({rule}): {schedule}" for schedule, rule in found.disagreements]


def _covered(found: Exploration) -> str:
    singles, pairs = found.coverage.singles, found.coverage.pairs
    ended = "" if found.complete else "; the budget is spent"
    return (
        f"{found.coverage.runs} runs, {found.coverage.behaviours} behaviours; one fault {singles.covered} of "
        f"{singles.total}, two faults {pairs.covered} of {pairs.total} run{ended}"
    )
