"""What the plugin costs people who do not use it: per test, and at start-up."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._rows import Row, at_most, median_interval

IDS = ("plugin.idle_cost", "plugin.import")
TESTS = 2_000
PAIRS = 15
_QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:recording", "-p", "no:vcr", "--no-header")


def rows() -> Iterator[Row]:
    """Both rows."""
    yield _idle_cost()
    yield _import_cost()


def _child_cpu_s(command: list[str], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _idle_cost() -> Row:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body = "\n".join(f"def test_{number}(): pass" for number in range(TESTS))
        (folder / "test_trivial.py").write_text(body + "\n")
        (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
        base = [sys.executable, "-m", "pytest", *_QUIET]
        with_it, without = [*base], [*base, "-p", "no:agentops"]
        _child_cpu_s(with_it, folder)  # compiles the files once
        pairs = []
        for number in range(PAIRS):
            order = (with_it, without) if number % 2 else (without, with_it)
            cost = {id(command): _child_cpu_s(command, folder) for command in order}
            pairs.append((cost[id(with_it)], cost[id(without)]))
    percent, low, high = median_interval([(ours / other - 1) * 100 for ours, other in pairs])
    goal, met = at_most(2.0, percent, " %")
    return Row(
        id="plugin.idle_cost",
        what=f"extra CPU in percent on {TESTS} trivial tests; ours and other in CPU s",
        n=TESTS,
        settings=f"{PAIRS} interleaved pairs in alternating order, median in [{low:.2f}, {high:.2f}] %",
        ours=statistics.median(pair[0] for pair in pairs),
        other=statistics.median(pair[1] for pair in pairs),
        ratio=percent,
        goal=goal,
        met=met,
    )


_PROBE = """
import time, pytest, _pytest.config, _pytest.assertion
start = time.process_time()
if {ours}:
    import pytest_agentops.plugin
print((time.process_time() - start) * 1e3)
"""


def _import_cost() -> Row:
    def probe(ours: bool) -> float:
        command = [sys.executable, "-c", _PROBE.format(ours=ours)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    probe(True)
    pairs = [(probe(True), probe(False)) for _ in range(PAIRS)]
    ours, low, high = median_interval([mine - none for mine, none in pairs])
    goal, met = at_most(15.0, ours, " ms")
    return Row(
        id="plugin.import",
        what="CPU ms to import the plugin once pytest is imported",
        n=PAIRS,
        settings=f"fresh process each, median in [{low:.2f}, {high:.2f}] ms",
        ours=ours,
        other=0.0,
        ratio=ours,
        goal=goal,
        met=met,
    )
