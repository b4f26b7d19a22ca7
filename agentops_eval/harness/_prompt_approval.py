"""Approving a version of a prompt: one line at the end of the register, written by one process at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agentops_eval.domain import PromptInvalid, moment_text
from agentops_eval.evals.prompts import (
    REGISTER,
    Approval,
    Prompt,
    Prompts,
    approval_line,
    diff_prompts,
    last_ids,
)
from agentops_eval.evals.prompts import PromptDiff as Diff
from agentops_eval.harness._prompts import Survey, survey_prompts
from agentops_eval.harness._settings import refuse_approving_in_ci

_LONGEST_ROLE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A version that is approved. ``already`` says that it was so before.

    ``diff`` is what changed against the approved version before it, None where there is none.
    """

    prompt: Prompt
    approval: Approval
    register: str
    already: bool = False
    diff: Diff | None = None


def approve_prompt(
    folder: Path,
    name: str,
    version: str,
    *,
    role: str = "",
    environ: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Approved:
    """Approve a version as its file stands, so that it is never to change again.

    ``role`` is kept with it, such as ``support lead``; no name of a person is asked for. Raises
    RecordingRefused while ``CI`` is set, PromptEdited where the version was approved as something else,
    PromptInvalid and MergeConflict where it or the register cannot be read, and OSError.
    """
    refuse_approving_in_ci(os.environ if environ is None else environ, kept=f"prompt with {REGISTER}")
    role = " ".join(role.split())
    if len(role) > _LONGEST_ROLE:
        what = f"the role has {len(role)} characters, and may have {_LONGEST_ROLE}"
        raise PromptInvalid(what, where="--role", remedy="--role 'support lead'")
    register = folder / REGISTER
    with _locked(folder):
        prompts, prompt = _found(survey_prompts(folder), name, version)
        diff = _since(prompts, prompt)
        before = prompts.approval_of(prompt)
        if before is not None:
            return Approved(prompt=prompt, approval=before, register=str(register), already=True, diff=diff)
        approval = Approval(
            prompt=prompt.name,
            version=prompt.version,
            digest=prompt.digest,
            approved_at=moment_text(now or datetime.now(UTC)),
            role=role,
            after=last_ids(prompts.approvals),
        )
        _add(register, approval_line(approval))
    return Approved(prompt=prompt, approval=approval, register=str(register), diff=diff)


def _found(survey: Survey, name: str, version: str) -> tuple[Prompts, Prompt]:
    if survey.register_error is not None:
        raise survey.register_error
    try:
        prompt = survey.prompts.find(name, version)
    except PromptInvalid:
        if survey.unreadable:
            raise survey.unreadable[0] from None
        raise
    survey.prompts.refuse_edited(prompt)
    return survey.prompts, prompt


def _since(prompts: Prompts, prompt: Prompt) -> Diff | None:
    """What changed against the latest approved version below this one."""
    below = [one for one in prompts.versions(prompt.name) if one.version < prompt.version]
    approved = [one for one in below if prompts.approval_of(one) is not None]
    return diff_prompts(approved[-1], prompt) if approved else None


def _add(register: Path, line: str) -> None:
    """The register with one line more, whole or not at all: nobody ever reads half a line."""
    from agentops_eval.traces import write_whole

    kept = register.read_bytes() if register.exists() else b""
    if kept and not kept.endswith(b"\n"):
        kept += b"\n"
    write_whole(register, kept + line.encode())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time. The folder is locked: a lock of the register would go when that is replaced."""
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        remedy = f"write {folder}/NAME/v1.0.0.txt, or name another folder with --prompts"
        raise PromptInvalid("there is no folder of prompts", where=str(folder), remedy=remedy) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # which gives the lock back
