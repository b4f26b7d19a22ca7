"""``python -m benchmarks [ID-PREFIX ...]``: run the benchmarks, print the table, write build/bench.json."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import (
    cassette_open,
    eval_runs,
    evidence,
    explore,
    gate_decisions,
    plugin_cost,
    replay_calls,
    report_open,
    trace_diff,
    trace_import,
    trace_lint,
)
from benchmarks._rows import Row, save, show

OUT = Path(__file__).parent.parent / "build" / "bench.json"


def main(prefixes: list[str]) -> int:
    """Run what matches; 0 when every goal is met, else 1. A goal without its peer is neither."""
    rows: list[Row] = []
    modules = (
        replay_calls,
        cassette_open,
        plugin_cost,
        trace_diff,
        trace_import,
        trace_lint,
        eval_runs,
        gate_decisions,
        explore,
        evidence,
        report_open,
    )
    for module in modules:
        if not prefixes or any(i.startswith(p) for i in module.IDS for p in prefixes):
            for row in module.rows():
                rows.append(row)
                show([row], lambda line: print(line, flush=True))
    print()
    show(rows, print)
    save(rows, OUT)
    judged = [row for row in rows if not row.skipped]
    missed = [row.id for row in judged if not row.met]
    left = f", {len(rows) - len(judged)} skipped" if len(judged) < len(rows) else ""
    place = OUT.relative_to(Path.cwd())
    print(f"\n{len(judged) - len(missed)} of {len(judged)} goals met{left}; written to {place}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
