"""The digest of what a decision rests on: equal digests, equal decisions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from agentops_eval.domain import Reason, Sample
from agentops_eval.gate._gate import Gate
from agentops_eval.gate._judges import JudgeTrust
from agentops_eval.gate._units import Order

_UNIT, _RECORD = "\x1f", "\x1e"


def inputs_digest(
    gate: Gate,
    samples: Iterable[Sample],
    seed: int,
    *,
    trusts: Mapping[str, JudgeTrust],
    order: Order,
    doubts: Sequence[Reason],
    now_s: float | None,
) -> str:
    """The digest of all inputs. The time counts only where the gate asks for the age of its evidence."""
    names = [metric.name for metric in gate.metrics]
    now = now_s if gate.quality.max_age_h is not None else None
    seen = (
        sorted((name, list(of)) for name, of in order.items()) if isinstance(order, Mapping) else list(order)
    )
    whole = hashlib.sha256()
    known = sorted(trusts.items(), key=lambda item: item[0])
    _add(whole, _spelt(gate))
    _add(whole, repr((seed, [(name, _spelt(one)) for name, one in known], seen, now)))
    _add(whole, repr([_spelt(one) for one in doubts]))
    for one in samples:
        whose = (str(one.arm), one.stage, one.case, one.trial, one.recording)
        told = (*whose, one.passed, str(one.error), one.at_s)
        values = [one.metrics.get(name) for name in names] if one.metrics else ()
        _add(whole, f"{told}{one.answer}{_UNIT}{one.trace}{_UNIT}{values}")
    return whole.hexdigest()


def _spelt(value: Gate | JudgeTrust | Reason) -> str:
    """The fields of a value with their names: what its class is called does not count."""
    return json.dumps(asdict(value), sort_keys=True)


def _add(whole: hashlib._Hash, text: str) -> None:
    whole.update(f"{text}{_RECORD}".encode("utf-8", "backslashreplace"))
