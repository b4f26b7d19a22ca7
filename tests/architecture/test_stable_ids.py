"""Ids of tests are the same in every process: xdist's workers must collect the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

MANY = 1_000


def collect(hash_seed: str) -> list[str]:
    """The ids of all tests, as a process with that hash seed has them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_ids_depend_neither_on_the_second_nor_on_the_hash_seed(request: pytest.FixtureRequest) -> None:
    """A process of another second, with another hash seed, collects the same tests in the same order."""
    mine = [item.nodeid for item in request.session.items]
    if len(mine) < MANY:  # only some were asked for
        mine = collect("1")
    assert len(mine) > MANY
    known = set(mine)
    assert [one for one in collect("2") if one in known] == mine
