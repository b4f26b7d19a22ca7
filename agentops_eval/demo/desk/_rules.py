"""The scripted llm's rules for the desk. They read the policy in the prompt, and the tools' answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from agentops_eval.testing import Action, CallTools, Conversation, Rule, Say, ToolAnswer, ToolUse

_ORDER = re.compile(r"(?<![\w-])(\d{4})\b")
_CUSTOMER = re.compile(r"\bcustomer-\d+\b")
_ANGER = ("unacceptable", "third time", "manager", "outrageous")


def desk_rules() -> tuple[Rule, ...]:
    """Give the rules for the desk's customers: refunds, discounts, complaints, and orders' whereabouts."""
    return (
        Rule(name="desk: complaint", when=_at_desk(*_ANGER), then=_complaint),
        Rule(name="desk: refund", when=_at_desk("money back", "refund", "broken"), then=_refund),
        Rule(name="desk: discount", when=_at_desk("discount", "percent off"), then=_discount),
        Rule(name="desk: orders", when=_at_desk("order"), then=whereabouts),
        Rule(name="desk: other", when=_at_desk(), then=Say("Which order is this about, please?")),
    )


def _at_desk(*words: str) -> Callable[[Conversation], bool]:
    def fits(conversation: Conversation) -> bool:
        here = "sales and support desk" in conversation.system
        return here and (not words or conversation.says(*words))

    return fits


def _refund(c: Conversation) -> Action:
    order_id = _order_id(c)
    if order_id is None:
        return Say("I am sorry to hear that. Which order is this about, please?")
    order, refund = c.answer("get_order"), c.answer("issue_refund")
    if order is None:
        return CallTools([ToolUse("get_order", {"order_id": order_id})])
    paid = order.field("price")
    if order.failed or not isinstance(paid, (int, float)):
        return Say(_sorry(f"order {order_id} could not be looked up", order))
    if refund is None:
        amount = min(float(paid), _limit(c.system))
        reason = "arrived broken" if c.says("broken") else "asked for by the customer"
        return CallTools(
            [ToolUse("issue_refund", {"order_id": order_id, "amount": amount, "reason": reason})],
            "I am sorry about that. Let me pay it back.",
        )
    refunded = refund.field("amount")
    if refund.failed or not isinstance(refunded, (int, float)):
        return Say(_sorry(f"order {order_id} could not be refunded", refund))
    return _confirmed(c, order, f"Order {order_id} was refunded: {refunded:.2f} EUR.")


def _confirmed(c: Conversation, order: ToolAnswer, news: str) -> Action:
    """Confirm good news by email, then tell it; a lost email does not undo the news."""
    email = c.answer("send_email")
    if email is None:
        customer = order.field("customer_id")
        return CallTools([_email(customer, "About your order", news)])
    if email.failed:
        return Say(f"{news} Sorry, the confirmation could not be sent by email.")
    return Say(f"{news} A confirmation was sent by email.")


def _discount(c: Conversation) -> Action:
    name, percent = _CUSTOMER.search(c.user), _percent(c.user)
    if name is None or percent is None:
        return Say("Who are you, please, and how many percent would you like?")
    customer, discount = c.answer("find_customer"), c.answer("grant_discount")
    if customer is None:
        return CallTools([ToolUse("find_customer", {"name": name[0]})])
    customer_id = customer.field("customer_id")
    if customer.failed or not isinstance(customer_id, int):
        return Say(_sorry(f"{name[0]} could not be found", customer))
    if discount is None:
        return CallTools([_grant(customer_id, percent, "asked for by the customer")])
    granted = discount.field("percent")
    if discount.failed or not isinstance(granted, int):
        return Say(_sorry("the discount was not granted", discount))
    return Say(f"Good news: your next order is {granted} percent cheaper.")


def _complaint(c: Conversation) -> Action:
    order_id = _order_id(c)
    if order_id is None:
        return Say("I am very sorry. Which order is this about, please?")
    order = c.answer("get_order")
    if order is None:
        return CallTools([ToolUse("get_order", {"order_id": order_id})], "I am very sorry about this.")
    customer_id = order.field("customer_id")
    if order.failed or not isinstance(customer_id, int):
        return Say(_sorry(f"order {order_id} could not be looked up", order))
    discount, email = c.answer("grant_discount"), c.answer("send_email")
    wanted: list[ToolUse] = []
    if discount is None:
        wanted.append(_grant(customer_id, _percent(c.system) or 10, "late order"))
    if email is None:
        body = f"We are sorry that order {order_id} is {order.field('status')}. A person will call you."
        wanted.append(_email(customer_id, "We are sorry", body))
    if discount is None or email is None:
        return CallTools(wanted)
    news = f"I am very sorry: order {order_id} is {order.field('status')}."
    if not discount.failed:
        news += f" Your next order is {discount.field('percent')} percent cheaper."
    return Say(f"{news} A person will call you." if not email.failed else f"{news} Please call us.")


def whereabouts(c: Conversation) -> Action:
    """Look up every order that the customer names, all at once, and tell where they are."""
    wanted = list(dict.fromkeys(int(number) for number in _ORDER.findall(c.user)))
    if not wanted:
        return Say("Which order is this about, please?")
    asked = ((answer.arguments.get("order_id"), answer) for answer in c.answers if answer.name == "get_order")
    known = {order_id: answer for order_id, answer in asked if isinstance(order_id, int)}
    missing = [order_id for order_id in wanted if order_id not in known]
    if missing:
        return CallTools([ToolUse("get_order", {"order_id": order_id}) for order_id in missing])
    return Say(" ".join(_place(order_id, known[order_id]) for order_id in wanted))


def _place(order_id: int, answer: ToolAnswer) -> str:
    if answer.failed or answer.field("status") is None:
        return _sorry(f"order {order_id} could not be looked up", answer)
    return f"Order {order_id} ({answer.field('item')}) is {answer.field('status')}."


def _sorry(what: str, answer: ToolAnswer) -> str:
    why = answer.field("error") if answer.failed else "its answer makes no sense"
    return f"Sorry, {what}: {why or answer.text}."


def _grant(customer_id: int, percent: int, reason: str) -> ToolUse:
    return ToolUse("grant_discount", {"customer_id": customer_id, "percent": percent, "reason": reason})


def _email(customer_id: object, subject: str, body: str) -> ToolUse:
    receiver = customer_id if isinstance(customer_id, int) else 0
    return ToolUse("send_email", {"customer_id": receiver, "subject": subject, "body": body})


def _order_id(c: Conversation) -> int | None:
    found = _ORDER.search(c.user)
    return int(found[1]) if found else None


def _limit(system: str) -> float:
    found = re.search(r"up to (\d+(?:\.\d+)?) EUR", system)
    return float(found[1]) if found else 0.01


def _percent(text: str) -> int | None:
    found = re.search(r"(\d+) percent", text)
    return int(found[1]) if found else None
