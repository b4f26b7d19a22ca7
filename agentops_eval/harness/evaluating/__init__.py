"""Running suites: trials planned, run under their recordings, judged, kept and compared.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.evaluating._agent import Agent, agent_of, load_agent
    from agentops_eval.harness.evaluating._commands import is_kept, record_with_cli, record_with_pytest
    from agentops_eval.harness.evaluating._diverging import Divergences
    from agentops_eval.harness.evaluating._endings import Done
    from agentops_eval.harness.evaluating._plan import Choice, Trial, plan
    from agentops_eval.harness.evaluating._prompt_diffs import prompt_diffs
    from agentops_eval.harness.evaluating._rejudge import against, read_trace, run_of, under
    from agentops_eval.harness.evaluating._reporting import one_variant, report_of, side_by_side
    from agentops_eval.harness.evaluating._rows import ResultsHeader, read_row, row_line, row_of
    from agentops_eval.harness.evaluating._ruling import Ruling, rule, rule_comparison
    from agentops_eval.harness.evaluating._runner import Bounds, run_in_time
    from agentops_eval.harness.evaluating._session import Prepared, Session
    from agentops_eval.harness.evaluating._store import (
        TRACES_SUFFIX,
        Results,
        ResultsWriter,
        keep_results,
        kept_trace,
        read_results,
        rows_in,
    )
    from agentops_eval.harness.evaluating._telling import failure_lines
    from agentops_eval.harness.evaluating._work import Orders, Worker

_HOMES = {
    "_agent": "Agent agent_of load_agent",
    "_commands": "is_kept record_with_cli record_with_pytest",
    "_diverging": "Divergences",
    "_endings": "Done",
    "_plan": "Choice Trial plan",
    "_prompt_diffs": "prompt_diffs",
    "_rejudge": "against read_trace run_of under",
    "_reporting": "one_variant report_of side_by_side",
    "_rows": "ResultsHeader read_row row_line row_of",
    "_ruling": "Ruling rule rule_comparison",
    "_runner": "Bounds run_in_time",
    "_session": "Prepared Session",
    "_store": "TRACES_SUFFIX Results ResultsWriter keep_results kept_trace read_results rows_in",
    "_telling": "failure_lines",
    "_work": "Orders Worker",
}
"""Where each public name lives, by module."""

__all__ = [
    "TRACES_SUFFIX",
    "Agent",
    "Bounds",
    "Choice",
    "Divergences",
    "Done",
    "Orders",
    "Prepared",
    "Results",
    "ResultsHeader",
    "ResultsWriter",
    "Ruling",
    "Session",
    "Trial",
    "Worker",
    "against",
    "agent_of",
    "failure_lines",
    "is_kept",
    "keep_results",
    "kept_trace",
    "load_agent",
    "one_variant",
    "plan",
    "prompt_diffs",
    "read_results",
    "read_row",
    "read_trace",
    "record_with_cli",
    "record_with_pytest",
    "report_of",
    "row_line",
    "row_of",
    "rows_in",
    "rule",
    "rule_comparison",
    "run_in_time",
    "run_of",
    "side_by_side",
    "under",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
