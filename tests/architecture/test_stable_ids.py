"""Ids of tests are the same in every process: xdist's workers must collect the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.architecture.tree import ROOT

ANOTHER_SECOND_S = 1.1


def collect(hash_seed: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def test_ids_depend_neither_on_the_second_nor_on_the_hash_seed():
    """Two processes that start in different seconds, with different hash seeds, collect the same tests."""
    first = collect("1")
    time.sleep(ANOTHER_SECOND_S)  # gzip writes the second into its header
    second = collect("2")
    collected = [process.communicate()[0].splitlines() for process in (first, second)]
    ids, others = ([line for line in lines if "::" in line] for lines in collected)
    assert len(ids) > 1000
    assert set(ids) ^ set(others) == set()
    assert ids == others
