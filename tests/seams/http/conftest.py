"""What the tests of the HTTP adapters talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.seams.http._loopback import Loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A server on loopback with every kind of reply."""
    with Loopback() as loopback:
        yield loopback
