"""``ops runbooks``: one runbook for each failure mode that was shown, kept with what people wrote in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._ops_options import Looked, looking
from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._problems import problems_json, say_problems
from agentops_eval.cli._report_file import say_written, write_report
from agentops_eval.domain import FailureSeen, Json, Sheet

if TYPE_CHECKING:
    from agentops_eval.domain import MergedSheet, Runbook
    from agentops_eval.harness.operating import RunbookFolder

_PATH = click.Path(path_type=Path)
_OUT = Path("runbooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was read: its failures, how much it was, and how many runs no rule could tell anything of."""

    seen: tuple[FailureSeen, ...]
    read: int
    unclassified: int


@click.command(short_help="Write a runbook for each failure mode that was shown.")
@click.argument("paths", metavar="[PATH]...", type=_PATH, nargs=-1)
@click.option("--out", type=_PATH, default=_OUT, show_default=True, metavar="FOLDER", help="Where.")
@click.option("--check", is_flag=True, help="Write nothing. Exit code 1 where something would be.")
@click.option("--html", "page", type=_PATH, metavar="FILE", help="Write all of them as one page, too.")
@click.option(
    "--budget-usd",
    type=click.FloatRange(min=0, min_open=True),
    metavar="USD",
    help="A run may cost so much; the step that crosses it is a suspect.",
)
@prices_option
@json_option
def runbooks(
    paths: tuple[Path, ...], out: Path, check: bool, page: Path | None, as_json: bool, **given: Any
) -> int:
    """Write runbooks of what evidence, journals, explorations and runs have shown.

    The project's own evidence and journals are always read; PATH adds files of explorations, traces and
    results. What people wrote in a runbook stays. Exit code 1 where one has no owner, or was not
    written, and where nothing was read.
    """
    from agentops_eval.harness.operating import runbook_folder, write_runbooks

    budget_usd = given.pop("budget_usd")
    looked = looking(**given)
    found, made = _made(looked, paths, budget_usd, keep=not check)
    root = Path.cwd()
    folder = runbook_folder(made, out, root)
    if not check:
        if found.read:
            write_runbooks(folder, out)
        if page is not None:
            _write_page(made, page, root)
    if as_json:
        print_json(_json(folder, found, looked, out))
    else:
        _say(folder, found, looked, out)
        if page is not None and not check:
            say_written(page)
        if check and folder.changes:
            words = [*map(str, paths), *(() if out == _OUT else ("--out", str(out)))]
            say(f"write them:  agentops-eval ops runbooks {plain(shlex.join(words))}".rstrip())
    bad = any(not one.runbook.owner or one.merged.why for one in folder.files) or bool(folder.index.why)
    return int(bad or not found.read or (check and folder.changes))


def _made(
    looked: Looked, paths: Sequence[Path], budget_usd: float | None, *, keep: bool
) -> tuple[_Found, tuple[Runbook, ...]]:
    from agentops_eval.cli._reading import refuse_absent
    from agentops_eval.harness.operating import (
        files_in,
        is_exploration,
        known_failures,
        redacted,
        runbook_facts,
    )
    from agentops_eval.operations import runbooks_of

    root, settings, note = Path.cwd(), looked.settings, looked.problems.add
    for path in paths:
        refuse_absent(path)
    files = files_in(paths)
    explored = [path for path in files if is_exploration(path)]
    runs = [path for path in files if path not in {*explored}]
    known = known_failures(root, settings, note)
    facts = runbook_facts(
        root, settings, known.shown, note, paths=[path for path in paths if path not in explored]
    )
    seen = [*known.seen, *_explored(explored, looked)]
    happened, unclassified = _in_runs(runs, looked, facts.traces, budget_usd, keep=keep)
    seen += happened if looked.runs else known.incidents
    clean = looked.lens.redactor.text
    told = tuple(redacted(one, clean) for one in seen)
    read = known.read + len(explored) + looked.runs
    return _Found(seen=told, read=read, unclassified=unclassified), runbooks_of(told, redacted(facts, clean))


def _explored(files: Iterable[Path], looked: Looked) -> Iterable[FailureSeen]:
    from agentops_eval.harness.operating import explored_in

    for path in files:
        yield from explored_in(path, Path.cwd(), looked.settings, looked.problems.add)


