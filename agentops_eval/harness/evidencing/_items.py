"""One item of evidence as one line of a shard, and what may be wrong with it.

A line is ``{"item":...,"digest":"..."}``. The digest covers the bytes of the item and the digest of the line
before, so that a line can be neither changed, nor left out, nor put elsewhere. A shard's first line has
``"shard"`` in place of ``"item"``: its name, a nonce and the version of the tool.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from agentops_eval.domain import EVIDENCE_KINDS, Evidence, EvidenceInvalid, Json, ascii_json
from agentops_eval.harness._chained import digest_of_text
from agentops_eval.traces.redaction import Redactor

EVIDENCE = Path(".agentops", "evidence")
"""Where evidence is, below the project's root."""

PROOFS = "proofs"
"""The folder, below the store, of the documents that prove items."""

LONGEST = 64 * 1024
"""The most bytes of a line."""

SAYS = 2_000
"""The most characters of a sentence that is kept."""

NAME = 400
"""The most characters of a name that is kept."""

ITEM, SHARD = b'{"item":', b'{"shard":'
_BETWEEN, _END = b',"digest":"', b'"}\n'
_DIGITS = 32
_TAIL = len(_BETWEEN) + _DIGITS + len(_END)
_SOURCED = re.compile(rb',"source":"(?:[^"\\]|\\.)*","source_digest":"[^"\\]*"')
_DECODER = msgspec.json.Decoder(Evidence)


class Doubt(StrEnum):
    """Why an item does not count."""

    TAMPERED = "tampered"
    RELEASE = "release"
    MALFORMED = "malformed"
    KIND = "kind"
    SOURCE = "source"
    FUTURE = "future"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvidence:
    """An item as it was read: its digest, its place (``file:line``), and why it does not count, if so.

    ``evidence`` is None where the line holds none.
    """

    evidence: Evidence | None
    digest: str
    place: str
    doubt: Doubt | None = None
    reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether it may be cited."""
        return self.doubt is None


def line_of(text: bytes, *, after: str, opening: bytes = ITEM) -> tuple[bytes, str]:
    """The line of a canonical text, and its digest."""
    digest = digest_of_text(text, after=after)
    return b"".join((opening, text, _BETWEEN, digest.encode(), _END)), digest


def taken_apart(line: bytes, opening: bytes = ITEM) -> tuple[bytes, str] | None:
    """The text of a whole line and the digest that it claims; None for what is no such line."""
    middle = len(line) - _TAIL
    whole = line.startswith(opening) and line.endswith(_END) and line.startswith(_BETWEEN, middle)
    if not whole or middle < len(opening):
        return None
    digest = line[middle + len(_BETWEEN) : -len(_END)]
    return line[len(opening) : middle], digest.decode("ascii", "replace")


def text_of(evidence: Evidence, redactor: Redactor) -> bytes:
    """The canonical text of an item, without secrets. Raises EvidenceInvalid for what may not be kept."""
    row = asdict(evidence)
    row["verdict"] = evidence.verdict.value
    hidden = redactor.json(utf8(row))
    assert isinstance(hidden, dict)
    # Behind the redaction: of a secret that is cut in two, the first half is not known as one.
    hidden["says"] = str(hidden["says"])[:SAYS]
    hidden |= {name: name_kept(str(hidden[name])) for name in ("agent", "subject", "trace")}
    versions = hidden["versions"]
    assert isinstance(versions, dict)
    hidden["versions"] = _filled({name: name_kept(str(one)) for name, one in versions.items()})
    text = ascii_json({"agent": "", **_filled(hidden)}).encode()
    _check(evidence, text)
    return text


def name_kept(text: str) -> str:
    """A name as evidence keeps it: a long one is cut, with a digest by which no other becomes the same.

    Agents, tools and providers name themselves: a name that no line can hold would keep all evidence away.
    """
    if len(text) <= NAME:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:20]
    return f"{text[: NAME - len(digest) - 4]}... {digest}"


def claim_of(text: bytes) -> str:
    """The digest of what an item says, but for the file that proves it; that file has it among its claims."""
    rest, cut = _SOURCED.subn(b"", text)
    if cut == 1:  # as it is written: what is left has the bytes that the claim was made of, or is another
        return digest_of_text(rest, after="")
    told = json.loads(text)
    told = {name: value for name, value in told.items() if name not in ("source", "source_digest")}
    return digest_of_text(ascii_json(told).encode(), after="")


def _filled(values: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in values.items() if value not in ("", [], (), {})}


def utf8(value: Json) -> Json:
    """What no UTF-8 file can hold is escaped."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {str(utf8(name)): utf8(one) for name, one in value.items()}
    return [utf8(one) for one in value] if isinstance(value, list | tuple) else value


def _check(evidence: Evidence, text: bytes) -> None:
    wrong = next(_wrong_of(evidence, text), "")
    if wrong:
        where = f"evidence of {evidence.agent}, {evidence.kind} {evidence.subject}".strip()
        raise EvidenceInvalid(wrong, where=where, remedy="this is a defect of whatever wrote it; report it")


def _wrong_of(evidence: Evidence, text: bytes) -> Iterator[str]:
    if evidence.kind not in EVIDENCE_KINDS:
        yield f"there is no kind of evidence {evidence.kind!r}"
    if moment(evidence.at) is None or (evidence.expires and moment(evidence.expires) is None):
        yield f"at {evidence.at!r}, expires {evidence.expires!r}: a moment is written 2026-11-27T06:33:15Z"
    if not all(math.isfinite(figure) for figure in evidence.measures.values()):
        yield "a measure is not a finite number"
    if len(text) > LONGEST - 100:
        yield f"an item of {len(text)} bytes is longer than the {LONGEST} of a line"


def read_item(text: bytes) -> Evidence | str:
    """The item in a text, or why there is none."""
    try:
        found = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"this is no item: {error}"
    return found


def moment(text: str) -> datetime | None:
    """A moment with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
