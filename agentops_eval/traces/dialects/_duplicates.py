"""Spans that tell the same call twice: an instrumentation around a client that tells it too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _finish as f
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._tree import Node, enclosing, lifted
from agentops_eval.traces.dialects.known import NATIVE

_CONTENT = (sc.OUTPUT_MESSAGES, sc.INPUT_MESSAGES, sc.TOOL_CALL_ARGUMENTS, sc.TOOL_CALL_RESULT)
_INFERENCE = {"llm", "embeddings"}
_MCP = "mcp"


def without_duplicates(nodes: Sequence[Node]) -> tuple[list[Node], dict[str, str]]:
    """The nodes that stay, depth first, and which of them stands for each that does not."""
    above = enclosing(nodes)
    _nested_calls(nodes, above)
    _nested_others(nodes, above)
    _same_response(node for node in nodes if node.stands_for is None and node.sort in _INFERENCE)
    gone = [node for node in nodes if node.stands_for is not None]
    return lifted(nodes, gone), {node.span_id: _last(node).span_id for node in gone}


def _last(node: Node) -> Node:
    """Who stands for a node in the end. A node never stands for one that stands for it."""
    passed: list[Node] = []
    while node.stands_for is not None:
        passed.append(node)
        node = node.stands_for
    for one in passed:  # so that a long chain is walked once
        one.stands_for = node
    return node


# -- one under the other ----------------------------------------------------------------------


def _nested_calls(nodes: Sequence[Node], above: dict[int, Node]) -> None:
    """A call under a call is the same one; over several, the upper span is their sum and no call."""
    inner: dict[int, list[Node]] = {}
    for node in nodes:
        outer = above.get(id(node))
        if node.sort in _INFERENCE and outer is not None and outer.sort == node.sort:
            inner.setdefault(id(outer), []).append(node)
    for outer in nodes:
        below = inner.get(id(outer), [])
        if len(below) == 1:
            _merge(_last(outer), below[0])
        elif below:
            _demote(_last(outer))


def _demote(node: Node) -> None:
    """Make a step of a span that only sums up the calls below it."""
    found = dict(node.reading.attributes)
    found.pop(sc.OPERATION_NAME, None)
    found[sc.AGENTOPS_STEP] = node.source.span.name or "step"
    node.reading = replace(node.reading, operation=STEP, attributes=f.held(found, STEP), calls=())


def _nested_others(nodes: Sequence[Node], above: dict[int, Node]) -> None:
    """A tool or agent told by two instrumentations, and the protocol's two sides of a tool's call."""
    for node in nodes:
        outer = above.get(id(node))
        if outer is None or outer.sort != node.sort or node.sort not in {"tool", "agent"}:
            continue
        key = sc.TOOL_NAME if node.sort == "tool" else sc.AGENT_NAME
        same = _get(outer, key) == _get(node, key) and _get(node, key) is not None
        if same and (node.dialect != outer.dialect or node.dialect == _MCP):
            kept = _last(outer)
            node.stands_for = kept
            kept.reading = replace(
                kept.reading, attributes={**node.reading.attributes, **kept.reading.attributes}
            )


# -- side by side -----------------------------------------------------------------------------


def _same_response(nodes: Iterable[Node]) -> None:
    """Calls with one response id are one call, unless one instrumentation tells them one after another.

    A server that always answers with the same id, as test servers do, must not hide calls.
    """
    groups: dict[str, list[list[Node]]] = {}
    for node in sorted(nodes, key=lambda node: node.start_ns):
        response = _get(node, sc.RESPONSE_ID)
        if not isinstance(response, str):
            continue
        open_groups = groups.setdefault(response, [])
        fitting = (g for g in open_groups[-8:] if not any(_apart(one, node) for one in g))
        group = next(fitting, None)
        if group is None:
            open_groups.append([node])
        else:
            group.append(node)
    for group in (one for several in groups.values() for one in several if len(one) > 1):
        first = group[0]
        for other in group[1:]:
            first = _merge(other, first)


def _apart(one: Node, other: Node) -> bool:
    """Whether the same instrumentation tells of the second after the first had ended."""
    ended = one.source.span.end_ns
    return one.dialect == other.dialect and 0 < ended <= other.start_ns and one.start_ns < other.start_ns


# -- merging ----------------------------------------------------------------------------------


def _merge(one: Node, other: Node) -> Node:
    """Let the span that tells more stand for both, with what only the other one knows; give it back.

    Counts are best taken from the provider's own client: some instrumentations count streams wrong.
    """
    kept, gone = (one, other) if _richness(one) > _richness(other) else (other, one)
    gone.stands_for = kept
    merged = {**gone.reading.attributes, **kept.reading.attributes}
    if gone.dialect in NATIVE:
        merged |= {key: value for key, value in gone.reading.attributes.items() if key in f.USAGE}
    calls = kept.reading.calls or gone.reading.calls
    kept.reading = replace(kept.reading, attributes=merged, calls=calls)
    return kept


def _richness(node: Node) -> tuple[int, int]:
    found = node.reading.attributes
    return sum(key in found for key in _CONTENT), len(found)


def _get(node: Node, key: str) -> object:
    return node.reading.attributes.get(key)
