"""A million items of evidence: verified, and scored, in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agentops_eval.domain import Json, ascii_json
from agentops_eval.harness.evidencing import EVIDENCE
from agentops_eval.harness.evidencing._items import SHARD, claim_of, line_of
from agentops_eval.harness.evidencing._sources import digest_of_file
from benchmarks._rows import Row, at_most

IDS = ("evidence.verify",)
ITEMS, SHARDS, GOLDENS = 1_000_000, 8, 500

# What a measured process does, then says: items, those that count, CPU seconds, peak memory in MB.
_TOLD = """
cpu_s = time.process_time() - start
status = Path("/proc/self/status")
if status.exists():  # Linux counts what the parent had before exec into ru_maxrss
    line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
    peak = int(line.split()[1]) / 2**10
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps([items, counted, cpu_s, peak]))
"""
VERIFY = f"""
import json, resource, sys, time
from pathlib import Path
from agentops_eval.harness.evidencing import Reading
start, items, counted = time.process_time(), 0, 0
for kept in Reading(Path(sys.argv[1])):
    items += 1
    counted += kept.counts
{_TOLD}"""
SCORE = f"""
import json, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from agentops_eval.harness.evidencing import Reading
from agentops_eval.scorecard import Scoring, shipped_criteria
start, items = time.process_time(), 0
scoring = Scoring(shipped_criteria(), "refund", at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
for kept in Reading(Path(sys.argv[1])):
    items += 1
    if kept.counts:
        scoring.add(kept.evidence, kept.digest)
counted = scoring.scorecard().items
{_TOLD}"""
FLOOR = f"""
import hashlib, json, resource, sys, time
from pathlib import Path
start, items, counted = time.process_time(), 0, 0
for path in sorted(Path(sys.argv[1], ".agentops/evidence").glob("*.jsonl")):
    after = ""
    for line in path.open("rb"):
        row = json.loads(line)
        if "item" in row:
            items += 1
            text = json.dumps(row["item"], sort_keys=True, separators=(",", ":"))
            counted += hashlib.sha256(f"{{after}}\\n{{text}}".encode()).hexdigest()[:32] == row["digest"]
        after = row["digest"]
{_TOLD}"""


@dataclass(frozen=True, slots=True)
class _Measured:
    items: int
    counted: int
    cpu_s: float
    peak_mb: float


def rows() -> Iterator[Row]:
    """Verify a store against the plain loop over the same lines, and its memory at a tenth of them."""
    with tempfile.TemporaryDirectory() as folder:
        large, small = (write_store(Path(folder, str(n)), n) for n in (ITEMS, ITEMS // 10))
        ours, few, score, floor = (
            measured(VERIFY, large),
            measured(VERIFY, small),
            measured(SCORE, large),
            measured(FLOOR, large),
        )
        megabytes = sum(path.stat().st_size for path in (large / EVIDENCE).glob("*.jsonl")) / 2**20
    assert ours.counted == score.counted == floor.counted == ITEMS
    goal, met = at_most(1.0, ours.cpu_s / floor.cpu_s)
    bounded = ours.peak_mb <= 1.25 * few.peak_mb
    yield Row(
        id="evidence.verify",
        what=f"items of evidence verified per CPU second: chain, proof, kind, times; {megabytes:.0f} MB",
        n=ITEMS,
        settings=(
            f"one process, {SHARDS} shards; peak {ours.peak_mb:.0f} MB, {few.peak_mb:.0f} at a tenth, "
            f"{score.peak_mb:.0f} scored as well at {ITEMS / score.cpu_s:.0f}/s, {floor.peak_mb:.0f} of the "
            "other; other: json and hashlib in a loop, nothing else looked at; ratio: of CPU time"
        ),
        ours=ITEMS / ours.cpu_s,
        other=ITEMS / floor.cpu_s,
        ratio=ours.cpu_s / floor.cpu_s,
        goal=goal,
        met=met and bounded,
    )


def measured(program: str, root: Path) -> _Measured:
    """Run a program on a store in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True
    )
    return _Measured(*json.loads(done.stdout))


def write_store(root: Path, count: int) -> Path:
    """A store with so many replays of 500 goldens, all of which count."""
    folder = root / EVIDENCE
    folder.mkdir(parents=True)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    item: dict[str, Json] = {
        "agent": "refund",
        "at": now,
        "expires": f"{int(now[:4]) + 1}-01-31T00:00:00Z",
        "kind": "replay",
        "measures": {"calls": 7.0, "recorded_share": 1.0},
        "says": "it was replayed whole, and equals its golden",
        "verdict": "pass",
    }
    subjects = [f"golden_traces/test_refund/case-{number}" for number in range(GOLDENS)]
    claims = [claim_of(ascii_json({**item, "subject": one}).encode()) for one in subjects]
    proof = root / "proof.json"
    proof.write_text(json.dumps({"claims": claims}), encoding="utf-8")
    item |= {"source": proof.name, "source_digest": digest_of_file(proof)}
    each = count // SHARDS
    for number in range(SHARDS):
        name = f"20260101T000000-1-{number}.jsonl"
        told: Json = {"at": now, "format": 1, "name": name, "nonce": "0" * 32, "tool": "bench"}
        with (folder / name).open("wb") as file:
            line, after = line_of(ascii_json(told).encode(), after="", opening=SHARD)
            file.write(line)
            for place in range(each):
                item["subject"] = subjects[place % GOLDENS]
                text = ascii_json(item).encode()
                line, after = line_of(text, after=after)
                file.write(line)
    return root
