"""Records made ready for a file: without secrets, chained by digests, and as lines of CSV."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agentops_eval.domain import Json, canonical_json
from agentops_eval.traces._normal import TextRedactor
from agentops_eval.traces._text import printable
from agentops_eval.traces.audit._json import record_json
from agentops_eval.traces.audit._model import AuditRecord
from agentops_eval.traces.llm import _parts as p

COLUMNS = (
    *("trace_id", "span_id", "told_by", "started", "action", "kind", "effect", "effect_told_by"),
    *("root", "agents"),
    *("authority", "authority_told_by", "decision", "reason", "stated_by", "confidence", "llm"),
    *("arguments", "touched", "approval", "approver", "approval_joined", "wait_ms", "policy"),
    *("result", "error", "idempotency_key", "took_ms", "cost_usd", "cost_source", "sha256"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A record without its secrets. ``sha256`` is that of the digest before it and of the record.

    A record that is changed, added, taken out or moved changes every digest from there on.
    """

    record: Mapping[str, Json]
    sha256: str


def seal(records: Iterable[AuditRecord], redactor: TextRedactor, *, start: str = "") -> Iterator[Sealed]:
    """Redact and chain the records, in their order."""
    before = start
    for one in records:
        record = p.obj(redactor.json(record_json(one)))
        spelt = before + canonical_json(record)
        before = hashlib.sha256(spelt.encode("utf-8", "surrogatepass")).hexdigest()
        yield Sealed(record=record, sha256=before)


def csv_line(cells: Iterable[str]) -> str:
    """One line of CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO()
    safe = (f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    csv.writer(text, lineterminator="").writerow(safe)
    return text.getvalue()


def cells(sealed: Sealed) -> list[str]:
    """A record's cells in the order of COLUMNS; what is not told is empty."""
    record = sealed.record
    decision, approval = p.obj(record["decision"]), p.obj(record["approval"])
    flat: dict[str, Json] = {
        **record,
        "agents": " > ".join(_shown(p.obj(one).get("name")) or "?" for one in p.arr(record["chain"])),
        "decision": decision.get("chosen"),
        "reason": decision.get("reason"),
        "stated_by": decision.get("stated_by"),
        "confidence": decision.get("confidence"),
        "llm": decision.get("llm"),
        "touched": "; ".join(_shown(p.obj(one).get("name")) for one in p.arr(record["touched"])),
        "approval": approval.get("status"),
        "approver": approval.get("approver"),
        "approval_joined": approval.get("joined"),
        "wait_ms": approval.get("wait_ms"),
        "policy": approval.get("policy"),
        "sha256": sealed.sha256,
    }
    return [_shown(flat[column]) for column in COLUMNS]


def _shown(value: Json) -> str:
    if value is None:
        return ""
    return printable(value) if isinstance(value, str) else canonical_json(value)
