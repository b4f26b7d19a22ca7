"""GitHub annotations: what failed, shown at the line of its scenario in a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentops_eval.domain import CaseChange, ChangeKind
from agentops_eval.reports._cases import CaseView, Status, cases_of, worst_first
from agentops_eval.reports._changes import Changes
from agentops_eval.reports._place import scenario_place
from agentops_eval.reports._report import Report
from agentops_eval.reports._text import cut, one_line
from agentops_eval.traces import printable

MOST = 10
"""As many of one level GitHub shows of a step; of more it shows the first."""
_LONGEST = 1_000


def results_annotations(report: Report) -> str:
    """Workflow commands, one a line: errors for what failed, warnings for what nobody could judge.

    Where a comparison is given, regressions come first and say where they diverge, and a case that
    failed before is a warning. At most ten of each level, the last of which counts the others; none at
    all where everything passed.
    """
    changes = Changes(report.comparison)
    errors: list[str] = []
    warnings: list[str] = []
    cases = worst_first(cases_of(report.results))
    for case in sorted(cases, key=lambda case: not _regressed(changes.of(case))):
        if case.status is Status.PASSED:
            continue
        change = changes.of(case)
        before = change is not None and change.kind is not ChangeKind.ADDED
        new = _regressed(change) or (case.status is Status.FAILED and not before)
        level = errors if new else warnings
        level.append(_command("error" if level is errors else "warning", case, change))
    lines = [*_bounded("error", errors), *_bounded("warning", warnings)]
    return "".join(f"{line}\n" for line in lines)


def _regressed(change: CaseChange | None) -> bool:
    return change is not None and change.kind is ChangeKind.REGRESSION


def _bounded(level: str, commands: Sequence[str]) -> Iterator[str]:
    if len(commands) <= MOST:
        yield from commands
        return
    yield from commands[: MOST - 1]
    more = len(commands) - MOST + 1
    yield f"::{level} title=agentops-eval::and {more} more cases: see the report"


def _command(level: str, case: CaseView, change: CaseChange | None) -> str:
    title = f"regression: {case.name}" if _regressed(change) else f"{case.status.words}: {case.name}"
    file, line = scenario_place(case.worst.where)
    place = [f"file={_property(file)}"] if file else []
    place += [f"line={line}"] if file and line else []
    words = ",".join([*place, f"title={_property(one_line(title, 200))}"])
    return f"::{level} {words}::{_data(_message(case, change))}"


def _message(case: CaseView, change: CaseChange | None) -> str:
    said = [case.reason]
    if change is not None and change.diverges:
        said.append(f"first diverging step: {change.diverges}")
    if len(case.trials) > 1:
        said.append(f"{case.passed} of {len(case.trials)} trials passed")
    if case.remedy:
        said.append(f"remedy: {case.remedy}")
    return "\n".join(printable(cut(" ".join(part.split()), _LONGEST)) for part in said if part)


def _data(text: str) -> str:
    """The value of a command: percent signs and line ends are what could end it or begin another."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property's value, in which commas and colons separate."""
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
