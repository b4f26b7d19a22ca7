"""Gate files for the tests, and what is wrong with one."""

from __future__ import annotations

from typing import Any

import pytest

from agentops_eval.domain import GateInvalid
from agentops_eval.gate import Gate, GateFile, read_gate

WHOLE: dict[str, Any] = {
    "$schema": "gate.schema.json",
    "x-notes": ["mine"],
    "name": "refunds",
    "alpha": 0.05,
    "alpha_promote": 0.05,
    "min_n": 20,
    "max_n": 400,
    "seed": 7,
    "block": 1,
    "metrics": [
        {"name": "passed", "kind": "binary", "margin": 0.05, "rollback": "baseline"},
        {"name": "cost_usd", "kind": "unbounded", "margin": 0.2, "weight": 0.5, "most": 1000},
        {"name": "latency_s", "kind": "unbounded", "quantile": 0.95, "margin": 0.2, "direction": "lower"},
        {
            "name": "helpful",
            "kind": "bounded",
            "range": [1, 5],
            "margin": -0.25,
            "judge": "helpfulness",
            "role": "goal",
        },
        {"name": "unapproved_payments", "kind": "limit", "limit": 0, "margin": 0.01, "may_be_constant": True},
        {"name": "retries", "kind": "count", "margin": 0.5, "min_n": 30, "max_n": 300, "quantile": None},
    ],
    "stages": [
        {"name": "shadow", "min_n": 50, "share": None},
        {"name": "5 %", "share": 0.05, "min_n": 100, "max_n": 300},
        {"name": "10 %", "share": "10 %"},
        {"name": "100 %", "share": 1.0, "asks": "no-harm"},
    ],
    "planned": None,
    "quality": {
        "most_missing": 0.05,
        "most_errors": 0.2,
        "alpha": 0.001,
        "max_age_h": 48,
        "disorder_s": 0,
        "most_alike": 0.5,
    },
    "columns": {"case": "session_id", "at": "started", "metrics": {"cost_usd": "spend.cost_usd"}},
}
"""A file with every field, but for those of a plan."""

PLANNED: dict[str, Any] = {
    "metrics": [{"name": "passed", "margin": 0.05}],
    "planned": {"n": 200, "looks": 5, "spending": "pocock"},
}


def read(text: str | bytes, name: str = "gate.yaml") -> GateFile:
    """The gate file of a text in which nothing is wrong."""
    return read_gate(text if isinstance(text, bytes) else text.encode(), name)


def gate(text: str) -> Gate:
    """The gate of a text in which nothing is wrong."""
    return read(text).gate


def refused(text: str | bytes, name: str = "gate.yaml") -> GateInvalid:
    """The error of a text in which something is."""
    with pytest.raises(GateInvalid) as caught:
        read(text, name)
    return caught.value
