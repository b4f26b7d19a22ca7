"""Asking an llm on the product's own behalf: for a judge, and for a simulated user.

The request goes through the http seam like any other. Which run it belongs to is the caller's matter.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from agentops_eval.domain import (
    Failure,
    Headers,
    HttpReply,
    HttpRequest,
    Json,
    JudgeInvalid,
    KeptBody,
    is_loopback,
)
from agentops_eval.evals.judging import Prompt, Reply
from agentops_eval.harness._judge_settings import WHERE, JudgeSettings
from agentops_eval.seams import current_scope
from agentops_eval.seams.http import post
from agentops_eval.traces.llm import parse_llm_call

_PATHS = {"openai": "/chat/completions", "anthropic": "/messages"}
_ANTHROPIC_VERSION = "2023-06-01"
_ANTHROPIC_TOKENS = 2048
_LONGEST_PROBLEM = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmAnswer:
    """What came back: the reply as it is read, and the exchange where there was one."""

    reply: Reply
    outcome: HttpReply | Failure


def request_of(prompt: Prompt, settings: JudgeSettings, *, llm: str = "", sample: int = 1) -> HttpRequest:
    """The request that asks ``prompt``, without the key. Each sample has the next seed.

    Raises JudgeInvalid where no endpoint or no llm is named.
    """
    asked = llm or settings.llm
    for key, value, example in (
        ("base_url", settings.base_url, "https://api.openai.com/v1"),
        ("llm", asked, "gpt-5-mini"),
    ):
        if not value:
            remedy = f'{key} = "{example}"'
            raise JudgeInvalid(
                f"it is not said which llm judges: {key} is not set", where=WHERE, remedy=remedy
            )
    make = _anthropic if settings.api == "anthropic" else _openai
    body = json.dumps(make(prompt, settings, asked, sample), ensure_ascii=False).encode("utf-8", "replace")
    headers = [("content-type", "application/json"), ("accept", "application/json")]
    if settings.api == "anthropic":
        headers.append(("anthropic-version", _ANTHROPIC_VERSION))
    return HttpRequest(method="POST", url=_url(settings), headers=tuple(headers), body=body)


def ask_llm(
    request: HttpRequest, settings: JudgeSettings, *, environ: Mapping[str, str] | None = None
) -> LlmAnswer:
    """Send a request with the key, and read what came back. Whatever goes wrong is in the reply.

    A replay needs no key. Raises JudgeInvalid where the key that the settings name is not there or would
    go in clear over a network, and ReplayMiss where a replay cannot answer.
    """
    scope = current_scope()
    replaying = scope is not None and scope.replaying
    key = () if replaying else _key(settings, os.environ if environ is None else environ)
    headers = (*request.headers, *key)
    outcome = post(request.url, request.body, headers=headers, timeout_s=settings.timeout_s)
    return LlmAnswer(reply=read_reply(request, outcome, settings), outcome=outcome)


def read_reply(request: HttpRequest, outcome: HttpReply | Failure, settings: JudgeSettings) -> Reply:
    """The llm's text in a reply; where there is none, why."""
    asked = settings.llm or "the llm"
    if isinstance(outcome, Failure):
        return Reply(problem=_line(f"{asked} was not reached: {outcome.kind}: {outcome.message}"))
    if outcome.status in (401, 403):
        return Reply(
            problem=_line(f"{asked} refused the key in {settings.key_variable} (status {outcome.status})")
        )
    if outcome.status != 200:
        return Reply(problem=_line(f"{asked} answered with status {outcome.status}: {_said(outcome)}"))
    call = parse_llm_call(request, outcome)
    if call is None or call.error_type or not call.complete:
        return Reply(problem=_line(f"what answers at {settings.base_url} is no {settings.api} endpoint"))
    if "length" in call.finish_reasons:
        return Reply(problem=f"{asked} was cut off: raise max_tokens under {WHERE}")
    parts = [part for message in call.output_messages for part in message.parts]
    texts = [part.get("content") for part in parts if part.get("type") == "text"]
    text = "".join(one for one in texts if isinstance(one, str))
    return Reply(text=text) if text else Reply(problem=f"{asked} answered without a text")


def _url(settings: JudgeSettings) -> str:
    base = settings.base_url.rstrip("/")
    bare = settings.api == "anthropic" and not base.endswith("/v1")
    return f"{base}{'/v1' if bare else ''}{_PATHS[settings.api]}"


def _openai(prompt: Prompt, settings: JudgeSettings, llm: str, sample: int) -> dict[str, Json]:
    body: dict[str, Json] = {
        "model": llm,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
        "seed": settings.seed + sample,
    }
    if settings.max_tokens is not None:
        body["max_tokens"] = settings.max_tokens
    return body if settings.temperature is None else {**body, "temperature": settings.temperature}


def _anthropic(prompt: Prompt, settings: JudgeSettings, llm: str, sample: int) -> dict[str, Json]:
    """This API knows no seed: samples differ by the check word in their prompts."""
    body: dict[str, Json] = {
        "model": llm,
        "max_tokens": settings.max_tokens or _ANTHROPIC_TOKENS,
        "system": prompt.system,
        "messages": [{"role": "user", "content": prompt.user}],
    }
    return body if settings.temperature is None else {**body, "temperature": settings.temperature}


def _key(settings: JudgeSettings, environ: Mapping[str, str]) -> Headers:
    """The header with the key. An endpoint on this machine may need none."""
    key = environ.get(settings.key_variable, "").strip()
    if not key and settings.key_env:
        what = f"the key of the judge is not there: {settings.key_env} is not set"
        raise JudgeInvalid(what, where=WHERE, remedy=f"export {settings.key_env}=...")
    if not key:
        return ()
    if not key.isascii() or not key.isprintable():
        what = f"{settings.key_variable} holds characters that no header may hold"
        raise JudgeInvalid(what, where="the environment", remedy=f"export {settings.key_variable}=...")
    parts = urlsplit(settings.base_url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        what = "the key would go over the network in clear"
        raise JudgeInvalid(what, where=WHERE, remedy="begin base_url with https://")
    return (("x-api-key", key),) if settings.api == "anthropic" else (("authorization", f"Bearer {key}"),)


def _said(reply: HttpReply) -> str:
    data = reply.body.data if isinstance(reply.body, KeptBody) else b""
    return " ".join(data[: _LONGEST_PROBLEM * 4].decode("utf-8", "replace").split())


def _line(text: str) -> str:
    return text[:_LONGEST_PROBLEM]
