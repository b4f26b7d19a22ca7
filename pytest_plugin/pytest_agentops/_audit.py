"""``--agentops-audit``: a passing test again, in child processes, with one thing varied each time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from agentops_eval.domain import RunMisuse
from agentops_eval.harness import AuditReport, audit_command

_CHILD = "AGENTOPS_PROBE"  # set in the processes that an audit starts: they must not audit again


def wants_audit(config: pytest.Config) -> bool:
    """Whether tests are audited in this session."""
    return bool(config.getoption("agentops_audit")) and _CHILD not in os.environ


def audit_test(item: pytest.Item, intentional: tuple[str, ...]) -> tuple[list[str], bool]:
    """Audit one test: what it depends on, line by line, and whether that is none of its business."""
    try:
        report = audit_command(_command(item), intentional=intentional, cwd=item.config.invocation_params.dir)
    except RunMisuse as error:
        return str(error).splitlines(), True
    return list(_lines(report)), bool(report.accidental or report.unstable)


def _command(item: pytest.Item) -> list[str]:
    """This test alone, with the configuration of this session and without its selection of tests."""
    config = item.config
    words = [sys.executable, "-m", "pytest", "-q", "--no-header", f"--rootdir={config.rootpath}"]
    if config.inipath is not None:
        words += ["-c", str(config.inipath)]
    for plugin in config.getoption("plugins", default=None) or ():
        words += ["-p", str(plugin)]
    for override in config.getoption("override_ini", default=None) or ():
        words += ["-o", str(override)]
    if config.pluginmanager.has_plugin("xdist"):
        words.append("-n0")
    words += [
        f"--agentops-{name.replace('_', '-')}"
        for name in ("real_time", "allow_drift")
        if config.getoption(f"agentops_{name}")
    ]
    branch = config.getoption("agentops_branch")
    words += [f"--agentops-branch={branch}"] if branch else []
    path = os.path.relpath(item.path, config.invocation_params.dir)
    return [*words, path + item.nodeid[len(item.nodeid.partition("::")[0]) :]]


def _lines(report: AuditReport) -> Iterator[str]:
    if report.unstable:
        yield f"not deterministic: {report.unstable}"
        return
    for finding in report.findings:
        word = "intentional" if finding.intentional else "accidental" if finding.reached else "harmless"
        reached = f"reached {finding.call}" if finding.reached else "reached no request"
        yield f"{finding.factor.value}: {word}, {reached}"
        yield from (f"  read at   {site}" for site in finding.sites)
        if finding.reached:
            yield f"  asked at  {finding.site}"
            yield f"  plain     {finding.before[:200]}"
            yield f"  varied    {finding.after[:200]}"
    if not report.accidental:
        yield f"deterministic; varied: {', '.join(factor.value for factor in report.varied)}"
