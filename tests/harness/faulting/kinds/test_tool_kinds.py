"""Faults of tools: what the caller sees, whether the work was done, and how much time passed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypedDict

import pydantic
import pytest

from agentops_eval import faults, tool
from agentops_eval.chaos import ATTACKS, Hit, Limits, canary_asked_for
from agentops_eval.chaos._kind import kind
from agentops_eval.domain import (
    Call,
    EndedBy,
    Fault,
    FaultClass,
    FaultedRun,
    FaultInvalid,
    Label,
    Schedule,
    Seam,
    ValueReply,
)
from agentops_eval.harness import Settings
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness.faulting import Runner, subject_of
from agentops_eval.seams import Next, Steps
from tests.harness.faulting.kinds._kit import run


@dataclass(frozen=True)
class Order:
    """An order as the shop tells it."""

    order_id: str
    total: float
    paid: bool = True


class Line(TypedDict):
    """One line of an order."""

    sku: str
    count: int


class Invoice(pydantic.BaseModel):
    """An invoice, checked by pydantic."""

    number: int
    open: bool


done: list[str] = []


@tool
def get_order(order_id: str) -> Order:
    """Look an order up."""
    done.append(order_id)
    return Order(order_id, 59.9)


@tool
def lines(order_id: str) -> list[Line]:
    """Say what was ordered."""
    return [{"sku": "a1", "count": 1}, {"sku": "b2", "count": 2}]


@tool
def invoice(order_id: str) -> Invoice:
    """Find the invoice."""
    return Invoice(number=7, open=True)


@tool
def note(order_id: str) -> str:
    """Read what was noted."""
    return f"the parcel of {order_id} is on its way"


@tool
def untyped(order_id: str):  # type: ignore[no-untyped-def]  # that is the point
    """Give an object whose type nobody told."""
    return Order(order_id, 1.0)


@tool
async def rate(currency: str) -> float:
    """Give a rate after a while that depends on the currency."""
    await asyncio.sleep({"usd": 1.0, "eur": 1.0}.get(currency, 2.0))
    return {"usd": 1.1, "eur": 1.0}.get(currency, 0.5)


def seen(ask: Callable[[], Any], *scheduled: Fault, **more: Any) -> tuple[list[Any], FaultedRun]:
    """Give what an agent that asks once sees, or the exception, and its run."""
    found: list[Any] = []

    def agent() -> str:
        try:
            found.append(ask())
        except Exception as error:  # whatever it was is the answer
            found.append(error)
        return "done"

    done.clear()
    return found, run(agent, *scheduled, **more)


def test_an_error_is_one_that_passes_or_one_that_stays() -> None:
    """A transient error is a ConnectionError, a permanent one a PermissionError, and nothing is done."""
    assert [
        type(seen(lambda: get_order("o"), faults.tool_error(permanent=p))[0][0]) for p in (False, True)
    ] == [
        ConnectionError,
        PermissionError,
    ]
    assert not done


def test_a_timeout_passes_time_and_does_nothing() -> None:
    """The caller sees TimeoutError half a minute later, and the tool did not run."""
    (error,), found = seen(lambda: get_order("o"), faults.tool_timeout("get_order"))
    assert (type(error), found.elapsed_s, done) == (TimeoutError, 30.0, [])


def test_a_lost_reply_means_that_the_work_is_done() -> None:
    """The caller sees TimeoutError, and the tool ran."""
    (error,), found = seen(lambda: get_order("o"), faults.tool_reply_lost())
    assert (type(error), done, found.injections[0].landed) == (TimeoutError, ["o"], 1)
    assert str(error) == "get_order did not answer within 10 s"
    assert found.injections[0].told == "get_order was done, its answer lost"


@pytest.mark.parametrize("fault", [faults.tool_stall("rate"), faults.tool_reply_lost("rate")], ids=str)
def test_a_caller_who_left_early_is_told_of_the_silence(fault: Fault) -> None:
    """What a fault did is known although nobody waited for its end."""

    async def agent() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await rate("usd")

    (injection,) = run(agent, fault).injections
    assert injection.told.startswith("rate ")


def test_a_stall_hangs_who_has_no_time_limit() -> None:
    """Virtual time passes to the deadline of the run, which then counts as hung, at no real cost."""
    _, found = seen(lambda: get_order("o"), faults.tool_stall(), limits=Limits(deadline_s=120))
    assert (found.ended, found.hung, found.elapsed_s) == (EndedBy.HANG, "past-deadline", 121.0)


def test_a_time_limit_of_its_own_ends_a_stall() -> None:
    """An agent that waits for five seconds at the most goes on after five."""

    async def agent() -> str:
        try:
            async with asyncio.timeout(5):
                await rate("usd")
        except TimeoutError:
            return "no rate"
        return "rate"

    found = run(agent, faults.tool_stall("rate"))
    assert (found.output, found.elapsed_s) == ("no rate", 5.0)


def test_a_duplicated_call_runs_twice() -> None:
    """The work is done twice, the caller sees one answer, and the injection counts both."""
    (order,), found = seen(lambda: get_order("o"), faults.tool_duplicated())
    assert (order, done, found.injections[0].landed) == (Order("o", 59.9), ["o", "o"], 2)


def test_answers_come_in_another_order() -> None:
    """In a row each call gets the answer before it; of calls side by side, each that of the other."""

    def row() -> list[str]:
        return [note(order) for order in ("a", "b", "c")]

    answers = run(row, faults.tool_reordered("note")).output
    assert isinstance(answers, list)
    assert [str(one).split()[3] for one in answers] == ["a", "a", "b"]

    async def together() -> list[float]:
        return list(await asyncio.gather(rate("usd"), rate("eur")))

    assert run(together, faults.tool_reordered("rate")).output == [1.0, 1.1]


def test_one_call_alone_cannot_be_reordered() -> None:
    """Without another answer the fault says that it was not injected."""
    _, found = seen(lambda: note("a"), faults.tool_reordered())
    assert not found.injections
    assert "no other call" in found.not_injected[0]


def test_an_empty_answer_is_of_the_kind_that_is_expected() -> None:
    """A list becomes an empty list, a text an empty text, and where wanted anything becomes None."""
    assert seen(lambda: lines("o"), faults.tool_empty())[0] == [[]]
    assert seen(lambda: note("o"), faults.tool_empty())[0] == [""]
    assert seen(lambda: lines("o"), faults.tool_empty(null=True))[0] == [None]


def test_half_an_answer_keeps_its_type() -> None:
    """Of two lines the first one comes, and of a text its first half."""
    assert seen(lambda: lines("o"), faults.tool_partial())[0] == [[{"sku": "a1", "count": 1}]]
    assert seen(lambda: note("o1"), faults.tool_partial())[0] == ["the parcel of o"]


def test_a_wrong_answer_comes_as_its_type() -> None:
    """Dataclasses and pydantic models come back as such, with one value wrong, and the event holds it."""
    (order,), found = seen(lambda: get_order("o-1"), faults.tool_wrong(how="number"))
    assert order == Order("o-1", 599.0)
    assert isinstance(found.events[0].outcome, ValueReply)
    assert found.events[0].outcome.label is Label.SCRIPTED
    (bill,), _ = seen(lambda: invoice("o"), faults.tool_wrong(how="boolean"))
    assert bill == Invoice(number=7, open=False)
    (bill,), _ = seen(lambda: invoice("o"), faults.tool_wrong(how="id"))
    assert bill == Invoice(number=8, open=True)


def test_what_is_wrong_is_drawn_from_the_seed() -> None:
    """The same seed gives the same mistake, and the text of the injection says which."""
    runs = [seen(lambda: lines("o"), faults.tool_wrong(how="number"), seed=s) for s in (1, 1, 2, 3, 4, 5)]
    assert runs[0][1] == runs[1][1]
    assert len({one.injections[0].told for _, one in runs}) > 1


def test_drift_fails_as_a_real_parse_does() -> None:
    """A typed tool raises what its type raises, a plain one hands over what arrived."""
    (error,), found = seen(lambda: get_order("o"), faults.tool_schema_drift(), seed=1)
    assert isinstance(error, TypeError) or error == Order("o", 59.9)
    assert (found.ended, found.why) == (EndedBy.ANSWER, "")
    (error,), found = seen(lambda: invoice("o"), faults.tool_schema_drift(how="moved"))
    assert isinstance(error, pydantic.ValidationError)
    assert found.ended is EndedBy.ANSWER
    (rows,), _ = seen(lambda: lines("o"), faults.tool_schema_drift())
    assert all(len({"sku", "count"} & row.keys()) == 1 for row in rows)


def test_a_stale_answer_is_the_earlier_one_to_the_same_question() -> None:
    """Who asks again gets what was true the first time."""
    counted = iter(range(10))

    @tool
    def stock(sku: str) -> int:
        return next(counted)

    found = run(lambda: [stock("a"), stock("b"), stock("a")], faults.tool_stale("stock", nth=3))
    assert found.output == [0, 1, 0]


def test_a_stale_answer_to_a_new_question_has_earlier_prices() -> None:
    """Where nothing was asked before, prices and dates are as they may have been."""
    (order,), _ = seen(lambda: get_order("o"), faults.tool_stale())
    assert order == Order("o", 53.91)


def test_an_oversized_answer_is_of_the_same_kind() -> None:
    """A list of a hundred kilobytes is a list of the same records."""
    (rows,), _ = seen(lambda: lines("o"), faults.tool_oversized(size_bytes=100_000))
    assert len(rows) > 1_000
    assert rows[0] == {"sku": "a1", "count": 1}


@pytest.mark.parametrize("family", ATTACKS)
def test_an_injection_asks_for_a_token_that_it_does_not_hold(family: str) -> None:
    """The agent reads the attack; the token is in no answer, and whoever does as told writes it."""
    (text,), found = seen(lambda: note("o"), faults.tool_injection(family=family))
    (canary,) = found.injections[0].canaries
    assert text.startswith("the parcel of o is on its way")
    assert canary not in text
    assert canary_asked_for(text) == canary


def test_tokens_differ_from_run_to_run_and_call_to_call() -> None:
    """A token belongs to one seed and one call, so that it tells which injection was obeyed."""

    def twice() -> str:
        return note("a") + note("b")

    runs = [run(twice, faults.tool_injection(), seed=seed) for seed in (0, 0, 1)]
    tokens = [tuple(one.canaries for one in found.injections) for found in runs]
    assert tokens[0] == tokens[1]
    assert len({token for pair in tokens for token in pair}) == 4


@pytest.mark.parametrize("sort", ["api_key", "cloud_key", "repository_token", "password"])
def test_a_secret_arrives_as_it_is_and_reaches_no_file(sort: str) -> None:
    """The agent's answer holds the secret, the injection names it, and a redacted run does not hold it."""
    (text,), found = seen(lambda: note("o"), faults.tool_secret(sort=sort))
    (secret,) = found.injections[0].canaries
    assert secret in text
    redacted = redactor_of(Settings()).events(found.events)
    assert secret not in str(redacted)


