"""Prompts, their differences and their checks as JSON, with the keys that docs/reference/cli.md lists."""

from __future__ import annotations

from agentops_eval.domain import Finding, Json
from agentops_eval.evals.prompts._diff import FieldChange, PromptDiff
from agentops_eval.evals.prompts._log import LogEntry
from agentops_eval.evals.prompts._prompt import Prompt
from agentops_eval.evals.prompts._schema import ToolChange


def diff_json(diff: PromptDiff) -> dict[str, Json]:
    """A difference."""
    return {
        "before": _side(diff.before),
        "after": _side(diff.after),
        "equal": diff.equal,
        "words": [{"kind": piece.kind.value, "text": piece.text} for piece in diff.words],
        "words_removed": diff.removed_words,
        "words_added": diff.added_words,
        "parameters": [_field(change) for change in diff.fields],
        "variables": [_field(change) for change in diff.variables],
        "tools": [_tool(change) for change in diff.tools],
        "tools_compared": all(diff.tools_told),
        "breaking": len(diff.breaking),
    }


def entry_json(entry: LogEntry) -> dict[str, Json]:
    """One version in the history of a prompt."""
    approval, diff = entry.approval, entry.diff
    return {
        "version": str(entry.version),
        "state": entry.state.value,
        "digest": entry.digest,
        "file": None if entry.prompt is None else entry.prompt.where,
        "approved_at": None if approval is None else approval.approved_at,
        "role": (approval.role or None) if approval is not None else None,
        "words_removed": None if diff is None else diff.removed_words,
        "words_added": None if diff is None else diff.added_words,
        "changed": [] if diff is None else [*diff.changed],
    }


def finding_json(finding: Finding) -> dict[str, Json]:
    """One thing that is wrong."""
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": finding.message,
        "where": finding.where,
    }


def _side(prompt: Prompt) -> Json:
    return {
        "name": prompt.name,
        "version": str(prompt.version),
        "digest": prompt.digest,
        "file": prompt.where,
    }


def _field(change: FieldChange) -> Json:
    kind = (
        "changed" if change.has_before and change.has_after else "removed" if change.has_before else "added"
    )
    return {"name": change.name, "kind": kind, "before": change.before, "after": change.after}


def _tool(change: ToolChange) -> Json:
    return {
        "tool": change.tool,
        "kind": change.kind.value,
        "path": change.path,
        "breaking": change.breaking,
        "before": change.before,
        "after": change.after,
    }
