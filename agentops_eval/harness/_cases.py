"""The files of recorded cases, found by their names, and the names that a case has in its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.replay import CASSETTE_SUFFIX, branches_of
from agentops_eval.traces import GOLDEN_SUFFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiles:
    """The files of one case that are there; ``stem`` is their path without suffixes."""

    stem: Path
    cassette: Path | None
    golden: Path | None
    branches: tuple[Path, ...] = ()

    @classmethod
    def of(cls, stem: Path) -> CaseFiles:
        """Look which files there are."""
        cassette, golden = beside(stem, CASSETTE_SUFFIX), beside(stem, GOLDEN_SUFFIX)
        return cls(
            stem=stem,
            cassette=cassette if cassette.is_file() else None,
            golden=golden if golden.is_file() else None,
            branches=branches_of(cassette),
        )

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file of the case."""
        return tuple(path for path in (self.cassette, self.golden, *self.branches) if path is not None)


def beside(stem: Path, suffix: str) -> Path:
    """The file of a case with this suffix."""
    return stem.with_name(stem.name + suffix)


def stem_of(path: Path) -> Path:
    """A path without our suffixes; as it is where it has none."""
    name = path.name
    for suffix in (CASSETTE_SUFFIX, GOLDEN_SUFFIX):
        name = name.removesuffix(suffix)
    return path if name == path.name else path.with_name(name)


def find_stems(named: Path) -> tuple[Path, ...]:
    """The stems of the cases that ``named`` stands for.

    A file stands for its case; a test's path without a suffix for it and all its parameters; a
    folder for all cases below it.
    """
    stem = stem_of(named)
    if stem != named:
        return (stem,) if CaseFiles.of(stem).all else ()
    found = [s for s in stems_of(named.parent.glob("*.jsonl")) if is_case_of(s.name, named.name)]
    if not found and named.is_dir():
        found = stems_of(named.rglob("*.jsonl"))
    return tuple(stem for stem in found if CaseFiles.of(stem).all)


def stems_of(paths: Iterable[Path]) -> list[Path]:
    """The stems of cassettes and goldens; a branch counts as its case."""
    found = set()
    for path in paths:
        stem = stem_of(path)
        if stem != path and not path.name.startswith("."):
            found.add(stem.with_name(stem.name.partition("@")[0]))
    return sorted(found)


def is_case_of(name: str, test: str) -> bool:
    """Whether a case is one of ``test``: behind a function's name only parameters begin with a dash."""
    return name == test or name.startswith(f"{test}-")


def function_of(case: str) -> str:
    """The function's name in a case's: without parameters, and without the module that the CLI puts first."""
    return case.partition("-")[0].rpartition(".")[2]


def suite_module(stem: Path, golden_dir: Path) -> str:
    """The dotted module that a case's folder stands for; empty outside of the folder of goldens."""
    folder = stem.parent.absolute()
    if not folder.is_relative_to(golden_dir.absolute()):
        return ""
    return ".".join(folder.relative_to(golden_dir.absolute()).parts)


def renamed_case(case: str, old: Path, new: Path, *, golden_dir: Path) -> str:
    """What a case is called once its files move from the stem ``old`` to ``new``.

    pytest calls it by the file's name, the CLI puts the module before that. A case that was named
    otherwise keeps its name, unless its file stays where it is: then its name is what has to follow.
    """
    module = suite_module(new, golden_dir)
    if case in ("", old.name):
        return new.name
    if case.endswith(f".{old.name}"):
        prefix = case.removesuffix(f".{old.name}")
        return f"{module if prefix == suite_module(old, golden_dir) else prefix}.{new.name}"
    if old != new:
        return case
    if "." not in case.partition("-")[0]:
        return new.name
    return f"{module}.{new.name}" if module else case


def renamed_agent(agent: str, names: Iterable[tuple[str, str]]) -> str:
    """The agent's name, which is that of the function unless somebody chose another.

    ``names`` are pairs of case names, before and after, from which it may follow.
    """
    for before, after in names:
        old, new = function_of(before), function_of(after)
        if agent == (old.removeprefix("test_") or "agent"):
            return new.removeprefix("test_") or "agent"
        if agent == old:
            return new
    return agent
