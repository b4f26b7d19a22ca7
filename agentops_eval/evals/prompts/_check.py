"""What is wrong with a project's prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from agentops_eval.domain import Finding, Level, PromptEdited
from agentops_eval.evals.prompts._book import Prompts, State
from agentops_eval.evals.prompts._digest import short
from agentops_eval.evals.prompts._prompt import Prompt
from agentops_eval.evals.prompts._register import Approval, missing_ids

EDITED = "prompt-edited"
GONE = "prompt-gone"
TAKEN_OUT = "approval-gone"
TWICE = "approved-twice"
SECRET = "prompt-secret"  # noqa: S105 - the name of a finding
DRAFT = "prompt-draft"


def check_prompts(
    prompts: Prompts,
    *,
    earlier: Iterable[Approval] = (),
    secrets: Callable[[str], Sequence[object]] | None = None,
) -> tuple[Finding, ...]:
    """What is wrong: errors break the promise that an approved version stays as it is.

    ``earlier`` are approvals that a register of the project's history held; those that are no longer there
    were taken out. ``secrets`` finds what looks like a secret in a text. A draft is a note.
    """
    found = [*_edited(prompts), *_gone(prompts), *_taken_out(prompts, earlier), *_twice(prompts)]
    for prompt in prompts.prompts:
        if secrets is not None and secrets(prompt.text):
            message = f"{prompt.title} holds what looks like a secret; every request would carry it"
            found.append(_finding(SECRET, Level.WARN, message, f"{prompt.where}:{prompt.line}"))
        if prompts.state_of(prompt) is State.DRAFT:
            found.append(_draft(prompts, prompt))
    return tuple(sorted(found, key=lambda finding: finding.level.rank))


def _edited(prompts: Prompts) -> Iterator[Finding]:
    for prompt in prompts.prompts:
        try:
            prompts.refuse_edited(prompt)
        except PromptEdited as error:
            both = ", ".join(" ".join(line.split()) for line in error.difference.splitlines())
            yield _finding(EDITED, Level.ERROR, f"{error.what}: {both}; {error.remedy}", error.where)


def _gone(prompts: Prompts) -> Iterator[Finding]:
    for approval in prompts.gone:
        message = (
            f"{approval.prompt} {approval.version} was approved at {approval.approved_at}, and no file of "
            f"{prompts.folder} holds it any more: results that name it cannot be read; restore the file"
        )
        yield _finding(GONE, Level.ERROR, message, f"{prompts.register}:{approval.line}")


def _taken_out(prompts: Prompts, earlier: Iterable[Approval]) -> Iterator[Finding]:
    there = {(approval.prompt, approval.version, approval.digest) for approval in prompts.approvals}
    named = dict(missing_ids(prompts.approvals))
    for approval in earlier:
        if (approval.prompt, approval.version, approval.digest) not in there:
            named.setdefault(approval.id, 0)
    for name, line in named.items():
        prompt, _, rest = name.partition(" ")
        message = (
            f"the approval of {prompt} {rest.partition(' ')[0]} was taken out of the register, which only "
            f"grows; restore the line: git log -p {prompts.register}"
        )
        where = f"{prompts.register}:{line}" if line else prompts.register
        yield _finding(TAKEN_OUT, Level.ERROR, message, where)


def _twice(prompts: Prompts) -> Iterator[Finding]:
    first: dict[tuple[str, str], Approval] = {}
    for approval in prompts.approvals:
        key = approval.prompt, str(approval.version)
        before = first.setdefault(key, approval)
        if before.digest != approval.digest:
            message = (
                f"{approval.prompt} {approval.version} is approved twice and not as the same: "
                f"{short(before.digest)} on line {before.line}, {short(approval.digest)} here; "
                f"give one of the two a version of its own, {prompts.next_version(approval.prompt)}"
            )
            yield _finding(TWICE, Level.ERROR, message, f"{prompts.register}:{approval.line}")


def _draft(prompts: Prompts, prompt: Prompt) -> Finding:
    above = [
        one
        for one in prompts.versions(prompt.name)
        if prompts.approval_of(one) and one.version > prompt.version
    ]
    later = f", though {above[-1].version} is" if above else ""
    return _finding(DRAFT, Level.INFO, f"{prompt.title} is not approved{later}", prompt.where)


def _finding(rule: str, level: Level, message: str, where: str) -> Finding:
    return Finding(rule=rule, level=level, message=message, where=where)
