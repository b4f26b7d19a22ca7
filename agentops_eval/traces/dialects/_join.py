"""Executions of tools joined to the calls that an llm asked for: by id, else by name and arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._draft import json_attribute
from agentops_eval.traces.dialects._tree import Node, enclosing
from agentops_eval.traces.dialects._values import loose

SCANNED = 256
"""Open calls of one name that are looked at for an execution without an id."""


@dataclass(slots=True, kw_only=True)
class _Offer:
    """A call that an llm asked for. ``turn`` is the llm call's place in time."""

    turn: int
    agent: int
    call_id: str | None
    name: str
    arguments: Json
    taken: bool = False


def joined(nodes: Sequence[Node]) -> None:
    """Give every execution the id of the call that it answers, and the arguments that it does not tell."""
    above = enclosing(nodes)
    agents: dict[int, int] = {}
    for node in nodes:
        outer = above.get(id(node))
        agents[id(node)] = id(outer) if outer is None or outer.sort == "agent" else agents[id(outer)]
    offers = _Offers()
    # In time, and at one instant in the tree's order: a call is asked for before it is executed.
    for turn, node in enumerate(sorted(nodes, key=lambda node: node.start_ns)):
        if node.sort == "llm":
            offers.add(_offered(node, turn, agents[id(node)]), turn, agents[id(node)])
        elif node.sort == "tool":
            match = offers.match(node, agents[id(node)])
            if match is not None:
                match.taken = True
                _fill(node, match)


def _offered(node: Node, turn: int, agent: int) -> list[_Offer]:
    return [
        _Offer(
            turn=turn,
            agent=agent,
            call_id=str(part["id"]) if isinstance(part.get("id"), str) else None,
            name=str(part.get("name", "")),
            arguments=part.get("arguments"),
        )
        for part in node.reading.calls
    ]


class _Offers:
    """What was asked for so far, by id and by name."""

    def __init__(self) -> None:
        self._by_id: dict[str, list[_Offer]] = {}
        self._by_name: dict[str, list[_Offer]] = {}
        self._turns: dict[int, int] = {}

    def add(self, offers: Iterable[_Offer], turn: int, agent: int) -> None:
        self._turns[agent] = turn
        for offer in offers:
            self._by_name.setdefault(offer.name, []).append(offer)
            if offer.call_id is not None:
                self._by_id.setdefault(offer.call_id, []).append(offer)

    def match(self, node: Node, agent: int) -> _Offer | None:
        """The latest open call with the id; without an id, the one of that name that fits best."""
        call_id = node.reading.attributes.get(sc.TOOL_CALL_ID)
        if isinstance(call_id, str):
            known = self._by_id.get(call_id, [])
            return next((offer for offer in reversed(known[-SCANNED:]) if not offer.taken), None)
        name = str(node.reading.attributes.get(sc.TOOL_NAME, ""))
        still = [offer for offer in self._by_name.get(name, [])[-SCANNED:] if not offer.taken]
        if name in self._by_name:
            self._by_name[name] = still
        latest = sorted(still, key=lambda offer: (offer.agent != agent, -offer.turn))
        return self._best(latest, node.reading.attributes.get(sc.TOOL_CALL_ARGUMENTS))

    def _best(self, latest: Sequence[_Offer], told: object) -> _Offer | None:
        """Equal arguments first, then those that the tool's defaults only added to, then the order.

        Arguments that the program changed on the way are those of the preceding message, or of none.
        """
        if not latest:
            return None
        given = loose(told) if isinstance(told, str) else None
        first = latest[0]
        if not isinstance(given, Mapping):
            return first
        exact = (offer for offer in latest if (offer.arguments or {}) == given)
        found = next(exact, None) or next((o for o in latest if _adds_to(given, o.arguments)), None)
        return found or (first if first.turn == self._turns[first.agent] else None)


def _adds_to(given: Mapping[str, Json], asked: Json) -> bool:
    wanted = asked or {}
    if not isinstance(wanted, Mapping):
        return False
    return all(key in given and given[key] == value for key, value in wanted.items())


def _fill(node: Node, offer: _Offer) -> None:
    found = dict(node.reading.attributes)
    if offer.call_id is not None:
        found.setdefault(sc.TOOL_CALL_ID, offer.call_id)
    if offer.name:
        found.setdefault(sc.TOOL_NAME, offer.name)
    if isinstance(offer.arguments, Mapping):
        found.setdefault(sc.TOOL_CALL_ARGUMENTS, json_attribute(offer.arguments, sort_keys=False))
    node.reading = replace(node.reading, attributes=found)
