"""A report in a file that a person named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.cli._errors import Misused

if TYPE_CHECKING:
    from agentops_eval.domain import Finding
    from agentops_eval.traces.lint import LintReport
    from agentops_eval.traces.redaction import Redactor


def refuse_input(out: Path, files: Iterable[Path], *, option: str) -> None:
    """Refuse to write a report over one of the files that it is about."""
    for file in files:
        if out.exists() and file.exists() and out.samefile(file):
            raise Misused(f"{option} names {out}, which is read", remedy=f"name another file with {option}")


def write_report(out: Path, data: bytes) -> None:
    """Write it whole or not at all, folders included; what was there before is replaced. Raises OSError."""
    from agentops_eval.traces import write_whole

    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, data)


def redacting(folder: Path) -> Redactor:
    """What takes secrets out of a report, as the project's settings say."""
    from agentops_eval.harness import redactor_of, settings_for_reading

    return redactor_of(settings_for_reading(folder))


def without_secrets(report: LintReport, redactor: Redactor) -> LintReport:
    """The report; a tool's name or a span's may hold a secret, and reports go to other places."""

    def redacted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(
            replace(one, message=redactor.text(one.message), span=redactor.text(one.span)) for one in findings
        )

    return replace(
        report,
        findings=redacted(report.findings),
        emitted=redacted(report.emitted),
        runs=tuple(replace(run, root=redactor.text(run.root)) for run in report.runs),
    )
