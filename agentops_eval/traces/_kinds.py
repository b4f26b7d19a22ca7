"""Which of our files one is: its first line says so, whatever its name is."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

_HEAD_BYTES = 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FIRST_KEY = re.compile(rb'\s*\{\s*"(cassette|resourceSpans)"\s*:')


class FileKind(StrEnum):
    """What a file holds; an empty one holds nothing that could be lost."""

    CASSETTE = "recording"
    GOLDEN = "golden"
    EMPTY = "empty file"
    OTHER = "other file"


def kind_of(data: bytes) -> FileKind:
    """What a file is that begins with these bytes."""
    found = _FIRST_KEY.match(data.removeprefix(_BYTE_ORDER_MARK))
    if found is not None:
        return FileKind.CASSETTE if found[1] == b"cassette" else FileKind.GOLDEN
    return FileKind.OTHER if data.strip() else FileKind.EMPTY


def kind_at(path: Path) -> FileKind | None:
    """What the file at ``path`` is; None where there is none, or none that can be read.

    A look into a pipe would take away how it begins, and wait for who writes to it.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return kind_of(file.read(_HEAD_BYTES))
    except (OSError, ValueError):
        return None


def is_or_was(path: Path, kind: FileKind, suffix: str) -> bool:
    """Whether a file of that kind may replace what is at ``path``: nothing, or one of its kind.

    One that is called so and begins otherwise was damaged, unless it is of the other kind.
    """
    found = kind_at(path)
    if found is None:
        return not path.is_file()
    return found in (kind, FileKind.EMPTY) or (found is FileKind.OTHER and path.name.endswith(suffix))
