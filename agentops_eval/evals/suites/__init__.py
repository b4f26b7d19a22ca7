"""Scenario files: from what a file says to a suite, and from other tools' suites to a file.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.evals.suites._ids import slug
    from agentops_eval.evals.suites._kind import together
    from agentops_eval.evals.suites._parse import (
        HEAD_BYTES,
        SUFFIXES,
        looks_like_scenarios,
        parse,
        parse_table,
        refuse_long,
    )
    from agentops_eval.evals.suites._read import SuiteReading, Tables, read_suite
    from agentops_eval.evals.suites._schema import scenario_schema
    from agentops_eval.evals.suites._variables import verbatim
    from agentops_eval.evals.suites._write import suite_yaml
    from agentops_eval.evals.suites.importing import ImportedSuite, Note, form_of, import_suite

_HOMES = {
    "_ids": "slug",
    "_kind": "together",
    "_parse": "HEAD_BYTES SUFFIXES looks_like_scenarios parse parse_table refuse_long",
    "_read": "SuiteReading Tables read_suite",
    "_schema": "scenario_schema",
    "_variables": "verbatim",
    "_write": "suite_yaml",
    "importing": "ImportedSuite Note form_of import_suite",
}
"""Where each public name lives, by module."""

__all__ = [
    "HEAD_BYTES",
    "SUFFIXES",
    "ImportedSuite",
    "Note",
    "SuiteReading",
    "Tables",
    "form_of",
    "import_suite",
    "looks_like_scenarios",
    "parse",
    "parse_table",
    "read_suite",
    "refuse_long",
    "scenario_schema",
    "slug",
    "suite_yaml",
    "together",
    "verbatim",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
