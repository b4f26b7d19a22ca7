"""A project with experiments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.experimenting._kit import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A fresh one."""
    return Home(root=tmp_path)
