"""Runs that results, decisions and evidence cite are told on pages of the report, and linked from there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from agentops_eval.domain import Span, Trace
from agentops_eval.harness.evaluating._store import keep_trace
from agentops_eval.harness.reporting import SiteOrder, build
from agentops_eval.harness.reporting._traces import MOST_OF_RESULTS
from agentops_eval.reports import RunKind
from tests.harness.evidencing._kit import NOW
from tests.harness.reporting._kit import fact, keep, results, whole
from tests.harness.reporting.test_site import broken, read
from tests.reports._results import failed, passed

KEY = "sk-" + "proj-" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4"
GOLDEN = next((Path(__file__).resolve().parents[3] / "golden_traces").rglob("test_team-both-*.otlp.jsonl"))
RESULTS = re.compile(r'"r":"\.\./(traces/[^"]+)"')


def trace(number: int, said: str = "done") -> Trace:
    """A short run, told by its agent's name and its answer."""
    answer = [{"role": "assistant", "parts": [{"type": "text", "content": said}]}]
    chat = {"gen_ai.operation.name": "chat", "gen_ai.output.messages": json.dumps(answer)}
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": f"desk-{number}"}
    ids = {"trace_id": f"{number + 1:032x}"}
    root = Span(name="run", span_id="a" * 16, attributes=agent, **ids)
    return Trace(
        spans=(root, Span(name="chat", span_id="b" * 16, parent_id="a" * 16, attributes=chat, **ids))
    )


def site(root: Path) -> Path:
    """The report of a project; every link in it leads somewhere."""
    build(SiteOrder(root=root), root / "out", now=NOW)
    assert list(broken(root / "out")) == []
    return root / "out"


def test_trials_lead_to_their_runs_and_failed_ones_come_first(tmp_path: Path) -> None:
    """Of many trials a bounded number is told, each with its file beside it, and without secrets."""
    out, count = tmp_path / "results.jsonl", MOST_OF_RESULTS + 10
    rows = [
        replace(made(f"case-{n}"), trace_file=keep_trace(trace(n, KEY if n == count - 1 else "done"), out))
        for n, made in ((n, failed if n == count - 1 else passed) for n in range(count))
    ]
    results(tmp_path, rows)
    built = site(tmp_path)
    (page,) = (built / "results").glob("*.html")
    linked = RESULTS.findall(page.read_text())
    assert len(linked) == len({*linked}) == MOST_OF_RESULTS
    told = [(built / one).read_text() for one in linked]
    (last,) = (text for text in told if f"What desk-{count - 1} did" in text)
    assert KEY not in last
    assert "[redacted:secret-1]" in last
    assert f"case-<wbr>{count - 1}" in last
    copies = [path.read_text() for path in (built / "sources").iterdir()]
    assert not [text for text in copies if KEY in text]
    assert len([text for text in copies if "[redacted:secret-1]" in text]) == 1
    assert 'id="span-bbbbbbbbbbbbbbbb"' in last
    (source,) = (one for one in read(built / linked[0]).found if "sources/" in one)
    assert (built / "traces" / source).is_file()


def test_a_replay_leads_to_its_golden(tmp_path: Path) -> None:
    """Evidence about a golden, on its own page and on that of the finding, leads to the run, told."""
    folder = tmp_path / "golden_traces"
    folder.mkdir()
    (folder / "team.otlp.jsonl").write_bytes(GOLDEN.read_bytes())
    recording = GOLDEN.with_name(GOLDEN.name.replace("otlp", "cassette"))
    (folder / "team.cassette.jsonl").write_bytes(recording.read_bytes())
    keep(tmp_path, fact(kind="replay", subject="golden_traces/team"))
    built = site(tmp_path)
    (link,) = (one for one in read(built / "evidence.html").found if one.startswith("traces/"))
    text = (built / link).read_text()
    assert "What team did" in text
    assert "by the clock of the run" in text
    assert "../index.html" in read(built / link).found


def test_decisions_lead_to_the_runs_of_their_worst_cases(tmp_path: Path) -> None:
    """A trace that the project has is told; one that cannot be read says so, and leads to its file."""
    (tmp_path / "runs" / "candidate").mkdir(parents=True)
    (tmp_path / "runs" / "candidate" / "late-2.otlp.jsonl").write_text("a trace")
    built = build(SiteOrder(root=whole(tmp_path)), tmp_path / "out", now=NOW)
    gate = next(one for one in built.site.fleet.runs if one.kind is RunKind.GATE)
    linked = [one for one in read(tmp_path / "out" / gate.page).found if "traces/" in one]
    pages = [(tmp_path / "out" / "gates" / one).resolve() for one in linked]
    assert ["It cannot be read" in page.read_text() for page in pages] == [True]
    (source,) = (one for one in read(pages[0]).found if "sources/" in one)
    assert (pages[0].parent / source).read_text() == "a trace"
    assert list(broken(tmp_path / "out")) == []


def test_nothing_outside_the_project_is_told(tmp_path: Path) -> None:
    """A row that names a file elsewhere leads nowhere, and what an earlier report told is taken away."""
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret.jsonl").write_bytes(GOLDEN.read_bytes())
    out = root / "results.jsonl"
    good = replace(passed("a"), trace_file=keep_trace(trace(1), out))
    results(root, [good])
    assert len(list((site(root) / "traces").glob("*.html"))) == 1
    out.unlink()
    results(root, [replace(good, trace_file="../secret.jsonl")])
    assert list((site(root) / "traces").glob("*.html")) == []
