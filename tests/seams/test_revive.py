"""What a tool returned comes back on replay as its type, guided by the tool's return annotation."""

from __future__ import annotations

import sys
import warnings
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
import pytest

from agentops_eval import Settings, recording, replaying, tool
from agentops_eval.domain import ReplayMiss, ValueReply
from agentops_eval.seams import UnreplayableResult
from tests.seams._played import events_of
from tests.seams._rig import run
from tests.seams._typed import (
    ITEM,
    ORDER,
    Basket,
    Colour,
    Corner,
    Extra,
    Found,
    Item,
    Order,
    OrderId,
    Packed,
    Page,
    Point,
    Refused,
    Right,
    Row,
    Shelf,
    Size,
    Sku,
    Tree,
    Word,
    replayed,
    returning,
)

CASES: list[tuple[object, object]] = [
    ([ITEM, ITEM], list[Item]),
    (Basket([ITEM], datetime(2026, 2, 3, tzinfo=UTC)), Basket),
    ({"a": ITEM}, dict[str, Item]),
    ({7: ITEM, 8: None}, dict[int, Item | None]),
    ({Colour.RED: 1}, dict[Colour, int]),
    ({date(2026, 1, 2): [ITEM]}, Mapping[date, Sequence[Item]]),
    ({UUID(int=3): Path("a")}, dict[UUID, Path]),
    ((ITEM, 1, "x"), tuple[Item, int, str]),
    ((ITEM, ITEM), tuple[Item, ...]),
    ((), tuple[Item, ...]),
    ({Colour.RED}, set[Colour]),
    (frozenset({ITEM}), frozenset[Item]),
    (Path("/var/orders.db"), Path),
    ([PurePosixPath("a/b")], list[PurePosixPath]),
    (IPv4Address("10.0.0.1"), IPv4Address),
    (Fraction(1, 3), Fraction),
    (Corner.RIGHT, Corner),
    ([Size.S, 7], list[Size | int]),
    (Word.YES, Word),
    (Right.READ | Right.WRITE, Right),
    (Sku("a"), Sku),
    (OrderId(7), OrderId),
    (ITEM, Item | Refused),
    (Refused("no"), Item | Refused),
    ([Refused("no"), ITEM, "plain", None], list[Item | Refused | str | None]),
    ({"reason": "no", "more": 1}, dict[str, Any] | Refused),
    (Tree("a", [Tree("b"), Tree("c", [Tree("d")])]), Tree),
    (Page([ITEM], 2), Page[Item]),
    ([Page([Page([ITEM])])], list[Page[Page[Item]]]),
    ({"when": datetime(2026, 1, 1), "colour": Colour.RED, "where": Path("x")}, Row),
    (Point(1, date(2026, 1, 2)), Point),
    (Packed(7, Colour.RED), Packed),
    (ORDER, Order),
    ([ORDER, ORDER], list[Order]),
    (None, Order | None),
    (ORDER, Annotated[Order | None, "or nothing"]),
    ({"a": [ORDER]}, dict[str, list[Order]]),
    (Shelf({"a": ORDER}), Shelf),
    ([ORDER, ITEM], list[Order | Item]),
    (Found([ORDER]), Found),
    (Extra.model_validate({"a": 1}), Extra),
    (OrderedDict(a=ITEM), OrderedDict[str, Item]),
    (Counter("aab"), Counter[str]),
    ([1, 2.0, True], list[float]),
    (Page([1], 60.0), Page[float]),
    ([float("nan"), float("inf")], list[float]),
    ("green", Literal["green"] | Colour | None),
    ({"error": "none"}, list[Item]),
]


@pytest.mark.parametrize(("value", "annotation"), CASES, ids=lambda case: str(case)[:60])
def test_a_typed_result_comes_back_as_it_was(value: object, annotation: object) -> None:
    """Whatever the annotation names, a replay gives an equal value of the same types, without a warning."""
    again = replayed(value, annotation)
    assert type(again) is type(value)
    assert repr(again) == repr(value)


def test_what_a_constructor_derives_is_there() -> None:
    """A rebuilt dataclass was constructed, so that what is no field of it exists as well."""
    again = replayed(Basket([ITEM]), Basket)
    assert (again.total, again.cache) == (Decimal("9.50"), {})


def test_a_field_that_was_changed_later_stays_changed() -> None:
    """The fields are those that were recorded, whatever the constructor makes of its arguments."""
    basket = Basket([ITEM])
    basket.total = Decimal(1)
    assert replayed(basket, Basket).total == Decimal(1)


def test_a_tool_that_returns_other_than_it_says_gives_the_same_again() -> None:
    """Plain data that cannot be what the annotation names is left alone."""
    assert replayed({"error": "none"}, list[Item]) == {"error": "none"}
    assert replayed("none", Order) == "none"


def test_forward_references_are_resolved_at_the_first_call() -> None:
    """A tool may name a class that is defined after it, quoted or not."""

    @tool
    def later() -> list[Late]:
        return [Late(1)]

    with run() as scope:
        live = later()
    with run(events_of(scope)):
        assert later() == live


