"""Reading what an agent's contract declares, with the checks of the user's own project that it names."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from agentops_eval.chaos import Contract
from agentops_eval.chaos.contracts import read_contract
from agentops_eval.harness._target import load_callable

_FILES = ("degradation.y*ml", "*.degradation.y*ml", "chaos/*degradation.y*ml", "*/degradation.y*ml")


def contract_files(root: Path) -> tuple[Path, ...]:
    """The degradation files of a project, in order."""
    return tuple(sorted({path for glob in _FILES for path in root.glob(glob) if path.is_file()}))


def load_contract(path: Path, *, root: Path) -> Contract:
    """The contract of a ``degradation.yaml``; invariants are imported from ``root``.

    Raises ContractInvalid for what it cannot mean, TargetInvalid for an invariant that is not there.
    """
    return read_contract(path, resolve=partial(load_callable, root=root))
