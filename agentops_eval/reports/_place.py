"""Where a finding stands, taken apart."""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import quote

_LINE = re.compile(r"(.+):([1-9]\d{0,8})\Z", re.DOTALL)


def file_and_line(where: str) -> tuple[str, int | None]:
    """``prod.jsonl:12`` as its file and line; the line is None where there is none."""
    match = _LINE.fullmatch(where)
    return (where, None) if match is None else (match[1], int(match[2]))


def uri(file: str) -> str:
    """A path as a URI: relative ones stay relative, as those who show annotations want them."""
    path = PurePath(file)
    spelt = quote(path.as_posix().encode("utf-8", "surrogatepass"))
    return f"file://{spelt}" if path.is_absolute() else spelt
