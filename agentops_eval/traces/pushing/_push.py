"""Send batch after batch, each until it is taken or will not be."""

from __future__ import annotations

import gzip as gz
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from agentops_eval.domain import Headers
from agentops_eval.traces.pushing._fault import failure, hidden
from agentops_eval.traces.pushing._model import (
    Answer,
    Batch,
    Encoding,
    Notify,
    PushReport,
    Reply,
    Sender,
    Target,
)
from agentops_eval.traces.pushing._reply import is_page, partial_success, shown
from agentops_eval.traces.pushing._retry import RetryPolicy, Timing, asked_wait_s, transient, wait_s

_MESSAGES_KEPT = 20


@dataclass(slots=True, kw_only=True)
class Pusher:
    """Sends batches to a receiver and counts what it says. Raises PushFailed at the first that is not taken.

    A batch is sent again as it is: the receiver may have kept it although its answer was lost, and see
    its spans twice; their ids are the same.
    """

    target: Target
    send: Sender
    timing: Timing
    encoding: Encoding = Encoding.PROTOBUF
    gzip: bool = False
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    source: str = ""
    notify: Notify = lambda _: None
    report: PushReport = field(default_factory=PushReport)

    def push(self, batches: Iterable[Batch]) -> PushReport:
        """Send every batch, in order."""
        last = ""
        for batch in batches:
            self._push(batch)
            traces = batch.traces
            fresh = len(traces) - (traces[:1] == (last,))  # a trace may go on in the next request
            self.report, last = replace(self.report, traces=self.report.traces + fresh), traces[-1]
        return self.report

    def _push(self, batch: Batch) -> None:
        body = gz.compress(batch.body, mtime=0) if self.gzip else batch.body
        tries = 0
        while True:
            answer = self.send(body, self._headers())
            tries += 1
            if isinstance(answer, Reply) and answer.status // 100 == 2 and not is_page(answer):
                self._count(batch, len(body), answer)
                return
            now = self.timing.now()
            delay_s = wait_s(answer, failures=tries, draw=self.timing.draw(), now=now, policy=self.policy)
            if delay_s is None:
                asked_s = asked_wait_s(answer, now=now) if transient(answer) else None
                raise failure(
                    answer,
                    batch,
                    self.target,
                    encoding=self.encoding,
                    tries=tries,
                    done=self.report,
                    source=self.source,
                    asked_s=asked_s if (asked_s or 0) > self.policy.patience_s else None,
                )
            self.notify(f"request {batch.number}: {_briefly(answer)}; again in {delay_s:.1f} s")
            self.report = replace(self.report, retries=self.report.retries + 1)
            self.timing.pause(delay_s)

    def _headers(self) -> Headers:
        from agentops_eval import __version__

        packed = (("Content-Encoding", "gzip"),) if self.gzip else ()
        agent = ("User-Agent", f"agentops-eval/{__version__}")
        return (("Content-Type", self.encoding.content_type), agent, *packed)

    def _count(self, batch: Batch, size: int, reply: Reply) -> None:
        partial = partial_success(reply)
        said = shown(hidden(partial.message, self.target))
        kept = self.report.messages
        fresh = bool(said) and said not in kept and len(kept) < _MESSAGES_KEPT
        self.report = replace(
            self.report,
            spans=self.report.spans + len(batch.spans),
            batches=self.report.batches + 1,
            size=self.report.size + size,
            rejected=self.report.rejected + min(partial.rejected, len(batch.spans)),
            messages=(*kept, said) if fresh else kept,
        )


def _briefly(answer: Answer) -> str:
    return f"status {answer.status}" if isinstance(answer, Reply) else answer.message
