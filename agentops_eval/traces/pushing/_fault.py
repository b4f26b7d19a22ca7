"""Why the receiver did not take a batch, as an error: what, where, what it said, what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from agentops_eval.domain import PushFailed
from agentops_eval.traces.pushing._endpoint import PATH
from agentops_eval.traces.pushing._model import Answer, Batch, Cause, Encoding, PushReport, Reply, Target
from agentops_eval.traces.pushing._reply import is_page, said, shown
from agentops_eval.traces.redaction import Redactor

_GRPC = 4317
_ABOVE = re.compile(r"/v1(/[^/]*)?$")
"""The end of a path that means another of the receiver's addresses, or half of this one."""
_UNREACHED = {
    Cause.REFUSED: "is the receiver up, and is this its port?",
    Cause.TIMEOUT: "--timeout-s 60 waits longer; --max-spans 100 makes smaller requests",
    Cause.NAME: "is the host's name right?",
    Cause.TLS: "http:// if the receiver has no TLS; SSL_CERT_FILE=ca.pem for a CA of your own",
    Cause.BROKEN: "is this the port for OTLP over HTTP (4318 for most), and is it https?",
}


def failure(
    answer: Answer,
    batch: Batch,
    target: Target,
    *,
    encoding: Encoding,
    tries: int,
    done: PushReport,
    source: str,
    asked_s: float | None = None,
) -> PushFailed:
    """The error for a batch that was not taken; it never shows a header's value."""
    traces = batch.traces
    ids = ", ".join(traces[:2]) + (f" and {len(traces) - 2} more" if len(traces) > 2 else "")
    told = [f"tried {tries} times"] if tries > 1 else []
    if isinstance(answer, Reply):
        what = f"the receiver did not take the spans: {answer.status} {_reason(answer)}".rstrip()
        body = shown(hidden(said(answer), target))
        told += [f"it says: {body}"] if body else []
    else:
        what = f"the receiver cannot be reached: {answer.message}"
    if asked_s is not None:
        told.append(f"it asks to wait {asked_s:.0f} s, which is longer than this command waits")
    counted = "1 request" if done.batches == 1 else f"{done.batches} requests"
    spans = f"{len(batch.spans)} spans of trace {ids}, from {source}"
    accepted = f"accepted before: {done.accepted} spans in {counted}"
    return PushFailed(
        what,
        where=f"{target.shown}, request {batch.number}: {spans}",
        difference="\n".join([*told, accepted if done.batches else "nothing was accepted before"]),
        remedy=_remedy(answer, target, encoding),
    )


def hidden(text: str, target: Target) -> str:
    """What the receiver wrote, without secrets, above all without the headers that it was sent."""
    redactor = Redactor()
    for name, value in target.headers:
        for secret in (value, value.rpartition(" ")[2]):  # a scheme such as Bearer stands before it
            redactor.learn(secret, name)
    return redactor.text(text)


def _reason(reply: Reply) -> str:
    try:
        return HTTPStatus(reply.status).phrase
    except ValueError:  # a status of its own
        return shown(reply.reason)[:60]


def _remedy(answer: Answer, target: Target, encoding: Encoding) -> str:
    address = urlsplit(target.url)
    if address.port == _GRPC and not (isinstance(answer, Reply) and answer.status in (401, 403)):
        return "4317 is the port for gRPC; OTLP over HTTP has 4318:  --endpoint http://HOST:4318/v1/traces"
    if not isinstance(answer, Reply):
        return _UNREACHED[answer.cause]
    plain = not address.path.rstrip("/").endswith(PATH)
    if plain and (answer.status in (404, 405) or is_page(answer) or answer.status // 100 == 3):
        root = _ABOVE.sub("", target.shown.partition("?")[0].rstrip("/"))
        return f"the path of most receivers ends in {PATH}:  --endpoint {root}{PATH}"
    if is_page(answer) and answer.status // 100 == 2:
        return "the endpoint serves pages, it is no receiver of spans: look up its OTLP address"
    return _by_status(answer.status, encoding)


def _by_status(status: int, encoding: Encoding) -> str:
    if status // 100 == 3:
        return "redirects are not followed: give the address where it leads as --endpoint"
    other = "protobuf" if encoding is Encoding.JSON else "json"
    return {
        401: "give the key that the receiver wants:  --header NAME=VALUE",
        403: "does the key in --header allow sending spans to this project?",
        404: "look up the receiver's OTLP address; some want a project in the path or in a --header",
        413: "make smaller requests:  --max-bytes 1000000",
        415: f"the receiver does not read {encoding.value}:  --encoding {other}"
        + ("" if encoding is Encoding.PROTOBUF else " (the default)"),
        422: "some receivers name a project or experiment by a header:  --header NAME=VALUE",
        429: "the receiver takes no more for now: push again later, or with --retries 10",
    }.get(status, _later(status, encoding, other))


def _later(status: int, encoding: Encoding, other: str) -> str:
    if status >= 500:
        return "push again when the receiver is well; --retries 10 waits longer"
    return f"see what it says above; another spelling may do:  --encoding {other}"


def source_of(files: Sequence[object]) -> str:
    """The files, the first of them by name."""
    names = [str(file) for file in files]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
