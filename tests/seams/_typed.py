"""Types of every kind that tools return, and a tool that returns a given value, recorded and replayed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from pathlib import Path
from typing import Any, Generic, NamedTuple, NewType, NotRequired, TypedDict, TypeVar

import msgspec
import pydantic

from agentops_eval import tool
from agentops_eval.domain import ValueReply
from tests.seams._played import events_of
from tests.seams._rig import run

T = TypeVar("T")
OrderId = NewType("OrderId", int)


class Colour(Enum):
    """Members whose values are text."""

    RED = "red"
    BLUE = "blue"


class Corner(Enum):
    """Members whose values JSON cannot carry."""

    LEFT = (0, 0)
    RIGHT = (1, 0)


class Size(IntEnum):
    """Members that are numbers."""

    S = 1
    L = 3


class Word(StrEnum):
    """Members that are text."""

    YES = "yes"


class Right(Flag):
    """Members that combine."""

    READ = 1
    WRITE = 2


class Sku(str):
    """A text with a name of its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A frozen dataclass with parts beyond JSON."""

    sku: Sku
    price: Decimal
    colour: Colour | None = None
    sizes: tuple[Size, ...] = ()


@dataclass
class Basket:
    """A dataclass that derives something and holds others."""

    items: list[Item]
    paid: datetime | None = None
    total: Decimal = field(init=False)

    def __post_init__(self) -> None:
        self.total = sum((item.price for item in self.items), Decimal(0))
        self.cache: dict[str, int] = {}


@dataclass
class Tree:
    """A dataclass that holds itself."""

    name: str
    children: list[Tree] = field(default_factory=list)


@dataclass
class Page(Generic[T]):
    """A generic dataclass."""

    rows: list[T]
    number: int = 0


@dataclass
class Refused:
    """What another arm of a union looks like."""

    reason: str


class Row(TypedDict):
    """A dictionary with known keys."""

    when: datetime
    where: NotRequired[Path]
    colour: Colour


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    when: date


class Packed(msgspec.Struct):
    """A msgspec struct."""

    number: int
    colour: Colour


class Order(pydantic.BaseModel):
    """A pydantic model with aliases, strictness and parts beyond JSON."""

    model_config = pydantic.ConfigDict(strict=True)

    number: int = pydantic.Field(alias="orderNumber")
    total: Decimal
    colour: Colour
    link: pydantic.HttpUrl | None = None
    placed: datetime | None = None
    refused: Refused | None = None
    path: Path = Path()


class Found(pydantic.RootModel[list[Order]]):
    """A pydantic model that is a list."""


class Extra(pydantic.BaseModel):
    """A pydantic model that keeps what it does not know."""

    model_config = pydantic.ConfigDict(extra="allow")


@dataclass
class Shelf:
    """A dataclass that holds a pydantic model."""

    orders: dict[str, Order]


ITEM = Item(sku=Sku("a"), price=Decimal("9.50"), colour=Colour.RED, sizes=(Size.S, Size.L))
ORDER = Order(orderNumber=7, total=Decimal("59.90"), colour=Colour.BLUE, link="https://shop.example/7")  # type: ignore[arg-type]


def returning(value: object, annotation: object) -> Callable[[], Any]:
    """A tool that returns ``value`` and says that it returns ``annotation``."""

    def find():  # type: ignore[no-untyped-def]
        return value

    if annotation is not None:
        find.__annotations__["return"] = annotation
    return tool(find)


def replayed(value: object, annotation: object) -> Any:
    """What the tool returns in a replay of a recording that went through a file's JSON."""
    find = returning(value, annotation)
    with run() as scope:
        assert find() is value
    (event,) = events_of(scope)
    assert isinstance(event.outcome, ValueReply)
    kept = json.loads(json.dumps(event.outcome.value))
    with run([replace(event, outcome=replace(event.outcome, value=kept))]):
        return find()
