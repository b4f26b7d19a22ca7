"""A candidate beside recorded runs: judged by what it would have done, and kept from doing it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentops_eval.domain import ReplayMiss, VerdictValue
from agentops_eval.harness.shadowing import Pair
from agentops_eval.replay import Suppressed
from tests.harness.shadowing._kit import ASKED, CUSTOMER, Desk, Mailbox, new_desk, record, refund, shadow


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real server."""
    box = Mailbox()
    yield box
    box.close()


@pytest.fixture
def desk(tmp_path: Path, mailbox: Mailbox) -> Desk:
    """A desk that was recorded once in production: one refund, one email."""
    made = new_desk(tmp_path / "shop", mailbox.url)
    record(made, tmp_path / "production", {"broken": ASKED})
    assert made.refunds == [(1042, 59.9)]
    assert len(mailbox.posted) == 1
    return made


def _only(found: list[Pair | str]) -> Pair:
    (pair,) = found
    assert isinstance(pair, Pair), pair
    return pair


def _shadow(desk: Desk, tmp_path: Path, candidate: Any, **options: Any) -> Pair:
    return _only(shadow(tmp_path / "production", candidate, out=tmp_path / "out", **options))


def _reason(pair: Pair) -> str:
    return "; ".join(one.reason for one in pair.candidate.result.verdicts)


def test_a_candidate_that_does_the_same_passes_and_does_nothing(
    desk: Desk, mailbox: Mailbox, tmp_path: Path
) -> None:
    """Every call is answered from the recording; neither database nor mailbox hear of it."""
    pair = _shadow(desk, tmp_path, partial(refund, desk))
    assert pair.candidate.result.value is VerdictValue.PASS
    assert pair.candidate.counts.coverage == 1.0
    assert pair.candidate.counts.suppressed == 0
    assert (desk.refunds, len(mailbox.posted)) == ([(1042, 59.9)], 1)


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("twice", "acted otherwise: issue_refund(order=1042, amount=59.9)"),
        ("another", 'acted otherwise: send_email(to="eve@example.org"'),
    ],
)
def test_acting_beyond_the_recording_fails_and_reaches_nobody(
    desk: Desk, mailbox: Mailbox, tmp_path: Path, extra: str, told: str
) -> None:
    """A second refund and an email to somebody else are suppressed, counted and named."""
    pair = _shadow(desk, tmp_path, partial(refund, desk, extra=extra))
    assert pair.candidate.result.value is VerdictValue.FAIL
    assert _reason(pair).startswith(told)
    assert pair.candidate.counts.suppressed == 1
    assert pair.candidate.counts.coverage == pytest.approx(1 - 1 / pair.candidate.counts.asked)
    assert pair.candidate.result.labels["synthesised"] == 1
    assert (desk.refunds, len(mailbox.posted)) == ([(1042, 59.9)], 1)


def test_leaving_the_recording_on_a_read_is_unknown(desk: Desk, tmp_path: Path) -> None:
    """What was never looked up has no answer: the run neither passed nor failed, and says why."""
    pair = _shadow(desk, tmp_path, partial(_looking_elsewhere, desk))
    assert pair.candidate.result.value is VerdictValue.UNKNOWN
    assert pair.candidate.result.passed is None
    assert _reason(pair) == "left the recording: get_order(order=7)"
    assert pair.candidate.counts.coverage < 1


def _looking_elsewhere(desk: Desk, text: str) -> str:
    desk.ask(text)
    get_order, _, _ = desk.tools()
    try:
        return str(get_order(7))
    except BaseException:
        return "never mind"


def test_acting_beyond_the_recording_stays_a_failure_where_it_is_left_later(
    desk: Desk, tmp_path: Path
) -> None:
    """A harm that is known is no unknown because of what came after it."""
    pair = _shadow(desk, tmp_path, partial(_refunding_then_lost, desk))
    assert pair.candidate.result.value is VerdictValue.FAIL


def _refunding_then_lost(desk: Desk, text: str) -> str:
    desk.ask(text)
    get_order, issue_refund, _ = desk.tools()
    issue_refund(1042, 5990.0)
    return str(get_order(7))


def test_the_same_read_again_has_the_same_answer_until_something_acts(desk: Desk, tmp_path: Path) -> None:
    """A second look before the refund is answered; after it the world may be otherwise."""
    before = _shadow(desk, tmp_path, partial(refund, desk, extra="look twice"))
    assert before.candidate.result.value is VerdictValue.PASS
    after = _shadow(desk, tmp_path, partial(refund, desk, extra="look afterwards"))
    assert after.candidate.result.value is VerdictValue.UNKNOWN


def test_not_acting_as_the_recorded_run_did_fails(desk: Desk, tmp_path: Path) -> None:
    """A candidate that refunds and tells nobody did not do what was done."""
    pair = _shadow(desk, tmp_path, partial(_silent, desk))
    assert pair.candidate.result.value is VerdictValue.FAIL
    assert _reason(pair).startswith(f'did not happen again: send_email(to="{CUSTOMER}"')


