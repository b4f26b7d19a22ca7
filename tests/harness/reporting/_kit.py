"""A project that has shown something of everything, with a text of anybody's wherever one may stand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from agentops_eval.domain import EntryKind, Evidence, JournalEntry, Result, VerdictValue, Versions
from agentops_eval.harness.evaluating import ResultsHeader, ResultsWriter
from agentops_eval.harness.evidencing import EVIDENCE, Noted, keep_evidence
from agentops_eval.harness.experimenting import JOURNALS
from agentops_eval.harness.experimenting._journal_file import JournalFile
from agentops_eval.reports import decision_json
from agentops_eval.traces.redaction import Redactor
from tests.harness.evidencing._kit import NOW
from tests.reports._results import suite
from tests.reports.chaos._days import day, entry
from tests.reports.gate._decisions import decision

PASS, FAIL = VerdictValue.PASS, VerdictValue.FAIL
INVENTORY = """
[tool.agentops]
[tool.agentops.agents.refund]
purpose = "gives money back"
owner = "role:refunds"
"""


def fact(**more: Any) -> Evidence:
    """One fact, of the refund agent where nothing else is said."""
    plain = {"agent": "refund", "kind": "chaos.check", "subject": "breaker", "at": "", "verdict": PASS}
    return Evidence(**{**plain, **more})


def keep(root: Path, *facts: Evidence, proof: Any = None, at: datetime | None = NOW) -> None:
    """Keep facts with a proof, as commands do."""
    keep_evidence(root, Redactor(), Noted(facts=facts, proof=proof or {"told": "it went so"}), now=at)


def results(
    root: Path, rows: list[Result], *, planned: int | None = None, name: str = "results.jsonl"
) -> Path:
    """A file of results, unfinished where more were planned."""
    path = root / name
    header = ResultsHeader(planned=len(rows) if planned is None else planned)
    with ResultsWriter(path, header) as writer:
        writer.extend(rows)
    return path


def journal(root: Path, *entries: JournalEntry, name: str = "day.jsonl") -> Path:
    """A journal with those entries."""
    with JournalFile(root / JOURNALS / name, Redactor()) as file:
        for one in entries:
            file.append(one.kind, at=one.at, experiment=one.experiment, part=one.part, data=one.data)
    return file.path


def lines(text: str = "the cache goes away") -> list[JournalEntry]:
    """A day of two experiments of which the first did not go as it should, as a journal has it."""
    begun = entry(0, EntryKind.DAY, experiment=0, title=text, planned=[{"title": text}, {"title": text}])
    told = (EntryKind.EXPERIMENT, EntryKind.START, EntryKind.END, EntryKind.ENDED, EntryKind.CLOSED)
    return [begun, *(one for one in day(text).timeline if one.kind in told)]


def golden(root: Path, agent: str) -> None:
    """A golden whose trace names an agent."""
    path = root / "golden_traces" / "a.otlp.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    value = {"attributes": [{"key": "gen_ai.agent.name", "value": {"stringValue": agent}}]}
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n", encoding="utf-8")


def whole(root: Path, text: str = "the cache goes away", *, at: datetime | None = NOW) -> Path:
    """A project with a known agent and one that no inventory names, whose every text is ``text``.

    ``at`` is when it was shown: None for now, as servers see it.
    """
    (root / "pyproject.toml").write_text(INVENTORY, encoding="utf-8")
    keep(root, fact(says=text, versions=Versions(prompt=text, llm=text)), at=at)
    burning = {"events": 900.0, "target": 0.99, "value": 0.97, "budget_left_share": -1.5, "burn_rate": 14.4}
    keep(root, fact(kind="slo", subject="task-success", verdict=FAIL, says=text, measures=burning), at=at)
    keep(
        root, fact(kind="slo", subject="latency-run", measures={"burn_rate": 0.25, "budget_left_share": 0.8})
    )
    stats = {"runs": 90.0, "cost_per_success_usd": 0.0123}
    keep(root, fact(kind="trace.stats", subject="levels", measures=stats), at=at)
    tried = {"cases": 3.0, "trials": 9.0, "pass_rate": 0.9, "pass_rate_low": 0.7}
    keep(root, fact(kind="eval.suite", subject=text or "refunds", says=text, measures=tried), at=at)
    keep(root, fact(agent=text or "stray", kind="chaos.check", subject="saga", says=text), at=at)
    keep(
        root,
        fact(kind="chaos.explore", subject="depth-1", verdict=FAIL, harms=("duplicated-effect",), says=text),
        proof={"findings": [{"check": text, "impact": {"schedule": text, "mode": "unsafe"}}]},
        at=at,
    )
    held = decision(gate=text or "desk")
    keep(
        root,
        fact(kind="gate", subject=text or "desk", verdict=VerdictValue.UNKNOWN, says=text),
        proof={"files": [], "decision": decision_json(held)},
        at=at,
    )
    results(root, suite(3, trials=2, name="refunds"))
    journal(root, *lines(text or "a day"))
    golden(root, text or "traced")
    return root


def store(root: Path) -> list[Path]:
    """The shards of a project, the oldest first."""
    return sorted((root / EVIDENCE).glob("*.jsonl"))
