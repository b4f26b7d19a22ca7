"""A trace made ready for alignment: its tree in arrays, and what makes two of its steps equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import Json, Span, Trace, canonical_json, to_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._ids import depth_first
from agentops_eval.traces._normal import normal_span, unpacked
from agentops_eval.traces._steps import Chats, fields_of, kind_and_title

NEW = frozenset({"history", sc.INPUT_MESSAGES})
"""What a chat was asked, as far as its agent's previous chat had not been asked it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step. ``span`` is as it was given; ``fields`` are without what varies with every run.

    ``own`` spells the step's content: equal if and only if nothing differs. ``whole`` is the same with
    a chat's whole history in place of what is new in it, so that a chat before it does not matter.
    Steps with equal ``name`` can be versions of each other.
    """

    span: Span
    kind: str
    title: str
    fields: Mapping[str, Json]
    name: tuple[str, str]
    own: tuple[str, ...]
    whole: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """The nodes depth first, so that the ``size[i]`` nodes from ``i`` on are its subtree.

    ``asked`` numbers the llm call that a tool call was asked for by, -1 where that is unknown.
    """

    nodes: Sequence[Node]
    parents: Sequence[int | None]
    children: Sequence[Sequence[int]]
    roots: Sequence[int]
    size: Sequence[int]
    asked: Sequence[int]

    def __len__(self) -> int:
        return len(self.nodes)


def forest_of(trace: Trace) -> Forest:
    """The trace's tree; circles are cut and orphans are roots, as in a golden."""
    order, upward = depth_first(trace.spans)
    place = {index: new for new, index in enumerate(order)}
    above = [upward[index] for index in order]
    parents = [None if parent is None else place[parent] for parent in above]
    chats = Chats()
    nodes = [
        node_of(trace.spans[index], str(parent), chats) for index, parent in zip(order, parents, strict=True)
    ]
    children: list[list[int]] = [[] for _ in nodes]
    size = [1] * len(nodes)
    for index in range(len(nodes) - 1, -1, -1):
        parent = parents[index]
        if parent is not None:
            size[parent] += size[index]
            children[parent].append(index)
    for below in children:
        below.reverse()
    return Forest(
        nodes=nodes,
        parents=parents,
        children=children,
        roots=[index for index, parent in enumerate(parents) if parent is None],
        size=size,
        asked=_asked(nodes),
    )


def node_of(given: Span, parent: str, chats: Chats) -> Node:
    """One step.

    ``parent`` names the agent whose chats go on from each other: ids may be missing or doubled.
    """
    try:
        span = normal_span(given)
    except RecursionError:
        shallow = {key: canonical_json(to_json(value)) for key, value in given.attributes.items()}
        span = normal_span(replace(given, attributes=shallow))
    fields = fields_of(span, chats, parent=parent)
    if "history" in fields:
        # How many messages there were follows from the steps before, which are compared themselves.
        fields["history"] = str(fields["history"]).partition(" ")[0]
    kind, title = kind_and_title(span)
    if kind != "llm":
        fields["name"] = span.name
    fields["span kind"] = span.kind.name
    rest = canonical_json({key: value for key, value in fields.items() if key not in NEW})
    new = ""
    if "history" in fields or sc.INPUT_MESSAGES in fields:
        new = canonical_json([fields.get("history"), fields.get(sc.INPUT_MESSAGES)])
    name = (kind, "" if kind == "llm" else title)
    history = span.attributes.get(sc.INPUT_MESSAGES)
    return Node(
        span=given,
        kind=kind,
        title=title,
        fields=fields,
        name=name,
        own=(*name, rest, new),
        whole=(*name, rest, new if not isinstance(history, str) else history),
    )


def _asked(nodes: Sequence[Node]) -> list[int]:
    """By which llm call each tool call was asked for: by the latest before it that names its id."""
    latest: dict[str, int] = {}
    asked: list[int] = []
    for index, node in enumerate(nodes):
        drawn = node.span.attributes.get(sc.TOOL_CALL_ID)
        known = node.kind == "tool" and isinstance(drawn, str)
        asked.append(latest.get(str(drawn), -1) if known else -1)
        if node.kind == "llm":
            latest |= dict.fromkeys(_calls(node.span), index)
    return asked


def _calls(span: Span) -> list[str]:
    """The ids of the calls that an llm asks for."""
    text = span.attributes.get(sc.OUTPUT_MESSAGES)
    if not isinstance(text, str) or '"tool_call"' not in text:
        return []
    messages = unpacked(text)
    found: list[str] = []
    for message in messages if isinstance(messages, list) else ():
        parts = message.get("parts") if isinstance(message, Mapping) else None
        for part in parts if isinstance(parts, list) else ():
            drawn = part.get("id") if isinstance(part, Mapping) else None
            if isinstance(drawn, str):
                found.append(drawn)
    return found