def _silent(desk: Desk, text: str) -> str:
    get_order, issue_refund, _ = desk.tools()
    desk.ask(text)
    return str(issue_refund(1042, get_order(1042)["total"]))


@pytest.mark.parametrize("told", list(Suppressed))
def test_a_suppressed_effect_is_acknowledged_or_refused(desk: Desk, tmp_path: Path, told: Suppressed) -> None:
    """By choice the candidate hears what the tool says otherwise, or an error."""
    heard: list[str] = []

    def candidate(text: str) -> str:
        _, issue_refund, _ = desk.tools()
        try:
            heard.append(issue_refund(1, 1.0))
        except RuntimeError as error:
            heard.append(str(error))
        return "done"

    _shadow(desk, tmp_path, candidate, told=told)
    assert heard == [
        "refunded" if told is Suppressed.ACKNOWLEDGE else "this is a shadow run: nothing was carried out"
    ]
    assert desk.refunds == [(1042, 59.9)]


def test_a_request_past_the_tools_does_not_leave(desk: Desk, mailbox: Mailbox, tmp_path: Path) -> None:
    """A candidate that posts by itself gets an answer of ours, and the server gets nothing."""

    def candidate(text: str) -> str:
        desk.ask(text)
        return str(httpx.post(mailbox.url, json={"to": "eve@example.org"}).json())

    pair = _shadow(desk, tmp_path, candidate)
    assert pair.candidate.result.value is VerdictValue.FAIL
    assert pair.candidate.result.output == "{'status': 'accepted'}"
    assert f"POST {mailbox.url}" in _reason(pair)
    assert len(mailbox.posted) == 1


def test_a_socket_beneath_every_client_does_not_connect(desk: Desk, mailbox: Mailbox, tmp_path: Path) -> None:
    """Also with llms asked for real: what goes past all seams is blocked, and no verdict is given."""

    def candidate(text: str) -> str:
        with socket.create_connection(("127.0.0.1", mailbox.port)) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}")
        return "sent"

    for record_mode in ("none", "once"):
        pair = _shadow(desk, tmp_path, candidate, record=record_mode)
        assert pair.candidate.result.passed is not True
    assert len(mailbox.posted) == 1


def test_a_candidate_that_raises_fails(desk: Desk, tmp_path: Path) -> None:
    """Its own error is its failure, with what it said."""

    def candidate(text: str) -> str:
        raise KeyError(text)

    pair = _shadow(desk, tmp_path, candidate)
    assert pair.candidate.result.value is VerdictValue.FAIL
    assert "KeyError" in _reason(pair)


def test_both_sides_are_measured_alike(desk: Desk, tmp_path: Path) -> None:
    """The same behaviour costs, takes and asks the same; only waiting counts as time."""
    pair = _shadow(desk, tmp_path, partial(refund, desk))
    before, after = pair.baseline.result.spend, pair.candidate.result.spend
    assert (before.tokens, before.tool_calls, before.llm_calls) == (after.tokens, after.tool_calls, 1)
    assert before.latency_s == pytest.approx(after.latency_s, abs=0.02)
    assert pair.baseline.result.value is VerdictValue.PASS


def test_one_that_never_ends_is_given_up(desk: Desk, tmp_path: Path) -> None:
    """A candidate that waits for ever fails by its time limit, and the next one runs."""
    import threading

    let_go = threading.Event()

    def candidate(text: str) -> str:
        let_go.wait(20)
        return "late"

    pair = _shadow(desk, tmp_path, candidate, timeout_s=0.2)
    let_go.set()
    assert pair.candidate.result.value is VerdictValue.FAIL
    assert "no answer within" in _reason(pair)


def test_a_thread_that_outlives_its_run_does_nothing_either(
    desk: Desk, mailbox: Mailbox, tmp_path: Path
) -> None:
    """What a candidate left behind asks after the run, of tools, clients and sockets, is refused."""
    ended = threading.Event()
    caught: list[BaseException] = []
    _, issue_refund, _ = desk.tools()
    port = mailbox.port

    def later() -> None:
        ended.wait(20)
        acts = (
            lambda: issue_refund(1042, 9.0),
            lambda: httpx.post(mailbox.url),
            lambda: socket.create_connection(("127.0.0.1", port), timeout=5).close(),
        )
        for act in acts:
            try:
                act()
            except ReplayMiss as miss:
                caught.append(miss)

    threads = [threading.Thread(target=later, name="left behind")]

    def candidate(text: str) -> str:
        threads[0].start()
        return refund(desk, text)

    assert _shadow(desk, tmp_path, candidate).candidate.result.passed
    ended.set()
    threads[0].join(20)
    assert ["after its run" in str(miss) for miss in caught] == [True] * 3
    assert (desk.refunds, len(mailbox.posted)) == ([(1042, 59.9)], 1)
