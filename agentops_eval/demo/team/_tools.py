"""The specialists' tools, async, over the shop's database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from agentops_eval import tool
from agentops_eval.demo._tooling import LlmTool
from agentops_eval.demo.desk import Desk
from agentops_eval.demo.desk._desk import Refund


class Payments(TypedDict):
    """What an order costs and what was paid for it, in EUR."""

    order_id: int
    price: float
    paid: float


class Parcel(TypedDict):
    """Where a parcel is."""

    order_id: int
    status: str


def billing_tools(desk: Desk) -> Sequence[LlmTool]:
    """Give the tools of the billing specialist."""

    @tool
    async def get_payments(order_id: int) -> Payments:
        """Look up what an order costs and what was paid for it."""
        order = desk.order(order_id)
        return Payments(order_id=order_id, price=order["price"], paid=order["paid"])

    @tool(effect="write", idempotency_key="order_id")
    async def refund_payment(order_id: int, amount: float, reason: str) -> Refund:
        """Pay money back for an order, in EUR; at most once per order."""
        return desk.refund(order_id, amount, reason)

    return (LlmTool.of(get_payments, reads=True), LlmTool.of(refund_payment, repeatable=True))


def shipping_tools(desk: Desk) -> Sequence[LlmTool]:
    """Give the tools of the shipping specialist."""

    @tool
    async def track_parcel(order_id: int) -> Parcel:
        """Find out where the parcel of an order is."""
        return Parcel(order_id=order_id, status=desk.order(order_id)["status"])

    return (LlmTool.of(track_parcel, reads=True),)
