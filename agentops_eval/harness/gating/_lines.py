"""The lines of a file, bounded, with the digest of all that was read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BufferedReader

from agentops_eval.domain import Reason, SamplesInvalid

LONGEST_LINE = 10 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"


class Lines:
    """Lines one by one, each with its number; the mark that some editors put first is taken away.

    ``head`` are the first bytes, ``first`` is the first line that is not blank, both read already. Raises
    SamplesInvalid for a line of more than 10 MiB.
    """

    def __init__(self, file: BufferedReader, name: str, *, longest: int = LONGEST_LINE) -> None:
        self._file, self._longest = file, longest
        self.name = name
        self.number = 0
        self._hash = hashlib.sha256()
        self.head = file.peek()
        self._next = self._read().removeprefix(_MARK)
        while self._next.isspace():
            self.number += 1
            self._next = self._read()
        self.first = self._next

    def _read(self) -> bytes:
        line = self._file.readline(self._longest + 1)
        self._hash.update(line)
        return line

    def __iter__(self) -> Iterator[bytes]:
        line = self._next
        while line:
            self.number += 1
            if len(line) > self._longest:
                raise SamplesInvalid(
                    f"the line is longer than {self._longest:,} bytes",
                    where=self.where,
                    remedy="give one row a line, and leave out what a gate does not ask for",
                )
            yield line
            line = self._read()

    @property
    def where(self) -> str:
        """The place of the last line."""
        return f"{self.name}:{self.number}"

    @property
    def digest(self) -> str:
        """The SHA-256 of all bytes so far, as hexadecimal digits."""
        return self._hash.hexdigest()

    def torn(self) -> Reason:
        """What is told of a last line that was cut off."""
        return Reason(
            code="torn-line",
            message=f"{self.where} is cut off, as by a crash or by a write that goes on; it is left out",
            remedy="look again when the file is whole; the last line of a table ends with a line break, too",
            blocks=False,
        )
