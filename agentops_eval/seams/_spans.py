"""What an instrumented agent emits during a run: its spans, collected beside the agent's own exporters.

OpenTelemetry's processors belong to providers, and an agent may set its provider before a run, in it, or
pass one around without setting any. So a processor is added to a provider when a run that collects has it
start a span. A span belongs to the run of the context that started it; others pass untouched. No provider
is ever set, and nothing is collected of what happens below a real transport, where a replay has nothing.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from agentops_eval.domain import Call
from agentops_eval.seams._handler import Next, Steps
from agentops_eval.seams._scope import PARENT, current_scope
from agentops_eval.seams._sweep import once

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from agentops_eval.seams._clock import Clock


@dataclass(slots=True)
class EmittedSpan:
    """A span with its times on the run's clock; ``inside`` is the event in whose body it started.

    ``ended_s`` is None while it is open.
    """

    span: ReadableSpan
    inside: int | None
    started_s: float
    ended_s: float | None = None


class SpanCollector:
    """Collects the spans of one run, and which of them stood around each call. Thread-safe.

    It is a handler too: behind the event log, which numbers the calls. ``wall_start_s`` is when the run's
    clock stood at zero.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.wall_start_s = clock.wall_s() - clock.elapsed_s()
        self._lock = threading.Lock()
        self._spans: dict[int, EmittedSpan] = {}
        self._around: dict[int, int] = {}

    def handle(self, call: Call, next: Next) -> Steps:
        """Note which span is the current one, and pass the call on."""
        from opentelemetry.trace import get_current_span

        span_id = get_current_span().get_span_context().span_id
        with self._lock:
            if span_id in self._spans and call.index is not None:
                self._around[call.index] = span_id
        outcome = yield next(call)
        assert outcome is not None
        return outcome

    def begin(self, span: ReadableSpan) -> None:
        """Keep a span that starts now."""
        context = span.get_span_context()
        if context is None:
            return
        kept = EmittedSpan(span=span, inside=PARENT.get(), started_s=self._clock.elapsed_s())
        with self._lock:
            self._spans[context.span_id] = kept

    def end(self, span: ReadableSpan) -> None:
        """Keep how a span ended, in whichever context that is."""
        context, ended_s = span.get_span_context(), self._clock.elapsed_s()
        with self._lock:
            kept = None if context is None else self._spans.get(context.span_id)
            if kept is not None:
                kept.span, kept.ended_s = span, ended_s

    @property
    def spans(self) -> tuple[EmittedSpan, ...]:
        """The spans so far, in the order in which they started."""
        with self._lock:
            return tuple(self._spans.values())

    @property
    def now_s(self) -> float:
        """The run's own time."""
        return self._clock.elapsed_s()

    @property
    def around(self) -> dict[int, int]:
        """By the number of a call, the id of the span that stood around it."""
        with self._lock:
            return dict(self._around)


# -- OpenTelemetry ----------------------------------------------------------------------------

_attached: WeakSet[Any] = WeakSet()
_attaching = threading.Lock()
_owners: dict[tuple[int, int], SpanCollector] = {}


def _collector() -> SpanCollector | None:
    scope = current_scope()
    return None if scope is None else scope.spans


@functools.cache
def _router() -> Any:
    """The one processor of this process: it takes each span to the run that started it."""
    from opentelemetry.sdk.trace import SpanProcessor

    class Router(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            collector = _collector()
            if collector is not None:
                _owners[_key(span)] = collector
                collector.begin(span)

        def on_end(self, span: Any) -> None:
            collector = _owners.pop(_key(span), None)
            if collector is not None:
                collector.end(span)

    return Router()


def _key(span: Any) -> tuple[int, int]:
    context = span.get_span_context()
    return context.trace_id, context.span_id


def _attach(processor: Any) -> None:
    """Add the router to a provider's processors, once."""
    with _attaching:
        if processor not in _attached:
            processor.add_span_processor(_router())
            _attached.add(processor)


@once
def install_spans() -> None:
    """Have providers get their processor when a run that collects uses them."""
    from opentelemetry.sdk.trace import Tracer

    start_span: Callable[..., Any] = Tracer.start_span

    @functools.wraps(start_span)
    def started(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _collector() is not None:
            _attach(self.span_processor)
        return start_span(self, *args, **kwargs)

    Tracer.start_span = started  # type: ignore[method-assign]  # patched once per process
