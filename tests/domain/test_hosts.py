"""Which hosts are this machine: one answer for keys sent in clear, gates served, probes and proxies."""

from __future__ import annotations

import pytest

from agentops_eval.domain import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_loopback_is_this_machine(host: str) -> None:
    """Every address of loopback is, and the name that always means it."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "gate.example", "localhost.example", ""])
def test_any_other_host_may_be_anything(host: str) -> None:
    """An address that others reach is not this machine alone, and a name is not looked up."""
    assert not is_loopback(host)