def _in_runs(
    files: Sequence[Path], looked: Looked, traces: str, budget_usd: float | None, *, keep: bool
) -> tuple[list[FailureSeen], int]:
    """The failures of runs, of which evidence is kept as ``ops incidents`` keeps it."""
    from agentops_eval.harness.evidencing import noted_of_incidents
    from agentops_eval.harness.operating import seen_in_run

    if not files:
        return [], 0
    told = (looked.lens.happened(one, budget_usd=budget_usd) for one in looked.through(files))
    happened = [one for one in told if one is not None]
    if keep:
        looked.keep(lambda: noted_of_incidents([one.incident for one in happened], looked.operations()))
    named = files[0].as_posix() if len(files) == 1 else ""
    seen = [seen_in_run(one, looked.settings, traces=traces, source=named) for one in happened]
    known = [one for one in seen if one is not None]
    return known, len(seen) - len(known)


def _write_page(made: Sequence[Runbook], page: Path, root: Path) -> None:
    import os

    from agentops_eval.harness.operating import titled
    from agentops_eval.reports import sheets_html

    sheets: list[Sheet] = [titled(one) for one in made]
    unsafe = sum(one.unsafe for one in made)
    headline = (
        f"{many(len(made), 'failure mode')} shown, {unsafe} of them unsafe" if made else "nothing was shown"
    )
    text = sheets_html(
        sheets,
        title="Runbooks",
        headline=headline,
        tone="bad" if unsafe else "open",
        href=lambda path: Path(os.path.relpath(root / path, page.parent)).as_posix(),
    )
    write_report(page, text)


def _json(folder: RunbookFolder, found: _Found, looked: Looked, out: Path) -> dict[str, Json]:
    listed: list[Json] = []
    for file in folder.files:
        one, merged = file.runbook, file.merged
        edited: list[Json] = [
            {"part": part.part, "difference": list(part.difference)} for part in merged.edited
        ]
        listed.append(
            {
                "id": one.id,
                "agent": one.agent,
                "causes": list(one.causes),
                "dependencies": list(one.dependencies),
                "outcome": one.outcome,
                "unsafe": one.unsafe,
                "shown": one.shown,
                "owner": one.owner or None,
                "path": str(file.path),
                "state": merged.state.value,
                "edited": edited,
                "removed": list(merged.removed),
                "why": merged.why,
            }
        )
    return {
        "out": str(out),
        "runbooks": listed,
        "index": {"state": folder.index.state.value, "why": folder.index.why},
        "gone": [str(path) for path in folder.gone],
        "without_owner": sum(not one.runbook.owner for one in folder.files),
        "unclassified": found.unclassified,
        "read": found.read,
        "runs": looked.runs,
        **problems_json(looked.problems),
    }


def _say(folder: RunbookFolder, found: _Found, looked: Looked, out: Path) -> None:
    if not found.read:
        prose(
            "nothing was read: no evidence, no journal, no exploration, no run", hang=2, style="bold yellow"
        )
    else:
        shown, unsafe = len(folder.files), sum(one.runbook.unsafe for one in folder.files)
        told = f"{many(shown, 'failure mode')} shown, {unsafe} of them unsafe: {plain(out)}"
        prose(told, hang=2, style="bold red" if unsafe else "bold")
    for file in folder.files:
        say(f"{file.merged.state.value:<8}{plain(file.path)}")
        for text in _remarks(file.runbook, file.merged):
            prose(f"  {text}", hang=4, style="yellow")
    if folder.index.why:
        prose(f"the index was left alone: {folder.index.why}", hang=2, style="yellow")
    for path in folder.gone:
        prose(f"not shown any more, and kept: {line(path)}", hang=2, style="yellow")
    if found.unclassified:
        prose(
            f"{many(found.unclassified, 'run')} failed, and no rule says why: no runbook",
            hang=2,
            style="yellow",
        )
    say_problems(looked.problems)


def _remarks(runbook: Runbook, merged: MergedSheet) -> Iterable[str]:
    if not runbook.owner:
        yield "nobody owns it: name a role in the inventory, or in the experiment"
    if merged.why:
        yield f"left alone: {merged.why}"
    for part in merged.edited:
        changed = sum(text[:1] in "+-" for text in part.difference[2:])
        yield f"{part.part}: edited by hand and kept; generated it would differ in {many(changed, 'line')}"
    if merged.removed:
        yield f"taken out by hand, and left out: {', '.join(merged.removed)}"
