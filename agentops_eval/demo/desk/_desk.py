"""The shop's database: customers, orders, payments, refunds, discounts and sent emails."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict

from agentops_eval.domain import Json

_SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    item TEXT NOT NULL, cents INTEGER NOT NULL, status TEXT NOT NULL
);
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), cents INTEGER NOT NULL
);
CREATE TABLE refunds (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL UNIQUE REFERENCES orders (id),
    cents INTEGER NOT NULL CHECK (cents > 0), reason TEXT NOT NULL
);
CREATE TABLE discounts (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100), reason TEXT NOT NULL
);
CREATE TABLE emails (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    subject TEXT NOT NULL, body TEXT NOT NULL
);
"""
EFFECTS = ("refunds", "discounts", "emails")
"""The tables that only agents write."""

_ITEMS = (
    ("desk lamp", 5990),
    ("kettle", 2450),
    ("backpack", 8900),
    ("headphones", 12900),
    ("notebook set", 1490),
    ("rain jacket", 7450),
)
_STATUSES = ("delivered", "shipped", "delayed", "delivered")
_RETURNED, _PAID_TWICE = 1047, 1046


class Refused(Exception):
    """The desk does not do what was asked; the message says why, for the llm to read."""


class Customer(TypedDict):
    """A customer as the tools show one."""

    customer_id: int
    name: str
    email: str


class Order(TypedDict):
    """An order as the tools show one; ``price`` and ``paid`` are in EUR."""

    order_id: int
    customer_id: int
    item: str
    price: float
    paid: float
    status: str


class Refund(TypedDict):
    """A refund that was made, in EUR."""

    refund_id: int
    order_id: int
    amount: float


class Discount(TypedDict):
    """A discount that was granted."""

    discount_id: int
    customer_id: int
    percent: int


class Email(TypedDict):
    """An email that was sent."""

    email_id: int
    customer_id: int
    subject: str


class Desk:
    """A shop with generated customers and orders, in memory or in ``<directory>/desk.db``.

    Safe under threads and tasks. Close it, or use it as a context manager.
    """

    def __init__(self, directory: Path | None = None) -> None:
        place = ":memory:" if directory is None else str(directory / "desk.db")
        self._lock = threading.RLock()
        self._db = sqlite3.connect(place, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA foreign_keys = ON")
        if not self._rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            self._seed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database. What is in memory is lost."""
        with self._lock:
            self._db.close()

    def customer(self, name: str) -> Customer:
        """Find a customer by name or email address. Raises Refused where there is none."""
        row = self._one("SELECT * FROM customers WHERE ? IN (name, email)", name)
        if row is None:
            raise Refused(f"there is no customer {name}")
        return Customer(customer_id=row["id"], name=row["name"], email=row["email"])

    def order(self, order_id: int) -> Order:
        """Look an order up. Raises Refused where there is none."""
        row = self._one("SELECT * FROM orders WHERE id = ?", order_id)
        if row is None:
            raise Refused(f"there is no order {order_id}")
        paid = self._one("SELECT coalesce(sum(cents), 0) AS cents FROM payments WHERE order_id = ?", order_id)
        return Order(
            order_id=order_id,
            customer_id=row["customer_id"],
            item=row["item"],
            price=row["cents"] / 100,
            paid=(paid["cents"] if paid else 0) / 100,
            status=row["status"],
        )

    def refund(self, order_id: int, amount: float, reason: str) -> Refund:
        """Pay money back, once per order: a repeat gives the first refund and pays nothing.

        ``amount`` is in EUR. Raises Refused unless it is positive and at most what was paid.
        """
        cents = round(amount * 100)
        with self._lock:
            order = self.order(order_id)
            if not 0 < cents <= round(order["paid"] * 100):
                raise Refused(f"{amount:.2f} EUR cannot be refunded of {order['paid']:.2f} EUR")
            self._write(
                "INSERT INTO refunds (order_id, cents, reason) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                order_id, cents, reason,
            )  # fmt: skip
            row = self._one("SELECT * FROM refunds WHERE order_id = ?", order_id)
        assert row is not None
        return Refund(refund_id=row["id"], order_id=order_id, amount=row["cents"] / 100)

    def discount(self, customer_id: int, percent: int, reason: str) -> Discount:
        """Grant a discount on the customer's next order. Raises Refused unless it is 1 to 100 percent."""
        if not 0 < percent <= 100:
            raise Refused(f"a discount of {percent} percent does not exist")
        with self._lock:
            self._known(customer_id)
            row_id = self._write(
                "INSERT INTO discounts (customer_id, percent, reason) VALUES (?, ?, ?)",
                customer_id, percent, reason,
            )  # fmt: skip
        return Discount(discount_id=row_id, customer_id=customer_id, percent=percent)

    def email(self, customer_id: int, subject: str, body: str) -> Email:
        """Send an email to a customer, the same one once: here, put it into the table of sent ones."""
        words = (customer_id, subject, body)
        with self._lock:
            self._known(customer_id)
            sent = self._one("SELECT id FROM emails WHERE (customer_id, subject, body) = (?, ?, ?)", *words)
            row_id = (
                sent["id"]
                if sent
                else self._write("INSERT INTO emails (customer_id, subject, body) VALUES (?, ?, ?)", *words)
            )
        return Email(email_id=row_id, customer_id=customer_id, subject=subject)

    def effects(self) -> Mapping[str, list[Mapping[str, Json]]]:
        """Give all that agents changed: the rows of refunds, discounts and emails."""
        return {table: self._table(table) for table in EFFECTS}

    def state(self) -> Json:
        """Give what a suite looks at when the agent is done: all that agents changed."""
        return self.effects()

    def _table(self, table: str) -> list[Mapping[str, Json]]:
        return [dict(row) for row in self._rows(f"SELECT * FROM {table} ORDER BY id")]

    def _known(self, customer_id: int) -> None:
        if self._one("SELECT id FROM customers WHERE id = ?", customer_id) is None:
            raise Refused(f"there is no customer {customer_id}")

    def _rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return list(self._db.execute(statement, values))

    def _one(self, statement: str, *values: object) -> sqlite3.Row | None:
        rows = self._rows(statement, *values)
        return rows[0] if rows else None

    def _write(self, statement: str, *values: object) -> int:
        with self._lock, self._db:
            return self._db.execute(statement, values).lastrowid or 0

    def _seed(self) -> None:
        """Fill the shop with twenty customers and forty orders, the same in every shop."""
        names = [(n, f"customer-{n}", f"customer-{n}@shop.example") for n in range(1001, 1021)]
        orders = []
        for n in range(40):
            item, cents = _ITEMS[n % len(_ITEMS)]
            status = "returned" if 1030 + n == _RETURNED else _STATUSES[n % len(_STATUSES)]
            orders.append((1030 + n, 1001 + n % 20, item, cents, status))
        paid = [(order[0], order[3]) for order in orders]
        paid += [payment for payment in paid if payment[0] == _PAID_TWICE]
        with self._lock, self._db:
            self._db.executescript(_SCHEMA)
            self._db.executemany("INSERT INTO customers VALUES (?, ?, ?)", names)
            self._db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", orders)
            self._db.executemany("INSERT INTO payments (order_id, cents) VALUES (?, ?)", paid)
