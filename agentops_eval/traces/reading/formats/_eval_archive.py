"""inspect_ai's ``.eval`` files: zip archives with one member for each sample, read one at a time."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from agentops_eval.domain import Json, TraceUnreadable
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading._decode import BROKEN, decode
from agentops_eval.traces.reading._model import Problems

MAX_MEMBER = 64 * 1024 * 1024
"""Bytes of one member, unpacked; a larger one is passed over."""

MAX_UNPACKED = 4 * 1024 * 1024 * 1024
"""Bytes of all members together, unpacked; what comes after is passed over."""

MAX_DIRECTORY = 32 * 1024 * 1024
"""Bytes of the archive's list of members."""

_HEADERS = ("header.json", "_journal/start.json")
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, 93}  # 93 is zstd, which Python reads from 3.14
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    KeyError,
)


def archived(file: IO[bytes], path: Path, problems: Problems) -> Iterator[tuple[str, Json]]:
    """A log with one sample for each member. Raises TraceUnreadable for what is no such archive."""
    _refuse_a_long_list(file, path)
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE as error:
        raise TraceUnreadable(f"the zip archive cannot be read: {error}", where=str(path)) from error
    with archive:
        reader = _Members(archive, path, problems)
        names = [info for info in archive.infolist() if _is_sample(info.filename)]
        header = next((found for name in _HEADERS if (found := reader.header(name))), None)
        if header is None and not names:
            raise TraceUnreadable("the zip archive is no inspect_ai log: it has no samples", where=str(path))
        if header is None:
            problems.add(str(path), "header.json cannot be read: the task and its llm are unknown")
        around = {"version": 2, "eval": {}, **p.obj(header)}
        if not names:
            yield str(path), {**around, "samples": []}
        for info in names:
            sample = reader.read(info)
            if sample is not None:
                yield f"{path}: {info.filename}", {**around, "samples": [sample]}


def _is_sample(name: str) -> bool:
    return name.startswith("samples/") and name.endswith(".json")


class _Members:
    """Reads members while the archive has room left to unpack."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, problems: Problems) -> None:
        self._archive, self._path, self._problems = archive, path, problems
        self._room = MAX_UNPACKED

    def header(self, name: str) -> Json:
        """A member by its name; None where it is not there."""
        known = self._archive.NameToInfo.get(name)
        return None if known is None else self.read(known)

    def read(self, info: zipfile.ZipInfo) -> Json:
        """A member's document; None, and a note, where there is none."""
        where = f"{self._path}: {info.filename}"
        if info.compress_type not in _PACKED:
            self._problems.add(
                where, f"passed over: packed by method {info.compress_type}, which is not read"
            )
            return None
        limit = min(MAX_MEMBER, self._room)
        try:
            with self._archive.open(info) as member:
                data = member.read(limit + 1)  # what the archive says of the size may be wrong
        except _DAMAGE as error:
            self._problems.add(where, f"passed over: it cannot be unpacked ({str(error)[:200]})")
            return None
        self._room -= len(data)
        if len(data) > limit:
            most = (
                f"{MAX_MEMBER} bytes" if limit == MAX_MEMBER else f"{MAX_UNPACKED} bytes with those before it"
            )
            self._problems.add(where, f"passed over: more than {most} when unpacked")
            return None
        try:
            return decode(data)
        except BROKEN as error:
            self._problems.add(where, f"passed over: no JSON ({str(error)[:200]})")
            return None


def _refuse_a_long_list(file: IO[bytes], path: Path) -> None:
    """The list of members is read whole: its size, which stands at the archive's end, is looked at first."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 22 - 65_535 - 76))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    listed = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    large = tail.rfind(b"PK\x06\x06")
    if listed == 0xFFFFFFFF and large >= 0:
        listed = int.from_bytes(tail[large + 40 : large + 48], "little")
    file.seek(0)
    if listed > MAX_DIRECTORY:
        raise TraceUnreadable(
            "the zip archive cannot be read: its list of members is too long",
            where=str(path),
            difference=f"{listed} bytes, and at most {MAX_DIRECTORY} are read",
        )
