"""One message in many words: who tells of a refund, in which order, language, layout and spelling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

REFERENCE = "Order {order} was refunded: {amount} EUR will be on your card by {date}."

TEMPLATES = {
    "plain": "We refunded {amount} for order {order}. It will be on your card by {date}.",
    "date-first": "By {date} you will find {amount} on your card: that is the refund of order {order}.",
    "polite": "Thank you for your patience! Your refund of {amount} for order #{order} has been issued and "
    "should reach your card by {date}. Please do not hesitate to write to us again.",
    "no-worries": "No worries, we've got you covered: order {order} is refunded in full. Expect {amount} by "
    "{date}.",
    "list": "**All done!**\n\n- Order: {order}\n- Refund: {amount}\n- On your card by: {date}\n",
    "numbered": "Here is what I did:\n1. I looked up order {order}.\n2. I refunded {amount}.\n3. It arrives "
    "by {date}.",
    "table": "| Order | Refund | On your card by |\n|---|---|---|\n| {order} | {amount} | {date} |\n",
    "heading": "### Refund issued\n\nYour order number **{order}** was refunded. *{amount}* go back to your "
    "card by {date}.",
    "passive": "The amount of {amount} paid for order no. {order} has been reimbursed and will arrive by "
    "{date}.",
    "german": "Ihre Bestellung {order} wurde erstattet. Sie erhalten {amount} bis zum {date} auf Ihre Karte.",
    "german-polite": "Vielen Dank für Ihre Geduld! Wir haben Ihnen {amount} für die Bestellung Nr. {order} "
    "zurückerstattet. Das Geld ist bis {date} auf Ihrer Karte. Zögern Sie nicht, sich zu melden.",
    "german-list": "Erledigt:\n* Bestellnummer: {order}\n* Erstattung: {amount}\n* Spätestens am {date}",
    "brackets": "Refund confirmed ({amount}, order {order}); please allow until {date} for it to "
    "show on your "
    "card.",
    "relative": "Your order {order}, which arrived broken, has been refunded with {amount}, due by {date}.",
    "no-fee": "You get {amount} back for order {order} at no extra cost, and you will have it by {date}.",
    "question": "Would you like anything else? Order {order} has been refunded ({amount}, by {date}).",
    "condition": "Order {order} is refunded: {amount} by {date}. If you have not received it by then, let us "
    "know.",
    "no-need": "You do not need to return the lamp of order {order}. We have sent {amount} back, due by "
    "{date}.",
    "dashes": "Order {order} \u2013 refunded \u2013 {amount} \u2013 by {date}.",
    "shouted": "GOOD NEWS: ORDER {order} WAS REFUNDED. {amount} WILL BE ON YOUR CARD BY {date}.",
    "link": "I refunded order [{order}](https://shop.example/orders/{order}): {amount}, on your card by "
    "{date}.",
    "quote": "> Order {order}\n\nDone. `{amount}` will be back by {date}. It was refunded to your card.",
}
"""Twenty and more ways to say it."""


def grouped(amount: Decimal, thousands: str, point: str) -> str:
    return f"{amount:,.2f}".translate(str.maketrans({",": thousands, ".": point}))


def _words(amount: Decimal) -> str:
    whole, cents = divmod(int(amount * 100), 100)
    return f"{whole} euros and {cents} cents"


AMOUNTS: dict[str, Callable[[Decimal], str]] = {
    "code-behind": lambda amount: f"{amount:.2f} EUR",
    "code-before": lambda amount: f"EUR {grouped(amount, ',', '.')}",
    "code-glued": lambda amount: f"{amount:.2f}EUR",
    "sign-before": lambda amount: f"\u20ac{grouped(amount, ',', '.')}",
    "sign-behind": lambda amount: f"{grouped(amount, '.', ',')} \u20ac",
    "german": lambda amount: f"{grouped(amount, '.', ',')} Euro",
    "swiss": lambda amount: f"EUR {grouped(amount, chr(39), '.')}",
    "no-break-space": lambda amount: f"{grouped(amount, chr(0xA0), ',')}\u00a0\u20ac",
    "short": lambda amount: f"{amount.normalize():f} euros",
    "words": _words,
}

DATES: dict[str, Callable[[date], str]] = {
    "iso": lambda day: day.isoformat(),
    "english": lambda day: f"{day.day} {day:%B %Y}",
    "american": lambda day: f"{day:%B} {day.day}, {day:%Y}",
    "ordinal": lambda day: f"the {day.day}th of {day:%B %Y}",
    "short": lambda day: f"{day.day} {day:%b %Y}",
    "german": lambda day: f"{day:%d.%m.%Y}",
    "german-long": lambda day: f"{day.day}. {GERMAN[day.month - 1]} {day.year}",
    "slashes": lambda day: f"{day:%d/%m/%Y}",
    "no-year": lambda day: f"{day.day} {day:%B}",
}
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()

amounts = st.decimals(Decimal("1.01"), Decimal(99_999), places=2).filter(lambda amount: amount % 1 != 0)
orders = st.integers(1000, 9_999_999).map(str)
days = st.dates(date(2026, 1, 1), date(2031, 12, 31))


def told(template: str, order: str, amount: str, day: str) -> str:
    """One way to say it."""
    return TEMPLATES[template].format(order=order, amount=amount, date=day)
