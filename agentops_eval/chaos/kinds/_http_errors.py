"""How providers refuse: the status, headers and body of each, in the dialect in which they were asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from agentops_eval.chaos.kinds._http_kit import reply
from agentops_eval.domain import Headers, HttpReply, Json

OPENAI = ("openai.chat", "openai.responses")
ANTHROPIC = "anthropic.messages"
GEMINI = "gemini.generate_content"
_QUOTA_DOCS = "https://platform.openai.com/docs/guides/error-codes/api-errors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is said, in the words of each provider: ``openai`` has (type, code, parameter)."""

    status: int
    text: str
    openai: tuple[str, str | None, str | None] = ("server_error", None, None)
    anthropic: str = "api_error"
    gemini: str = "INTERNAL"
    details: tuple[Json, ...] = ()


def refuse(said: Refusal, dialect: str, random: Random, headers: Headers = ()) -> HttpReply:
    """The reply with which the provider of this dialect refuses; a plain JSON error of any other API."""
    number = f"{random.getrandbits(96):024x}"
    more: Headers
    body: Json
    if dialect in OPENAI:
        more = (("x-request-id", f"req_{number}"), ("openai-version", "2020-10-01"))
        body = openai_error(said)
    elif dialect == ANTHROPIC:
        more = (("request-id", f"req_{number}"),)
        body = {**anthropic_error(said), "request_id": f"req_{number}"}
    elif dialect == GEMINI:
        more = (("server", "scaffolding on HTTPServer2"), ("vary", "Origin"))
        body = gemini_error(said)
    else:
        more, body = (("x-request-id", number),), {"error": said.text}
    return reply(said.status, _json(body), headers=(*more, *headers))


def openai_error(said: Refusal) -> dict[str, Json]:
    """OpenAI's body of an error."""
    kind, code, parameter = said.openai
    return {"error": {"message": said.text, "type": kind, "param": parameter, "code": code}}


def anthropic_error(said: Refusal) -> dict[str, Json]:
    """Anthropic's body of an error, which is also its event within a stream."""
    return {"type": "error", "error": {"type": said.anthropic, "message": said.text}}


def gemini_error(said: Refusal) -> dict[str, Json]:
    """Gemini's body of an error."""
    inner: dict[str, Json] = {"code": said.status, "message": said.text, "status": said.gemini}
    return {"error": {**inner, "details": list(said.details)} if said.details else inner}


def error_event(said: Refusal, dialect: str, number: int = 0) -> bytes:
    """The event, the ``number``-th from 0, with which a provider says within a stream that it gives up."""
    if dialect == ANTHROPIC:
        return b"event: error\ndata: " + _json(anthropic_error(said)) + b"\n\n"
    if dialect == "openai.responses":
        kind, code, parameter = said.openai
        told: dict[str, Json] = {"type": "error", "code": code or kind, "message": said.text}
        told |= {"param": parameter, "sequence_number": number}
        return b"event: error\ndata: " + _json(told) + b"\n\n"
    body = gemini_error(said) if dialect == GEMINI else openai_error(said)
    return b"data: " + _json(body) + b"\n\n"


