"""Projects to report on."""

from __future__ import annotations

from typing import Any

from agentops_eval.reports import (
    AgentView,
    FindingView,
    Fleet,
    Health,
    ItemView,
    Missing,
    ObjectiveView,
    RunKind,
    RunView,
    Tone,
)


def item(text: str = "the cache goes away", **changes: Any) -> ItemView:
    """One item of evidence; ``text`` is wherever one may be."""
    fields: dict[str, Any] = {
        "anchor": "e-1",
        "agent": text,
        "kind": "chaos.check",
        "subject": text,
        "at": "2026-11-27T06:33:15Z",
        "verdict": "fail",
        "says": text,
        "measures": {"runs": 5.0, "pass_rate": 0.9, text: 1.0},
        "harms": (text,),
        "versions": {"prompt": text},
        "place": text,
        "digest": text,
        "source": text,
        "source_digest": text,
        "copy": "sources/a.json",
        "trace": text,
        "doubt": text,
    }
    return ItemView(**{**fields, **changes})


def agent(text: str = "the cache goes away", **changes: Any) -> AgentView:
    """An agent that burns its budget."""
    slow = ObjectiveView(
        name=text, verdict="fail", burn_rate=14.4, budget_left=-1.5, address="evidence.html#e-1"
    )
    kept = ObjectiveView(
        name=text, verdict="pass", burn_rate=0.2, budget_left=0.8, address="evidence.html#e-1"
    )
    fields: dict[str, Any] = {
        "anchor": "a-1",
        "name": text,
        "known": False,
        "health": Health.UNSAFE,
        "owner": text,
        "purpose": text,
        "level": 2,
        "page": "scorecards/a.html",
        "findings": 1,
        "unsafe": 1,
        "objectives": (slow, kept),
        "cost_usd": 0.0123,
        "cost_address": "evidence.html#e-1",
        "items": 7,
        "last": text,
    }
    return AgentView(**{**fields, **changes})


def run(kind: RunKind, text: str = "the cache goes away", **changes: Any) -> RunView:
    """One thing that was run."""
    fields: dict[str, Any] = {
        "anchor": f"r-{kind}",
        "kind": kind,
        "name": text,
        "source": text,
        "word": text,
        "told": text,
        "tone": Tone.BAD,
        "at": text,
        "page": f"{kind}/a.html",
        "going": text,
    }
    return RunView(**{**fields, **changes})


def fleet(text: str = "the cache goes away", **changes: Any) -> Fleet:
    """A project with one of everything."""
    quiet = AgentView(anchor="a-2", name="quiet", known=True, health=Health.UNKNOWN)
    fields: dict[str, Any] = {
        "project": text,
        "at": "2026-11-27T12:00:00Z",
        "agents": (agent(text), quiet),
        "findings": (FindingView(item=item(text), page="findings/a.html", details=(text, text)),),
        "suites": (item(text, anchor="e-2", kind="eval.suite", harms=()),),
        "runs": tuple(run(kind, text) for kind in RunKind),
        "items": (item(text), item(text, anchor="e-2", kind="eval.suite", harms=())),
        "count": 12,
        "refused": (text,),
        "missing": (Missing(what=text, command=text),),
        "left_out": {"findings": 3},
    }
    return Fleet(**{**fields, **changes})


def well() -> Fleet:
    """A project of which nothing is open."""
    fine = AgentView(anchor="a-1", name="refund", known=True, health=Health.WELL, level=3)
    return Fleet(project="desk", at="2026-11-27T12:00:00Z", agents=(fine,), count=3)
