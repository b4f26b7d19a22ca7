"""What the architecture tests look at, and in which environment their subprocesses run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, Tree, listed


@pytest.fixture(scope="session")
def tree() -> Tree:
    """Give the repository's files, without what git ignores."""
    return Tree(root=ROOT, files=tuple(sorted(Path(name) for name in listed() if (ROOT / name).is_file())))


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """Give an environment in which the packages come from this checkout, installed or not."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "pytest_plugin")])}
