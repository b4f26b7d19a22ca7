"""All versions of all prompts of a project, and what became of those that were approved."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.domain import PromptEdited, PromptInvalid, nearest
from agentops_eval.evals.prompts._digest import short
from agentops_eval.evals.prompts._prompt import Prompt
from agentops_eval.evals.prompts._register import Approval
from agentops_eval.evals.prompts._version import Version

APPROVED = "approved"
"""In the place of a version: the latest that was approved."""

LATEST = "latest"
"""In the place of a version: the latest."""

_LISTED = 12


class State(StrEnum):
    """What a version is: approved and as it was then; not approved; edited since; its file gone."""

    APPROVED = "approved"
    DRAFT = "draft"
    EDITED = "edited"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """The prompts of one folder with its approvals; ``folder`` and ``register`` are what people are shown."""

    prompts: tuple[Prompt, ...] = ()
    approvals: tuple[Approval, ...] = ()
    folder: str = "prompts"
    register: str = "prompts/approved.jsonl"

    @classmethod
    def of(
        cls, prompts: Iterable[Prompt], approvals: Iterable[Approval] = (), *, folder: str, register: str
    ) -> Prompts:
        """Put them in order. Raises PromptInvalid where two files hold the same version of a prompt."""
        found: dict[tuple[str, Version], Prompt] = {}
        for prompt in prompts:
            other = found.setdefault((prompt.name, prompt.version), prompt)
            if other is not prompt:
                what = f"two files hold {prompt.title}: {other.where} and {prompt.where}"
                raise PromptInvalid(
                    what, where=f"{prompt.where}:1", remedy="give one of them another version"
                )
        ordered = tuple(found[key] for key in sorted(found))
        return cls(prompts=ordered, approvals=tuple(approvals), folder=folder, register=register)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the prompts that there are files of, in order."""
        return tuple(dict.fromkeys(prompt.name for prompt in self.prompts))

    def versions(self, name: str) -> tuple[Prompt, ...]:
        """The versions of a prompt, the oldest first; none where there is no such prompt."""
        return tuple(prompt for prompt in self.prompts if prompt.name == name)

    def find(self, name: str, version: str | None = None) -> Prompt:
        """A version of a prompt: the latest where none is said, of those approved for ``approved``.

        Raises PromptInvalid with the nearest name, or with the versions that there are.
        """
        there = self.versions(name)
        if not there:
            remedy = nearest(name, self.names) or f"write {self.folder}/{name}/v1.0.0.txt"
            raise PromptInvalid(f"there is no prompt {name!r}", where=self.folder, remedy=remedy)
        if version is None or version == LATEST:
            return there[-1]
        if version == APPROVED:
            there = tuple(one for one in there if self.approval_of(one) is not None)
            if there:
                return there[-1]
            remedy = f"agentops-eval prompt approve {shlex.quote(name)} {self.versions(name)[-1].version}"
            raise PromptInvalid(f"no version of {name} is approved", where=self.register, remedy=remedy)
        try:
            wanted = Version.parse(version)
        except ValueError as error:
            raise PromptInvalid(str(error), where=self.folder, remedy=_versions_text(there)) from None
        for one in there:
            if one.version == wanted:
                return one
        what = f"there is no version {wanted} of {name}"
        raise PromptInvalid(what, where=self.folder, remedy=_versions_text(there))

    def approval_of(self, prompt: Prompt) -> Approval | None:
        """The approval of this version, None where it has none. Of several, the one that fits the file."""
        found = [one for one in self.approvals if (one.prompt, one.version) == (prompt.name, prompt.version)]
        return next((one for one in found if one.digest == prompt.digest), found[0] if found else None)

    def state_of(self, prompt: Prompt) -> State:
        """Whether a version is approved as its file stands."""
        approval = self.approval_of(prompt)
        if approval is None:
            return State.DRAFT
        return State.APPROVED if approval.digest == prompt.digest else State.EDITED

    def refuse_edited(self, prompt: Prompt) -> None:
        """Do nothing, or raise PromptEdited where a version is not as it was approved."""
        approval = self.approval_of(prompt)
        if approval is None or approval.digest == prompt.digest:
            return
        then, now = short(approval.digest), short(prompt.digest)
        raise PromptEdited(
            f"{prompt.title} was edited after it was approved",
            where=prompt.where,
            difference=f"approved  {then} at {approval.approved_at}\nnow       {now}",
            remedy=f"undo the edit, or make it version {self.next_version(prompt.name)} in a file of its own",
        )

    def next_version(self, name: str) -> Version:
        """A version that is above all that there are or were approved of a prompt."""
        there = [prompt.version for prompt in self.versions(name)]
        there += [approval.version for approval in self.approvals if approval.prompt == name]
        return max(there).next if there else Version(major=1)

    @property
    def gone(self) -> tuple[Approval, ...]:
        """The approvals whose version has no file any more."""
        there = {(prompt.name, prompt.version) for prompt in self.prompts}
        return tuple(one for one in self.approvals if (one.prompt, one.version) not in there)


def _versions_text(there: Iterable[Prompt]) -> str:
    versions = [str(prompt.version) for prompt in there][-_LISTED:]
    return f"use one of {', '.join(versions)}" if len(versions) > 1 else f"there is {versions[0]} alone"