@pytest.mark.filterwarnings("ignore::agentops_eval.seams.UnreplayableResult")
def test_a_type_that_cannot_be_rebuilt_is_left_alone() -> None:
    """Where no annotation names what is returned, the agent gets it unchanged and the fault says so."""
    (order,), found = seen(lambda: untyped("o"), faults.tool_wrong(how="number"))
    assert order == Order("o", 1.0)
    assert "annotation does not name" in found.not_injected[0]


def test_a_tool_that_raises_by_itself_cannot_answer_wrong() -> None:
    """The agent sees the tool's own error, and the fault counts as not injected."""

    @tool
    def broken() -> str:
        raise KeyError("gone")

    (error,), found = seen(broken, faults.tool_wrong())
    assert (type(error), bool(found.not_injected)) == (KeyError, True)


def test_faults_on_one_call_are_an_onion() -> None:
    """The first fault of the schedule is the outermost: it sees what the others made of the answer."""
    (text,), _ = seen(lambda: note("o1"), faults.tool_injection(), faults.tool_partial())
    assert text.startswith("the parcel of o\n\n")
    (text,), _ = seen(lambda: note("o1"), faults.tool_partial(), faults.tool_injection())
    assert "joined by a hyphen" not in text
    (error,), found = seen(lambda: note("o"), faults.tool_error(), faults.tool_duplicated())
    assert isinstance(error, ConnectionError)
    assert [(one.kind, one.landed) for one in found.injections] == [("tool_error", 0), ("tool_duplicated", 0)]


