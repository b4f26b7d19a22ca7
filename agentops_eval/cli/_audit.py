"""Printing the determinism audit of ``replay --twice``."""

from __future__ import annotations

import sys
from pathlib import Path

from agentops_eval.cli._output import plain, print_json, say
from agentops_eval.harness import AuditReport, Settings, Target, audit_command, report_json


def audit(target: Target, cassette: Path, settings: Settings, as_json: bool) -> int:
    """Run the audit of ``target`` in child processes and print what it depends on."""
    command = [sys.executable, "-m", "agentops_eval.cli", "replay", target.spec, *target.arguments]
    report = audit_command(
        [*command, "--cassette", str(cassette), "--json"], intentional=settings.intentional
    )
    if as_json:
        print_json(report_json(report))
    else:
        show_report(report, target.name)
    return 1 if report.accidental or report.unstable else 0


def show_report(report: AuditReport, name: str) -> None:
    """Print the findings of one case."""
    if report.unstable:
        say(f"{name} is not deterministic: {plain(report.unstable)}", style="red")
        return
    for finding in report.findings:
        word = "intentional" if finding.intentional else "accidental" if finding.reached else "harmless"
        reached = f"reached {finding.call}" if finding.reached else "reached no request"
        say(f"{finding.factor.value}: {word}, {plain(reached)}", style="red" if word == "accidental" else "")
        for site in finding.sites:
            say(f"  read at   {plain(site)}")
        if finding.reached:
            say(f"  asked at  {plain(finding.site)}")
            say(f"  plain     {plain(finding.before, limit=200)}")
            say(f"  varied    {plain(finding.after, limit=200)}")
    quiet = [f.value for f in report.varied if f not in {finding.factor for finding in report.findings}]
    if quiet:
        say(f"varied without effect: {', '.join(quiet)}")
    verdict = f"{len(report.accidental)} accidental dependence(s)" if report.accidental else "deterministic"
    say(f"{name}: {verdict}")
