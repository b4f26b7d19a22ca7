"""Parts of a diff in words: what an added step was, and both sides of a change, safe to print."""

from __future__ import annotations

from agentops_eval.domain import Json, Span, shorten
from agentops_eval.traces._describe import describe
from agentops_eval.traces._elide import brief, elide
from agentops_eval.traces._steps import Chats, Step
from agentops_eval.traces._text import printable
from agentops_eval.traces.diff._forest import Node, node_of
from agentops_eval.traces.diff._model import Change, Kind, Op, StepDiff

_PLAIN = {Kind.LLM, Kind.STATUS, Kind.COST}
MAX_SIDE = 200
SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.MOVED: ">"}


def alone(span: Span) -> Node:
    """A span as a step of its own."""
    return node_of(span, "", Chats())


def one_line(span: Span) -> str:
    """What the call was, in one line."""
    node = alone(span)
    return describe(
        Step(
            depth=0,
            kind=node.kind,
            title=node.title,
            path="",
            span=node.span,
            fields=node.fields,
            text="",
        )
    )


def sign(step: StepDiff) -> str:
    """One character for what happened to a step: + added, - removed, > moved, ~ changed."""
    return SIGNS.get(step.kinds[0], "~")


def place(change: Change) -> str:
    """The field, and where in it."""
    return shorten(printable(f"{change.field} {change.at}".rstrip()), 120)


def sides(change: Change) -> tuple[str, str]:
    """Both values in short, equal parts elided; the side that has none is empty."""
    if change.op is Op.ADDED:
        return "", _brief(change.after, change.kind)
    if change.op is Op.REMOVED:
        return _brief(change.before, change.kind), ""
    if _is_plain(change.before, change.kind) and _is_plain(change.after, change.kind):
        return _brief(change.before, change.kind), _brief(change.after, change.kind)
    return elide(change.before, change.after, limit=MAX_SIDE)


def _is_plain(value: Json, kind: Kind) -> bool:
    return kind in _PLAIN and isinstance(value, str) and len(value) <= MAX_SIDE


def _brief(value: Json, kind: Kind) -> str:
    if isinstance(value, str) and _is_plain(value, kind):
        return printable(value)
    return brief(value, limit=MAX_SIDE)
