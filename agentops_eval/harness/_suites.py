"""Scenario files, found and read. Reading imports no agent and runs nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import Json, ScenarioInvalid, Suite, nearest
from agentops_eval.evals import Factory
from agentops_eval.evals.suites import (
    HEAD_BYTES,
    SUFFIXES,
    SuiteReading,
    form_of,
    looks_like_scenarios,
    parse,
    parse_table,
    read_suite,
    refuse_long,
)

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSuites:
    """The suites of some files, and everything that is wrong with the other files."""

    suites: tuple[Suite, ...] = ()
    problems: tuple[ScenarioInvalid, ...] = ()


def load_suites(
    paths: Iterable[Path], *, root: Path, evaluators: Mapping[str, Factory] | None = None
) -> LoadedSuites:
    """The suites in ``paths``, in their order; folders are searched for scenario files.

    ``root`` is the project's: suites are called after their files' paths from there. A file in which
    something is wrong gives problems and no suite, and the others are read all the same. No two suites
    have one name.
    """
    found: dict[str, Suite] = {}
    problems: list[ScenarioInvalid] = []
    for path in _files(paths, root, problems):
        reading = read_suite_file(path, root=root, evaluators=evaluators)
        problems += reading.problems
        suite = reading.suite
        if suite is None:
            continue
        other = found.setdefault(suite.name, suite)
        if other is not suite:
            what = f"there are two suites called {suite.name}: the other is {other.path}"
            problems.append(ScenarioInvalid(what, where=suite.path, remedy="suite: another-name"))
    return LoadedSuites(suites=tuple(found.values()), problems=tuple(problems))


def read_suite_file(
    path: Path, *, root: Path, evaluators: Mapping[str, Factory] | None = None
) -> SuiteReading:
    """The suite of one file, or everything that is wrong with it."""
    name = shown_path(path, root)
    try:
        document = parse(read_bytes(path, name), name)
        form = form_of(document.value)
        if form:
            what = f"this is {form}, and no scenario file"
            remedy = f"agentops-eval eval import {name} --out scenarios/{path.name.partition('.')[0]}.yaml"
            raise ScenarioInvalid(what, where=name, remedy=remedy)
    except ScenarioInvalid as error:
        return SuiteReading(suite=None, problems=(error,))
    return read_suite(
        document,
        name=_without_suffix(name),
        evaluators=evaluators,
        tables=lambda table: _table(path, table, root),
    )


def is_scenario_file(path: Path) -> bool:
    """Whether a file is meant as a scenario file: by its name and its beginning, in little time.

    What cannot be read is none. One with a misspelt ``scenarios:`` is: reading it says what is wrong.
    """
    if not path.name.lower().endswith(SUFFIXES) or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return looks_like_scenarios(file.read(HEAD_BYTES), path.name)
    except OSError:
        return False


def find_scenario_files(folder: Path) -> Iterator[Path]:
    """The scenario files below a folder, in order; hidden folders and installed packages are left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(place, name)))
        for name in sorted(files):
            path = Path(place, name)
            if not name.startswith(".") and is_scenario_file(path):
                yield path


def _is_skipped(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name in _SKIPPED or (folder / "pyvenv.cfg").exists()


def _files(paths: Iterable[Path], root: Path, problems: list[ScenarioInvalid]) -> Iterator[Path]:
    """Every file once; what is not there, and a folder in which there is none, is a problem."""
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            inside = list(find_scenario_files(path))
            if not inside:
                what = f"no file in the folder has scenarios ({', '.join(SUFFIXES)})"
                problems.append(
                    ScenarioInvalid(what, where=shown_path(path, root), remedy="scenarios: [...]")
                )
        elif path.exists():
            inside = [path]
        else:
            inside = []
            problems.append(_missing(path, root))
        for file in inside:
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield file


def _missing(path: Path, root: Path) -> ScenarioInvalid:
    try:
        beside = [one.name for one in path.parent.iterdir() if one.is_dir() or is_scenario_file(one)]
    except OSError:
        beside = []
    what = "there is no such file or folder"
    return ScenarioInvalid(what, where=shown_path(path, root), remedy=nearest(path.name, beside))


def read_bytes(path: Path, name: str) -> bytes:
    """A file's bytes, and of one that is too long none. Raises ScenarioInvalid."""
    try:
        if not path.is_file():
            what = "this is no file" if path.exists() else "there is no such file"
            raise ScenarioInvalid(what, where=name, remedy="name a file or a folder of scenarios")
        with path.open("rb") as file:
            refuse_long(os.fstat(file.fileno()).st_size, name)
            return file.read()
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or error}"
        raise ScenarioInvalid(what, where=name, remedy="make it readable, or leave it out") from None


def _table(file: Path, name: str, root: Path) -> Sequence[Mapping[str, Json]]:
    """The rows of a table beside a scenario file. Raises ScenarioInvalid."""
    path = file.parent / name
    real, around = path.resolve(), (root.resolve(), file.parent.resolve())
    if not any(real.is_relative_to(folder) for folder in around):
        raise ScenarioInvalid(
            "the table is outside of the project", where=name, remedy="put it beside the file"
        )
    shown = shown_path(path, root)
    if not path.exists():
        beside = [one.name for one in file.parent.iterdir() if one.suffix in SUFFIXES]
        raise ScenarioInvalid("there is no such table", where=shown, remedy=nearest(name, beside))
    return parse_table(read_bytes(path, shown), shown)


def shown_path(path: Path, root: Path) -> str:
    """A path from the root with slashes, where it lies below; else as it was given."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow links to names nobody gave
    base = Path(os.path.abspath(root))  # noqa: PTH100
    text = whole.relative_to(base).as_posix() if whole.is_relative_to(base) else path.as_posix()
    return text.encode("utf-8", "replace").decode()


def _without_suffix(name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return stem.strip("/") if suffix and "/" not in suffix else name
