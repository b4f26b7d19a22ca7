"""Impacts and explorations as evidence keeps them."""

from __future__ import annotations

from typing import Any

TEXT = "the cache goes away"


def call(site: str, reach: str, *, hops: Any = None, via: Any = None, kind: str = "tool") -> Any:
    """A call of a blast radius."""
    return {"site": site, "kind": kind, "reach": reach, "hops": hops, "via": via}


def impact(text: str = TEXT, *, calls: list[Any] | None = None, **changes: Any) -> Any:
    """A fault whose value went three hops, and more than that; ``text`` is wherever one may be."""
    reached = [
        call(f"/{text}#0", "faulted", hops=0),
        call(f"/POST https://{text}#1", "changed", hops=1, via=0, kind="llm"),
        call(f"/billing#0/{text}#0", "added", hops=2, via=1, kind=text),
        call("/audit#0", "same", hops=3, via=2),
        call(f"/{text}#1", "retried"),
        call("/send_email#0", "missing"),
    ]
    radius = {
        "steps": 0.6,
        "tools": [text],
        "effects": [text],
        "tenants": [text],
        "agents": [text],
        "output": True,
        "hops": 3,
        "contained": False,
        "calls": reached if calls is None else calls,
        "more_calls": 2,
    }
    effects = {"missing": [text], "extra": [f"2{text}"], "duplicated": [f"2{text}"], "compensated": [text]}
    told = {
        "mode": "failed-unsafe",
        "faults": text,
        "why": text,
        "harms": ["duplicated-effect"],
        "reasons": [{"harm": "duplicated-effect", "subject": text, "text": text}],
        "injected": [f"/{text}#0: {text}"],
        "blast_radius": radius,
        "effects": effects,
        "retries": {"total": 1.25},
        "recovery": {"seconds": None},
        "cost": {"ratio": 1.31},
    }
    return {**told, **changes}


def exploration(text: str = TEXT, **changes: Any) -> Any:
    """A search that was cut, found one thing and was wrong once."""
    counts = {"covered": 20, "unreachable": {text: 4}, "pruned": {text: 5}, "cut": 1}
    told = {
        "agent": text,
        "depth": 3,
        "whole": False,
        "coverage": {
            "singles": counts,
            "pairs": {**counts, "covered": 300},
            "further": {"3": 7},
            "runs": 40,
            "behaviours": 9,
            "left_recording": 1,
            "audited": 3,
            "audit_disagreed": 1,
        },
        "findings": [
            {"test": text, "check": text, "found_with": text, "shrink_runs": 4, "impact": impact(text)}
        ],
        "disagreements": [{"schedule": text, "rule": text}],
        "notes": [text],
    }
    return {**told, **changes}
