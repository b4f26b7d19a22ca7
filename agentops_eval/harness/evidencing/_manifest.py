"""Manifests: what a store held at a moment, to be kept elsewhere, so that what was taken away shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from agentops_eval import __version__
from agentops_eval.domain import EvidenceInvalid, moment_text
from agentops_eval.harness.evidencing._read import Shard
from agentops_eval.traces import write_whole

FORMAT = 1
_LARGEST = 256 * 1024 * 1024


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One shard: how many items it had, the digest of the last one, and its nonce."""

    name: str
    items: int
    head: str
    nonce: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The shards of a store at ``at``. ``digest`` is that of all of them."""

    format: int
    at: str
    tool: str
    digest: str
    shards: tuple[Mark, ...]

    @property
    def marks(self) -> dict[str, int]:
        """How many items each shard had."""
        return {mark.name: mark.items for mark in self.shards}

    def differences(self, shards: Iterable[Shard]) -> list[str]:
        """What of the manifest is not in a store any more, a sentence each; what came since is none."""
        there = {shard.name: shard for shard in shards}
        return [text for mark in self.shards if (text := _difference(mark, there.get(mark.name)))]

    def added(self, shards: Iterable[Shard]) -> int:
        """How many items came since."""
        had = self.marks
        return sum(max(shard.items - had.get(shard.name, 0), 0) for shard in shards)


def _difference(mark: Mark, shard: Shard | None) -> str:
    if shard is None:
        return f"{mark.name} is missing; it had {mark.items} items"
    if shard.nonce != mark.nonce:
        return f"{mark.name} is another file than it was"
    if shard.items < mark.items:
        return f"{mark.name} has {shard.items} items; it had {mark.items}"
    if mark.items and shard.marked != mark.head:
        return f"{mark.name} is not what it was up to item {mark.items}"
    return ""


def manifest_of(shards: Iterable[Shard], *, at: datetime) -> Manifest:
    """What shards hold that were just read. A shard that is broken has no place in it."""
    marks = tuple(
        Mark(name=shard.name, items=shard.items, head=shard.head, nonce=shard.nonce)
        for shard in shards
        if not shard.broken and shard.head
    )
    return Manifest(
        format=FORMAT,
        at=moment_text(at),
        tool=f"agentops-eval {__version__}",
        digest=_digest(marks),
        shards=marks,
    )


def _digest(marks: Iterable[Mark]) -> str:
    lines = "".join(f"{mark.name} {mark.items} {mark.head} {mark.nonce}\n" for mark in marks)
    return hashlib.sha256(lines.encode("utf-8", "backslashreplace")).hexdigest()


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write it whole or not at all, to be read in a diff. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(msgspec.to_builtins(manifest), indent=1, sort_keys=True)
    write_whole(path, f"{text}\n".encode())


def read_manifest(path: Path) -> Manifest:
    """Read one. Raises EvidenceInvalid for what is none, or was changed."""
    remedy = f"agentops-eval evidence export --manifest {path}"
    try:
        if path.stat().st_size > _LARGEST:
            raise EvidenceInvalid("this is too large for a manifest", where=str(path), remedy=remedy)
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        what = f"the manifest cannot be read: {error.strerror or error}"
        raise EvidenceInvalid(what, where=str(path), remedy=remedy) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EvidenceInvalid(f"this is no manifest: {error}", where=str(path), remedy=remedy) from None
    if found.format != FORMAT or found.digest != _digest(found.shards):
        said = "this manifest is not as it was written, or of another release"
        raise EvidenceInvalid(said, where=str(path), remedy=remedy)
    return found
