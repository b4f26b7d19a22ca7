"""The history of a prompt: its versions in their order, and what each one changed."""

from __future__ import annotations

from dataclasses import dataclass

from agentops_eval.evals.prompts._book import Prompts, State
from agentops_eval.evals.prompts._diff import PromptDiff, diff_prompts
from agentops_eval.evals.prompts._prompt import Prompt
from agentops_eval.evals.prompts._register import Approval
from agentops_eval.evals.prompts._version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One version: what became of it, and ``diff`` against the version before it, None for the first.

    ``prompt`` is None where the file is gone; its approval is what is known of it.
    """

    version: Version
    state: State
    digest: str
    prompt: Prompt | None = None
    approval: Approval | None = None
    diff: PromptDiff | None = None


def log_of(prompts: Prompts, name: str) -> tuple[LogEntry, ...]:
    """The versions of a prompt, the oldest first, those whose file is gone among them."""
    found: list[LogEntry] = [
        LogEntry(version=one.version, state=State.GONE, digest=one.digest, approval=one)
        for one in prompts.gone
        if one.prompt == name
    ]
    before: Prompt | None = None
    for prompt in prompts.versions(name):
        found.append(
            LogEntry(
                version=prompt.version,
                state=prompts.state_of(prompt),
                digest=prompt.digest,
                prompt=prompt,
                approval=prompts.approval_of(prompt),
                diff=None if before is None else diff_prompts(before, prompt),
            )
        )
        before = prompt
    return tuple(sorted(found, key=lambda entry: entry.version))