def limit_headers(dialect: str, retry_after_s: float, now: datetime) -> Headers:
    """The headers in which the provider tells of its limits, with nothing left of them."""
    if dialect in OPENAI:
        until = _openai_duration(retry_after_s)
        return (
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-requests", until),
            ("x-ratelimit-reset-tokens", until),
        )
    if dialect == ANTHROPIC:
        at = (now + timedelta(seconds=retry_after_s)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        names = (
            ("requests", "50"),
            ("input-tokens", "30000"),
            ("output-tokens", "8000"),
            ("tokens", "38000"),
        )
        return tuple(
            (f"anthropic-ratelimit-{name}-{what}", value)
            for name, limit in names
            for what, value in (("limit", limit), ("remaining", "0"), ("reset", at))
        )
    return ()


def _openai_duration(seconds: float) -> str:
    """As Go writes durations: ``6m0s``, ``1h2m3s``, ``1.5s``, ``120ms``."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    shown = f"{rest:.3f}".rstrip("0").rstrip(".")
    return (f"{hours:.0f}h" if hours else "") + (f"{minutes:.0f}m" if hours or minutes else "") + f"{shown}s"


def rate_limited(dialect: str, retry_after_s: float) -> Refusal:
    """Too many requests at once."""
    text = "Too many requests. Please try again later."
    if dialect in OPENAI:
        wait = _openai_duration(retry_after_s)
        text = (
            "Rate limit reached on tokens per min (TPM): Limit 30000, Used 30000, Requested 420. Please try "
            f"again in {wait}. Visit https://platform.openai.com/account/rate-limits to learn more."
        )
    elif dialect == ANTHROPIC:
        text = (
            "This request would exceed your organization's rate limit of 30,000 input tokens per minute. For "
            "details, refer to: https://docs.claude.com/en/api/rate-limits."
        )
    elif dialect == GEMINI:
        text = "You exceeded your current quota, please check your plan and billing details."
    retry: Json = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after_s:g}s"}
    return Refusal(
        status=429,
        text=text,
        openai=("tokens", "rate_limit_exceeded", None),
        anthropic="rate_limit_error",
        gemini="RESOURCE_EXHAUSTED",
        details=(retry,),
    )


def out_of_quota(dialect: str, status: int) -> Refusal:
    """Nothing is left to pay with, which no retry mends."""
    text = {
        ANTHROPIC: (
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to "
            "upgrade or purchase credits."
        ),
        GEMINI: "You exceeded your current quota, please check your plan and billing details.",
        "": "The quota is exhausted.",
    }.get(
        dialect,
        "You exceeded your current quota, please check your plan and billing details. For more information "
        f"on this error, read the docs: {_QUOTA_DOCS}.",
    )
    own = 429 if dialect in (*OPENAI, GEMINI) else 402
    return Refusal(
        status=status or own,
        text=text,
        openai=("insufficient_quota", "insufficient_quota", None),
        anthropic="billing_error",
        gemini="RESOURCE_EXHAUSTED",
    )


def too_long(dialect: str) -> Refusal:
    """The conversation does not fit into the llm's context."""
    text = {
        ANTHROPIC: "prompt is too long: 208310 tokens > 200000 maximum",
        GEMINI: "The input token count (1204817) exceeds the maximum number of tokens allowed (1048576).",
        "openai.responses": (
            "Your input exceeds the context window of this model. Please adjust your input and try again."
        ),
    }.get(
        dialect,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130512 "
        "tokens. Please reduce the length of the messages.",
    )
    where = "input" if dialect == "openai.responses" else "messages"
    return Refusal(
        status=400,
        text=text,
        openai=("invalid_request_error", "context_length_exceeded", where),
        anthropic="invalid_request_error",
        gemini="INVALID_ARGUMENT",
    )


def unauthorised(dialect: str) -> Refusal:
    """The key or token is not, or no longer, accepted."""
    text = {
        ANTHROPIC: "invalid x-api-key",
        GEMINI: (
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or "
            "other valid authentication credential."
        ),
        "": "The access token has expired.",
    }.get(
        dialect,
        "Incorrect API key provided. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
    )
    return Refusal(
        status=401,
        text=text,
        openai=("invalid_request_error", "invalid_api_key", None),
        anthropic="authentication_error",
        gemini="UNAUTHENTICATED",
    )


def overload(dialect: str) -> Refusal:
    """More is asked of the provider than it can answer now."""
    text = {
        ANTHROPIC: "Overloaded",
        GEMINI: "The model is overloaded. Please try again later.",
    }.get(dialect, "The server is currently overloaded. Please try again later.")
    return Refusal(
        status=529 if dialect == ANTHROPIC else 503,
        text=text,
        openai=("server_error", "server_is_overloaded", None),
        anthropic="overloaded_error",
        gemini="UNAVAILABLE",
    )


def broken(status: int, dialect: str) -> Refusal:
    """Something went wrong on the other side."""
    text = {
        ANTHROPIC: "Internal server error",
        GEMINI: (
            "An internal error has occurred. Please retry or report in "
            "https://developers.generativeai.google/guide/troubleshooting"
        ),
        "": "The server had an error.",
    }.get(dialect, "The server had an error while processing your request. Sorry about that!")
    return Refusal(status=status, text=text, gemini="UNAVAILABLE" if status == 503 else "INTERNAL")


def filtered(dialect: str) -> Refusal:
    """The prompt is refused by a content filter, as an error."""
    text = {
        ANTHROPIC: "Output blocked by content filtering policy",
        GEMINI: "The prompt was blocked by safety filters.",
    }.get(
        dialect,
        "The response was filtered due to the prompt triggering the content management policy. Please modify "
        "your prompt and retry.",
    )
    return Refusal(
        status=400,
        text=text,
        openai=("invalid_request_error", "content_filter", "prompt"),
        anthropic="invalid_request_error",
        gemini="INVALID_ARGUMENT",
    )


def _json(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
