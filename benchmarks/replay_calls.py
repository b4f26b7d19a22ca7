"""What one replayed call costs: ours, vcrpy matching bodies, and the transport's own floor."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import vcr

from agentops_eval import Settings, replaying
from benchmarks._load import URL, answer, send, write_ours, write_vcr
from benchmarks._rows import Row, at_least, at_most, median_interval

IDS = (
    *(f"replay.per_call.n{n}" for n in (1, 10, 100, 1000)),
    "replay.flatness",
    "replay.over_floor",
    "replay.canonical_over_floor",
)
GOALS = {1: 2.0, 10: 10.0, 100: 100.0, 1000: 1000.0}
MATCH = ("method", "scheme", "host", "port", "path", "query", "body")
OURS = "ours: canonical body match, raw bytes first, redaction, event log and locks on"
PEER = f"vcrpy {vcr.__version__} match_on={','.join(MATCH)}"
SAMPLES = 20


def rows() -> Iterator[Row]:
    """All rows of this file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        httpx2.Client(transport=httpx2.MockTransport(answer)) as sender,
    ):
        bench = _Bench(Path(folder), sender)
        for n in (1, 10, 100, 1000):
            yield bench.against_vcr(n)
        yield bench.flatness()
        yield bench.over_floor(raw=True)
        yield bench.over_floor(raw=False)


def _cpu_us(work: Callable[[], int]) -> float:
    """CPU microseconds per call of ``work``, which says how many calls it made."""
    start = time.process_time_ns()
    calls = work()
    return (time.process_time_ns() - start) / calls / 1e3


class _Bench:
    def __init__(self, folder: Path, sender: httpx2.Client) -> None:
        self.folder = folder
        self.sender = sender

    def ours(self, n: int, *, raw: bool = True) -> float:
        """Replay n recorded calls in order; opening the cassette is not counted."""
        path = self.folder / f"bench-{n}.cassette.jsonl"
        if not path.exists():
            write_ours(path, n)
        with replaying(path, settings=Settings(), case="bench"):
            return _cpu_us(lambda: self._calls(range(n), raw=raw))

    def vcr(self, n: int) -> float:
        """The same through vcrpy; from n = 1,000 on an estimate from calls at 20 positions."""
        path = self.folder / f"bench-{n}.json"
        if not path.exists():
            write_vcr(path, n)
        options = {"record_mode": "none", "match_on": MATCH, "serializer": "json"}
        with vcr.use_cassette(str(path), **options) as cassette:
            if n < 1000:
                return _cpu_us(lambda: self._calls(range(n)))
            step = n // SAMPLES
            positions = [step // 2 + step * index for index in range(SAMPLES)]
            costs = []
            for position in positions:
                cassette.play_counts.clear()
                cassette.play_counts.update(dict.fromkeys(range(position), 1))
                costs.append(_cpu_us(lambda at=position: self._calls([at])))
            return statistics.fmean(costs)

    def floor(self, n: int) -> float:
        """The mock transport without anything between."""
        return _cpu_us(lambda: self._calls(range(n)))

    def _calls(self, numbers: object, *, raw: bool = True) -> int:
        count = 0
        for number in numbers:  # type: ignore[attr-defined]
            if raw:
                send(self.sender, number)
            else:
                self._send_respelled(number)
            count += 1
        return count

    def _send_respelled(self, number: int) -> None:
        """The same JSON with other white space, so that the raw hash misses."""
        from benchmarks._load import request_body

        body = request_body(number).replace(b'"temperature": 0', b'"temperature":0')
        self.sender.post(URL, content=body, headers={"content-type": "application/json"})

    def against_vcr(self, n: int) -> Row:
        repeats = {1: 200, 10: 20, 100: 3, 1000: 1}[n]
        self.ours(n), self.vcr(n)  # writes the files, warms both sides
        gc.collect()
        pairs = [(self.ours(n), self.vcr(n)) for _ in range(repeats)]
        ours = statistics.median(pair[0] for pair in pairs)
        other = statistics.median(pair[1] for pair in pairs)
        goal, met = at_least(GOALS[n], other / ours)
        estimate = f", an estimate from {SAMPLES} positions" if n >= 1000 else ""
        return Row(
            id=f"replay.per_call.n{n}",
            what=f"CPU us per replayed httpx2 call, cassette of {n}, against vcrpy{estimate}",
            n=n,
            settings=f"{OURS}; {PEER}; median of {repeats} interleaved pairs",
            ours=ours,
            other=other,
            ratio=other / ours,
            goal=goal,
            met=met,
        )

    def flatness(self) -> Row:
        # The same number of calls a block, so that warm caches do not favour one side.
        self.ours(5000)
        pairs = []
        for _ in range(7):
            small = statistics.fmean(self.ours(10) for _ in range(40))
            pairs.append((self.ours(5000), small))
        ratio = statistics.median(large / small for large, small in pairs)
        goal, met = at_most(1.25, ratio)
        return Row(
            id="replay.flatness",
            what="CPU us per replayed call at n = 5,000 over n = 10",
            n=5000,
            settings=f"{OURS}; median ratio of 7 interleaved pairs",
            ours=statistics.median(pair[0] for pair in pairs),
            other=statistics.median(pair[1] for pair in pairs),
            ratio=ratio,
            goal=goal,
            met=met,
        )

    def over_floor(self, *, raw: bool) -> Row:
        blocks = [(self.ours(100, raw=raw), self.floor(100)) for _ in range(25)]
        ratio, low, high = median_interval([ours / floor for ours, floor in blocks])
        goal, met = at_most(2.0 if raw else 4.0, ratio)
        how = "raw bytes equal" if raw else "every raw hash missed, body canonicalised"
        return Row(
            id="replay.over_floor" if raw else "replay.canonical_over_floor",
            what=f"CPU us per replayed call over httpx2.MockTransport, {how}",
            n=100,
            settings=f"{OURS}; 25 interleaved blocks of 100, ratio in [{low:.2f}, {high:.2f}]",
            ours=statistics.median(block[0] for block in blocks),
            other=statistics.median(block[1] for block in blocks),
            ratio=ratio,
            goal=goal,
            met=met,
        )
