"""What a scenario file is called in messages, and how its fields are told."""

from __future__ import annotations

from typing import TypeAlias

from agentops_eval import documents
from agentops_eval.domain import ScenarioInvalid
from agentops_eval.evals.suites._fields import FORMS, SharedFields, SuiteFields, UserFields

SCENARIO_FILE = documents.DocumentKind(
    noun="scenario file",
    error=ScenarioInvalid,
    example="agentops-eval init shows a first one",
    split="split it into several files: they run together as suites of one folder",
    forms=FORMS,
    nouns={SuiteFields: "a scenario file", SharedFields: "defaults", UserFields: "a user"},
    instead={"name": "write id, which never changes, or title", "vars": "did you mean 'variables'?"},
)

Problems: TypeAlias = documents.Problems[ScenarioInvalid]
"""What is wrong with one scenario file."""


def together(errors: tuple[ScenarioInvalid, ...]) -> ScenarioInvalid:
    """One error for several, for where only one can be raised. ``errors`` is not empty."""
    return documents.together(errors, SCENARIO_FILE)
