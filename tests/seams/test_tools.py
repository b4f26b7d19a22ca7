"""The tool seam: declared tools run outside a run, are kept in one, and never run on replay."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import tool, wrap_tools
from agentops_eval.domain import Effect, Failure, ReplayMiss, RunMisuse, ToolRequest, ValueReply
from agentops_eval.seams import UnreplayableResult
from agentops_eval.seams._signature import signature_text
from agentops_eval.seams._values import keep, restore
from tests.seams._played import events_of
from tests.seams._rig import run


class OutOfStock(Exception):
    """An error of a shop."""


@dataclass
class Order:
    """A typed result."""

    number: int
    total: Decimal


class Shop:
    """Tools as methods."""

    @tool
    def price(self, order: int) -> int:
        """What an order costs."""
        return order


@tool(effect="write", idempotency_key="order")
def refund(order: int, amount: float, *, note: str = "") -> dict[str, object]:
    """Refund an order."""
    if amount > 100:
        raise OutOfStock("too much", order)
    return {"refunded": amount, "order": order}


def test_outside_a_run_a_tool_is_its_function() -> None:
    """Without a run the body runs and its value comes back unchanged."""
    assert refund(1042, 59.9) == {"refunded": 59.9, "order": 1042}
    assert refund.__name__ == "refund"
    assert refund.__doc__ == "Refund an order."


def test_request_binds_names_defaults_and_key() -> None:
    """Positional and keyword calls give the same request, defaults included."""
    with run() as scope:
        refund(1042, amount=59.9)
    (event,) = events_of(scope)
    assert event.request == ToolRequest(
        name="refund",
        arguments={"order": 1042, "amount": 59.9, "note": ""},
        effect=Effect.WRITE,
        idempotency_key="1042",
        signature="(order: int, amount: float, *, note: str = '') -> dict[str, object]",
    )
    assert event.outcome == ValueReply(value={"refunded": 59.9, "order": 1042})


@pytest.mark.parametrize("key", [None, ""])
def test_no_key_is_no_key(key: str | None) -> None:
    """A parameter that is left empty makes no two calls the same, nor does a rule that gives nothing."""

    @tool(effect="write", idempotency_key="key")
    def by_name(key: str | None) -> None:
        pass

    @tool(effect="write", idempotency_key=lambda arguments: key)
    def by_rule(key: str | None) -> None:
        pass

    with run() as scope:
        by_name(key)
        by_rule(key)
    asked = [event.request for event in events_of(scope)]
    assert [one.idempotency_key for one in asked if isinstance(one, ToolRequest)] == [None, None]


def test_replay_serves_the_result_and_never_runs_the_body() -> None:
    """On replay the recorded value comes back and the body stays untouched."""
    ran: list[int] = []

    @tool
    def count(step: int) -> int:
        ran.append(step)
        return step * 2

    with run() as scope:
        assert count(4) == 8
    with run(events_of(scope)):
        assert count(4) == 8
    assert ran == [4]


def test_replay_raises_the_recorded_exception_with_its_type() -> None:
    """A recorded tool error comes back as the same class with the same arguments."""
    with run() as scope, pytest.raises(OutOfStock):
        refund(7, 200.0)
    (event,) = events_of(scope)
    assert isinstance(event.outcome, Failure)
    with run(events_of(scope)), pytest.raises(OutOfStock) as caught:
        refund(7, 200.0)
    assert caught.value.args == ("too much", 7)


class Declined(Exception):
    """An error whose constructor words the message."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"declined with code {code}")


class Limited(Exception):
    """An error whose constructor keeps what its text needs."""

    def __init__(self, limit: int, *, unit: str) -> None:
        super().__init__(limit)
        self.unit = unit

    def __str__(self) -> str:
        return f"at most {self.args[0]} {self.unit}"