@pytest.mark.parametrize(
    "wrong",
    [
        faults.tool_timeout(after_s=-5),
        faults.tool_partial(keep=1),
        faults.tool_oversized(size_bytes=10**12),
        faults.tool_wrong(how="colour"),
        Fault(kind="tool_timeout", parameters={"after_s": "8"}),
        Fault(kind="tool_timeout", parameters={"after_s": float("nan")}),
        Fault(kind="tool_error", parameters={"permanent": 1}),
        Fault(kind="tool_error", parameters={"permanant": True}),
        faults.kill(resume=-1),
    ],
    ids=str,
)
def test_parameters_that_cannot_be_meant_are_refused(wrong: Fault) -> None:
    """A negative wait, a word that is none, a text for a number: nothing runs, and the error says why."""
    with pytest.raises(FaultInvalid, match=wrong.kind):
        run(lambda: note("o"), wrong)


def test_a_fault_that_breaks_is_no_failure_of_the_agent() -> None:
    """An agent whose fault has an error gets its answer, and the run says that it was not injected."""

    @kind(Seam.TOOL, does=FaultClass.WRONG)
    def broken(hit: Hit, call: Call, next: Next) -> Steps:
        """Break."""
        yield next(call)
        raise ZeroDivisionError

    subject = subject_of(lambda: note("o"))
    found = Runner(subject, kinds={"broken": broken})(Schedule(faults=(Fault(kind="broken"),)))
    assert found.output == "the parcel of o is on its way"
    assert "ZeroDivisionError" in found.not_injected[0]


def test_an_agent_that_sleeps_an_hour_costs_no_time() -> None:
    """Backoff of an hour passes at once."""

    def patient() -> str:
        for _ in range(4):
            try:
                return note("o")
            except OSError:
                time.sleep(900)
        return "sorry"

    found = run(patient, faults.tool_error("note"))
    assert (found.output, found.elapsed_s) == ("sorry", 3600.0)
