"""The HTTP status with which an llm refused, by all that a span tells of its error."""

from __future__ import annotations

import re

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc

_BY_TYPE = {
    "badrequest": 400,
    "invalidrequest": 400,
    "authentication": 401,
    "permissiondenied": 403,
    "permission": 403,
    "notfound": 404,
    "conflict": 409,
    "requesttoolarge": 413,
    "unprocessableentity": 422,
    "ratelimit": 429,
    "ratelimitexceeded": 429,
    "internalserver": 500,
    "serviceunavailable": 503,
    "overloaded": 529,
}
"""The exceptions of SDKs, and the words of APIs, without their common endings."""

_ENDING = re.compile(r"(?:error|exception)$")
_MESSAGE = re.compile(r"^(?:Error code|status_code): (\d{3})\b")


def http_status(span: Span) -> int | None:
    """The status as told, else by the error's type, else by the message of an SDK's exception."""
    told = str(span.attributes.get(sc.ERROR_TYPE, ""))
    for value in (span.attributes.get(sc.HTTP_RESPONSE_STATUS_CODE), told):
        if (status := _refusal(str(value))) is not None:
            return status
    named = _ENDING.sub("", told.rpartition(".")[2].replace("_", "").lower())
    if named in _BY_TYPE:
        return _BY_TYPE[named]
    said = _MESSAGE.match(span.status_message)
    return None if said is None else _refusal(said[1])


def _refusal(text: str) -> int | None:
    return int(text) if len(text) == 3 and text.isdecimal() and 400 <= int(text) <= 599 else None
