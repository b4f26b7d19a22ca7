"""Trees of steps to compare: few names and contents, so that steps repeat, and fresh ones that never do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import semconv as sc


@dataclass
class Tree:
    """A step and what is below it; ``times`` are start and end."""

    name: str
    content: str = ""
    kind: str = "tool"
    below: list[Tree] = field(default_factory=list)
    times: tuple[int, int] = (0, 0)
    extra: dict = field(default_factory=dict)

    def copy(self) -> Tree:
        return Tree(
            self.name,
            self.content,
            self.kind,
            [tree.copy() for tree in self.below],
            self.times,
            dict(self.extra),
        )

    def walk(self) -> list[Tree]:
        found, stack = [], [self]
        while stack:
            tree = stack.pop()
            found.append(tree)
            stack += reversed(tree.below)
        return found

    @property
    def size(self) -> int:
        return len(self.walk())


def tool(name: str, /, below=(), times=(0, 0), extra=None, **arguments) -> Tree:
    return Tree(name, spelled(arguments), "tool", list(below), times, extra or {})


def agent(name: str, *below: Tree, **extra) -> Tree:
    return Tree(name, "", "agent", list(below), (0, 0), extra)


def spelled(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def trace_of(*roots: Tree) -> Trace:
    """The trees as a trace. Ids are drawn from places, so they say nothing about content."""
    spans: list[Span] = []
    stack = [(tree, "") for tree in reversed(roots)]
    while stack:
        tree, parent = stack.pop()
        span_id = f"{len(spans):016x}"
        spans.append(
            Span(
                name=tree.name,
                trace_id="0",
                span_id=span_id,
                parent_id=parent,
                start_ns=tree.times[0],
                end_ns=tree.times[1],
                attributes=attributes(tree),
            )
        )
        stack += [(child, span_id) for child in reversed(tree.below)]
    return Trace(spans=tuple(spans))


def attributes(tree: Tree) -> dict:
    if tree.kind == "agent":
        found = {sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: tree.name}
    else:
        found = {
            sc.OPERATION_NAME: sc.EXECUTE_TOOL,
            sc.TOOL_NAME: tree.name,
            sc.TOOL_CALL_ARGUMENTS: tree.content,
        }
    return {**found, **tree.extra}


def chat(asked, answer, *, llm="gpt-a", tokens=(10, 5), **extra) -> Tree:
    """An llm call with messages given as (role, text)."""
    said = [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in asked]
    parts = answer if isinstance(answer, list) else [{"type": "text", "content": answer}]
    return Tree(
        f"chat {llm}",
        extra={
            sc.OPERATION_NAME: sc.CHAT,
            sc.PROVIDER_NAME: "openai",
            sc.REQUEST_MODEL: llm,
            sc.INPUT_MESSAGES: spelled(said),
            sc.OUTPUT_MESSAGES: spelled([{"role": "assistant", "parts": parts}]),
            sc.USAGE_INPUT_TOKENS: tokens[0],
            sc.USAGE_OUTPUT_TOKENS: tokens[1],
            **extra,
        },
        kind="llm",
    )


NAMES = st.sampled_from("abc")
CONTENTS = st.sampled_from(["{}", '{"n":1}', '{"n":2}', '{"n":2,"m":[1,2]}'])


def _grown(below: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    kinds = st.sampled_from(["tool", "agent"])
    return st.builds(Tree, NAMES, CONTENTS, kinds, st.lists(below, max_size=4))


LEAF = st.builds(Tree, NAMES, CONTENTS)
TREES = st.recursive(LEAF, _grown, max_leaves=14).map(lambda tree: agent("root", tree, *tree.below))


@st.composite
def inserted(draw: st.DrawFn) -> tuple[Tree, Tree, int]:
    """A tree, the same with fresh steps in it, and how many."""
    before = draw(TREES)
    after = before.copy()
    count = draw(st.integers(1, 5))
    for number in range(count):
        parent = draw(st.sampled_from(after.walk()))
        place = draw(st.integers(0, len(parent.below)))
        parent.below.insert(place, Tree(draw(NAMES), spelled({"fresh": number}), "tool"))
    return before, after, count


@st.composite
def wrapped(draw: st.DrawFn) -> tuple[Tree, Tree, int]:
    """A tree, and the same with some of its rows' stretches below fresh steps."""
    before = draw(TREES)
    after = before.copy()
    count = draw(st.integers(1, 3))
    for number in range(count):
        parent = draw(st.sampled_from([tree for tree in after.walk() if tree.below]))
        first = draw(st.integers(0, len(parent.below) - 1))
        last = draw(st.integers(first + 1, len(parent.below)))
        wrapper = Tree(f"fresh {number}", "{}", "agent", parent.below[first:last])
        parent.below[first:last] = [wrapper]
    return before, after, count
