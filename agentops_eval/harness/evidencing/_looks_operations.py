"""What is looked for in files of objectives: promises, tiers of autonomy, escalation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from agentops_eval.harness.evidencing._looks import Look, Project, many
from agentops_eval.harness.operating import load_objectives
from agentops_eval.operations import Indicator, Objectives

_OBJECTIVES = tuple(
    f"{place}objectives.{suffix}" for place in ("", "*.", "ops/", "*/") for suffix in ("yaml", "yml", "json")
)


def _files(project: Project) -> Mapping[Path, Objectives]:
    """Those of this agent, and those that name none. Raises ObjectivesInvalid."""
    found = {path: load_objectives(path) for path in project.glob(_OBJECTIVES)}
    return {
        path: one
        for path, one in found.items()
        if not (project.agent and one.agent not in ("", project.agent))
    }


def _objectives(project: Project) -> Look:
    found = _files(project)
    promised = {each.indicator for one in found.values() for each in one.objectives}
    return Look(
        passed=bool(found) or None,
        says=f"{len(promised)} of {len(Indicator)} indicators have an objective",
        files=tuple(found),
        covered=len(promised) / len(Indicator) if found else None,
    )


def _tiers(project: Project, classes: Callable[[Project], Collection[str]]) -> Look:
    found = _files(project)
    named = {action for one in found.values() for action in one.tiers}
    return _covered(classes(project), named, "classes of actions have a tier of autonomy", tuple(found))


def _escalation(project: Project, approvals: Callable[[Project], Collection[str]]) -> Look:
    found = _files(project)
    named = {action for one in found.values() for action in one.escalation}
    what = "approvals have a deadline and a role to escalate to"
    return _covered(approvals(project), named, what, tuple(found))


def _covered(wanted: Collection[str], named: Collection[str], what: str, files: tuple[Path, ...]) -> Look:
    """Whether all that is wanted, names or globs, is named. Where nothing is wanted, any name will do."""
    if not named:
        return Look(
            passed=None, says=f"{many(0, len(wanted))} {what}", files=files, covered=0.0 if wanted else None
        )
    lacking = [one for one in wanted if not any(fnmatchcase(name, one) for name in named)]
    whole = len(wanted) or len(named)
    return Look(
        passed=not lacking,
        says=f"{many(whole - len(lacking), whole)} {what}",
        files=files,
        covered=1 - len(lacking) / whole,
    )


def operations_looks(
    *, classes: Callable[[Project], Collection[str]], approvals: Callable[[Project], Collection[str]]
) -> Mapping[str, Callable[[Project], Look]]:
    """The looks by subject; they are told which classes of actions there are, and which need an approval."""
    return {
        "escalation": partial(_escalation, approvals=approvals),
        "objectives": _objectives,
        "tiers": partial(_tiers, classes=classes),
    }
