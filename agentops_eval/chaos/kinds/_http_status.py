"""Faults that are an answer: throttled, overloaded, refused, out of quota, in each provider's own words."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from math import ceil

from agentops_eval.chaos._kind import Hit, Parameters, kind
from agentops_eval.chaos.kinds import _http_errors as errors
from agentops_eval.chaos.kinds._http_kit import dialect, is_http, is_llm, reply
from agentops_eval.chaos.kinds._parameters import lasting
from agentops_eval.domain import Call, FaultClass, Headers, Seam
from agentops_eval.seams import Next, Steps, current_scope

_FORMS = ("seconds", "date", "ms", "none")
_GATEWAY = (
    "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}"
    "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_GATEWAYS = {502: "Bad Gateway", 504: "Gateway Time-out"}


def retry_after(form: str, seconds: float, now: datetime) -> Headers:
    """The header in a form that is sent: whole seconds, an HTTP date, milliseconds beside seconds."""
    if form == "none":
        return ()
    if form == "date":
        at = datetime.fromtimestamp(ceil(now.timestamp() + seconds), UTC)
        return (("retry-after", format_datetime(at, usegmt=True)),)
    told: Headers = (("retry-after", f"{ceil(seconds)}"),)
    return (("retry-after-ms", f"{round(seconds * 1000)}"), *told) if form == "ms" else told


@kind(
    Seam.HTTP,
    does=FaultClass.THROTTLED,
    fits=is_http,
    variants=({}, {"form": "date"}),
    choices={"form": _FORMS},
    **lasting(retry_after_s=2.0),
    form="seconds",
)
def rate_limit(hit: Hit, call: Call, next: Next) -> Steps:
    """It asks to wait: 429 with ``Retry-After`` and the provider's own headers."""
    yield from ()
    scope = current_scope()
    now = datetime.fromtimestamp(0.0 if scope is None else scope.clock.wall_s(), UTC)
    seconds, asked = float(hit.parameters["retry_after_s"]), dialect(call)
    headers = (
        *errors.limit_headers(asked, seconds, now),
        *retry_after(str(hit.parameters["form"]), seconds, now),
    )
    hit.told = f"{call.boundary} answered 429, to be asked again after {seconds:g} s"
    return errors.refuse(errors.rate_limited(asked, seconds), asked, hit.random, headers)


def _status_problem(parameters: Parameters) -> str:
    status = parameters["status"]
    return "" if isinstance(status, int) and 500 <= status <= 599 else "status is a number from 500 to 599"


@kind(
    Seam.HTTP,
    does=FaultClass.UNAVAILABLE,
    fits=is_http,
    variants=({}, {"status": 502}, {"status": 503}),
    check=_status_problem,
    status=500,
)
def server_error(hit: Hit, call: Call, next: Next) -> Steps:
    """It answers 500, 502, 503 or another such status; 502 and 504 with a gateway's page."""
    yield from ()
    status = int(hit.parameters["status"])
    hit.told = f"{call.boundary} answered {status}"
    if status in _GATEWAYS:
        page = _GATEWAY.format(status=status, reason=_GATEWAYS[status]).encode()
        return reply(status, page, kind="text/html", headers=(("server", "nginx"),))
    asked = dialect(call)
    return errors.refuse(errors.broken(status, asked), asked, hit.random)


@kind(Seam.HTTP, does=FaultClass.UNAVAILABLE, fits=is_llm)
def overloaded(hit: Hit, call: Call, next: Next) -> Steps:
    """The llm is overloaded, and says so at once: 529 or 503."""
    yield from ()
    asked = dialect(call)
    said = errors.overload(asked)
    hit.told = f"{call.boundary} answered {said.status}, overloaded"
    return errors.refuse(said, asked, hit.random)


@kind(Seam.HTTP, does=FaultClass.REFUSED, fits=is_http)
def expired_auth(hit: Hit, call: Call, next: Next) -> Steps:
    """The key or token is accepted no more: 401."""
    yield from ()
    asked = dialect(call)
    hit.told = f"{call.boundary} answered 401"
    headers: Headers = () if asked else (("www-authenticate", 'Bearer error="invalid_token"'),)
    return errors.refuse(errors.unauthorised(asked), asked, hit.random, headers)


def _refusal_problem(parameters: Parameters) -> str:
    status = parameters["status"]
    return "" if status in (0, *range(400, 500)) else "status is a number from 400 to 499, or 0"


@kind(Seam.HTTP, does=FaultClass.THROTTLED, fits=is_http, check=_refusal_problem, status=0)
def quota_exhausted(hit: Hit, call: Call, next: Next) -> Steps:
    """Nothing is left to pay with: OpenAI's and Gemini's 429 without a time to wait for, else 402."""
    yield from ()
    asked = dialect(call)
    said = errors.out_of_quota(asked, int(hit.parameters["status"]))
    hit.told = f"{call.boundary} answered {said.status}, out of quota"
    return errors.refuse(said, asked, hit.random)


@kind(Seam.HTTP, does=FaultClass.REFUSED, fits=is_llm)
def context_length(hit: Hit, call: Call, next: Next) -> Steps:
    """The conversation is too long for the llm: 400."""
    yield from ()
    asked = dialect(call)
    hit.told = f"{call.boundary} answered 400, too long"
    return errors.refuse(errors.too_long(asked), asked, hit.random)


STATUS_KINDS = (rate_limit, server_error, overloaded, expired_auth, quota_exhausted, context_length)
