"""A run's emitted spans and its events, made one trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from agentops_eval.domain import Event, RunMisuse
from agentops_eval.seams import Clock, SpanCollector, install_spans
from agentops_eval.traces import derived
from agentops_eval.traces.capture import Emitted, emitted_span, merge
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.pushing import without_secrets
from agentops_eval.traces.redaction import Redactor


class Named(Protocol):
    """What a run is called."""

    @property
    def agent(self) -> str:
        """The agent's name."""
        ...

    @property
    def case(self) -> str:
        """What is recorded."""
        ...


def collector_of(clock: Clock, *, capture: bool) -> SpanCollector | None:
    """A collector for a run that is to have one."""
    if not capture:
        return None
    install_spans()
    return SpanCollector(clock)


def captured_trace(
    named: Named,
    collector: SpanCollector | None,
    events: Sequence[Event],
    redactor: Redactor,
    *,
    recorded: Mapping[int, Event] | None,
) -> NormalTrace:
    """What the agent emitted, merged with what crossed its seams; secrets redacted. Open spans end now."""
    if collector is None:
        raise RunMisuse(
            f"the run of {named.case!r} does not collect spans",
            remedy="switch it on:  @pytest.mark.cassette(capture=True), or capture = true in [tool.agentops]",
        )
    start_ns, now_s = round(collector.wall_start_s * 1e9), collector.now_s
    found = collector.spans
    sources = [
        emitted_span(
            one.span,
            start_ns=start_ns + round(one.started_s * 1e9),
            end_ns=start_ns + round((now_s if one.ended_s is None else one.ended_s) * 1e9),
        )
        for one in found
    ]
    clean = without_secrets(sources, redactor)
    emitted = [Emitted(source=source, inside=one.inside) for source, one in zip(clean, found, strict=True)]
    around = {index: f"{span_id:016x}" for index, span_id in collector.around.items()}
    told = derived(redactor.events(events), agent=named.agent, case=named.case, recorded=recorded)
    return merge(told, emitted, around, start_ns=start_ns)
