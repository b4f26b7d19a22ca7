"""The inventory of a project's agents: ``[tool.agentops.agents.NAME]`` with purpose and owner."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import ConfigInvalid
from agentops_eval.harness._settings import pyproject_table
from agentops_eval.harness._wrong import unknown_name

ROLE = re.compile(r"role:[a-z0-9][a-z0-9-]*")
"""What an owner is: a role, never a person."""

_KEYS = ("purpose", "owner", "payer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventoried:
    """An agent as its project knows it. ``owner`` is a role (``role:refunds``); each may be empty.

    ``payer`` is who pays for it, as the project calls them: a team, a tenant, a use case.
    """

    name: str
    purpose: str = ""
    owner: str = ""
    payer: str = ""


def read_inventory(root: Path) -> Mapping[str, Inventoried]:
    """The agents of a project, by name; none where it says nothing. Raises ConfigInvalid."""
    table = pyproject_table(root).get("agents", {})
    if not isinstance(table, Mapping):
        raise ConfigInvalid("agents is not a table", where="pyproject.toml", remedy=_example("refund"))
    return {name: _read(name, told) for name, told in table.items()}


def _read(name: str, told: object) -> Inventoried:
    where = f"[tool.agentops.agents.{name}] in pyproject.toml"
    if not isinstance(told, Mapping) or not all(isinstance(value, str) for value in told.values()):
        what = "an agent has a purpose, an owner and a payer"
        raise ConfigInvalid(what, where=where, remedy=_example(name))
    for key in told:
        if key not in _KEYS:
            raise unknown_name(f"an agent has no {key!r}", _KEYS, key, where=where)
    found = Inventoried(name=name, **told)
    if found.owner and ROLE.fullmatch(found.owner) is None:
        what = f"{found.owner!r} is no role: people are not named"
        raise ConfigInvalid(what, where=where, remedy='write owner = "role:on-call"')
    return found


def _example(name: str) -> str:
    return f'[tool.agentops.agents.{name}]  purpose = "..."  owner = "role:on-call"'
