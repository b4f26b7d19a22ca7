"""Writing cassettes: redacted, line by line into a hidden file, which replaces the old one whole."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from agentops_eval.domain import (
    AgentopsError,
    CassetteWrite,
    Event,
    HttpReply,
    HttpRequest,
    KeptBody,
    RunMisuse,
    SecretFound,
)
from agentops_eval.replay._blobs import INLINE_LIMIT, cited, drop_blobs
from agentops_eval.replay._cassette import (
    COMPLETED,
    CassetteHeader,
    End,
    EndLine,
    HeaderLine,
)
from agentops_eval.replay._codec import encode, encode_event
from agentops_eval.replay._names import CASSETTE_SUFFIX
from agentops_eval.replay._retouch import retouched
from agentops_eval.traces import (
    PARTIAL_SUFFIX,
    FileKind,
    is_or_was,
    kind_at,
    place_new,
    write_new,
    write_whole,
)
from agentops_eval.traces.redaction import Redactor


class CassetteWriter:
    """Writes one cassette. Thread-safe; two writers of one path do not disturb each other.

    Every event is redacted, keyed, checked and written at once to a hidden file beside ``path``;
    ``commit`` puts that file in the place of the old cassette. Until then the old one is untouched,
    and after a crash the hidden file holds what was seen (``read_partial``, ``recover``). ``key``
    gives an event's key from its redacted form. What a later event gives away as a secret is taken
    out of earlier ones before anything is committed. An ``exclusive`` writer never overwrites a cassette.

    Raises CassetteWrite when the disk refuses or something else is at ``path``, SecretFound when a line
    still trips a detector. After such an error the cassette cannot be committed: ``commit`` raises it
    again.
    """

    def __init__(
        self,
        path: Path,
        header: CassetteHeader,
        *,
        redactor: Redactor,
        key: Callable[[Event], str],
        exclusive: bool = False,
    ) -> None:
        self.path = path
        self._exclusive = exclusive
        self._redactor = redactor
        self._known: list[int] = []  # for each event written, how much had been learnt by then
        self._key = key
        self._lock = threading.Lock()
        self._problem: AgentopsError | None = None
        self._closed = False
        self._owner = os.getpid()
        head = encode(HeaderLine(cassette=header))
        self._guard(head.decode("utf-8"), 1)  # arguments of a command line become a case's name
        if not exclusive:
            _refuse_replacing(path)
        self.partial, self._file, self._made = _open_partial(path)
        self._write(head)

    @property
    def events(self) -> int:
        """How many events were written."""
        return len(self._known)

    def append(self, event: Event) -> None:
        """Write one completed event. After an error, later events are passed over."""
        if self._problem is not None or os.getpid() != self._owner:
            return  # a forked child has its own copy of the run and no business in this file
        with self._lock:
            self._open_still()
            try:
                known, redacted = self._redacted(event)
                if self._stands_already(known):
                    self._retouch()
                self._write(self._line(redacted, self.events + 2))
                self._known.append(known)
            except AgentopsError:
                raise
            except BaseException as error:  # a line may be half written, or written and not counted
                self._problem = CassetteWrite(
                    f"the recording was interrupted while it wrote a call of {event.boundary}",
                    where=str(self.path),
                    difference=f"{type(error).__name__}: {error}",
                    remedy="record the run again",
                )
                raise

    def _redacted(self, event: Event) -> tuple[int, Event]:
        """The event redacted and keyed, and how much was known of secrets when that was done."""
        while True:  # other threads may learn in the meantime
            known = self._redactor.learnt
            redacted = self._redactor.event(event)
            if self._redactor.learnt == known:
                return known, replace(redacted, key=self._key(redacted))

    def _line(self, event: Event, number: int) -> bytes:
        """The event as line ``number`` of the file."""
        self._check(event, number)
        try:
            line = encode_event(event, self.path.parent)
        except OSError as error:
            raise self._refused(error) from error
        except (ValueError, TypeError, RecursionError) as error:
            raise self._unwritable(event, error) from error
        self._guard(line.decode("utf-8"), number)
        return line

    def _stands_already(self, known: int) -> bool:
        """Whether what was learnt since the last event stands in clear in a line before; a quick look.

        It saves the file of a process that is killed. What is packed or escaped there is found when
        the recording ends.
        """
        last = self._known[-1] if self._known else known
        fresh = self._redactor.learnt_since(last) if last < known else ()
        if not fresh:
            return False
        written = self.partial.read_bytes()
        return any(spelling.encode() in written for spelling in fresh)

    def _retouch(self, *, dropping: bool = False) -> None:
        """Redact earlier events by what later ones gave away; an event that still shows it may be dropped."""
        rewrite = self._rewritten_or_dropped if dropping else self._rewritten
        now = self._redactor.learnt
        if min(self._known, default=now) == now:
            return
        try:
            before = self.partial.read_bytes()
            after = retouched(before, rewrite, path=self.partial, known=self._known, now=now)
            if after == before:
                return
            write_whole(self.partial, after)
            fresh = os.open(self.partial, os.O_WRONLY | os.O_APPEND)
            self._file, stale = fresh, self._file
            os.close(stale)
            drop_blobs(self.path.parent, cited(before) - cited(after))
        except OSError as error:
            raise self._refused(error) from error
        self._known = [now] * (after.count(b"\n") - 1)

    def _rewritten(self, event: Event, number: int) -> bytes:
        return self._line(self._redacted(event)[1], number)

    def _rewritten_or_dropped(self, event: Event, number: int) -> bytes | None:
        try:
            return self._rewritten(event, number)
        except AgentopsError:
            return None

    def _leave_clean(self) -> None:
        """Before the hidden file is left behind: the recording is incomplete in any case."""
        if os.getpid() != self._owner:
            return
        problem = self._problem
        with suppress(AgentopsError):
            self._retouch(dropping=True)
        self._problem = problem

    def _open_still(self) -> None:
        if self._closed:
            raise RunMisuse("the cassette is closed already", where=str(self.path), remedy="record a new run")

    def commit(self, outcome: str = COMPLETED, prefix: tuple[int, ...] = ()) -> None:
        """End the recording and put it in the place of the old one. Committing twice is an error."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            self._open_still()
            if self._problem is not None:
                self._leave_clean()
                self._close()
                raise self._problem
            self._retouch()
            last = encode(EndLine(end=End(events=self.events, outcome=outcome, prefix=prefix)))
            self._guard(last.decode("utf-8"), self.events + 2)
            self._write(last)
            try:
                os.fsync(self._file)
                self._close()
                if self._exclusive:
                    place_new(self.partial, self.path)
                else:
                    self.partial.replace(self.path)
            except FileExistsError as error:
                self._problem = _already_there(self.path)
                raise self._problem from error
            except OSError as error:
                raise self._refused(error) from error
            _sync_folder(self.path.parent)

    def abandon(self) -> Path | None:
        """End an interrupted recording: the old cassette stays, and so does what was seen.

        Gives the hidden file's path, or None where nothing had been seen and nothing is kept.
        """
        with self._lock:
            if not self._closed:
                self._leave_clean()
                self._close()
            if self.events == 0 and os.getpid() == self._owner:
                self._remove()
            return self.partial if self.partial.exists() else None

    def discard(self) -> None:
        """End without keeping anything: the old cassette stays, the hidden file goes."""
        with self._lock:
            if not self._closed:
                self._close()
            self._remove()

    def _remove(self) -> None:
        """Take away the hidden file, and the folders that were made for it where nothing else is in them."""
        with suppress(OSError):
            self.partial.unlink()
            for folder in self._made:  # the innermost first
                folder.rmdir()

    def _close(self) -> None:
        self._closed = True
        os.close(self._file)

    def _check(self, event: Event, number: int) -> None:
        """Look at bodies that do not stand in the line as text: blobs."""
        bodies: list[bytes] = []
        if isinstance(event.request, HttpRequest):
            bodies.append(event.request.body)
        if isinstance(event.outcome, HttpReply) and isinstance(event.outcome.body, KeptBody):
            bodies += [chunk.data for chunk in event.outcome.body.chunks]
        for body in bodies:
            if len(body) > INLINE_LIMIT:
                with suppress(UnicodeDecodeError):
                    self._guard(body.decode("utf-8"), number)

    def _guard(self, text: str, number: int) -> None:
        findings = self._redactor.find(text)
        if not findings:
            return
        shown = "\n".join(sorted({f"{found.kind}: {found.excerpt}" for found in findings}))
        problem = SecretFound(
            "a secret would stand in the cassette after redaction; nothing was written",
            where=f"{self.path}:{number}",
            difference=shown,
            remedy="match it in redact_patterns, or in redact_allow if it is no secret ([tool.agentops])",
        )
        self._problem = problem
        raise problem

    def _write(self, line: bytes) -> None:
        rest = memoryview(line + b"\n")
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> CassetteWrite:
        problem = _cannot_write(self.path, error, kept=self.partial)
        self._problem = problem
        return problem

    def _unwritable(self, event: Event, error: Exception) -> CassetteWrite:
        problem = CassetteWrite(
            f"a call of {event.boundary} has no JSON form: {error}",
            where=str(self.path),
            remedy="return values that JSON can hold",
        )
        self._problem = problem
        return problem


