"""What a recording was called before, for the errors that miss it: each tells the command that renames it."""

from __future__ import annotations

import glob
import os
import re
import shlex
from contextlib import suppress
from difflib import SequenceMatcher
from pathlib import Path

from agentops_eval.domain import CassetteForeign
from agentops_eval.harness._cases import beside, function_of, stem_of, stems_of
from agentops_eval.replay import CASSETTE_SUFFIX, Cassette


def mendable(foreign: CassetteForeign, cassette: Cassette, case: str, *, rerecord: str) -> CassetteForeign:
    """The error for a cassette of another case, with the command that lets it be this one's.

    Not where the other case's own file is there: then this one is a copy of it.
    """
    path = cassette.path
    if beside(path.with_name(cassette.header.case), CASSETTE_SUFFIX).exists():
        return foreign
    words = ["agentops-eval", "cassette", "rename", os.path.relpath(path), "--case", case]
    otherwise = f"not renamed? then it is another test's: {rerecord or 'record it again'}"
    return CassetteForeign(
        foreign.what,
        where=foreign.where,
        difference=f"{foreign.difference}\n{otherwise}",
        remedy=shlex.join(words),
    )


def rename_hint(cassette: Path, golden_dir: Path, root: Path, *, began: Path) -> str:
    """The command that gives a missing recording that of a test which is gone; empty where none is likely.

    Either the same case stands in the folder of a module that no longer has it, or another one with
    the same parameters beside the missing one. ``began`` is the folder in which the command is pasted.
    Outside of the folder of goldens nothing says which module a recording is of: nothing is likely there.
    """
    missing, golden_dir = stem_of(cassette).absolute(), golden_dir.absolute()
    if not missing.is_relative_to(golden_dir):
        return ""
    same = stems_of(golden_dir.rglob(f"{glob.escape(missing.name)}{CASSETTE_SUFFIX}"))
    moved = [stem for stem in same if stem != missing and _is_gone(stem, golden_dir, root)]
    if moved:
        old = max(moved, key=lambda stem: _likeness(str(stem.parent), str(missing.parent)))
        pair = (old, missing) if missing.parent.is_dir() else (old.parent, missing.parent)
    else:
        beside_it = stems_of(missing.parent.glob(f"*{CASSETTE_SUFFIX}"))
        alike = [stem for stem in beside_it if _parameters(stem) == _parameters(missing)]
        alike = [stem for stem in alike if _is_gone(stem, golden_dir, root)]
        if not alike:
            return ""
        old = max(alike, key=lambda stem: _likeness(stem.name, missing.name))
        pair = (_test(old), _test(missing))
    words = [os.path.relpath(path, began) for path in pair]
    return shlex.join(["agentops-eval", "cassette", "rename", *words])


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _parameters(stem: Path) -> str:
    return stem.name.partition("-")[2]


def _test(stem: Path) -> Path:
    return stem.with_name(stem.name.partition("-")[0])


def _is_gone(stem: Path, golden_dir: Path, root: Path) -> bool:
    """Whether no module stands where the case's folder says, or none that speaks of its function.

    What lies in the folder of goldens itself, as imports may, is of no module and not gone.
    """
    parts = stem.parent.relative_to(golden_dir).parts
    if not parts:
        return False
    for length in range(len(parts), 0, -1):  # what follows the module are classes
        module = root.joinpath(*parts[:length])
        for source in (module.with_name(f"{module.name}.py"), module / "__init__.py"):
            with suppress(OSError):
                text = source.read_text(encoding="utf-8", errors="replace")
                return re.search(rf"\b{re.escape(function_of(stem.name))}\b", text) is None
    return True
