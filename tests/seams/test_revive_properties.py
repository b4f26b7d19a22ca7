"""Any composition of types that a tool can return survives recording and replaying."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.seams._typed import Colour, Corner, Item, Order, Page, Point, Row, Size, Sku, replayed

texts = st.text(max_size=5).filter(lambda text: not text.startswith("$"))
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=2)
colours = st.sampled_from(Colour)


def unfolded(moment: Any) -> Any:
    """The text of a date does not tell its fold."""
    return moment.replace(fold=0)


moments = st.datetimes(timezones=st.just(UTC)).map(unfolded)
items = st.builds(
    Item, sku=texts.map(Sku), price=decimals, colour=colours | st.none(),
    sizes=st.lists(st.sampled_from(Size), max_size=2).map(tuple),
)  # fmt: skip
orders = st.builds(
    lambda **values: Order(**values), orderNumber=st.integers(), total=decimals, colour=colours,
    placed=moments | st.none(), path=st.just(Path("a/b")),
)  # fmt: skip

Typed = tuple[Any, st.SearchStrategy[Any]]
LEAVES: list[Typed] = [
    (bool, st.booleans()),
    (int, st.integers()),
    (float, st.floats() | st.integers()),
    (str, texts),
    (bytes, st.binary(max_size=5)),
    (datetime, moments | st.datetimes().map(unfolded)),
    (date, st.dates()),
    (time, st.times().map(unfolded)),
    (timedelta, st.timedeltas(timedelta(days=-9999), timedelta(days=9999))),
    (Decimal, decimals),
    (UUID, st.uuids()),
    (Path, st.sampled_from([Path(), Path("/a/b.txt"), Path("c d")])),
    (Colour, colours),
    (Corner, st.sampled_from(Corner)),
    (Size, st.sampled_from(Size)),
    (Item, items),
    (Order, orders),
    (Point, st.builds(Point, st.integers(), st.dates())),
    (Row, st.fixed_dictionaries({"when": moments, "colour": colours}, optional={"where": st.just(Path())})),
]  # fmt: skip


def _wrappings(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    return st.one_of(
        inner.map(lambda t: (list[t[0]], st.lists(t[1], max_size=3))),
        inner.map(lambda t: (tuple[t[0], ...], st.lists(t[1], max_size=3).map(tuple))),
        st.tuples(inner, inner).map(lambda p: (tuple[p[0][0], p[1][0]], st.tuples(p[0][1], p[1][1]))),
        inner.map(lambda t: (dict[str, t[0]], st.dictionaries(texts, t[1], max_size=3))),
        inner.map(lambda t: (dict[Colour, t[0]], st.dictionaries(colours, t[1], max_size=2))),
        inner.map(lambda t: (dict[int, t[0]], st.dictionaries(st.integers(), t[1], max_size=2))),
        inner.map(lambda t: (t[0] | None, t[1] | st.none())),
        inner.map(lambda t: (Page[t[0]], st.builds(Page, st.lists(t[1], max_size=2), st.integers()))),
    )


typed = st.recursive(st.sampled_from(LEAVES), _wrappings, max_leaves=4)
typed_values = typed.flatmap(lambda t: st.tuples(t[1], st.just(t[0])))


@given(typed_values)
def test_any_composition_of_types_comes_back(case: tuple[Any, Any]) -> None:
    """Containers of models, of enums, of dates, in any nesting, come back with equal reprs and no warning."""
    value, annotation = case
    again = replayed(value, annotation)
    assert type(again) is type(value)
    assert repr(again) == repr(value)
