"""Reading prompts from files. It runs inside agents, and needs nothing but the standard library."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from agentops_eval.domain import AgentopsError, PromptInvalid
from agentops_eval.evals.prompts import (
    REGISTER,
    Approval,
    Prompt,
    Prompts,
    Version,
    is_version,
    parse_prompt,
    read_register,
)

SUFFIXES = (".txt", ".md", ".prompt")
_MOST_BYTES = 1_000_000
_MOST_TOOL_BYTES = 10_000_000
_MOST_FILES = 10_000
_FOLDERS_UP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What could be read of a folder of prompts, and what could not.

    ``register_error`` is set where the register of approvals cannot be read: nothing then tells whether a
    version was edited.
    """

    prompts: Prompts
    unreadable: tuple[AgentopsError, ...] = ()
    register_error: AgentopsError | None = None

    @property
    def problems(self) -> tuple[AgentopsError, ...]:
        """Everything that could not be read."""
        return self.unreadable if self.register_error is None else (self.register_error, *self.unreadable)


def prompt(name: str | Path, version: str | None = None, *, root: str | Path = "prompts") -> Prompt:
    """A version of a prompt, for an agent: ``prompt("desk", "1.4").fill(customer=...)``.

    Without a version it is the latest, with ``"approved"`` the latest that was approved. ``root`` is the
    folder of the prompts; a Path instead of a name is one file, whatever its name. Read it once, at
    the start: every call reads the files again. Raises PromptInvalid where there is no such version or a
    file cannot be read, and PromptEdited where the version is not as it was approved.
    """
    if isinstance(name, Path):
        return _alone(name, version)
    survey = survey_prompts(Path(root))
    if survey.register_error is not None:
        raise survey.register_error
    # A file that cannot be read could be the one that is meant, unless another is named and found.
    if survey.unreadable and (version is None or not is_version(version)):
        raise survey.unreadable[0]
    try:
        found = survey.prompts.find(name, version)
    except PromptInvalid:
        if survey.unreadable:
            raise survey.unreadable[0] from None
        raise
    survey.prompts.refuse_edited(found)
    return found


def prompts_in(folder: Path) -> Prompts:
    """All prompts of a folder, with its approvals; none where there is no such folder.

    Raises PromptInvalid for the first file that cannot be read, and MergeConflict.
    """
    survey = survey_prompts(folder)
    for problem in survey.problems:
        raise problem
    return survey.prompts


def survey_prompts(folder: Path) -> Survey:
    """The same, with what cannot be read told beside the rest.

    Raises PromptInvalid for what is no folder, and OSError for a folder that cannot be read.
    """
    if folder.exists() and not folder.is_dir():
        remedy = "name the folder that holds the prompts"
        raise PromptInvalid("the prompts' folder is a file", where=str(folder), remedy=remedy)
    found: dict[tuple[str, Version], Prompt] = {}
    unreadable: list[AgentopsError] = []
    for path in _files(folder):
        try:
            read = read_prompt_file(path, folder=folder)
        except PromptInvalid as error:
            unreadable.append(error)
            continue
        other = found.setdefault((read.name, read.version), read)
        if other is not read:
            what = f"{other.where} holds {read.title} as well"
            remedy = "give one of them another version"
            unreadable.append(PromptInvalid(what, where=f"{read.where}:1", remedy=remedy))
    register = folder / REGISTER
    try:
        approvals, damaged = read_approvals(register), None
    except AgentopsError as error:
        approvals, damaged = (), error
    prompts = Prompts.of(found.values(), approvals, folder=str(folder), register=str(register))
    return Survey(prompts=prompts, unreadable=tuple(unreadable), register_error=damaged)


def read_prompt_file(path: Path, *, folder: Path | None = None) -> Prompt:
    """The prompt of one file; ``folder`` is that of all prompts, below which the path gives its name.

    Raises PromptInvalid with file and line.
    """
    name, version = name_and_version(path, folder)
    data = _bytes(path, _MOST_BYTES)
    return parse_prompt(data, name=name, version=version, where=str(path), beside=_beside(path.parent))


def name_and_version(path: Path, folder: Path | None = None) -> tuple[str, str]:
    """What a path says of name and version: ``desk/v1.4.txt`` both, ``desk.txt`` the name alone."""
    if folder is None:
        inside = Path(path.parent.name, path.name) if is_version(path.stem) else Path(path.name)
    else:
        inside = path.relative_to(folder)
    if is_version(path.stem) and inside.parent != Path():
        return inside.parent.as_posix(), path.stem
    return inside.with_suffix("").as_posix(), ""


def read_approvals(register: Path) -> tuple[Approval, ...]:
    """The approvals of a register; none where there is no file. Raises PromptInvalid and MergeConflict."""
    try:
        data = register.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _unreadable(register, error) from None
    return read_register(data, where=str(register))


def _alone(path: Path, version: str | None) -> Prompt:
    """One file, checked against the nearest register above it."""
    found = read_prompt_file(path)
    folders = (path.absolute().parents)[:_FOLDERS_UP]
    folder = next((one for one in folders if (one / REGISTER).is_file()), None)
    if folder is not None:
        found = read_prompt_file(path.absolute(), folder=folder)
        register = folder / REGISTER
        prompts = Prompts.of([found], read_approvals(register), folder=str(folder), register=str(register))
        prompts.refuse_edited(found)
    if version is not None and is_version(version) and Version.parse(version) != found.version:
        what = f"the file holds version {found.version}, and {version} is asked for"
        raise PromptInvalid(what, where=f"{path}:1", remedy="name the file of that version")
    return found


def _files(folder: Path) -> Iterator[Path]:
    """The files that may be prompts, in the order of their names. Links to folders are not followed."""
    if not folder.exists():
        return
    count = 0
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith(".") or name.lower().startswith("readme") or not name.endswith(SUFFIXES):
                continue
            count += 1
            if count > _MOST_FILES:
                what = f"the folder holds more than {_MOST_FILES} prompts"
                raise PromptInvalid(what, where=str(folder), remedy="name the folder of your prompts alone")
            yield Path(parent, name)


def _refuse(error: OSError) -> NoReturn:
    """A folder that cannot be read must not look empty."""
    raise error


def _beside(folder: Path) -> _Beside:
    return _Beside(folder=folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """Reads what a prompt file names: a path relative to it."""

    folder: Path

    def __call__(self, name: str) -> str:
        data = _read(self.folder / name, _MOST_TOOL_BYTES)
        if len(data) > _MOST_TOOL_BYTES:
            raise ValueError(f"the file is larger than {_MOST_TOOL_BYTES // 1_000_000} MB")
        return data.decode("utf-8-sig")


def _bytes(path: Path, most: int) -> bytes:
    try:
        data = _read(path, most)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(data) > most:
        what = f"the file is larger than {most // 1_000_000} MB, which no prompt is"
        raise PromptInvalid(what, where=str(path), remedy="move it out of the folder of the prompts")
    return data


def _read(path: Path, most: int) -> bytes:
    """At most one byte more than ``most``. Raises OSError, also for a pipe, which could keep us waiting."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError("it is a pipe or a device")
    with path.open("rb") as file:
        return file.read(most + 1)


def _unreadable(path: Path, error: OSError) -> PromptInvalid:
    what = f"the file cannot be read: {error.strerror or error}"
    return PromptInvalid(what, where=str(path), remedy=f"ls -l {path.parent}")
