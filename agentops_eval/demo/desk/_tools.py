"""The desk's tools, declared so that runs record them."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval import tool
from agentops_eval.demo._tooling import LlmTool
from agentops_eval.demo.desk._desk import Customer, Desk, Discount, Email, Order, Refund


def desk_tools(desk: Desk) -> Mapping[str, LlmTool]:
    """Give the tools of one desk by name."""

    @tool
    def find_customer(name: str) -> Customer:
        """Find a customer by name or email address."""
        return desk.customer(name)

    @tool
    def get_order(order_id: int) -> Order:
        """Look an order up by its number."""
        return desk.order(order_id)

    @tool(effect="write", idempotency_key="order_id")
    def issue_refund(order_id: int, amount: float, reason: str) -> Refund:
        """Pay money back for an order, in EUR; at most once per order."""
        return desk.refund(order_id, amount, reason)

    @tool(effect="write")
    def grant_discount(customer_id: int, percent: int, reason: str) -> Discount:
        """Grant a discount on the customer's next order; large ones are decided by a person."""
        return desk.discount(customer_id, percent, reason)

    @tool(effect="external")
    def send_email(customer_id: int, subject: str, body: str) -> Email:
        """Send an email to a customer."""
        return desk.email(customer_id, subject, body)

    tools = (
        LlmTool.of(find_customer, reads=True),
        LlmTool.of(get_order, reads=True),
        LlmTool.of(issue_refund, repeatable=True),
        LlmTool.of(grant_discount),
        LlmTool.of(send_email),
    )
    return {each.name: each for each in tools}