@dataclass
class Late:
    """Defined after the test that uses it."""

    number: int


class Opaque:
    """Nothing that JSON can hold."""


@dataclass
class Grown:
    """A dataclass that its constructor makes of something else."""

    number: InitVar[int]
    doubled: int = 0

    def __post_init__(self, number: int) -> None:
        self.doubled = 2 * number


class Shouted(pydantic.BaseModel):
    """A model whose validation is not the same twice."""

    text: str

    @pydantic.field_validator("text")
    @classmethod
    def _shout(cls, text: str) -> str:
        return text + "!"


@pytest.mark.parametrize(
    ("value", "annotation", "said"),
    [
        ([Opaque()], list[Opaque], "a list of Opaque .*its annotation list.*Opaque"),
        ({"a": Opaque()}, None, "a dict of Opaque .*it has no annotation"),
        (ITEM, None, "a Item "),
        (Path("x"), Any, "a PosixPath "),
        (Grown(4), Grown, "a Grown .*its annotation Grown does"),
        (Shouted(text="a"), Shouted, "a Shouted"),
        ({1: "a", "1": "b"}, dict[Any, str], "a dict of str"),
        ([ORDER], list[Item], "a list of Order"),
        ([3, Size.L], list[Size | int], "a list of int"),
    ],
    ids=["list", "dict", "unannotated", "any", "init-var", "validator", "keys", "other-type", "ambiguous"],
)
def test_what_would_not_come_back_is_said_when_recording(
    value: object, annotation: object, said: str
) -> None:
    """The warning names the tool, the type and the annotation, once, and points at the tool."""
    find = returning(value, annotation)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        with run():
            find()
            find()
    (warning,) = caught
    assert issubclass(warning.category, UnreplayableResult)
    assert warning.filename == find.__wrapped__.__code__.co_filename
    with pytest.warns(UnreplayableResult, match=f"the tool find returned {said}"), run():
        find()


def test_a_warning_made_an_error_is_no_failure_of_the_tool() -> None:
    """Where warnings are errors the warning passes through, and the recording holds no failed tool."""
    find = returning(Opaque(), None)
    with run() as scope, pytest.raises(UnreplayableResult):
        find()
    assert events_of(scope)[0].outcome is None


def test_a_value_that_holds_itself_is_cut_off_and_said() -> None:
    """A parent that knows its child and the reverse ends the rendering, and nothing hangs."""
    parent, child = Tree("parent"), Tree("child")
    parent.children.append(child)
    child.children += [parent, parent]
    with pytest.warns(UnreplayableResult, match="a Tree"), run() as scope:
        returning(parent, Tree)()
    (event,) = events_of(scope)
    assert isinstance(event.outcome, ValueReply)
    cut = {"$truncated": "Tree"}
    inner = {"name": "child", "children": [cut, cut]}
    assert event.outcome.value == {"name": "parent", "children": [inner]}


def test_a_class_that_changed_since_is_a_stale_recording() -> None:
    """A field that the recording does not have is told with its place."""
    find = returning([ITEM], list[Item])
    with run() as scope:
        find()
    (event,) = events_of(scope)
    old = replace(event, outcome=ValueReply(value=[{"sku": "a"}]))
    with run([old]), pytest.raises(ReplayMiss, match=r"\[0\]: .*missing.*'price'") as caught:
        find()
    assert caught.value.reason == "stale"


def test_typed_results_pass_through_a_file(tmp_path: Path) -> None:
    """Recorded to a cassette and replayed from it, the orders are orders again."""
    find = returning([ORDER, None], list[Order | None])
    with recording(tmp_path / "run.cassette.jsonl", settings=Settings()):
        live = find()
    with replaying(tmp_path / "run.cassette.jsonl", settings=Settings()):
        assert find() == live


ALIASES = """
type Tree = None | int | list[Tree] | dict[str, Tree]
type Many[T] = list[T] | dict[str, T]

@dataclass
class Sheet[T]:
    rows: list[T]
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement came with Python 3.12")
def test_type_statements_are_followed() -> None:
    """An alias may hold itself, have parameters, and name generic classes."""
    names: dict[str, Any] = {"dataclass": dataclass, "__name__": __name__}
    exec(ALIASES, names)
    tree, many, sheet = names["Tree"], names["Many"], names["Sheet"]
    assert replayed({"a": [1, {"b": None}]}, tree) == {"a": [1, {"b": None}]}
    assert replayed([ITEM], many[Item]) == [ITEM]
    assert replayed({"x": sheet([ITEM])}, many[sheet[Item]]) == {"x": sheet([ITEM])}


def test_pydantic_is_not_imported_for_others() -> None:
    """An agent without pydantic gets its dataclasses back without it."""
    import subprocess

    program = (
        "import sys, dataclasses\n"
        "from agentops_eval.seams._revive import plan_for\n"
        "@dataclasses.dataclass\nclass A:\n    n: int\n"
        "assert plan_for(list[A])([{'n': 1}]) == [A(1)]\n"
        "assert 'pydantic' not in sys.modules and 'msgspec' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