class Paired(Exception):
    """An error that cannot be made without its two parts."""

    def __new__(cls, one: str, other: str) -> Self:
        return super().__new__(cls, one, other)

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


@pytest.mark.parametrize(
    "error",
    [
        Declined(42),
        Limited(3, unit="a day"),
        Paired("a", "b"),
        FileNotFoundError(2, "No such file", "orders.db"),
        KeyError("order"),
        ExceptionGroup("two of them", [ValueError("a"), KeyError("b")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_replayed_exception_has_the_recorded_name_and_text(error: Exception) -> None:
    """Whatever an exception's constructor does, the agent sees the same name and the same message."""

    @tool
    def fail() -> None:
        raise error

    with run() as recorded, pytest.raises(type(error)):
        fail()
    with run(events_of(recorded)), pytest.raises(Exception) as caught:
        fail()
    assert (type(caught.value).__name__, str(caught.value)) == (type(error).__name__, str(error))
    assert isinstance(caught.value, type(error) if not isinstance(error, ExceptionGroup) else Exception)


def test_a_parameter_may_be_called_cls_or_self() -> None:
    """Only a method's first parameter is no argument; a class to predict is one."""

    @tool
    def predict(cls: str, self: int = 1) -> str:
        return cls

    with run() as scope:
        predict("cat")
        Shop().price(7)
    first, second = (event.request for event in events_of(scope))
    assert isinstance(first, ToolRequest)
    assert first.arguments == {"cls": "cat", "self": 1}
    assert isinstance(second, ToolRequest)
    assert second.arguments == {"order": 7}


def test_async_tool_records_and_replays() -> None:
    """Coroutine tools behave like functions."""
    ran: list[str] = []

    @tool(effect=Effect.READ)
    async def look(name: str) -> str:
        ran.append(name)
        await asyncio.sleep(0)
        return name.upper()

    async def both() -> list[str]:
        return list(await asyncio.gather(look("a"), look("b")))

    with run() as scope:
        assert asyncio.run(both()) == ["A", "B"]
    with run(events_of(scope)):
        assert asyncio.run(both()) == ["A", "B"]
    assert sorted(ran) == ["a", "b"]


def test_nested_calls_know_their_parent_and_span() -> None:
    """A tool called inside a tool is a child event below the outer tool's span."""

    @tool
    def inner() -> int:
        return 1

    @tool
    def outer() -> int:
        return inner() + 1

    with run() as scope:
        outer()
    first, second = events_of(scope)
    assert (first.boundary, first.parent, first.span) == ("outer", None, "/")
    assert (second.boundary, second.parent, second.span) == ("inner", first.index, "/outer#0")


@pytest.mark.parametrize(
    "value",
    [b"\x00\xff", (1, "a"), {1, 2}, date(2024, 2, 29), Decimal("59.90"), None, [1.5, {"a": (1,)}]],
    ids=["bytes", "tuple", "set", "date", "decimal", "none", "nested"],
)
def test_untyped_values_come_back_as_they_were(value: object) -> None:
    """Values beyond JSON keep their type over a replay without any annotation."""
    assert restore(keep(value)) == value
    assert type(restore(keep(value))) is type(value)


def test_typed_result_is_rebuilt_from_the_annotation() -> None:
    """A dataclass comes back as that dataclass, because the tool says what it returns."""

    @tool
    def order(number: int) -> Order:
        return Order(number, Decimal("59.90"))

    order.__wrapped__.__annotations__["return"] = Order
    with run() as scope:
        live = order(7)
    with run(events_of(scope)):
        assert order(7) == live


def test_unreplayable_result_warns_at_recording_time() -> None:
    """A value that JSON cannot carry is reported when it is recorded, not when it hurts."""

    @tool
    def handle():  # type: ignore[no-untyped-def]
        return object()

    with run(), pytest.warns(UnreplayableResult, match="the tool handle returned a object"):
        handle()


def test_a_miss_passes_ordinary_except_clauses() -> None:
    """An agent that catches every Exception still cannot swallow a miss."""
    with run([]) as scope, pytest.raises(ReplayMiss):
        try:
            refund(1, 1.0)
        except Exception:  # the agent's own error handling
            pytest.fail("the miss was caught")
    assert events_of(scope)[0].outcome is None


def test_stray_tool_call_is_blocked_during_a_replay() -> None:
    """A tool called from a context without a run must not run while another context replays."""
    ran: list[int] = []

    @tool
    def act() -> None:
        ran.append(1)

    caught: list[BaseException] = []

    def stray() -> None:
        try:
            act()
        except ReplayMiss as miss:
            caught.append(miss)

    import contextvars

    with run([]) as scope:
        thread = threading.Thread(target=lambda: contextvars.Context().run(stray), name="lost-worker")
        thread.start()
        thread.join()
    assert ran == []
    assert "lost-worker" in str(caught[0])
    assert scope.problems == caught


def test_wrap_tools_keeps_shapes() -> None:
    """Mappings, sequences, functions and objects come back in the shape they had."""

    def add(a: int, b: int) -> int:
        return a + b

    class Box:
        def size(self) -> int:
            return 3

    assert wrap_tools({"add": add})["add"](1, 2) == 3
    assert wrap_tools([add])[0](1, 2) == 3
    assert wrap_tools(add)(1, 2) == 3
    assert wrap_tools(Box()).size() == 3
    assert wrap_tools([refund])[0] is refund
    with run() as scope:
        wrap_tools({"plus": add}, effects={"plus": "external"})["plus"](1, 2)
    request = events_of(scope)[0].request
    assert isinstance(request, ToolRequest)
    assert (request.name, request.effect) == ("plus", Effect.EXTERNAL)


def test_misdeclared_tools_are_refused_at_once() -> None:
    """Generators, unknown key parameters and empty objects are errors when declared."""
    with pytest.raises(RunMisuse, match="generator"):

        @tool
        def stream():  # type: ignore[no-untyped-def]
            yield 1

    with pytest.raises(RunMisuse, match="no parameter 'nope'"):
        tool(idempotency_key="nope")(lambda a: a)
    with pytest.raises(RunMisuse, match="no tool"):
        wrap_tools(object())
    with pytest.raises(ValueError, match="danger"):
        tool(effect="danger")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text().filter(lambda k: not k.startswith("$")), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(json_values)
def test_keep_and_restore_are_inverse(value: object) -> None:
    """Whatever plain data a tool returns, its replay returns the same."""
    assert restore(keep(value)) == value


LATER = """
from agentops_eval import tool

@tool
def find(number: int) -> list[Later]:
    return [Later()]

class Later(dict):
    pass
"""


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are evaluated late since Python 3.14")
def test_an_annotation_may_name_what_is_defined_later() -> None:
    """Declaring a tool evaluates no annotation that cannot be evaluated yet."""
    names: dict[str, object] = {"__name__": "later"}
    exec(compile(LATER, "later.py", "exec", dont_inherit=True), names)
    with run() as scope:
        assert names["find"](1) == [{}]  # type: ignore[operator]
    (event,) = events_of(scope)
    assert isinstance(event.request, ToolRequest)
    assert event.request.arguments == {"number": 1}


def test_a_signature_reads_the_same_with_and_without_postponed_annotations() -> None:
    """The text that tells a changed tool is not another one because a module postpones its annotations."""
    now = inspect.Signature([inspect.Parameter("api_key", inspect.Parameter.KEYWORD_ONLY, annotation=str)])
    later = inspect.Signature(
        [inspect.Parameter("api_key", inspect.Parameter.KEYWORD_ONLY, annotation="str")],
        return_annotation="dict[str, int]",
    )
    assert signature_text(now) == "(*, api_key: str)"
    assert signature_text(later) == "(*, api_key: str) -> dict[str, int]"
