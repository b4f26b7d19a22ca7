"""Prompts for tests, read as files are, without files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agentops_eval.evals.prompts import Approval, Prompt, Prompts, Version, parse_prompt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOOLS = [
    {
        "name": "get_order",
        "description": "Look an order up.",
        "parameters": {
            "type": "object",
            "properties": {"order_id": {"type": "integer"}},
            "required": ["order_id"],
        },
    }
]
AT = "2026-01-02T03:04:05Z"


def read(
    text: str,
    *,
    name: str = "desk",
    version: str = "",
    where: str = "p.txt",
    files: Mapping[str, str] | None = None,
) -> Prompt:
    """The prompt that a file with this content holds; ``files`` stand beside it."""
    beside = files or {}

    def read_beside(path: str) -> str:
        if path not in beside:
            raise FileNotFoundError(2, "No such file or directory")
        return beside[path]

    return parse_prompt(text.encode(), name=name, version=version, where=where, beside=read_beside)


def made(
    text: str = "You are a desk.", version: str = "1.0.0", *, head: str = "", name: str = "desk"
) -> Prompt:
    """A prompt of this text; ``head`` is what else its head says."""
    return read(f"version: {version}\n{head}\n---\n{text}\n", name=name, where=f"{name}/v{version}.txt")


def tools_head(tools: object = TOOLS) -> str:
    """The line of a head that tells of these tools."""
    return f"tools: {json.dumps(tools)}"


def approved(prompt: Prompt, *, after: Iterable[Approval] = (), role: str = "", line: int = 1) -> Approval:
    """The approval of a version as it stands."""
    return Approval(
        prompt=prompt.name,
        version=prompt.version,
        digest=prompt.digest,
        approved_at=AT,
        role=role,
        after=tuple(one.id for one in after),
        line=line,
    )


def book(*prompts: Prompt, approvals: Iterable[Approval] = ()) -> Prompts:
    """These prompts as those of a folder."""
    return Prompts.of(prompts, approvals, folder="prompts", register="prompts/approved.jsonl")


def v(text: str) -> Version:
    """A version by its text."""
    return Version.parse(text)
