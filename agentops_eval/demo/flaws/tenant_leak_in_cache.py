"""Keeps balances in a cache by account number alone, though two tenants have accounts of the same number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agentops_eval import tool

BALANCES = {("acme", "1"): "1200 EUR", ("globex", "1"): "77 EUR"}
SORRY = "Sorry, the balance is not known at the moment."


@dataclass(slots=True)
class World:
    """The bank, and the cache that the desk keeps for all its tenants."""

    cache: dict[tuple[str, ...], str] = field(default_factory=dict)

    @tool
    def get_balance(self, tenant: str, account: str) -> str:
        """What is on an account of a tenant."""
        return BALANCES[tenant, account]


def flawed(tenant: str = "acme", *, world: World) -> str:
    """Tell the balance; the key of the cache does not say whose it is."""
    return _told(world, tenant, ("1",))


def mended(tenant: str = "acme", *, world: World) -> str:
    """Tell the balance; what is kept is kept for each tenant."""
    return _told(world, tenant, (tenant, "1"))


def _told(world: World, tenant: str, key: tuple[str, ...]) -> str:
    if key not in world.cache:
        try:
            balance = world.get_balance(tenant, "1")
        except OSError:
            return SORRY
        if re.fullmatch(r"\d+ EUR", str(balance)) is None:
            return SORRY
        world.cache[key] = balance
    return f"On the account are {world.cache[key]}."
