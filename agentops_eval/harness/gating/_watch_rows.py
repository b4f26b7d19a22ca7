"""The log of a watch as lines of JSON: what is written, and what is read back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from agentops_eval.domain import (
    Arm,
    Decision,
    DecisionValue,
    Json,
    MetricDecision,
    Sample,
    WatchInvalid,
    to_json,
)
from agentops_eval.harness._chained import chained_digest, json_line
from agentops_eval.harness.gating._counted import Added, NextUnit, Taken
from agentops_eval.harness.gating._extents import Extent

VERSION = 1
BEGINNING = b'{"agentops_gate_log":%d,' % VERSION
_REMEDY = "a log is never edited: begin anew with another --log"
_DEFAULTS = {one.name: one.default for one in fields(Sample)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchHeader:
    """The first line of a log: what is watched, under which gate, and what fixes the order of its cases.

    ``created`` is in seconds since 1970. The paths are told for people: what a file holds is what counts.
    """

    gate: str = ""
    gate_digest: str = ""
    seed: int = 0
    trials: int | None = None
    settle_s: float = 0.0
    baseline: str = ""
    candidate: str = ""
    created: float = 0.0
    tool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """One look as it is kept: how far the files went, what came to count, and what was decided."""

    look: int
    at: float
    extents: Mapping[Arm, Extent]
    added: Added
    value: DecisionValue
    stage: str = ""
    next_stage: str = ""
    reasons: tuple[str, ...] = ()


def header_row(header: WatchHeader, *, after: str = "") -> tuple[bytes, str]:
    """The header as a line, and its digest."""
    told: dict[str, Json] = {one.name: getattr(header, one.name) for one in fields(header)}
    return _line({"agentops_gate_log": VERSION, **told}, after)


def look_line(row: LookRow, decision: Decision, *, after: str) -> tuple[bytes, str]:
    """A look as a line, and the digest in it, which also covers the line before.

    Of the decision it holds the figures that people look for: all of it follows from the samples.
    """
    told: dict[str, Json] = {"look": row.look, "at": row.at}
    for arm, extent in row.extents.items():
        told[str(arm)] = {"bytes": extent.bytes, "sha256": extent.sha256}
    told |= {
        "value": str(row.value),
        "stage": row.stage,
        "next_stage": row.next_stage,
        "reasons": list(row.reasons),
        "pending": row.added.pending,
        "waiting": row.added.waiting,
        "late": row.added.late,
        "n": decision.n,
        "n_needed": decision.n_needed,
        "metrics": {one.name: _figures(one) for one in decision.metrics},
        "decision": decision.digest,
        "nexts": {stage: _plain(one) for stage, one in row.added.nexts.items()},
        "order": {stage: list(cases) for stage, cases in row.added.order.items()},
        "samples": [_sample(one) for one in row.added.taken],
    }
    return _line(told, after)


def step_line(stage: str, at: float, *, after: str) -> tuple[bytes, str]:
    """A step of the rollout that was confirmed, as a line, and its digest. ``at`` is since 1970."""
    return _line({"confirmed": stage, "at": at}, after)


def _line(told: Mapping[str, Json], after: str) -> tuple[bytes, str]:
    digest = chained_digest(told, after=after)
    return json_line({**told, "digest": digest}), digest


def _plain(one: NextUnit) -> Json:
    return {"arm": str(one.arm), "case": one.case, "at_s": one.at_s}


def _figures(metric: MetricDecision) -> Json:
    return {
        "n": metric.n,
        "e_promote": _finite(metric.e_promote),
        "e_rollback": _finite(metric.e_rollback),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _sample(one: Taken) -> Json:
    """What a sample says; what it does not say is left out. Numbers that are none are spelt out."""
    told: dict[str, Json] = {"row": one.row}
    for name, default in _DEFAULTS.items():
        value = getattr(one.sample, name)
        if name == "metrics":
            told |= {name: {key: _spelt(number) for key, number in value.items()}} if value else {}
        elif name not in {"tags", "segments"} and value != default:
            told[name] = _spelt(value) if isinstance(value, float) else to_json(value)
    return told


def _spelt(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)


def read_header(line: bytes, *, where: str) -> tuple[WatchHeader, str]:
    """Read the first line; gives its digest too. Raises WatchInvalid for what is no log of this release."""
    if not line.startswith(BEGINNING):
        raise WatchInvalid(
            "this is no log of a watch, or one of another release", where=where, remedy=_REMEDY
        )
    told, digest = _read(line, after="", where=where)
    return _made(WatchHeader, {key: told[key] for key in told if key != "agentops_gate_log"}, where), digest


def read_row(line: bytes, *, after: str, where: str) -> tuple[LookRow | str, str]:
    """Read one look, or the stage of a step that was confirmed; gives its digest too.

    Raises WatchInvalid for what is not as it was written.
    """
    told, digest = _read(line, after=after, where=where)
    if isinstance(told.get("confirmed"), str):
        return told["confirmed"], digest
    shape = {
        "look": told.get("look"),
        "at": told.get("at"),
        "extents": {str(arm): told.get(str(arm)) for arm in Arm},
        "value": told.get("value"),
        "stage": told.get("stage"),
        "next_stage": told.get("next_stage"),
        "reasons": told.get("reasons"),
        "added": {
            "order": told.get("order"),
            "nexts": told.get("nexts"),
            "taken": [_taken(one) for one in told.get("samples") or ()],
            "pending": told.get("pending"),
            "waiting": told.get("waiting"),
            "late": told.get("late"),
        },
    }
    return _made(LookRow, shape, where), digest


def _taken(told: Any) -> Any:
    """A sample as the domain has it: its metrics are numbers, spelt out or not."""
    if not isinstance(told, dict):
        return told
    rest = {key: value for key, value in told.items() if key != "row"}
    rest["metrics"] = {key: float(value) for key, value in (rest.get("metrics") or {}).items()}
    if isinstance(rest.get("at_s"), str):
        rest["at_s"] = float(rest["at_s"])
    return {"row": told.get("row"), "sample": rest}


def _read(line: bytes, *, after: str, where: str) -> tuple[dict[str, Any], str]:
    try:
        told = json.loads(line)
        digest = told.pop("digest")
    except (ValueError, RecursionError, KeyError, AttributeError, TypeError) as error:
        raise WatchInvalid(
            "this line is none of a watch's log", where=where, difference=str(error)[:300], remedy=_REMEDY
        ) from None
    if digest != chained_digest(told, after=after):
        said = "this line is not as it was written, or the one before it is not"
        raise WatchInvalid(said, where=where, remedy=_REMEDY)
    return told, digest


def _made(kind: type[Any], told: Mapping[str, Any], where: str) -> Any:
    import msgspec

    try:
        return msgspec.convert(told, kind)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise WatchInvalid(
            "this line lacks what a look has", where=where, difference=str(error)[:300], remedy=_REMEDY
        ) from None
