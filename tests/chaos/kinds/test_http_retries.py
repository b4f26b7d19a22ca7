"""Refusals meet the SDK's own retries: its exceptions, its waiting, its attempts, and none of ours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from agentops_eval import faults
from agentops_eval.domain import Fault, HttpReply, KeptBody, Label, Seam, header
from tests.chaos.kinds._kit import CLIENTS, TEXT, asks, chat, chat_async, messages, messages_async, reply, run

OPENAI_500, ANTHROPIC_500 = "openai.InternalServerError", "anthropic.InternalServerError"
REFUSALS: list[tuple[Fault, str, str, bool]] = [
    (faults.rate_limit("llm"), "openai.RateLimitError", "anthropic.RateLimitError", True),
    (faults.rate_limit("llm", form="date"), "openai.RateLimitError", "anthropic.RateLimitError", True),
    (faults.rate_limit("llm", form="ms"), "openai.RateLimitError", "anthropic.RateLimitError", True),
    (faults.rate_limit("llm", form="none"), "openai.RateLimitError", "anthropic.RateLimitError", True),
    (faults.server_error("llm"), OPENAI_500, ANTHROPIC_500, True),
    (
        faults.server_error("llm", status=502),
        "openai.InternalServerError",
        "anthropic.InternalServerError",
        True,
    ),
    (faults.overloaded(), "openai.InternalServerError", "anthropic.OverloadedError", True),
    (faults.expired_auth("llm"), "openai.AuthenticationError", "anthropic.AuthenticationError", False),
    (faults.context_length(), "openai.BadRequestError", "anthropic.BadRequestError", False),
    (faults.content_filter(how="error"), "openai.BadRequestError", "anthropic.BadRequestError", False),
    (faults.refused("llm"), "openai.APIConnectionError", "anthropic.APIConnectionError", True),
    (faults.reset("llm"), "openai.APIConnectionError", "anthropic.APIConnectionError", True),
    (faults.timeout("llm"), "openai.APITimeoutError", "anthropic.APITimeoutError", True),
    (faults.timeout("llm", phase="read"), "openai.APITimeoutError", "anthropic.APITimeoutError", True),
    (faults.stall("llm"), "openai.APITimeoutError", "anthropic.APITimeoutError", True),
    (faults.latency("llm", seconds=31), "openai.APITimeoutError", "anthropic.APITimeoutError", True),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("fault", "by_openai", "by_anthropic", "again"), REFUSALS, ids=str)
def test_the_sdk_raises_its_own_error_after_its_own_retries(
    client: str, stream: bool, fault: Fault, by_openai: str, by_anthropic: str, again: bool
) -> None:
    """Each SDK raises its own class, having asked as often as it retries, and once where that is no use."""
    found = run(CLIENTS[client](stream=stream, retries=2), fault)
    assert found.output == (by_openai if client.startswith("openai") else by_anthropic)
    assert asks(found) == (3 if again else 1)
    assert len(found.injections) == asks(found)
    assert found.not_injected == ()


@pytest.mark.parametrize("retries", [0, 1, 4])
@pytest.mark.parametrize("client", CLIENTS)
def test_nothing_but_the_sdk_retries(client: str, retries: int) -> None:
    """A client that retries n times makes n + 1 requests under a lasting fault, whatever n: we add none."""
    assert asks(run(CLIENTS[client](retries=retries), faults.rate_limit("llm"))) == retries + 1


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("form", ["seconds", "date", "ms"])
def test_retry_after_is_waited_for_in_virtual_time(client: str, form: Any) -> None:
    """What ``Retry-After`` asks for passes on the run's clock before each retry, in every form of it."""
    found = run(CLIENTS[client](retries=2), faults.rate_limit("llm", retry_after_s=20, form=form, until=2))
    assert TEXT in str(found.output)
    starts = [event.started_s for event in found.events if event.seam is Seam.HTTP]
    assert [round(after - before) for before, after in pairwise(starts)] == [20, 20]


@pytest.mark.parametrize("make", [chat, chat_async, messages, messages_async])
def test_an_hour_of_backoff_passes_at_once(make: Callable[..., Callable[[], str]]) -> None:
    """Sixty waits of a minute are an hour of the run, none of it real: only the virtual seconds say so."""
    found = run(make(retries=60), faults.rate_limit("llm", retry_after_s=60, until=60))
    assert TEXT in str(found.output)
    assert found.elapsed_s == pytest.approx(3600, abs=1)
    assert asks(found) == 61


