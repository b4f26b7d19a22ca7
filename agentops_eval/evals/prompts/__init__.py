"""Prompts as versions: files, digests, approvals, differences, and which of them a trace is about.

Everything is imported on first use: an agent that reads a prompt pays for the standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.evals.prompts._book import APPROVED, LATEST, Prompts, State
    from agentops_eval.evals.prompts._check import check_prompts
    from agentops_eval.evals.prompts._diff import FieldChange, PromptDiff, diff_prompts
    from agentops_eval.evals.prompts._digest import short
    from agentops_eval.evals.prompts._json import diff_json, entry_json, finding_json
    from agentops_eval.evals.prompts._log import LogEntry, log_of
    from agentops_eval.evals.prompts._matching import (
        CallVersions,
        PromptIndex,
        PromptUse,
        annotate,
        call_versions,
        versions_of,
    )
    from agentops_eval.evals.prompts._parse import parse_prompt
    from agentops_eval.evals.prompts._prompt import Prompt, digest_of
    from agentops_eval.evals.prompts._register import (
        REGISTER,
        Approval,
        approval_line,
        last_ids,
        read_register,
    )
    from agentops_eval.evals.prompts._schema import ToolChange, ToolChangeKind, compare_tools
    from agentops_eval.evals.prompts._strict import brief
    from agentops_eval.evals.prompts._template import Template
    from agentops_eval.evals.prompts._tools import ToolSchema, read_tools, tools_digest
    from agentops_eval.evals.prompts._version import Version, is_version
    from agentops_eval.evals.prompts._words import Hunk, Piece, PieceKind, compare_words, hunks

_HOMES = {
    "_book": "APPROVED LATEST Prompts State",
    "_check": "check_prompts",
    "_diff": "FieldChange PromptDiff diff_prompts",
    "_digest": "short",
    "_json": "diff_json entry_json finding_json",
    "_log": "LogEntry log_of",
    "_matching": "CallVersions PromptIndex PromptUse annotate call_versions versions_of",
    "_parse": "parse_prompt",
    "_prompt": "Prompt digest_of",
    "_register": "REGISTER Approval approval_line last_ids read_register",
    "_schema": "ToolChange ToolChangeKind compare_tools",
    "_strict": "brief",
    "_template": "Template",
    "_tools": "ToolSchema read_tools tools_digest",
    "_version": "Version is_version",
    "_words": "Hunk Piece PieceKind compare_words hunks",
}
"""Where each public name lives, by module."""

__all__ = [
    "APPROVED",
    "LATEST",
    "REGISTER",
    "Approval",
    "CallVersions",
    "FieldChange",
    "Hunk",
    "LogEntry",
    "Piece",
    "PieceKind",
    "Prompt",
    "PromptDiff",
    "PromptIndex",
    "PromptUse",
    "Prompts",
    "State",
    "Template",
    "ToolChange",
    "ToolChangeKind",
    "ToolSchema",
    "Version",
    "annotate",
    "approval_line",
    "brief",
    "call_versions",
    "check_prompts",
    "compare_tools",
    "compare_words",
    "diff_json",
    "diff_prompts",
    "digest_of",
    "entry_json",
    "finding_json",
    "hunks",
    "is_version",
    "last_ids",
    "log_of",
    "parse_prompt",
    "read_register",
    "read_tools",
    "short",
    "tools_digest",
    "versions_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
