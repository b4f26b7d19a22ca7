"""What the determinism audit is told about reads."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

from agentops_eval.seams._carry import install_carry
from agentops_eval.seams._clock import now
from agentops_eval.seams._reads import ReadLog, auditing
from tests.seams._time_rig import record, replay


def agent():
    """Reads everything there is to read."""
    for _ in range(3):
        time.time()
    now()
    time.monotonic()
    random.random()
    os.environ.get("HOME")
    os.getenv("AGENTOPS_SURELY_UNSET")
    return "HOME" in os.environ


def by_factor(log):
    counts = Counter()
    for read in log.reads:
        counts[read.factor, read.detail] += read.count
    return counts


EXPECTED = {
    ("time", "time.time"): 4,
    ("time", "time.monotonic"): 1,
    ("entropy", "random.random"): 1,
    ("environment", "HOME"): 2,
    ("environment", "AGENTOPS_SURELY_UNSET"): 1,
}


def test_reads_are_counted_by_place():
    """Every read of the agent is listed once per line, with its source and how often it happened."""
    for run in (record, replay):
        log = ReadLog()
        with run(), auditing(log):
            agent()
        found = by_factor(log)
        assert EXPECTED.items() <= found.items()
        assert all(read.site.startswith("tests.seams.test_reads:agent:") for read in log.reads)


def test_declared_reads_are_intentional():
    """A glob over the place declares a read; others stay accidental."""
    log = ReadLog(intentional=("tests.seams.test_reads:agent:*",))
    with replay(), auditing(log):
        agent()
        time.time()
    assert [read.intentional for read in log.reads if ":agent:" in read.site] == [True] * 7
    assert [read.intentional for read in log.reads if ":agent:" not in read.site] == [False]


def test_libraries_read_unnoticed():
    """What an SDK reads of the environment is its own affair."""
    log = ReadLog()
    with replay(), auditing(log):
        eval("os.environ.get('HOME')", {"__name__": "openai._client", "os": os})
    assert not log.reads


def test_threads_are_audited():
    """The log travels into threads with its run."""
    from concurrent.futures import ThreadPoolExecutor

    install_carry()
    log = ReadLog()
    with replay(), auditing(log), ThreadPoolExecutor(1) as pool:
        pool.submit(agent).result()
    assert EXPECTED.items() <= by_factor(log).items()


def test_the_environment_is_watched_only_during_an_audit():
    """Outside an audit ``os.environ`` is untouched; audits may overlap."""
    plain = os._Environ.__getitem__
    with auditing(ReadLog()):
        with auditing(ReadLog()):
            pass
        assert os._Environ.__getitem__ is not plain
    assert os._Environ.__getitem__ is plain
