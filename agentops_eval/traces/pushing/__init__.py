"""Sending spans to a receiver: OTLP over HTTP, in bounded requests, with retries.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
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

_HOMES = {
    "_clean": "without_secrets",
    "_encode": "JsonEncoder batches encoder_of",
    "_endpoint": "is_named target_of",
    "_fault": "source_of",
    "_http": "HttpSender",
    "_model": "Answer Batch Cause Encoding Limits PushReport Reply Sender Target Unreached",
    "_push": "Pusher",
    "_reply": "partial_success",
    "_retry": "RetryPolicy Timing wait_s",
}
"""Where each public name lives, by module."""

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

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
