"""Runbooks on disk: what the project knows beside failures, and files in which people's edits survive."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agentops_eval.domain import (
    AgentopsError,
    DeclaredMode,
    MergedSheet,
    Runbook,
    RunbookFacts,
    Sheet,
    SheetFile,
    SheetLine,
    SheetPart,
    SheetTable,
    as_link,
    counted,
    in_code,
    in_line,
)
from agentops_eval.harness._inventory import read_inventory
from agentops_eval.harness._prompts import survey_prompts
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.faulting import contract_files, load_contract
from agentops_eval.harness.operating._failures import Note
from agentops_eval.harness.reporting._shown import Shown, proof_of
from agentops_eval.operations import runbook_title
from agentops_eval.reports import merged_sheet, sheet_id
from agentops_eval.traces import write_whole

INDEX = "README.md"
"""The list of runbooks, which is none itself."""

_INDEX_ID = "runbooks"
_ANY_AGENT = "agent"
_LARGEST = 4 * 1024 * 1024


def runbook_facts(
    root: Path, settings: Settings, shown: Shown, note: Note, *, paths: Sequence[Path] = ()
) -> RunbookFacts:
    """Owners, declared degradations, what takes what back, decisions of gates, and earlier prompts."""
    declared: list[DeclaredMode] = []
    undone: dict[str, tuple[str, str]] = {}
    for path in contract_files(root):
        file = path.relative_to(root).as_posix()
        try:
            contract = load_contract(path, root=root)
        except AgentopsError as error:
            note(file, error.what)
            continue
        agent = "" if contract.agent == _ANY_AGENT else contract.agent
        declared += [
            DeclaredMode(
                file=file,
                agent=agent,
                dependency=one.dependency,
                faults=one.faults,
                accept=tuple(mode.value for mode in one.accept),
                effects=one.effects.value,
                message=one.message,
            )
            for one in contract.degradations
        ]
        undone.update({undoes.tool: (tool, file) for tool, undoes in contract.compensates.items()})
    return RunbookFacts(
        owners={one.name: one.owner for one in read_inventory(root).values() if one.owner},
        declared=tuple(declared),
        undone_by=undone,
        prompts=tuple(_earlier_prompts(root / settings.prompt_dir)),
        decisions=_decisions(root, shown),
        traces=paths_in_words(paths),
    )


def paths_in_words(paths: Sequence[Path]) -> str:
    """Where traces are, as part of a command; ``TRACES`` where nobody said it."""
    named = [f"{shlex.quote(str(path))}/*" if path.is_dir() else shlex.quote(str(path)) for path in paths[:5]]
    return " ".join(named) or "TRACES"


def _earlier_prompts(folder: Path) -> Iterator[tuple[str, str]]:
    """Of each prompt the last version that was approved before the latest."""
    prompts = survey_prompts(folder).prompts
    for name in prompts.names:
        *earlier, _ = prompts.versions(name)
        approved = [one for one in earlier if prompts.approval_of(one) is not None]
        if approved:
            yield name, str(approved[-1].version)


def _decisions(root: Path, shown: Shown) -> Mapping[str, tuple[str, str]]:
    """What the last gate of each agent decided, and the file that tells it."""
    found: dict[str, tuple[str, str]] = {}
    for kept in shown.decisions:
        item = kept.evidence
        assert item is not None
        decision = proof_of(root, item).get("decision")
        value = decision.get("value") if isinstance(decision, Mapping) else None
        if item.agent not in found and isinstance(value, str):
            found[item.agent] = (value, item.source)
    return found


# -- files -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookFile:
    """A runbook and its file, with what was kept of whoever edited it."""

    runbook: Runbook
    path: Path
    merged: MergedSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookFolder:
    """A folder of runbooks: each with its file, the index, and runbooks of what is not shown any more."""

    files: tuple[RunbookFile, ...]
    index: MergedSheet
    index_sheet: Sheet
    root: Path
    gone: tuple[Path, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether any file is not as it should be."""
        states = [self.index.state, *(one.merged.state for one in self.files)]
        return any(state in (SheetFile.NEW, SheetFile.CHANGED) for state in states)


