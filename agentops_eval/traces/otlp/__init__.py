"""OpenTelemetry's wire format: spans as OTLP JSON, written and read."""

from agentops_eval.traces.otlp._decode import (
    Complain,
    decode_attributes,
    decode_request,
    decode_span,
    decode_value,
    identity,
    integer,
    refuse,
)
from agentops_eval.traces.otlp._encode import encode_attributes, encode_request, encode_span, encode_value
from agentops_eval.traces.otlp._kept import decode_kept
from agentops_eval.traces.otlp._model import OtlpError, OtlpScope

__all__ = [
    "Complain",
    "OtlpError",
    "OtlpScope",
    "decode_attributes",
    "decode_kept",
    "decode_request",
    "decode_span",
    "decode_value",
    "encode_attributes",
    "encode_request",
    "encode_span",
    "encode_value",
    "identity",
    "integer",
    "refuse",
]