def partials_of(path: Path) -> tuple[Path, ...]:
    """The hidden files that interrupted recordings of this cassette left, oldest first."""
    found = path.parent.glob(f".{_glob_safe(path.name)}.*{PARTIAL_SUFFIX}")
    return tuple(sorted(found, key=lambda partial: partial.stat().st_mtime))


def put_file(target: Path, data: bytes, *, exclusive: bool = False) -> None:
    """Write a whole cassette, in the place of another unless ``exclusive``.

    Raises CassetteWrite; what was there is then untouched.
    """
    try:
        if exclusive:
            write_new(target, data)
        else:
            write_whole(target, data)
    except FileExistsError as error:
        raise _already_there(target) from error
    except OSError as error:
        raise _cannot_write(target, error) from error


def _open_partial(path: Path, *, again: int = 3) -> tuple[Path, int, list[Path]]:
    """The hidden file, open, and the folders that were made for it, the innermost first."""
    try:
        made = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}{PARTIAL_SUFFIX}")
        return partial, os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666), made
    except (FileExistsError, FileNotFoundError) as error:  # another writer took the empty folder away
        if again:
            return _open_partial(path, again=again - 1)
        raise _cannot_write(path, error) from error
    except OSError as error:
        raise _cannot_write(path, error) from error


def _refuse_replacing(path: Path) -> None:
    if not is_or_was(path, FileKind.CASSETTE, CASSETTE_SUFFIX):
        raise CassetteWrite(
            "there is a file that is no recording, and recording never overwrites one",
            where=str(path),
            difference=f"a {FileKind.GOLDEN}" if kind_at(path) is FileKind.GOLDEN else "",
            remedy=f"name another file for the recording: *{CASSETTE_SUFFIX}",
        )


def _already_there(path: Path) -> CassetteWrite:
    return CassetteWrite(
        "there is a file of that name already, which is never overwritten",
        where=str(path),
        difference="it is untouched",
        remedy="name another target",
    )


def _cannot_write(path: Path, error: OSError, *, kept: Path | None = None) -> CassetteWrite:
    seen = f"; what was seen so far is in {kept}" if kept is not None and kept.exists() else ""
    return CassetteWrite(
        f"the cassette cannot be written: {error.strerror or error}{seen}",
        where=str(path),
        difference="what was recorded there before is untouched",
        remedy="make room or lift the limit, then record again",
    )


def _sync_folder(folder: Path) -> None:
    """Make the new name outlive a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _glob_safe(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
