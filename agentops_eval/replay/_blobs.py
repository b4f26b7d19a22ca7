"""Large bodies, kept beside the cassettes that cite them, named by their SHA-256."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from agentops_eval.domain import CassetteCorrupt
from agentops_eval.replay._names import OWN_SUFFIX
from agentops_eval.traces import PARTIAL_SUFFIX, FileKind, kind_at, write_whole

FOLDER = "blobs"
INLINE_LIMIT = 64 * 1024

_NAME = re.compile(r"sha256-[0-9a-f]{64}")


def blob_name(data: bytes) -> str:
    """The name of the blob that holds these bytes."""
    return f"sha256-{hashlib.sha256(data).hexdigest()}"


def put_blob(folder: Path, data: bytes) -> str:
    """Keep ``data`` in the blob folder below ``folder`` and give its name. Raises OSError.

    A blob that is there already and holds these bytes is left alone, so cassettes share blobs; one
    that was damaged is written anew. The file appears whole or not at all.
    """
    name = blob_name(data)
    target = folder / FOLDER / name
    with suppress(OSError):
        if target.read_bytes() == data:
            return name
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, data)
    return name


def get_blob(folder: Path, name: str, *, where: str) -> bytes:
    """The bytes of a blob. Raises CassetteCorrupt where it is missing or not what its name says."""
    if not _NAME.fullmatch(name):
        raise CassetteCorrupt(f"{name!r} is not the name of a blob", where=where, remedy=_REMEDY)
    path = folder / FOLDER / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CassetteCorrupt(
            f"the body is kept in {FOLDER}/{name}, which cannot be read: {error.strerror}",
            where=where,
            remedy=_REMEDY,
        ) from error
    if blob_name(data) != name:
        raise CassetteCorrupt(
            "a blob holds other bytes than its name says: it was edited, or git changed its line endings",
            where=f"{path}, cited by {where}",
            remedy=_REMEDY,
        )
    return data


def cited(data: bytes) -> frozenset[str]:
    """The names of all blobs that a cassette's bytes cite."""
    return frozenset(match.decode() for match in re.findall(rb"sha256-[0-9a-f]{64}", data))


def drop_blobs(folder: Path, names: frozenset[str]) -> tuple[tuple[str, ...], int]:
    """Remove those of the blobs that nothing in the folder cites, recordings under way included.

    Gives the names of those that went, and how many bytes they held.
    """
    wanted: set[str] = set()
    for other in _may_cite(folder):
        with suppress(OSError):
            wanted |= cited(other.read_bytes())
    dropped: list[str] = []
    freed = 0
    for name in sorted(names - wanted):
        blob = folder / FOLDER / name
        with suppress(OSError):
            size = blob.stat().st_size
            blob.unlink()
            dropped.append(name)
            freed += size
    return tuple(dropped), freed


def _may_cite(folder: Path) -> Iterator[Path]:
    """Recordings and goldens, whatever they are called, and what is being written."""
    for path in folder.iterdir() if folder.is_dir() else ():
        ours = (FileKind.CASSETTE, FileKind.GOLDEN)
        if path.name.endswith((OWN_SUFFIX, PARTIAL_SUFFIX)) or kind_at(path) in ours:
            yield path


_REMEDY = "restore the blobs folder from version control, or record the run again"
