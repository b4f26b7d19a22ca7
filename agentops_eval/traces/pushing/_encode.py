"""From spans to requests: each span is encoded once, and requests are made of what fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from agentops_eval.domain import canonical_json
from agentops_eval.traces.otlp import _protobuf as wire
from agentops_eval.traces.otlp import encode_attributes, encode_span
from agentops_eval.traces.pushing._clean import sendable
from agentops_eval.traces.pushing._model import Batch, Encoding, Limits
from agentops_eval.traces.reading import Origin, SourceSpan

_AROUND = 64
"""More than what names and brackets, or tags and lengths, add to a part."""


class Encoder(Protocol):
    """Writes the parts of a request."""

    def resource(self, origin: Origin) -> bytes:
        """Who emitted."""
        ...

    def scope(self, origin: Origin) -> bytes:
        """The instrumentation, with the conventions that it names."""
        ...

    def span(self, source: SourceSpan) -> bytes:
        """One span."""
        ...

    def request(self, parts: Parts) -> bytes:
        """The whole request."""
        ...


Parts = dict[bytes, dict[bytes, list[bytes]]]
"""Spans by scope, by resource."""


class JsonEncoder:
    """OTLP JSON: hex ids, integers as strings."""

    def resource(self, origin: Origin) -> bytes:
        """Who emitted."""
        return _json({"attributes": encode_attributes(origin.resource)})

    def scope(self, origin: Origin) -> bytes:
        """The fields of a ScopeSpans that stand before its spans."""
        version = {"version": origin.scope_version} if origin.scope_version else {}
        schema = {"schemaUrl": origin.schema_url} if origin.schema_url else {}
        return _json({**schema, "scope": {"name": origin.scope, **version}})

    def span(self, source: SourceSpan) -> bytes:
        """One span."""
        return _json(encode_span(sendable(source.span)))

    def request(self, parts: Parts) -> bytes:
        """The whole request."""
        held = [
            b'{"resource":%b,"scopeSpans":[%b]}'
            % (
                resource,
                b",".join(
                    [b'%b,"spans":[%b]}' % (scope[:-1], b",".join(spans)) for scope, spans in scopes.items()]
                ),
            )
            for resource, scopes in parts.items()
        ]
        return b'{"resourceSpans":[%b]}' % b",".join(held)


def _json(value: object) -> bytes:
    return wire.utf8(canonical_json(value, sort_keys=False))  # type: ignore[arg-type]  # made of JSON above


class ProtobufEncoder:
    """OTLP as protobuf."""

    def resource(self, origin: Origin) -> bytes:
        """A Resource."""
        return wire.attributes_fields(1, origin.resource)

    def scope(self, origin: Origin) -> bytes:
        """The fields of a ScopeSpans but its spans; their order does not matter."""
        named = wire.text(1, origin.scope) + wire.text(2, origin.scope_version)
        return wire.block(1, named) + wire.text(3, origin.schema_url)

    def span(self, source: SourceSpan) -> bytes:
        """One span."""
        return wire.span_message(sendable(source.span))

    def request(self, parts: Parts) -> bytes:
        """The whole request."""
        held: list[bytes] = []
        for resource, scopes in parts.items():
            inside = [wire.block(1, resource)]
            for scope, spans in scopes.items():
                inside.append(wire.block(2, scope + b"".join([wire.block(2, span) for span in spans])))
            held.append(wire.block(1, b"".join(inside)))
        return b"".join(held)


def encoder_of(encoding: Encoding) -> Encoder:
    """The encoder for a spelling."""
    return JsonEncoder() if encoding is Encoding.JSON else ProtobufEncoder()


@dataclass(slots=True)
class _Open:
    """A request in the making."""

    parts: Parts = field(default_factory=dict)
    spans: list[SourceSpan] = field(default_factory=list)
    size: int = 0


def batches(
    traces: Iterable[Iterable[SourceSpan]], encoder: Encoder, *, limits: Limits | None = None
) -> Iterator[Batch]:
    """The requests for these traces, each as soon as it is full; several traces may share one.

    Held in memory are one request and what the traces' own iterator holds.
    """
    limits = limits or Limits()
    opened, number = _Open(), 0
    for trace in traces:
        heads: dict[int, tuple[Origin, bytes, bytes]] = {}
        for one in trace:
            if id(one.origin) not in heads:  # the origin is kept, so that its id stays its own
                heads[id(one.origin)] = (one.origin, encoder.resource(one.origin), encoder.scope(one.origin))
            _, resource, scope = heads[id(one.origin)]
            span = encoder.span(one)
            size = len(span) + _AROUND + _new_heads(opened.parts, resource, scope)
            if opened.spans and (len(opened.spans) >= limits.spans or opened.size + size > limits.size):
                number += 1
                yield _closed(opened, number, encoder)
                opened = _Open()
                size = len(span) + _AROUND + _new_heads(opened.parts, resource, scope)
            opened.parts.setdefault(resource, {}).setdefault(scope, []).append(span)
            opened.spans.append(one)
            opened.size += size
    if opened.spans:
        yield _closed(opened, number + 1, encoder)


def _new_heads(parts: Parts, resource: bytes, scope: bytes) -> int:
    """What a span costs beside itself: its resource and scope where they are not there yet."""
    known = parts.get(resource)
    return (0 if known is not None else len(resource) + _AROUND) + (
        0 if known is not None and scope in known else len(scope) + _AROUND
    )


def _closed(opened: _Open, number: int, encoder: Encoder) -> Batch:
    return Batch(number=number, spans=tuple(opened.spans), body=encoder.request(opened.parts))
