"""What is looked for in runbooks and reviews: whether they are there, whole, and of what was shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from agentops_eval.harness._inventory import ROLE
from agentops_eval.harness.evidencing._looks import Look, Project, many
from agentops_eval.harness.operating import known_failures
from agentops_eval.operations import REVIEW, failure_mode, next_month
from agentops_eval.reports import sheet_id

_REVIEWS = ("reviews/**/*.md", "docs/reviews/**/*.md")
_YOUNG = 14
"""So many days into a month its predecessor need not be reviewed yet."""


def look_at_runbooks(project: Project) -> Look:
    """A runbook has an owner, tells how it is detected and how it is rolled back.

    A failure mode is covered where a whole runbook names its id, be it generated or written by hand.
    Without any that was shown there is no share.
    """
    files = project.runbooks
    whole = [path for path in files if is_runbook(project.text(path))]
    says = f"{many(len(whole), len(files))} runbooks have an owner, detection and rollback"
    modes = _shown(project)
    named = {mode for mode in modes if _names(map(project.text, whole), mode)}
    if modes:
        says += f"; {len(named)} of {len(modes)} failure modes that were shown have one"
    return Look(
        passed=len(whole) == len(files) if files else None,
        says=says,
        files=files,
        covered=len(named) / len(modes) if modes else None,
    )


def look_at_review(project: Project) -> Look:
    """The operational review of the last month, or of the one before it while the month is young."""
    today = datetime.now(UTC)
    last = next_month(today.strftime("%Y-%m"), -1)
    wanted = {last, next_month(last, -1)} if today.day <= _YOUNG else {last}
    months = {sheet_id(project.text(path)).removeprefix(REVIEW): path for path in project.glob(_REVIEWS)}
    kept = sorted(wanted & months.keys())
    says = f"the review of {kept[-1]} is kept" if kept else f"no review of {last} is kept"
    return Look(passed=bool(kept) or None, says=says, files=tuple(months[one] for one in kept))


def is_runbook(text: str) -> bool:
    """Whether a text has what every runbook needs."""
    told = text.lower()
    return bool(ROLE.search(told)) and "detect" in told and ("rollback" in told or "roll back" in told)


def _names(texts: Iterable[str], mode: str) -> bool:
    return any(mode in text for text in texts)


def _shown(project: Project) -> set[str]:
    """The ids of the failure modes that the project's evidence and journals show of this agent."""
    known = known_failures(project.root, project.settings, _nobody)
    modes = (failure_mode(one) for one in (*known.seen, *known.incidents))
    return {one.id for one in modes if one is not None and project.agent in ("", one.agent)}


def _nobody(_where: str, _what: str) -> None:
    """A journal that cannot be read shows nothing; whoever reports journals says so."""
