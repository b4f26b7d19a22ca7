"""Benchmarks follow the code: what they run in processes of their own still runs."""

from __future__ import annotations

import ast
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import benchmarks
from benchmarks import _eval_load, _eval_peers, _rows, eval_runs, evidence, report_open, trace_import


def test_the_import_that_is_measured_imports(tmp_path: Path) -> None:
    """The child process reads every run of the made-up export and keeps at least one of them."""
    export = trace_import.write_export(tmp_path / "small.jsonl", 4 * trace_import.PER_RUN, random.Random(7))
    done = trace_import._imported(export)
    assert (done.read, 1 <= done.kept <= 4) == (4, True)
    assert min(done.cpu_s, done.peak_mb) > 0


MEASURED = _eval_peers.Measured(
    cases_s=0.5, cpu_s=2.0, wall_s=2.5, peak_mb=90.0, cases=10, passed={"equals": 9}, alone_us={"equals": 6.0}
)
PEER = replace(_eval_peers.PEERS[0], kinds=("equals",))


def test_the_runs_that_are_measured_are_judged_as_they_were_made(tmp_path: Path) -> None:
    """The child process judges every run, and lets pass those whose answer and calls are as expected."""
    cases = list(_eval_load.made(40, random.Random(7)))
    eval_runs.write(iter(cases), tmp_path)
    done = _eval_peers.ours(tmp_path, _eval_load.KINDS)
    names = [(Counter(n for n, _ in c.calls), Counter(n for n, _ in c.expected_calls)) for c in cases]
    assert done.cases == 40
    assert done.passed == {
        "equals": sum(case.output == case.expected_output for case in cases),
        "matches": 40,
        "strict": sum(case.calls == case.expected_calls for case in cases),
        "any_order": sum(made >= expected for made, expected in names),
        "at_most": sum(len(case.calls) <= len(case.expected_calls) for case in cases),
    }
    assert min(done.cpu_s, done.peak_mb, *done.alone_us.values()) > 0


def test_sides_that_disagree_are_not_compared() -> None:
    """A peer that lets other runs pass has not done the same work."""
    eval_runs.agree(eval_runs.Pair(peer=PEER, theirs=MEASURED, ours=MEASURED))
    other = replace(MEASURED, passed={"equals": 8})
    with pytest.raises(ValueError, match=r"lets pass \{'equals': 8\}, and ours \{'equals': 9\}"):
        eval_runs.agree(eval_runs.Pair(peer=PEER, theirs=other, ours=MEASURED))


def test_the_middle_round_counts() -> None:
    """Neither a round that was disturbed decides nor one that was lucky."""
    rounds = [replace(MEASURED, cpu_s=seconds) for seconds in (9.0, 2.0, 3.0)]
    assert eval_runs.middle(rounds).cpu_s == 3.0


def test_the_row_is_about_the_peer_that_comes_closest() -> None:
    """Of two peers the faster decides the one row, the leaner the other."""
    fast = replace(MEASURED, cpu_s=1.0, peak_mb=200.0)
    lean = replace(MEASURED, cpu_s=8.0, peak_mb=60.0)
    pairs = [eval_runs.Pair(peer=PEER, theirs=side, ours=MEASURED) for side in (fast, lean)]
    speed, memory = eval_runs.judged(MEASURED, pairs, [])
    assert (speed.ratio, speed.met) == (0.5, False)
    assert (memory.ratio, memory.met) == (1.5, False)


def test_a_peer_that_cannot_be_installed_leaves_the_rows_skipped(tmp_path: Path) -> None:
    """The message says what failed, no half-made environment stays, and a skipped goal is not met."""
    peer = replace(PEER, pinned="this is no requirement")
    with pytest.raises(_eval_peers.Unavailable, match="cannot be installed"):
        _eval_peers.environment(peer, within=tmp_path)
    assert list(tmp_path.iterdir()) == []
    lines: list[str] = []
    rows = list(eval_runs.judged(MEASURED, [], ["no network"]))
    _rows.show(rows, lines.append)
    assert [row.met for row in rows] == [False, False]
    assert sum("skipped: no peer could be had" in line for line in lines) == 2
    assert sum("no network" in line for line in lines) == 2


def test_peers_run_without_anything_of_ours() -> None:
    """What runs in a peer's environment imports neither the package nor the benchmarks."""
    for path in (Path(benchmarks.__file__).parent / "peers").glob("*.py"):
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        named = {(node.module or "").partition(".")[0] for node in nodes}
        assert named.isdisjoint({"agentops_eval", "benchmarks", "pytest_agentops", ""}), path.name


def test_the_store_that_is_measured_counts(tmp_path: Path) -> None:
    """Verifying, scoring and the plain loop see the same items, all of which count."""
    root = evidence.write_store(tmp_path / "store", 80)
    for program in (evidence.VERIFY, evidence.SCORE, evidence.FLOOR):
        done = evidence.measured(program, root)
        assert (done.items, done.counted) == (80, 80)
        assert min(done.cpu_s, done.peak_mb) > 0


def test_the_results_that_are_measured_become_the_pages_that_are_opened(tmp_path: Path) -> None:
    """An index and the page of all results, gathered anew each time; without a browser the row is skipped."""
    report_open.write_results(tmp_path / "results.jsonl", 30)
    seconds, pages = report_open.timed_build(tmp_path, tmp_path / "out")
    assert seconds > 0
    assert [page.name == "index.html" for page in pages] == [True, False]
    assert "30" in pages[0].read_text(encoding="utf-8")
    skipped = report_open._row(tmp_path, None)
    assert skipped.skipped.startswith("no browser")
    assert not skipped.met
