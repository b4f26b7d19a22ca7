"""The scripted llm's rules for the team: one policy per member, read from the tools' answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from agentops_eval.testing import Action, CallTools, Conversation, Rule, Say, ToolAnswer, ToolUse

_ORDER = re.compile(r"\b(\d{4})\b")
_MONEY = ("charged", "refund", "money", "pay")
_PARCEL = ("parcel", "where", "lost", "late")


def team_rules() -> tuple[Rule, ...]:
    """Give the rules for the supervisor and the two specialists."""
    return (
        Rule(name="team: supervisor", when=_is("supervisor"), then=_supervise),
        Rule(name="team: billing", when=_is("billing specialist"), then=_bill),
        Rule(name="team: shipping", when=_is("shipping specialist"), then=_ship),
    )


def _is(who: str) -> Callable[[Conversation], bool]:
    return lambda conversation: conversation.system.startswith(f"You are the {who} of a shop's team")


def _supervise(c: Conversation) -> Action:
    """Ask whoever is concerned, both at once where both are, and report in the order of asking."""
    if c.answers:
        return Say(" ".join(_report(answer) for answer in c.answers))
    uses: list[ToolUse] = []
    if c.says(*_MONEY):
        uses.append(ToolUse("ask_billing", {"task": c.user}))
    if c.says(*_PARCEL):
        uses.append(ToolUse("ask_shipping", {"task": c.user}))
    return CallTools(uses, "One moment, I am asking.") if uses else Say("What is this about, please?")


def _report(answer: ToolAnswer) -> str:
    department = answer.name.removeprefix("ask_")
    if answer.failed or not isinstance(answer.value, str):
        return f"Sorry, {department} could not help: {answer.field('error') or answer.text}."
    return answer.value


def _bill(c: Conversation) -> Action:
    found = _ORDER.search(c.user)
    if found is None:
        return Say("Sorry, billing needs the number of the order.")
    order_id = int(found[1])
    payments, refund = c.answer("get_payments"), c.answer("refund_payment")
    if payments is None:
        return CallTools(_first(order_id, c))
    price, paid = payments.field("price"), payments.field("paid")
    if payments.failed or not isinstance(price, (int, float)) or not isinstance(paid, (int, float)):
        return Say(f"Sorry, the payments of order {order_id} could not be looked up.")
    shipping = c.answer("ask_shipping")
    if shipping is not None and shipping.failed:  # nobody knows whether the parcel came back
        return Say(_report(shipping))
    if refund is None:
        amount, reason = _due(c, float(price), float(paid))
        if amount <= 0:
            return Say(f"Nothing is to be paid back for order {order_id}.")
        return CallTools(
            [ToolUse("refund_payment", {"order_id": order_id, "amount": amount, "reason": reason})]
        )
    amount_paid = refund.field("amount")
    if refund.failed or not isinstance(amount_paid, (int, float)):
        return Say(f"Sorry, order {order_id} could not be paid back.")
    return Say(f"{amount_paid:.2f} EUR of order {order_id} are paid back.")


def _first(order_id: int, c: Conversation) -> list[ToolUse]:
    """Look the payments up, and ask about the parcel in the same step where it matters."""
    uses = [ToolUse("get_payments", {"order_id": order_id})]
    if c.says("back", "returned") and not c.says("is lost"):
        uses.append(ToolUse("ask_shipping", {"task": f"Was order {order_id} returned?"}))
    return uses


def _due(c: Conversation, price: float, paid: float) -> tuple[float, str]:
    shipping = c.answer("ask_shipping")
    if shipping is not None:
        returned = not shipping.failed and "is returned" in shipping.text
        return (paid, "returned") if returned else (0.0, "")
    if c.says("is lost"):
        return paid, "lost"
    return round(paid - price, 2), "charged too much"


def _ship(c: Conversation) -> Action:
    wanted = [int(number) for number in dict.fromkeys(_ORDER.findall(c.user))]
    if not wanted:
        return Say("Sorry, shipping needs the number of the order.")
    tracked = [(a.arguments.get("order_id"), a) for a in c.answers if a.name == "track_parcel"]
    known = {order_id: answer for order_id, answer in tracked if isinstance(order_id, int)}
    missing = [order_id for order_id in wanted if order_id not in known]
    if missing:
        return CallTools([ToolUse("track_parcel", {"order_id": order_id}) for order_id in missing])
    places = " ".join(_place(order_id, known[order_id]) for order_id in wanted)
    billing = c.answer("ask_billing")
    delayed = known[wanted[0]].field("status") == "delayed"
    if not c.says("is lost") or not delayed:
        return Say(places)
    if billing is None:
        task = f"Refund order {wanted[0]}: its parcel is lost."
        return CallTools([ToolUse("ask_billing", {"task": task})])
    return Say(f"{places} {_report(billing)}")


def _place(order_id: int, answer: ToolAnswer) -> str:
    if answer.failed or answer.field("status") is None:
        return f"Sorry, the parcel of order {order_id} could not be tracked."
    return f"The parcel of order {order_id} is {answer.field('status')}."
