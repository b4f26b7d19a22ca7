"""The order of a gate's pairs, written down before there is any result."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agentops_eval.domain import Json, SamplesInvalid
from agentops_eval.gate import GateFile, in_order, order_digest

FORMAT = "agentops-order"
VERSION = 1
_REMEDY = "write it before the runs:  agentops-eval gate order CASES --gate gate.yaml --out order.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """Cases in the order in which they will count. ``gate`` is the digest of the gate file."""

    format: str = FORMAT
    version: int = VERSION
    gate: str
    seed: int
    cases: tuple[str, ...]
    digest: str


def plan_order(gate: GateFile, cases: Iterable[str], *, seed: int | None = None) -> PlannedOrder:
    """The order of these cases under the gate's seed, or another."""
    fixed = gate.gate.seed if seed is None else seed
    order = tuple(in_order(cases, seed=fixed))
    return PlannedOrder(gate=gate.digest, seed=fixed, cases=order, digest=order_digest(order))


def order_json(order: PlannedOrder) -> dict[str, Json]:
    """The documented JSON object."""
    told: dict[str, Json] = json.loads(json.dumps(msgspec.to_builtins(order)))
    return told


def load_order(path: Path) -> PlannedOrder:
    """An order that was written down. Raises SamplesInvalid where it cannot be read or was edited."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=PlannedOrder)
    except OSError as error:
        what = f"the order cannot be read: {error.strerror or error}"
        raise SamplesInvalid(what, where=str(path), remedy=_REMEDY) from None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise SamplesInvalid(f"this is no order: {error}", where=str(path), remedy=_REMEDY) from None
    _same(path, "digest", found.digest, order_digest(found.cases))
    if found.cases != tuple(in_order(found.cases, seed=found.seed)):
        what = "the order is not the one of its seed"
        raise SamplesInvalid(what, where=str(path), remedy=_REMEDY)
    return found


def read_order(path: Path, gate: GateFile, *, seed: int | None = None) -> Sequence[str]:
    """The cases of an order that was written down for this gate, in their order.

    Raises SamplesInvalid where it cannot be read, was edited, or is of another gate file or seed.
    """
    found = load_order(path)
    _same(path, "gate file", found.gate, gate.digest)
    _same(path, "seed", found.seed, gate.gate.seed if seed is None else seed)
    return found.cases


def _same(path: Path, name: str, there: object, here: object) -> None:
    if there != here:
        raise SamplesInvalid(
            f"the order was not fixed for this: its {name} is another",
            where=str(path),
            difference=f"there {there}\nhere  {here}",
            remedy=_REMEDY,
        )
