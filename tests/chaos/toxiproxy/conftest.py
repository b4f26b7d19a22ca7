"""Tests of the wire run against the embedded server, and against the one of TOXIPROXY_URL if it is set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy
from tests.chaos.toxiproxy._kit import Raw, Upstream, echo

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["embedded", "real"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server's API."""
    if request.param == "real":
        if not os.environ.get("TOXIPROXY_URL"):
            pytest.skip("TOXIPROXY_URL names no real Toxiproxy server")
        yield os.environ["TOXIPROXY_URL"]
        return
    with EmbeddedServer(seed=7) as server:
        yield server.url


@pytest.fixture
def ours_only(request: pytest.FixtureRequest, url: str) -> None:
    """Skip at the real server what docs/reference/toxiproxy.md says it does otherwise."""
    if url == os.environ.get("TOXIPROXY_URL"):
        pytest.skip("the Go program differs here: see the table in docs/reference/toxiproxy.md")


@pytest.fixture
def toxiproxy(url: str) -> Iterator[Toxiproxy]:
    """The adapter, which takes back what a test changed."""
    with Toxiproxy(url) as adapter:
        yield adapter


@pytest.fixture
def raw(url: str) -> Raw:
    """The API without the adapter."""
    return Raw(url)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server that sends back what comes."""
    with Upstream(echo) as server:
        yield server


@pytest.fixture
def embedded() -> Iterator[EmbeddedServer]:
    """The embedded server alone."""
    with EmbeddedServer(seed=7) as server:
        yield server
