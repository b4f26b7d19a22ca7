"""Evidence read back, as a stream: each item with its place and what is wrong with it.

A chain shows that a shard is as somebody wrote it, not who that was: whoever may write here can write a whole
shard anew. What a manifest has of an earlier state, kept elsewhere, shows that too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from agentops_eval.domain import EVIDENCE_KINDS, Evidence
from agentops_eval.harness._chained import digest_of_text
from agentops_eval.harness.evidencing._items import (
    EVIDENCE,
    LONGEST,
    SHARD,
    Doubt,
    KeptEvidence,
    claim_of,
    moment,
    read_item,
    taken_apart,
)
from agentops_eval.harness.evidencing._shard_file import FORMAT, SUFFIX
from agentops_eval.harness.evidencing._sources import Sources

_AHEAD = timedelta(minutes=5)
"""Clocks differ by so much."""


class _Header(msgspec.Struct):
    name: str
    nonce: str
    tool: str
    format: int


@dataclass(slots=True, kw_only=True)
class Shard:
    """What was read of one shard. ``head`` is the digest of its last line that follows from all before.

    ``broken`` says where its chain breaks, and why, or, where it is ``foreign``, that another release wrote
    it, which nobody tampered with; ``torn`` that a last line was cut off, as by a crash:
    that line was never evidence. ``marked`` is the digest of the item with the number that was asked for.
    """

    name: str
    nonce: str = ""
    tool: str = ""
    items: int = 0
    head: str = ""
    broken: str = ""
    foreign: bool = False
    torn: bool = False
    marked: str = ""


class Reading:
    """Reads the store below ``root`` once, as of ``now``; memory does not grow with the items.

    ``marks`` are numbers of items, by shard, whose digests are wanted. After the items, ``shards`` tells of
    the files.
    """

    def __init__(
        self, root: Path, *, now: datetime | None = None, marks: Mapping[str, int] | None = None
    ) -> None:
        self.root = root
        self.now = now or datetime.now(UTC)
        self.shards: list[Shard] = []
        self._latest = self.now + _AHEAD
        self._marks = marks or {}
        self._sources = Sources(root)

    def __iter__(self) -> Iterator[KeptEvidence]:
        """Every item, shard by shard, the oldest shard first. Raises OSError."""
        self.shards = []
        folder = self.root / EVIDENCE
        try:  # a folder that may not be looked into is none without evidence
            found = sorted(path.name for path in folder.iterdir() if path.suffix == SUFFIX and path.is_file())
        except (FileNotFoundError, NotADirectoryError):
            found = []
        for name in found:
            with (folder / name).open("rb") as file:
                yield from self._shard(file, name)

    def _shard(self, file: IO[bytes], name: str) -> Iterator[KeptEvidence]:
        shard = Shard(name=name)
        self.shards.append(shard)
        place = (EVIDENCE / name).as_posix()
        mark = self._marks.get(name, 0)
        for number, line in enumerate(_lines(file), start=1):
            if not line.endswith(b"\n") and len(line) <= LONGEST:
                shard.torn = True
                return
            if number == 1:
                _begin(shard, line)
                continue
            kept = self._item(shard, line, f"{place}:{number}")
            shard.items += 1
            if shard.items == mark:
                shard.marked = kept.digest
            yield kept

    def _item(self, shard: Shard, line: bytes, place: str) -> KeptEvidence:
        parts = taken_apart(line)
        text, digest = parts or (b"", "")
        if not shard.broken:
            shard.broken = _break(line, parts, shard.head, place)
            if not shard.broken:
                shard.head = digest
                return self._judged(text, digest, place)
        found = read_item(text) if parts else None
        evidence = found if isinstance(found, Evidence) else None
        doubt = Doubt.RELEASE if shard.foreign else Doubt.TAMPERED
        return KeptEvidence(evidence=evidence, digest=digest, place=place, doubt=doubt, reason=shard.broken)

    def _judged(self, text: bytes, digest: str, place: str) -> KeptEvidence:
        found = read_item(text)
        if isinstance(found, str):
            doubt = Doubt.MALFORMED
            return KeptEvidence(evidence=None, digest=digest, place=place, doubt=doubt, reason=found)
        wrong = self._doubt(found, text)
        if wrong is None:
            return KeptEvidence(evidence=found, digest=digest, place=place)
        return KeptEvidence(evidence=found, digest=digest, place=place, doubt=wrong[0], reason=wrong[1])

    def _doubt(self, item: Evidence, text: bytes) -> tuple[Doubt, str] | None:
        at, expires = moment(item.at), moment(item.expires) if item.expires else None
        if at is None or (item.expires and expires is None):
            what = item.at if at is None else item.expires
            return Doubt.MALFORMED, f"{what!r} is no moment with a zone"
        if item.kind not in EVIDENCE_KINDS:
            return Doubt.KIND, f"there is no kind of evidence {item.kind!r}"
        if at > self._latest:
            return Doubt.FUTURE, f"it is of {item.at}, which is yet to come"
        wrong = self._sources.wrong(item.source, item.source_digest, partial(claim_of, text))
        if wrong:
            return Doubt.SOURCE, wrong
        if expires is not None and expires <= self.now:
            return Doubt.EXPIRED, f"it counted until {item.expires}"
        return None


def _begin(shard: Shard, line: bytes) -> None:
    """Take up a shard's first line."""
    parts = taken_apart(line, SHARD)
    if parts is None or parts[1] != digest_of_text(parts[0], after=""):
        shard.broken = "line 1, which begins the shard, is not as it was written"
        return
    try:
        header = msgspec.json.decode(parts[0], type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        shard.broken = f"line 1 begins no shard: {error}"
        return
    shard.nonce, shard.tool, shard.head = header.nonce, header.tool, parts[1]
    if header.format != FORMAT:
        shard.broken = f"this shard has format {header.format}, of {header.tool}; this release reads {FORMAT}"
        shard.foreign = True
    elif header.name != shard.name:
        shard.broken = f"this is a copy of {header.name}"


def _break(line: bytes, parts: tuple[bytes, str] | None, after: str, place: str) -> str:
    """Why a line does not follow from the one before; empty where it does."""
    number = place.rpartition(":")[2]
    if len(line) > LONGEST:
        return f"line {number} is longer than {LONGEST} bytes"
    if parts is None:
        return f"line {number} is no item"
    if parts[1] != digest_of_text(parts[0], after=after):
        return f"line {number} is not as it was written, or lines before it are missing"
    return ""


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines in bounded memory: of one that is too long, its beginning."""
    while line := file.readline(LONGEST + 1):
        yield line
        while line and len(line) > LONGEST and not line.endswith(b"\n"):
            line = file.readline(LONGEST + 1)
