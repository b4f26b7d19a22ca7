"""One browser for all pages of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reports._browser import Browser, started

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium with a fresh profile."""
    yield from started(tmp_path_factory.mktemp("profile"))
