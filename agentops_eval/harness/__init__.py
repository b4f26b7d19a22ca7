"""Wiring: settings become seams with handlers, shared by the command line and the pytest plugin.

Everything is imported on first use: an agent that reads a prompt needs none of the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness._api import recording, replaying
    from agentops_eval.harness._approver import APPROVERS, approver_of
    from agentops_eval.harness._audit import audit_command
    from agentops_eval.harness._audit_text import report_brief, report_json, report_lines
    from agentops_eval.harness._audited import begin_watching, in_child
    from agentops_eval.harness._calibrate import Example, Examples, JudgedRows, judged_rows, read_examples
    from agentops_eval.harness._calibrations import calibration_path, read_trust, write_calibration
    from agentops_eval.harness._cases import CaseFiles, beside, find_stems, function_of, is_case_of, stem_of
    from agentops_eval.harness._chained import lock_alone
    from agentops_eval.harness._child import check_command, wait_for_interruption
    from agentops_eval.harness._filter import RunFilter, Sieve
    from agentops_eval.harness._former import rename_hint
    from agentops_eval.harness._golden import GoldenFile
    from agentops_eval.harness._import import Imported, ImportedRun, import_runs
    from agentops_eval.harness._import_suites import import_suite_files
    from agentops_eval.harness._judge import Asked, LlmJudge, needs_recording, open_judge
    from agentops_eval.harness._judge_settings import JudgeSettings, load_judge_settings
    from agentops_eval.harness._judge_store import JUDGES
    from agentops_eval.harness._keys import redactor_of
    from agentops_eval.harness._labels import LABELS, append_label, read_labels
    from agentops_eval.harness._lint import load_lint_config
    from agentops_eval.harness._mode import RunMode, decide_mode
    from agentops_eval.harness._opening import RunSpec
    from agentops_eval.harness._ours import is_golden, is_recording
    from agentops_eval.harness._outcomes import Outcomes, read_outcomes
    from agentops_eval.harness._outputs import ImportKind
    from agentops_eval.harness._paths import CasePaths, case_paths, safe_case
    from agentops_eval.harness._pricing import pricing_of
    from agentops_eval.harness._prompt_approval import Approved, approve_prompt
    from agentops_eval.harness._prompt_history import earlier_approvals, prompt_at
    from agentops_eval.harness._prompts import Survey, prompt, prompts_in, read_prompt_file, survey_prompts
    from agentops_eval.harness._proxied import ProxiedAgent, name_of
    from agentops_eval.harness._push import Outgoing, PushOptions, push_runs
    from agentops_eval.harness._recorded import Recorded, read_recorded, recorded_beside
    from agentops_eval.harness._recover import recover_recording
    from agentops_eval.harness._rename import (
        Renamed,
        Renaming,
        plan_renaming,
        refuse_overwriting,
        rename_cases,
    )
    from agentops_eval.harness._report import HOW_TO_TELL, STOOD_IN, RunReport
    from agentops_eval.harness._results_labelled import Judgement, find_judgement
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
    from agentops_eval.harness._story import RunToTell, story_of
    from agentops_eval.harness._suites import (
        LoadedSuites,
        find_scenario_files,
        is_scenario_file,
        load_suites,
        read_suite_file,
    )
    from agentops_eval.harness._target import Target, load_target
    from agentops_eval.harness._user import UserLlm, converse, converse_async, user_llm
    from agentops_eval.harness._wrong import INI_NOTATION, MARK_NOTATION, unknown_name
    from agentops_eval.replay import AuditReport

_HOMES = {
    "_api": "recording replaying",
    "_approver": "APPROVERS approver_of",
    "_audit": "audit_command",
    "_audit_text": "report_brief report_json report_lines",
    "_audited": "begin_watching in_child",
    "_calibrate": "Example Examples JudgedRows judged_rows read_examples",
    "_calibrations": "calibration_path read_trust write_calibration",
    "_cases": "CaseFiles beside find_stems function_of is_case_of stem_of",
    "_chained": "lock_alone",
    "_child": "check_command wait_for_interruption",
    "_filter": "RunFilter Sieve",
    "_former": "rename_hint",
    "_golden": "GoldenFile",
    "_import": "Imported ImportedRun import_runs",
    "_import_suites": "import_suite_files",
    "_judge": "Asked LlmJudge needs_recording open_judge",
    "_judge_settings": "JudgeSettings load_judge_settings",
    "_judge_store": "JUDGES",
    "_keys": "redactor_of",
    "_labels": "LABELS append_label read_labels",
    "_lint": "load_lint_config",
    "_mode": "RunMode decide_mode",
    "_opening": "RunSpec",
    "_ours": "is_golden is_recording",
    "_outcomes": "Outcomes read_outcomes",
    "_outputs": "ImportKind",
    "_paths": "CasePaths case_paths safe_case",
    "_pricing": "pricing_of",
    "_prompt_approval": "Approved approve_prompt",
    "_prompt_history": "earlier_approvals prompt_at",
    "_prompts": "Survey prompt prompts_in read_prompt_file survey_prompts",
    "_proxied": "ProxiedAgent name_of",
    "_push": "Outgoing PushOptions push_runs",
    "_recorded": "Recorded read_recorded recorded_beside",
    "_recover": "recover_recording",
    "_rename": "Renamed Renaming plan_renaming refuse_overwriting rename_cases",
    "_report": "HOW_TO_TELL RunReport STOOD_IN",
    "_results_labelled": "Judgement find_judgement",
    "_run": "ActiveRun open_run",
    "_runs": "read_runs",
    "_selection": "ImportFilter",
    "_settings": "KEYS RecordMode Settings apply load_settings refuse_in_ci settings_for_reading"
    " wrong_setting",
    "_story": "RunToTell story_of",
    "_suites": "LoadedSuites find_scenario_files is_scenario_file load_suites read_suite_file",
    "_target": "Target load_target",
    "_user": "UserLlm converse converse_async user_llm",
    "_wrong": "INI_NOTATION MARK_NOTATION unknown_name",
    "agentops_eval.replay": "AuditReport",
}
"""Where each public name lives, by module of this package, or by its whole name."""

__all__ = [
    "APPROVERS",
    "HOW_TO_TELL",
    "INI_NOTATION",
    "JUDGES",
    "KEYS",
    "LABELS",
    "MARK_NOTATION",
    "STOOD_IN",
    "ActiveRun",
    "Approved",
    "Asked",
    "AuditReport",
    "CaseFiles",
    "CasePaths",
    "Example",
    "Examples",
    "GoldenFile",
    "ImportFilter",
    "ImportKind",
    "Imported",
    "ImportedRun",
    "JudgeSettings",
    "JudgedRows",
    "Judgement",
    "LlmJudge",
    "LoadedSuites",
    "Outcomes",
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
    "RunToTell",
    "Settings",
    "Sieve",
    "Survey",
    "Target",
    "UserLlm",
    "append_label",
    "apply",
    "approve_prompt",
    "approver_of",
    "audit_command",
    "begin_watching",
    "beside",
    "calibration_path",
    "case_paths",
    "check_command",
    "converse",
    "converse_async",
    "decide_mode",
    "earlier_approvals",
    "find_judgement",
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
    "judged_rows",
    "load_judge_settings",
    "load_lint_config",
    "load_settings",
    "load_suites",
    "load_target",
    "lock_alone",
    "name_of",
    "needs_recording",
    "open_judge",
    "open_run",
    "plan_renaming",
    "pricing_of",
    "prompt",
    "prompt_at",
    "prompts_in",
    "push_runs",
    "read_examples",
    "read_labels",
    "read_outcomes",
    "read_prompt_file",
    "read_recorded",
    "read_runs",
    "read_suite_file",
    "read_trust",
    "recorded_beside",
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
    "story_of",
    "survey_prompts",
    "unknown_name",
    "user_llm",
    "wait_for_interruption",
    "write_calibration",
    "wrong_setting",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