@pytest.mark.parametrize("make", [messages, messages_async])
def test_anthropic_waits_an_hour_where_it_is_told_to(make: Callable[..., Callable[[], str]]) -> None:
    """One ``Retry-After`` of an hour is kept to the second by this SDK."""
    found = run(make(retries=2), faults.rate_limit("llm", retry_after_s=3600, nth=1))
    assert (TEXT in str(found.output), asks(found), round(found.elapsed_s)) == (True, 2, 3600)


@pytest.mark.parametrize("make", [chat, chat_async])
def test_openai_gives_up_where_it_is_told_to_wait_for_long(make: Callable[..., Callable[[], str]]) -> None:
    """Beyond two minutes this SDK raises instead of waiting: its rule, which no fault takes from it."""
    found = run(make(retries=2), faults.rate_limit("llm", retry_after_s=121))
    assert (found.output, asks(found), found.elapsed_s) == ("openai.RateLimitError", 1, 0)


def test_openai_refuses_in_its_own_words() -> None:
    """A 429 of OpenAI bears its rate limit headers, a request id, and a body with a code."""
    answer = reply(run(chat(), faults.rate_limit("llm", retry_after_s=90, form="ms")))
    assert (answer.status, answer.label) == (429, Label.SCRIPTED)
    assert header(answer.headers, "retry-after") == "90"
    assert header(answer.headers, "retry-after-ms") == "90000"
    assert header(answer.headers, "x-ratelimit-reset-tokens") == "1m30s"
    assert header(answer.headers, "x-request-id").startswith("req_")
    assert b'"code":"rate_limit_exceeded"' in _data(answer)


def test_anthropic_refuses_in_its_own_words() -> None:
    """A 429 of Anthropic bears its limits with the moment of their end, and says its id twice."""
    answer = reply(run(messages(), faults.rate_limit("llm", retry_after_s=90)))
    assert header(answer.headers, "anthropic-ratelimit-requests-reset") == "2026-01-01T00:01:30Z"
    assert header(answer.headers, "anthropic-ratelimit-input-tokens-remaining") == "0"
    number = header(answer.headers, "request-id")
    assert number.startswith("req_")
    assert number.encode() in _data(answer)
    assert b'"type":"rate_limit_error"' in _data(answer)


def test_a_date_is_that_of_the_run() -> None:
    """As an HTTP date, ``Retry-After`` is counted from the time that the run reads, not the machine's."""
    answer = reply(run(messages(), faults.rate_limit("llm", retry_after_s=90, form="date")))
    assert header(answer.headers, "retry-after") == "Thu, 01 Jan 2026 00:01:30 GMT"


def test_an_empty_purse_is_told_as_each_provider_tells_it() -> None:
    """OpenAI answers 429 with ``insufficient_quota`` and no time to wait for; Anthropic 402."""
    answer = reply(run(chat(), faults.quota_exhausted("llm")))
    assert (answer.status, header(answer.headers, "retry-after")) == (429, "")
    assert b'"code":"insufficient_quota"' in _data(answer)
    assert reply(run(messages(), faults.quota_exhausted("llm"))).status == 402


def test_an_overload_has_anthropics_own_status() -> None:
    """Anthropic says 529 and ``overloaded_error``, which no other provider does."""
    answer = reply(run(messages(), faults.overloaded()))
    assert answer.status == 529
    assert b'"type":"overloaded_error"' in _data(answer)


def test_a_gateway_answers_with_a_page() -> None:
    """502 and 504 come from a gateway, which knows nothing of JSON."""
    answer = reply(run(chat(), faults.server_error("llm", status=502)))
    assert header(answer.headers, "content-type") == "text/html"
    assert b"<h1>502 Bad Gateway</h1>" in _data(answer)


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Two runs under one schedule are equal to the last header; another seed has other request ids."""
    fault = faults.rate_limit("llm", until=1)
    assert run(chat(retries=2), fault) == run(chat(retries=2), fault)
    assert reply(run(chat(), fault)) != reply(run(chat(), fault, seed=1))


def _data(answer: HttpReply) -> bytes:
    assert isinstance(answer.body, KeptBody)
    return answer.body.data
