"""``--agentops-audit``: a passing test again, in child processes, with one thing varied each time."""

from __future__ import annotations

import os
import sys

import pytest

from agentops_eval.domain import RunMisuse
from agentops_eval.harness import audit_command, report_brief, report_lines


def audit_test(item: pytest.Item, intentional: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Audit one test: what it depends on, for the summary; and in full where that fails it."""
    try:
        report = audit_command(_command(item), intentional=intentional, cwd=item.config.invocation_params.dir)
    except RunMisuse as error:
        lines = str(error).splitlines()
        return lines, lines
    return list(report_brief(report)), [] if report.deterministic else list(report_lines(report))


def _command(item: pytest.Item) -> list[str]:
    """This test alone, with the configuration of this session and without its selection of tests."""
    config = item.config
    words = [sys.executable, "-m", "pytest", "-q", "--no-header", f"--rootdir={config.rootpath}"]
    words += ["-p", "no:cacheprovider"]  # failures of varied runs are nobody's last failures
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
