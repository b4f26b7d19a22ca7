"""Faults of whole bodies: no JSON, half of it, or a page where data was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from agentops_eval.chaos._kind import Hit, Parameters, kind
from agentops_eval.chaos.kinds._body_edit import Body, Impossible, rewritten
from agentops_eval.chaos.kinds._http_kit import is_http, is_whole, reply
from agentops_eval.chaos.kinds._parameters import between, keeps_less
from agentops_eval.domain import Call, FaultClass, Seam
from agentops_eval.seams import Next, Steps

_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
    b"<body><h1>Sign in to continue</h1></body></html>\n"
)


def _less(parameters: Parameters) -> Iterable[Parameters]:
    keep = float(str(parameters["keep"]))
    for share in (0.0, 0.25, 0.5, 0.75):
        if share < keep:
            yield {**parameters, "keep": share}


@kind(Seam.HTTP, does=FaultClass.BROKEN, fits=is_whole)
def malformed_json(hit: Hit, call: Call, next: Next) -> Steps:
    """The body is as long as it says and almost JSON: its last quote is missing."""
    outcome = yield next(call)
    hit.told = f"{call.boundary} answered with malformed JSON"
    return rewritten(hit, outcome, _malformed)


def _malformed(body: Body) -> Sequence[bytes]:
    data = _whole_json(body)
    at = data.rfind(b'"')
    if at < 0:
        at = len(data) - 1  # a number, a list of them, true: its last byte
    made = data[:at] + data[at + 1 :]
    if not made or _is_json(made):
        made = b"{" + data
    return (made,)


@kind(Seam.HTTP, does=FaultClass.BROKEN, fits=is_whole, smaller=_less, check=keeps_less, keep=0.5)
def truncated_json(hit: Hit, call: Call, next: Next) -> Steps:
    """The body is as long as it says, and its JSON ends in the middle."""
    outcome = yield next(call)
    keep = float(hit.parameters["keep"])
    hit.told = f"{call.boundary} answered with {keep:.0%} of its JSON"

    def cut(body: Body) -> Sequence[bytes]:
        data = _whole_json(body)
        made = data[: int(len(data) * keep)]
        if made and _is_json(made):
            raise Impossible("the JSON is too short to be cut")
        return (made,)

    return rewritten(hit, outcome, cut)


@kind(
    Seam.HTTP,
    does=FaultClass.BROKEN,
    fits=is_http,
    check=between(200, status=599),
    status=200,
    content_type="text/html; charset=utf-8",
)
def wrong_content_type(hit: Hit, call: Call, next: Next) -> Steps:
    """A gateway answers in its place, with a page to sign in and status 200."""
    yield from ()
    hit.told = f"{call.boundary} answered with a page"
    return reply(int(hit.parameters["status"]), _PAGE, kind=str(hit.parameters["content_type"]))


def _whole_json(body: Body) -> bytes:
    if body.streamed or not _is_json(body.data):
        raise Impossible("the body was no JSON document")
    return body.data.rstrip()


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


BODY_KINDS = (malformed_json, truncated_json, wrong_content_type)
