"""Which headers tell two otherwise equal requests apart, such as a tenant's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import HttpRequest, Request
from agentops_eval.traces import PLACEHOLDER
from agentops_eval.traces.redaction import secret_header

# Differs between two runs of the same agent on the same day: the client, the attempt, the
# connection, who asks. Nothing here changes what is asked. Headers whose names end like a secret's
# are passed over as well.
_VOLATILE = re.compile(
    r"""
    user-agent | x-stainless-.* | x-goog-api-client | amz-sdk-.* | x-amz-user-agent
    | date | x-amz-date | x-date | timestamp | x-timestamp
    | host | content-length | content-encoding | x-amz-content-sha256 | content-md5 | digest
    | accept-encoding | connection | keep-alive | proxy-connection | te | transfer-encoding | upgrade
    | expect | via | forwarded | x-forwarded-.*
    | traceparent | tracestate | baggage | sentry-trace | b3 | x-b3-.* | uber-trace-id
    | x-cloud-trace-context | x-amzn-trace-id | x-datadog-.* | newrelic
    | .*idempotency-key | (.*-)?request-?id | (.*-)?correlation-?id | (.*-)?trace-?id | (.*-)?invocation-?id
    | .*-retry-count | retry-count | x-retry-.* | .*-attempt | .*-nonce
    | authorization | proxy-authorization | cookie | .*api-?key | x-goog-user-project
    | (.*-)?(token|secret|password|credentials?|signature) | openai-organization | openai-project
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderClash:
    """A header whose recorded values tell calls apart, and the value that this run sent."""

    name: str
    recorded: tuple[str, ...]
    sent: str


def told(request: Request, ignore: Sequence[str] = ()) -> dict[str, str]:
    """The headers of ``request`` that may tell it from another one; none for other seams.

    Of the content type only the media type counts, for a multipart boundary is drawn at random.
    """
    if not isinstance(request, HttpRequest):
        return {}
    kept: dict[str, list[str]] = {}
    ignored = {name.lower() for name in ignore}
    for name, value in request.headers:
        lowered = name.lower()
        if lowered in ignored or _VOLATILE.fullmatch(lowered) or secret_header(lowered):
            continue
        plain = value.partition(";")[0].lower() if lowered == "content-type" else value
        kept.setdefault(lowered, []).append(plain.strip())
    return {name: ", ".join(values) for name, values in kept.items()}


def tell_apart(candidates: Sequence[dict[str, str]]) -> tuple[str, ...]:
    """The names whose values differ among ``candidates``; those with secrets cannot be compared."""
    names = sorted({name for headers in candidates for name in headers})
    return tuple(name for name in names if _differs([headers.get(name, "") for headers in candidates]))


def clashes(
    names: Sequence[str], candidates: Sequence[dict[str, str]], sent: dict[str, str]
) -> tuple[HeaderClash, ...]:
    """Say, for an explanation, which of ``names`` was sent with a value that was never recorded."""
    found = []
    for name in names:
        recorded = tuple(sorted({headers.get(name, "") for headers in candidates}))
        if sent.get(name, "") not in recorded:
            found.append(HeaderClash(name=name, recorded=recorded, sent=sent.get(name, "")))
    return tuple(found)


def _differs(values: Sequence[str]) -> bool:
    return len(set(values)) > 1 and not any(PLACEHOLDER.search(value) for value in values)
