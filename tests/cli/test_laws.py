"""Laws between commands: what one writes another reads as the same."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces.diff import diff
from agentops_eval.traces.levels import Tally, levels_json
from tests.cli.test_exports import EXPORT
from tests.examples import examples
from tests.traces.reading.test_order import exported, read

if TYPE_CHECKING:
    from tests.cli._kit import Commands


@examples(60)
@given(exported(), exported())
def test_no_difference_is_none_from_either_side(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    """Whichever of two runs is the baseline; and a run does not differ from itself."""
    first, second = read(one).trace, read(other).trace
    assert bool(diff(first, second)) == bool(diff(second, first))
    assert not diff(first, first)


@examples(60)
@given(st.lists(exported(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_levels_do_not_depend_on_the_order_of_runs(runs: list[list[dict[str, Any]]], chance: Any) -> None:
    """Of two files together they are those of the same runs in any order."""
    normal = [read(run) for run in runs]
    told = []
    for _ in range(2):
        tally = Tally()
        for run in normal:
            tally.add(run)
        told.append(levels_json(tally.levels()))
        chance.shuffle(normal)
    assert told[0] == told[1]


def other_run(seen: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(seen)
    ids = {span["traceId"] for span in seen["resourceSpans"][0]["scopeSpans"][0]["spans"]}
    for number, trace_id in enumerate(sorted(ids), start=1):
        text = text.replace(trace_id, f"{number:x}" + "f" * 31)
    made: dict[str, Any] = json.loads(text)
    return made


def test_statistics_of_two_files_are_those_of_all_their_runs(ae: Commands) -> None:
    """Counts and money add up, and it is no matter how the runs are packed."""
    lines = [json.dumps(EXPORT), json.dumps(other_run(EXPORT))]
    (ae.folder / "a.jsonl").write_text(lines[0] + "\n")
    (ae.folder / "b.jsonl").write_text(lines[1] + "\n")
    (ae.folder / "c.jsonl").write_text("\n".join(lines) + "\n")
    one, two, both, packed = (
        ae("trace", "stats", *files, "--json").document
        for files in (("a.jsonl",), ("b.jsonl",), ("a.jsonl", "b.jsonl"), ("c.jsonl",))
    )
    assert {**both, "paths": []} == {**packed, "paths": []}
    for key in ("llm_calls", "failed_llm_calls", "tool_calls", "without_usage", "without_cost"):
        assert both["total"][key] == one["total"][key] + two["total"][key]
    assert both["runs"] == one["runs"] + two["runs"]


def test_a_golden_that_is_pushed_and_imported_is_the_same_golden(ae: Commands) -> None:
    """Byte for byte, whether a receiver kept the lines or a file did."""
    (ae.folder / "a.jsonl").write_text(json.dumps(EXPORT) + "\n")
    assert ae("trace", "import", "a.jsonl", "--as", "golden", "--out", "one").code == 0
    for path in sorted(Path(ae.folder, "one").iterdir()):
        done = ae("trace", "push", f"one/{path.name}", "--dry-run")
        with tempfile.TemporaryDirectory() as folder:
            sent = Path(folder, "sent.jsonl")
            sent.write_text(done.out)
            again = Path(folder, "again.otlp.jsonl")
            assert ae("trace", "import", str(sent), "--as", "golden", "--out", str(again)).code == 0
            assert again.read_bytes() == path.read_bytes()
