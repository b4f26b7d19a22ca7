"""``evidence verify``: whether the store is as it was written, and which items do not count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._evidence_list import say_nothing
from agentops_eval.cli._evidence_options import Wanted, choosing, item_json
from agentops_eval.cli._output import json_option, line, many, print_json, prose, say

if TYPE_CHECKING:
    from agentops_eval.domain import Json
    from agentops_eval.harness.evidencing import KeptEvidence, Manifest, Reading

_FILE = click.Path(path_type=Path)
_NAMED = 1_000
_SHOWN = 20


@dataclass(slots=True)
class _Found:
    """What does not count. Of a shard whose chain is broken the first item is named, the others counted."""

    counted: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    named: list[KeptEvidence] = field(default_factory=list)
    _broken: str = ""

    def add(self, kept: KeptEvidence) -> None:
        if kept.doubt is None:
            self.counted += 1
            return
        self.doubts[kept.doubt.value] += 1
        file = kept.place.rpartition(":")[0]
        broken = kept.doubt in ("tampered", "release")
        again = broken and file == self._broken
        if broken:
            self._broken = file
        if not again and len(self.named) < _NAMED:
            self.named.append(kept)

    @property
    def wrong(self) -> int:
        """How many items do not count for another reason than that their time is over."""
        return self.doubts.total() - self.doubts["expired"]


@click.command(short_help="Check that evidence is as it was written.")
@choosing
@click.option(
    "--against", type=_FILE, metavar="MANIFEST", help="What evidence export --manifest wrote earlier."
)
@click.option("--expect", metavar="DIGEST", help="The digest of the store that verify printed earlier.")
@json_option
def verify(against: Path | None, expect: str | None, as_json: bool, **conditions: Any) -> int:
    """Check the chain of every shard, the file that proves each item, kinds, moments and expiry.

    Exit code 1 where an item was tampered with, lacks its proof or cannot be meant, where something of
    MANIFEST is gone, where DIGEST is another, or where there is nothing. An item whose time is over is
    named, and is no finding.
    """
    from agentops_eval.harness.evidencing import Reading, manifest_of, read_manifest

    manifest = None if against is None else read_manifest(against)
    reading = Reading(Path.cwd(), marks={} if manifest is None else manifest.marks)
    found, wanted = _Found(), Wanted(**conditions)
    for kept in reading:
        if wanted.fits(kept):
            found.add(kept)
    gone = [] if manifest is None else manifest.differences(reading.shards)
    digest = manifest_of(reading.shards, at=reading.now).digest
    differs = expect is not None and expect != digest
    broken = any(shard.broken for shard in reading.shards)  # whoever's items they are
    if as_json:
        print_json({**_document(found, reading, manifest, gone), "digest": digest, "differs": differs})
    else:
        _tell(found, reading, manifest, gone)
        if differs:
            prose(f"differs    the digest of the store is not {line(str(expect))}", hang=11, style="red")
        if reading.shards and not broken:
            say(f"digest {digest}", style="dim")
    nothing = not found.counted and not found.doubts
    return int(bool(found.wrong or gone or differs or broken or nothing))


def _document(found: _Found, reading: Reading, manifest: Manifest | None, gone: list[str]) -> dict[str, Json]:
    return {
        "counted": found.counted,
        "doubts": dict(sorted(found.doubts.items())),
        "items": [item_json(kept) for kept in found.named],
        "shards": [
            {
                "name": shard.name,
                "items": shard.items,
                "head": shard.head,
                "tool": shard.tool,
                "broken": shard.broken,
                "torn": shard.torn,
            }
            for shard in reading.shards
        ],
        "gone": [*gone],
        "added": None if manifest is None else manifest.added(reading.shards),
    }


def _tell(found: _Found, reading: Reading, manifest: Manifest | None, gone: list[str]) -> None:
    for kept in found.named[:_SHOWN]:
        assert kept.doubt is not None
        item = kept.evidence
        named = "" if item is None else f"  {item.agent} {item.kind} {item.subject}"
        prose(f"{kept.doubt.value:9}  {line(kept.place)}{line(named)}", hang=11, style="red")
        prose(f"{'':9}  {line(kept.reason)}", hang=11)
    if len(found.named) > _SHOWN:
        say(f"and {len(found.named) - _SHOWN} more, with --json", style="dim")
    for shard in reading.shards:
        if shard.broken and not shard.items:
            word = "release" if shard.foreign else "tampered"
            prose(f"{word:9}  {line(shard.name)}: {line(shard.broken)}", hang=11, style="red")
        if shard.torn:
            prose(
                f"cut off    {line(shard.name)}: its last line is cut off, as by a crash: no evidence",
                hang=11,
            )
    for text in gone:
        prose(f"gone       {line(text)}", hang=11, style="red")
    if manifest is not None and not gone:
        added = manifest.added(reading.shards)
        say(f"everything of {line(manifest.at)} is there, and {many(added, 'item')} more")
    total = found.counted + found.doubts.total()
    if not total:
        say_nothing(reading_items=sum(shard.items for shard in reading.shards))
        return
    told = [f"{many(total, 'item')} in {many(len(reading.shards), 'shard')}: {found.counted} count"]
    told += [f"{count} {doubt}" for doubt, count in sorted(found.doubts.items())]
    say(", ".join(told), style="red" if found.wrong or gone else "green")
