"""NaN and infinities, which are no JSON but are written all the same, as null on their way to a parser."""

from __future__ import annotations

import re

from agentops_eval.traces.reading._stream import Readable

_CHUNK = 64 * 1024
_OUTSIDE = re.compile(rb'"|-?(?:NaN|Infinity)')
_INSIDE = re.compile(rb'["\\]')
_LONGEST = len(b"-Infinity")


class Finite:
    """A file of JSON in which every number is finite. What stands in strings stays as it is."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._inside = self._escaped = False
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """Some next bytes, whatever ``size`` (but none for 0); empty at the end."""
        if size == 0:
            return b""
        while True:
            data = self._file.read(_CHUNK)
            out = self._passed(self._rest + data, last=not data)
            if out or not data:
                return out

    def _passed(self, data: bytes, *, last: bool) -> bytes:
        out: list[bytes] = []
        at = 0
        end = len(data) if last else max(0, len(data) - _LONGEST)  # a word may go on in the next bytes
        while at < end:
            if self._inside:
                at = self._string(data, at, end, out)
            else:
                found = _OUTSIDE.search(data, at)
                if found is None or found.start() >= end:
                    out.append(data[at:end])
                    at = end
                else:
                    out.append(data[at : found.start()])
                    self._inside = found[0] == b'"'
                    out.append(found[0] if self._inside else b"null")
                    at = found.end()
        self._rest = data[at:]
        return b"".join(out)

    def _string(self, data: bytes, at: int, end: int, out: list[bytes]) -> int:
        if self._escaped:
            self._escaped = False
            out.append(data[at : at + 1])
            return at + 1
        found = _INSIDE.search(data, at, end)
        if found is None:
            out.append(data[at:end])
            return end
        out.append(data[at : found.end()])
        self._inside = self._escaped = True
        if found[0] == b'"':
            self._inside = self._escaped = False
        return found.end()
