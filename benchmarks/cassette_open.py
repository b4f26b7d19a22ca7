"""Opening a cassette of about 10 MB: our JSON lines against vcrpy's YAML of the same calls."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import vcr

from agentops_eval.replay import read_cassette
from benchmarks._load import write_ours, write_vcr
from benchmarks._rows import Row, at_least

IDS = ("cassette.open_10mb",)
CALLS = 2_600
REPEATS = 5


def rows() -> Iterator[Row]:
    """Write both files, then open each in turn."""
    with tempfile.TemporaryDirectory() as folder:
        ours_path, yaml_path = Path(folder) / "bench.cassette.jsonl", Path(folder) / "bench.yaml"
        write_ours(ours_path, CALLS)
        write_vcr(yaml_path, CALLS)
        pairs = [
            (_cpu_ms(lambda: read_cassette(ours_path)), _cpu_ms(lambda: _open_vcr(yaml_path)))
            for _ in range(REPEATS)
        ]
        ours = statistics.median(pair[0] for pair in pairs)
        other = statistics.median(pair[1] for pair in pairs)
        sizes = f"{ours_path.stat().st_size / 1e6:.1f} MB JSONL, {yaml_path.stat().st_size / 1e6:.1f} MB YAML"
    goal, met = at_least(12.0, other / ours)
    yield Row(
        id="cassette.open_10mb",
        what=f"CPU ms to open {CALLS} calls ({sizes}), every line parsed and checked",
        n=CALLS,
        settings=f"vcrpy {vcr.__version__} use_cassette on YAML (libyaml); median of {REPEATS} pairs",
        ours=ours,
        other=other,
        ratio=other / ours,
        goal=goal,
        met=met,
    )


def _open_vcr(path: Path) -> int:
    with vcr.use_cassette(str(path), record_mode="none") as cassette:
        return len(cassette)


def _cpu_ms(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e3
