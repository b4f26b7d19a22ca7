"""Where a finding stands, taken apart."""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import quote

_PLACE = re.compile(r"(.+): (message \d+|[\w.]*\[\d+\]|[^:]+\.json)", re.DOTALL)
"""Places in files without lines, as the readers of traces name them: messages, items, members of archives."""
_LINE = re.compile(r"(.+):([1-9]\d{0,8})\Z", re.DOTALL)
_FILE_AND_PATH = re.compile(r"(.+?\.(?:ya?ml|jsonl?|csv)):?\s.*", re.DOTALL)
_LINE_AND_PATH = re.compile(r"(.+?):([1-9]\d{0,8})[:\s]", re.DOTALL)


def file_and_place(where: str) -> tuple[str, str]:
    """``prod.pb: message 3`` as its file and the place in it; the place is empty where there is none."""
    match = _PLACE.fullmatch(where)
    return (where, "") if match is None else (match[1], match[2])


def file_and_line(where: str) -> tuple[str, int | None]:
    """``prod.jsonl:12`` as its file and line; the line is None where there is none."""
    match = _LINE.fullmatch(where)
    return (where, None) if match is None else (match[1], int(match[2]))


def uri(file: str) -> str:
    """A path as a URI: relative ones stay relative, as those who show annotations want them."""
    path = PurePath(file)
    spelt = quote(path.as_posix().encode("utf-8", "surrogatepass"))
    return f"file://{spelt}" if path.is_absolute() else spelt


def scenario_place(where: str) -> tuple[str, int | None]:
    """``refunds.yaml:14 scenarios[2].expect`` as file and line; the path in the file is left away."""
    file, line = file_and_line(where)
    if line is not None:
        return file, line
    match = _LINE_AND_PATH.match(where)
    if match is not None:
        return match[1], int(match[2])
    match = _FILE_AND_PATH.fullmatch(where)
    return (match[1] if match else where), None
