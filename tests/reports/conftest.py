"""One browser for all pages of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reports._browser import Browser, started
from tests.reports._pages import WHOLE, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium with a fresh profile."""
    yield from started(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole report on disk."""
    return written(tmp_path_factory.mktemp("page"), WHOLE)
