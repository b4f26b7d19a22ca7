"""Suites of other tools, made up for the tests, imported with every evaluator there is."""

from __future__ import annotations

import json
from typing import Any

from agentops_eval.evals.suites import ImportedSuite, import_suite, parse, suite_yaml
from tests.evals.suites._kit import EVALUATORS, suite


def imported(*documents: Any, name: str = "other.json") -> ImportedSuite:
    """What comes of documents; it loads without a problem, as YAML and as JSON, and that is checked."""
    parsed = [parse(json.dumps(document).encode(), name) for document in documents]
    found = import_suite(parsed, evaluators=EVALUATORS)
    if found.scenarios:
        as_json = suite(json.dumps(found.document), "a.json")
        assert suite(suite_yaml(found.document), "a.yaml").digest == as_json.digest
    return found


def scenario(found: ImportedSuite) -> dict[str, Any]:
    """The only scenario of an import."""
    scenarios = found.document["scenarios"]
    assert isinstance(scenarios, list)
    (one,) = scenarios
    return one


def told(found: ImportedSuite) -> list[str]:
    """What is left out or changed, each on a line."""
    return [f"{'~' if note.kept else '-'} {note.where}: {note.what}" for note in found.notes]
