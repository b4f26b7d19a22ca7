"""Benchmarks follow the code: what they run in processes of their own still runs."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks import trace_import


def test_the_import_that_is_measured_imports(tmp_path: Path) -> None:
    """The child process reads every run of the made-up export and keeps at least one of them."""
    export = trace_import.write_export(tmp_path / "small.jsonl", 4 * trace_import.PER_RUN, random.Random(7))
    done = trace_import._imported(export)
    assert (done.read, 1 <= done.kept <= 4) == (4, True)
    assert min(done.cpu_s, done.peak_mb) > 0
