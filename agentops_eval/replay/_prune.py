"""Upkeep of cassettes: leaving out what no run asks for, and moving to a newer format."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from agentops_eval.domain import CassetteCorrupt, CassetteVersion, ConfigInvalid
from agentops_eval.replay._blobs import cited, drop_blobs
from agentops_eval.replay._cassette import (
    FORMAT_VERSION,
    Cassette,
    corrupt,
    is_vcr,
    read_bytes,
    read_cassette,
    split_lines,
)
from agentops_eval.replay._codec import decode
from agentops_eval.replay._names import CASSETTE_SUFFIX, branches_of
from agentops_eval.replay._writer import put_file

Document: TypeAlias = dict[str, object]
Migration: TypeAlias = Callable[[list[Document]], list[Document]]

# Format n -> n + 1, over the parsed lines of a cassette. Version 1 is the first that was published.
MIGRATIONS: Mapping[int, Migration] = {}


class _Index(msgspec.Struct):
    index: int


_INDEX = msgspec.json.Decoder(_Index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What pruning did: events kept and removed, blobs removed, bytes freed.

    ``stale_branches`` are branches of this cassette that no longer fit it.
    """

    kept: int
    removed: tuple[int, ...]
    blobs: tuple[str, ...] = ()
    freed: int = 0
    stale_branches: tuple[Path, ...] = ()


def prune(cassette: Cassette, used: Collection[int]) -> Pruned:
    """Rewrite the cassette's file with the events in ``used`` only, and those that enclose them.

    The lines that stay keep their very bytes. Blobs that no cassette of the folder cites any more
    are removed. Raises CassetteWrite, CassetteCorrupt, and ConfigInvalid for a cassette of vcrpy; the
    file is then as it was.
    """
    path, digest = cassette.path, cassette.digest  # before the file is another one
    before = _own_bytes(path)
    keep = _with_parents(cassette, used)
    removed = tuple(event.index for event in cassette.events if event.index not in keep)
    if not removed:
        return Pruned(kept=len(keep), removed=())
    lines = split_lines(before, path)
    body = [line for line in lines[1:-1] if decode(line, _INDEX).index in keep]
    last = json.loads(lines[-1])
    last["end"]["events"] = len(body)
    after = b"\n".join(
        [lines[0].rstrip(b"\r"), *(line.rstrip(b"\r") for line in body), msgspec.json.encode(last), b""]
    )
    put_file(path, after)
    blobs, freed = drop_blobs(path.parent, cited(before) - cited(after))
    return Pruned(
        kept=len(body),
        removed=removed,
        blobs=blobs,
        freed=len(before) - len(after) + freed,
        stale_branches=_branches(path, digest),
    )


def migrate(path: Path, *, migrations: Mapping[int, Migration] = MIGRATIONS) -> bool:
    """Bring a cassette to this release's format, in place; False where it has it already.

    Raises CassetteVersion where no way leads there, CassetteCorrupt where it is damaged, and
    CassetteWrite; the file is then as it was.
    """
    lines = split_lines(_own_bytes(path), path)
    documents = [_document(line, number, path) for number, line in enumerate(lines, start=1)]
    version = first = _version(documents, path)
    while version < FORMAT_VERSION:
        step = migrations.get(version)
        if step is None:
            raise CassetteVersion(
                f"no migration leads from format version {version} to {version + 1}",
                where=f"{path}:1",
                remedy="record it again with --agentops-record=all",
            )
        documents = step(documents)
        version += 1
        _head(documents, path)["version"] = version
    if first >= FORMAT_VERSION:
        read_cassette(path)
        return False
    text = "".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n" for item in documents)
    put_file(path, text.encode("utf-8", "surrogatepass"))
    read_cassette(path)
    return True


def _own_bytes(path: Path) -> bytes:
    data = read_bytes(path)
    if is_vcr(path, data):
        raise ConfigInvalid(
            "only cassettes in our own format are rewritten; this one is vcrpy's",
            where=str(path),
            remedy=f"convert it first: agentops-eval cassette convert {path} {path.stem}{CASSETTE_SUFFIX}",
        )
    return data


def _with_parents(cassette: Cassette, used: Collection[int]) -> frozenset[int]:
    parents = {event.index: event.parent for event in cassette.events}
    keep: set[int] = set()
    for index in used:
        at: int | None = index
        while at is not None and at in parents and at not in keep:
            keep.add(at)
            at = parents[at]
    return frozenset(keep)


def _branches(path: Path, digest: str) -> tuple[Path, ...]:
    needle = digest.encode()
    found: list[Path] = []
    for other in branches_of(path):
        with other.open("rb") as file:
            if digest and needle in file.readline():
                found.append(other)
    return tuple(found)


def _document(line: bytes, number: int, path: Path) -> Document:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise corrupt(path, number, error) from error
    if not isinstance(document, dict):
        raise corrupt(path, number, ValueError("Expected `object`"))
    return document


def _head(documents: list[Document], path: Path) -> Document:
    head = documents[0].get("cassette")
    if not isinstance(head, dict):
        raise corrupt(path, 1, ValueError("Object missing required field `cassette`"))
    return head


def _version(documents: list[Document], path: Path) -> int:
    version = _head(documents, path).get("version")
    if not isinstance(version, int):
        raise CassetteCorrupt("the first line names no format version", where=f"{path}:1")
    return version
