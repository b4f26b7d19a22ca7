"""What judges answered, kept by content: the same question is asked once, and CI asks nobody.

One cassette for each text of a rubric, ``<golden_dir>/judges/<rubric>.cassette.jsonl``. Its events are
sorted by key, so that the file does not depend on who asked first. Only answers are kept: a judge that
was busy, or out of reach, is asked again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from agentops_eval.domain import (
    Call,
    CassetteForeign,
    CassetteMissing,
    CassetteWrite,
    Chunk,
    Event,
    Failure,
    HttpReply,
    KeptBody,
    Label,
)
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import (
    CASSETTE_SUFFIX,
    CassetteHeader,
    CassetteWriter,
    read_cassette,
    request_key,
)
from agentops_eval.seams import Next, Steps
from agentops_eval.traces.redaction import Redactor

RECORDING_NEEDED = "RecordingNeeded"
JUDGES = "judges"
"""The folder of recordings that holds them."""


class AnswerStore:
    """The kept answers under one rubric. Thread-safe; files are read when they are first asked."""

    def __init__(self, path: Path, settings: Settings, *, redactor: Redactor) -> None:
        self.path = path
        # Content decides, not through which gateway or on which port it was asked.
        self._rules = replace(settings.match_rules, any_host=True)
        self._redactor = redactor
        self._lock = threading.Lock()
        self._kept: dict[str, Event] | None = None
        self._fresh: dict[str, Event] = {}

    @property
    def case(self) -> str:
        """What the cassette is of."""
        return f"{JUDGES}/{self.path.name.removesuffix(CASSETTE_SUFFIX)}"

    def key(self, call: Call | Event) -> str:
        """The key of a question: its content, redacted, without the address."""
        return request_key(call.seam, call.boundary, call.request, rules=self._rules, redactor=self._redactor)

    def find(self, key: str) -> HttpReply | None:
        """The kept answer to a question.

        Raises CassetteCorrupt and its kin where the file cannot be read, CassetteForeign where it is
        the recording of something else.
        """
        with self._lock:
            if self._kept is None:
                self._kept = self._read()
            found = self._fresh.get(key) or self._kept.get(key)
        outcome = None if found is None else found.outcome
        return replace(outcome, label=Label.REPLAYED) if isinstance(outcome, HttpReply) else None

    def keep(self, key: str, event: Event) -> None:
        """Keep an answer that was just given; ``save`` writes it."""
        with self._lock:
            self._fresh[key] = event

    def save(self) -> int:
        """Write what is new beside what the file holds by now, and give how many answers are new.

        Processes save one after the other, so that none writes over what another has paid for. Redacted
        before the write. Raises CassetteWrite and SecretFound; nothing is lost then but the new answers.
        """
        with self._lock:
            fresh = dict(self._fresh)
            if not fresh:
                return 0
            with _locked(self.path.parent):
                return self._write(fresh)

    def _write(self, fresh: Mapping[str, Event]) -> int:
        whole = {**self._read(), **fresh}
        writer = CassetteWriter(self.path, self._header(), redactor=self._redactor, key=self.key)
        try:
            for index, key in enumerate(sorted(whole)):
                writer.append(_plain(whole[key], index))
            writer.commit()
        except BaseException:
            writer.discard()
            raise
        self._kept, self._fresh = whole, {}
        return len(fresh)

    def _read(self) -> dict[str, Event]:
        try:
            cassette = read_cassette(self.path)
        except CassetteMissing:
            return {}
        if cassette.header.case != self.case:
            raise CassetteForeign(
                "this is not a recording of a judge's answers",
                where=str(self.path),
                difference=f"expected  {self.case}\nfound     {cassette.header.case}",
                remedy=f"remove {self.path}, and record the judge's answers again",
            )
        same = cassette.header.rules == self._rules.digest
        return {event.key if same and event.key else self.key(event): event for event in cassette.events}

    def _header(self) -> CassetteHeader:
        from agentops_eval import __version__

        return CassetteHeader(
            case=self.case,
            agent="judge",
            recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
            tool=f"agentops-eval {__version__}",
            rules=self._rules.digest,
        )


class Answering:
    """The handler that answers from a store; what is not there goes on only where that is allowed."""

    def __init__(self, store: AnswerStore, *, asks: bool, anew: bool) -> None:
        self._store, self._asks, self._anew = store, asks, anew
        self.key = ""

    def handle(self, call: Call, next: Next) -> Steps:
        """Cases: the answer is kept; nobody may be asked; the call goes on."""
        self.key = self._store.key(call)
        found = None if self._anew else self._store.find(self.key)
        if found is not None:
            return found
        if not self._asks:
            return Failure(kind=RECORDING_NEEDED, module="agentops_eval", message="no answer is recorded")
        outcome = yield next(call)
        assert outcome is not None
        return outcome


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time. The folder is locked: a lock of the file would go when that is replaced."""
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        what = f"the folder of the judges' answers cannot be used: {error.strerror or error}"
        raise CassetteWrite(what, where=str(folder), remedy="make room or lift the limit") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # which gives the lock back


def store_path(root: Path, settings: Settings, rubric: str) -> Path:
    """Where the answers under a rubric are kept."""
    return root / settings.golden_dir / JUDGES / f"{rubric}{CASSETTE_SUFFIX}"


class AnswerStores:
    """The stores of one judge, by rubric."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root, self._settings = root, settings
        self.redactor = redactor_of(settings)
        self._lock = threading.Lock()
        self._stores: dict[str, AnswerStore] = {}

    def of(self, rubric: str) -> AnswerStore:
        """The store of a rubric, by its name with the beginning of its digest."""
        with self._lock:
            if rubric not in self._stores:
                path = store_path(self._root, self._settings, rubric)
                self._stores[rubric] = AnswerStore(path, self._settings, redactor=self.redactor)
            return self._stores[rubric]

    def save(self) -> Mapping[Path, int]:
        """Write every store that has something new. Raises CassetteWrite and SecretFound at the end."""
        saved: dict[Path, int] = {}
        problem: Exception | None = None
        for store in list(self._stores.values()):
            try:
                if fresh := store.save():
                    saved[store.path] = fresh
            except Exception as error:  # the answers of other rubrics are paid for, too
                problem = problem or error
        if problem is not None:
            raise problem
        return saved


def _plain(event: Event, index: int) -> Event:
    """An event as it is kept: its place by its key, its time only how long it took."""
    outcome = event.outcome
    if isinstance(outcome, HttpReply) and isinstance(outcome.body, KeptBody):
        data = outcome.body.data
        outcome = replace(outcome, body=KeptBody(chunks=(Chunk(data),) if data else ()), label=Label.LIVE)
    return Event(
        index=index,
        seam=event.seam,
        boundary=event.boundary,
        request=event.request,
        outcome=outcome,
        ended_s=round(max(0.0, event.ended_s - event.started_s), 3),
    )
