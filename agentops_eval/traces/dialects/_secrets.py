"""A run as it may be shown: without the secrets that its sender left in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agentops_eval.domain import Attribute
from agentops_eval.traces._normal import TextRedactor, redacted
from agentops_eval.traces.dialects._model import NormalTrace


def without_secrets(run: NormalTrace, redactor: TextRedactor) -> NormalTrace:
    """The run as one document without secrets, so that equal ones have equal placeholders.

    ``sources`` stays as it was emitted.
    """
    around: dict[str, Attribute] = {"resource": run.trace.resource, "unmapped": tuple(run.unmapped.values())}
    spans, clean = redacted(run.trace.spans, around, redactor)
    resource, names = clean["resource"], clean["unmapped"]
    assert isinstance(resource, Mapping)
    assert isinstance(names, tuple)
    unmapped = {span_id: _texts(one) for span_id, one in zip(run.unmapped, names, strict=True)}
    trace = replace(run.trace, spans=spans, resource=resource)
    return replace(run, trace=trace, unmapped=unmapped)


def _texts(value: Attribute) -> tuple[str, ...]:
    assert isinstance(value, tuple)
    return tuple(map(str, value))
