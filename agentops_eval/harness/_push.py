"""Runs out of files of any kind, sent to a receiver."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._settings import Settings
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.pushing import (
    Batch,
    Encoding,
    HttpSender,
    Limits,
    Pusher,
    PushReport,
    RetryPolicy,
    Target,
    Timing,
    batches,
    encoder_of,
    source_of,
    without_secrets,
)
from agentops_eval.traces.reading import Problems, SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOptions:
    """How spans are sent. ``raw`` sends them as they stand in the files, secrets included."""

    encoding: Encoding = Encoding.PROTOBUF
    gzip: bool = False
    raw: bool = False
    timeout_s: float = 10.0
    limits: Limits = field(default_factory=Limits)
    retries: int = 4


@dataclass(slots=True, kw_only=True)
class Outgoing:
    """The spans of the runs in some files, trace by trace, as they leave.

    ``logical`` counts the traces met so far whose times are those of a golden.
    """

    files: Sequence[Path]
    runs: Iterable[NormalTrace]
    settings: Settings
    options: PushOptions
    problems: Problems = field(default_factory=Problems)
    logical: int = 0

    def __iter__(self) -> Iterator[tuple[SourceSpan, ...]]:
        redactor = redactor_of(self.settings)
        for run in self.runs:
            spans = tuple(run.sources.values())
            self.logical += bool(spans) and sc.is_logical(spans[0].span.start_ns)
            yield spans if self.options.raw else without_secrets(spans, redactor)

    def batches(self) -> Iterator[Batch]:
        """The requests that would be sent."""
        return batches(self, encoder_of(self.options.encoding), limits=self.options.limits)


def push_runs(
    outgoing: Outgoing, target: Target, *, notify: Callable[[str], None] = lambda _: None
) -> PushReport:
    """Send every span to the receiver; ``notify`` hears of each wait.

    Spans of an export go out as they were emitted, those of goldens and recordings as derived. Raises
    PushFailed.
    """
    options = outgoing.options
    pusher = Pusher(
        target=target,
        send=HttpSender(target, options.timeout_s),
        timing=Timing(now=lambda: datetime.now(UTC), pause=time.sleep, draw=random.random),
        encoding=options.encoding,
        gzip=options.gzip,
        policy=RetryPolicy(retries=options.retries),
        source=source_of(outgoing.files),
        notify=notify,
    )
    return pusher.push(outgoing.batches())
