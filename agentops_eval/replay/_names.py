"""What the files of recordings are called, and which of them belong together."""

from __future__ import annotations

import re
from pathlib import Path

from agentops_eval.domain import ConfigInvalid

CASSETTE_SUFFIX = ".cassette.jsonl"
OWN_SUFFIX = ".jsonl"
"""By it a cassette of ours is known; a name may lack the part before."""

VCR_SUFFIXES = (".yaml", ".yml", ".json")

_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def case_of(path: Path) -> str:
    """The case's name in a cassette's path, without branch and suffixes."""
    name = path.name.removesuffix(CASSETTE_SUFFIX)
    return (path.stem if name == path.name else name).partition("@")[0]


def branch_path(path: Path, branch: str) -> Path:
    """The file of a branch, beside its parent: ``<case>@<branch>.cassette.jsonl``.

    Raises ConfigInvalid for a name that is not made of letters, digits, ``.``, ``_`` and ``-``.
    """
    if not _BRANCH.fullmatch(branch):
        raise ConfigInvalid(
            f"{branch!r} cannot name a branch",
            difference="a name has 1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
            remedy="choose another name, like prompt-v2",
        )
    return path.with_name(f"{case_of(path)}@{branch}{CASSETTE_SUFFIX}")


def is_branch(name: str) -> bool:
    """Whether a name can be that of a branch."""
    return _BRANCH.fullmatch(name) is not None


def parent_path(path: Path) -> Path:
    """The cassette that a branch left, by its name; any other path stays as it is."""
    return path.with_name(case_of(path) + CASSETTE_SUFFIX) if "@" in path.name else path


def branches_of(path: Path) -> tuple[Path, ...]:
    """The branches kept beside the cassette at ``path``, sorted by name."""
    start = f"{case_of(path)}@"
    if not path.parent.is_dir():
        return ()
    inside = path.parent.iterdir()
    return tuple(sorted(p for p in inside if p.name.startswith(start) and p.name.endswith(CASSETTE_SUFFIX)))
