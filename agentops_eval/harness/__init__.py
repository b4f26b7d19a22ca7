"""Wiring: settings become seams with handlers, shared by the command line and the pytest plugin."""

from agentops_eval.harness._api import recording, replaying
from agentops_eval.harness._approver import APPROVERS, approver_of
from agentops_eval.harness._audit import audit_command
from agentops_eval.harness._audit_text import report_json, report_lines
from agentops_eval.harness._audited import begin_watching, in_child
from agentops_eval.harness._golden import GoldenFile
from agentops_eval.harness._paths import CasePaths, case_paths, safe_case
from agentops_eval.harness._report import RunReport
from agentops_eval.harness._run import ActiveRun, RunMode, RunSpec, decide_mode, open_run
from agentops_eval.harness._settings import (
    KEYS,
    RecordMode,
    Settings,
    apply,
    load_settings,
    refuse_in_ci,
)
from agentops_eval.harness._target import Target, load_target
from agentops_eval.replay import AuditReport

__all__ = [
    "APPROVERS",
    "KEYS",
    "ActiveRun",
    "AuditReport",
    "CasePaths",
    "GoldenFile",
    "RecordMode",
    "RunMode",
    "RunReport",
    "RunSpec",
    "Settings",
    "Target",
    "apply",
    "approver_of",
    "audit_command",
    "begin_watching",
    "case_paths",
    "decide_mode",
    "in_child",
    "load_settings",
    "load_target",
    "open_run",
    "recording",
    "refuse_in_ci",
    "replaying",
    "report_json",
    "report_lines",
    "safe_case",
]
