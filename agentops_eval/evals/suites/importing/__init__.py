"""Suites of other tools as scenario files: what can be said in ours, and a list of all that cannot."""

from __future__ import annotations

from agentops_eval.evals.suites.importing._import import ImportedSuite, form_of, import_suite
from agentops_eval.evals.suites.importing._notes import Note

__all__ = ["ImportedSuite", "Note", "form_of", "import_suite"]
