"""Wiring: settings become seams with handlers, shared by the command line and the pytest plugin."""

from agentops_eval.harness._api import recording, replaying
from agentops_eval.harness._approver import APPROVERS, approver_of
from agentops_eval.harness._audit import audit_command
from agentops_eval.harness._audit_text import report_brief, report_json, report_lines
from agentops_eval.harness._audited import begin_watching, in_child
from agentops_eval.harness._cases import CaseFiles, beside, find_stems, function_of, is_case_of, stem_of
from agentops_eval.harness._child import check_command
from agentops_eval.harness._filter import RunFilter, Sieve
from agentops_eval.harness._former import rename_hint
from agentops_eval.harness._golden import GoldenFile
from agentops_eval.harness._import import Imported, ImportedRun, import_runs
from agentops_eval.harness._import_suites import import_suite_files
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._lint import load_lint_config
from agentops_eval.harness._mode import RunMode, decide_mode
from agentops_eval.harness._opening import RunSpec
from agentops_eval.harness._ours import is_golden, is_recording
from agentops_eval.harness._outputs import ImportKind
from agentops_eval.harness._paths import CasePaths, case_paths, safe_case
from agentops_eval.harness._pricing import pricing_of
from agentops_eval.harness._proxied import ProxiedAgent, name_of
from agentops_eval.harness._push import Outgoing, PushOptions, push_runs
from agentops_eval.harness._recorded import Recorded, read_recorded
from agentops_eval.harness._recover import recover_recording
from agentops_eval.harness._rename import (
    Renamed,
    Renaming,
    plan_renaming,
    refuse_overwriting,
    rename_cases,
)
from agentops_eval.harness._report import HOW_TO_TELL, STOOD_IN, RunReport
from agentops_eval.harness._run import ActiveRun, open_run
from agentops_eval.harness._runs import read_runs
from agentops_eval.harness._selection import ImportFilter
from agentops_eval.harness._settings import (
    KEYS,
    RecordMode,
    Settings,
    apply,
    load_settings,
    refuse_in_ci,
    settings_for_reading,
    wrong_setting,
)
from agentops_eval.harness._suites import (
    LoadedSuites,
    find_scenario_files,
    is_scenario_file,
    load_suites,
    read_suite_file,
)
from agentops_eval.harness._target import Target, load_target
from agentops_eval.harness._wrong import INI_NOTATION, MARK_NOTATION, unknown_name
from agentops_eval.replay import AuditReport

__all__ = [
    "APPROVERS",
    "HOW_TO_TELL",
    "INI_NOTATION",
    "KEYS",
    "MARK_NOTATION",
    "STOOD_IN",
    "ActiveRun",
    "AuditReport",
    "CaseFiles",
    "CasePaths",
    "GoldenFile",
    "ImportFilter",
    "ImportKind",
    "Imported",
    "ImportedRun",
    "LoadedSuites",
    "Outgoing",
    "ProxiedAgent",
    "PushOptions",
    "RecordMode",
    "Recorded",
    "Renamed",
    "Renaming",
    "RunFilter",
    "RunMode",
    "RunReport",
    "RunSpec",
    "Settings",
    "Sieve",
    "Target",
    "apply",
    "approver_of",
    "audit_command",
    "begin_watching",
    "beside",
    "case_paths",
    "check_command",
    "decide_mode",
    "find_scenario_files",
    "find_stems",
    "function_of",
    "import_runs",
    "import_suite_files",
    "in_child",
    "is_case_of",
    "is_golden",
    "is_recording",
    "is_scenario_file",
    "load_lint_config",
    "load_settings",
    "load_suites",
    "load_target",
    "name_of",
    "open_run",
    "plan_renaming",
    "pricing_of",
    "push_runs",
    "read_recorded",
    "read_runs",
    "read_suite_file",
    "recording",
    "recover_recording",
    "redactor_of",
    "refuse_in_ci",
    "refuse_overwriting",
    "rename_cases",
    "rename_hint",
    "replaying",
    "report_brief",
    "report_json",
    "report_lines",
    "safe_case",
    "settings_for_reading",
    "stem_of",
    "unknown_name",
    "wrong_setting",
]
