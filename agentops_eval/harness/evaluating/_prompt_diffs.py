"""The prompts in which two runs of suites differ, side by side for a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

from agentops_eval.domain import PromptInvalid, Result
from agentops_eval.evals.prompts import Prompt, Prompts
from agentops_eval.harness._prompts import survey_prompts
from agentops_eval.reports import DiffRow, PromptDiff, RowKind

_AROUND = 2
"""Equal lines that are shown on either side of a difference."""


def prompt_diffs(
    baseline: Iterable[Result], candidate: Iterable[Result], folder: Path, *, redact: Callable[[str], str]
) -> tuple[PromptDiff, ...]:
    """Each prompt of which both sides used one version, and not the same. ``folder`` holds the prompts.

    A version that is not there any more is left out: the comparison stands without it.
    """
    before, after = _versions(baseline), _versions(candidate)
    prompts = survey_prompts(folder).prompts
    found = (
        _diff(prompts, name, before[name], after[name], redact)
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    )
    return tuple(one for one in found if one is not None)


def _versions(results: Iterable[Result]) -> Mapping[str, str]:
    """The version of each prompt, of those of which all results used one."""
    seen: dict[str, set[str]] = {}
    for one in results:
        for name, told in one.versions.items():
            seen.setdefault(name, set()).add(told.partition(" ")[0])
    return {name: next(iter(versions)) for name, versions in seen.items() if len(versions) == 1}


def _diff(
    prompts: Prompts, name: str, before: str, after: str, redact: Callable[[str], str]
) -> PromptDiff | None:
    try:
        one, other = prompts.find(name, before), prompts.find(name, after)
    except PromptInvalid:
        return None
    return PromptDiff(name=name, baseline=before, candidate=after, rows=tuple(_rows(one, other, redact)))


def _rows(before: Prompt, after: Prompt, redact: Callable[[str], str]) -> Iterator[DiffRow]:
    left, right = redact(before.text).splitlines(), redact(after.text).splitlines()
    first = True
    for group in SequenceMatcher(a=left, b=right, autojunk=False).get_grouped_opcodes(_AROUND):
        if group[0][1]:
            yield DiffRow(kind=RowKind.GAP, left=f"line {group[0][1] + 1}")
        for tag, start, end, start_there, end_there in group:
            for old, new in zip_longest(left[start:end], right[start_there:end_there]):
                same = tag == "equal"
                yield DiffRow(
                    kind=_kind(old, new, same=same), left=old or "", right=new or "", first=first and not same
                )
                first = first and same


def _kind(old: str | None, new: str | None, *, same: bool) -> RowKind:
    if same:
        return RowKind.SAME
    if old is None:
        return RowKind.ADDED
    return RowKind.REMOVED if new is None else RowKind.CHANGED
