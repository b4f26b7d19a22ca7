"""Sending spans to a receiver: OTLP over HTTP, in bounded requests, with retries."""

from agentops_eval.traces.pushing._clean import without_secrets
from agentops_eval.traces.pushing._encode import JsonEncoder, batches, encoder_of
from agentops_eval.traces.pushing._endpoint import is_named, target_of
from agentops_eval.traces.pushing._fault import source_of
from agentops_eval.traces.pushing._http import HttpSender
from agentops_eval.traces.pushing._model import (
    Answer,
    Batch,
    Cause,
    Encoding,
    Limits,
    PushReport,
    Reply,
    Sender,
    Target,
    Unreached,
)
from agentops_eval.traces.pushing._push import Pusher
from agentops_eval.traces.pushing._reply import partial_success
from agentops_eval.traces.pushing._retry import RetryPolicy, Timing, wait_s

__all__ = [
    "Answer",
    "Batch",
    "Cause",
    "Encoding",
    "HttpSender",
    "JsonEncoder",
    "Limits",
    "PushReport",
    "Pusher",
    "Reply",
    "RetryPolicy",
    "Sender",
    "Target",
    "Timing",
    "Unreached",
    "batches",
    "encoder_of",
    "is_named",
    "partial_success",
    "source_of",
    "target_of",
    "wait_s",
    "without_secrets",
]
