"""The file that one writer appends evidence to: no other ever does, so that none waits and none mixes."""

from __future__ import annotations

import itertools
import os
import secrets
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from agentops_eval import __version__
from agentops_eval.domain import Evidence, Json, ascii_json, moment_text
from agentops_eval.harness._chained import append_whole, lock_alone
from agentops_eval.harness.evidencing._items import EVIDENCE, SHARD, line_of, text_of
from agentops_eval.traces.redaction import Redactor

SUFFIX = ".jsonl"
FORMAT = 1
_numbers = itertools.count(1)


class ShardFile:
    """Appends items to a new shard below ``root``; there is no file until there is an item.

    A process has as many as it likes. Thread-safe; a process that was forked needs one of its own.
    """

    def __init__(self, root: Path, redactor: Redactor, *, now: datetime | None = None) -> None:
        self._now = now or datetime.now(UTC)
        self._folder = root / EVIDENCE
        self.path = self._next()
        self._redactor = redactor
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._digest = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def append(self, items: Iterable[Evidence]) -> tuple[str, ...]:
        """Write items, down to the disk, all or none; gives their digests.

        Raises EvidenceInvalid for what no store may hold, and OSError where there is no room.
        """
        texts = [text_of(item, self._redactor) for item in items]
        if not texts:
            return ()
        with self._lock:
            new = self._file is None
            file = self._begin() if self._file is None else self._file
            lines, digests, after = [], [], self._digest
            if new:
                head, after = self._header()
                lines.append(head)
            for text in texts:
                line, after = line_of(text, after=after)
                lines.append(line)
                digests.append(after)
            self._write(file, b"".join(lines), new=new)
            self._digest = after
        return tuple(digests)

    def _write(self, file: IO[bytes], data: bytes, *, new: bool) -> None:
        try:
            append_whole(file.fileno(), data, self.path)
        except BaseException:
            if new:  # nothing is in it
                self._file = None
                file.close()
                with suppress(OSError):
                    self.path.unlink()
            raise

    def _next(self) -> Path:
        return self._folder / f"{self._now:%Y%m%dT%H%M%S}-{os.getpid()}-{next(_numbers)}{SUFFIX}"

    def _begin(self) -> IO[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._opened()
        lock_alone(file, self.path, what="this evidence")
        self._file = file
        return file

    def _opened(self) -> IO[bytes]:
        """At its end, wherever that is after something could not be written; and never a file that is there.

        Containers have the same few process numbers, and may share a folder.
        """
        how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        while True:
            try:
                return os.fdopen(os.open(self.path, how, 0o644), "ab", buffering=0)
            except FileExistsError:
                self.path = self._next()

    def _header(self) -> tuple[bytes, str]:
        told: dict[str, Json] = {
            "at": moment_text(self._now),
            "format": FORMAT,
            "name": self.path.name,
            "nonce": secrets.token_hex(16),
            "tool": f"agentops-eval {__version__}",
        }
        return line_of(ascii_json(told).encode(), after="", opening=SHARD)