def runbook_folder(runbooks: Sequence[Runbook], out: Path, root: Path) -> RunbookFolder:
    """What the files of a folder are to be; nothing is written. Raises OSError.

    A runbook is known by the head of its file, so that a person may rename it.
    """
    there = dict(_there(out))
    files = []
    for one in runbooks:
        path = there.get(one.id, out / f"{one.id}.md")
        merged = sheet_in_file(one.sheet, path, root)
        files.append(RunbookFile(runbook=one, path=path, merged=merged))
    gone = tuple(path for name, path in sorted(there.items()) if name not in {one.id for one in runbooks})
    sheet = _index(files, gone, root)
    index = sheet_in_file(sheet, out / INDEX, root)
    return RunbookFolder(files=tuple(files), index=index, index_sheet=sheet, root=root, gone=gone)


def sheet_in_file(sheet: Sheet, path: Path, root: Path) -> MergedSheet:
    """What a sheet's file is to hold, with what people wrote into it. Raises OSError."""
    return merged_sheet(sheet, _read(path), href=_href(path.parent, root))


def write_runbooks(folder: RunbookFolder, out: Path) -> None:
    """Write the files that are new or changed, each whole. Raises OSError.

    What somebody wrote since the folder was read survives: each file is read again just before.
    """
    every = [*((one.path, one.runbook.sheet) for one in folder.files), (out / INDEX, folder.index_sheet)]
    for path, sheet in every:
        merged = sheet_in_file(sheet, path, folder.root)
        if merged.state in (SheetFile.NEW, SheetFile.CHANGED):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, merged.text.encode("utf-8", "surrogateescape"))


def _there(out: Path) -> Iterator[tuple[str, Path]]:
    """The generated runbooks of a folder by what they are of."""
    for path in sorted(out.rglob("*.md"), reverse=True):  # of two copies the first by name counts
        if path.is_file() and path.stat().st_size <= _LARGEST:
            name = sheet_id(_read(path) or "")
            if name and name != _INDEX_ID:
                yield name, path


def _read(path: Path) -> str | None:
    """The text of a file, any bytes of it; None where there is none."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _href(folder: Path, root: Path) -> Callable[[str], str]:
    """How a folder says a path of the project; what lies elsewhere is said as it is."""

    def said(path: str) -> str:
        return Path(os.path.relpath(root / path, folder)).as_posix()

    return said


def _index(files: Sequence[RunbookFile], gone: Sequence[Path], root: Path) -> Sheet:
    rows = tuple(
        (
            in_line(as_link(one.runbook.id, _said(one.path, root))),
            runbook_title(one.runbook),
            in_line("unsafe" if one.runbook.unsafe else ""),
            in_line(str(one.runbook.shown)),
            in_line(in_code(one.runbook.owner) if one.runbook.owner else "nobody: name one"),
        )
        for one in files
    )
    about = in_line(
        "Made by ", in_code("agentops-eval ops runbooks"), " of what was shown. What is written by hand "
        "stays: outside of the marks, and inside of them where a part was edited."
    )  # fmt: skip
    head = ("runbook", "failure mode", "harm", "shown", "owner")
    table = SheetTable(head=head, rows=rows, right=frozenset({3}))
    told = [in_line(counted(len(files), "failure mode"), " shown.")]
    parts = [
        SheetPart(id="title", title="", lines=(in_line("Runbooks"), about)),
        SheetPart(id="list", title="Failure modes", lines=tuple(told), table=table if rows else None),
        SheetPart(id="gone", title="Not shown any more", lines=tuple(_gone(gone, root))),
    ]
    return Sheet(id=_INDEX_ID, title="", parts=tuple(parts))


def _gone(gone: Iterable[Path], root: Path) -> Iterator[SheetLine]:
    names = [_said(path, root) for path in gone]
    if not names:
        yield in_line("None: every generated runbook is of something that was shown.")
    for name in names:
        yield in_line(
            as_link(Path(name).stem, name), ": nothing that was read shows it now. Delete it, or keep it."
        )


def _said(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def titled(runbook: Runbook) -> Sheet:
    """The runbook's sheet for a page, on which harm is marked."""
    return replace(runbook.sheet, tone="bad" if runbook.unsafe else "open")
