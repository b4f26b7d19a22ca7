"""Spans to send, and a pusher whose waits take no time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from agentops_eval.domain import Span, SpanEvent, SpanKind, SpanLink, StatusCode
from agentops_eval.testing import OtlpReceiver
from agentops_eval.traces.pushing import (
    Encoding,
    HttpSender,
    Limits,
    Pusher,
    PushReport,
    RetryPolicy,
    Timing,
    batches,
    encoder_of,
    target_of,
)
from agentops_eval.traces.reading import Origin, SourceSpan

NOW = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)
SHOP = Origin(
    resource={"service.name": "shop"}, scope="shop.agent", scope_version="1.2", schema_url="https://x.test/1"
)
BANK = Origin(resource={"service.name": "bank"}, scope="bank")


def span(number: int, *, trace: int = 7, **more: object) -> Span:
    return Span(name=f"span {number}", trace_id=f"{trace:032x}", span_id=f"{number:016x}", **more)


def source(number: int, origin: Origin = SHOP, **more: object) -> SourceSpan:
    return SourceSpan(span=span(number, **more), origin=origin)


RICH = SourceSpan(
    span=Span(
        name="chat \u00e4",
        trace_id="0af7651916cd43dd8448eb211c80319c",
        span_id="b7ad6b7169203331",
        parent_id="00f067aa0ba902b7",
        kind=SpanKind.CLIENT,
        start_ns=2**53 + 1,
        end_ns=2**63 + 5,
        attributes={
            "text": "x",
            "yes": True,
            "no": False,
            "none": None,
            "zero": 0,
            "many": -(2**63),
            "huge": 2**70,
            "part": 0.5,
            "bytes": b"\x00\xff",
            "list": ("a", 1, None, ("b",)),
            "map": {"k": {"l": False}},
            "empty": "",
        },
        events=(SpanEvent(name="said", time_ns=3, attributes={"n": 1}),),
        links=(SpanLink(trace_id="1" * 32, span_id="2" * 16, attributes={"why": "queued"}),),
        status=StatusCode.ERROR,
        status_message="no",
        extra={
            "traceState": "a=b",
            "flags": 257,
            "droppedAttributesCount": 3,
            "dropped_events_count": "2",
            "future": {"x": 1},
        },
    ),
    origin=SHOP,
)
SPANS = (RICH, source(1), source(2, BANK), source(3))


@dataclass
class Pushed:
    """A pusher and what it did with its time."""

    receiver: OtlpReceiver
    encoding: Encoding = Encoding.PROTOBUF
    headers: tuple[str, ...] = ()
    gzip: bool = False
    limits: Limits | None = None
    retries: int = 4
    timeout_s: float = 10.0
    url: str = ""
    waits: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __call__(self, *traces: tuple[SourceSpan, ...]) -> PushReport:
        target = target_of(self.url or self.receiver.url, self.headers, {})
        pusher = Pusher(
            target=target,
            send=HttpSender(target, self.timeout_s),
            timing=Timing(now=lambda: NOW, pause=self.waits.append, draw=lambda: 1.0),
            encoding=self.encoding,
            gzip=self.gzip,
            policy=RetryPolicy(retries=self.retries),
            source="prod.jsonl",
            notify=self.notes.append,
        )
        return pusher.push(batches(traces or (SPANS,), encoder_of(self.encoding), limits=self.limits))
