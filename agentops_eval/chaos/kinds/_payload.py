"""What a callee answered, as far as it is its own: an MCP server's answer lies in an envelope."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

from agentops_eval.chaos._kind import Hit
from agentops_eval.chaos.kinds._values import Impossible
from agentops_eval.domain import Call, Json, Label, Outcome, Seam, ValueReply
from agentops_eval.seams import Next, Steps

Edit = Callable[[Json], Json]


def edited(hit: Hit, call: Call, next: Next, edit: Edit, told: str) -> Steps:
    """Let the call be made, and give another answer than it had. ``hit.told`` stays where ``edit`` set it."""
    outcome = yield next(call)
    assert outcome is not None
    return changed(hit, call, outcome, edit, told)


def changed(hit: Hit, call: Call, outcome: Outcome, edit: Edit, told: str) -> Outcome:
    """The same answer, edited; as it was where there is nothing to edit, which the hit then says."""
    if not isinstance(outcome, ValueReply):
        hit.cannot(f"{call.boundary} raised, and its answer could not be changed")
        return outcome
    rebuilt_from = getattr(outcome.native, "rebuilt_from", None)
    if rebuilt_from is not None and not rebuilt_from(outcome.value):
        hit.cannot(
            f"{call.boundary} answered with a type that its annotation does not name: it stays as it is"
        )
        return outcome
    try:
        value = _within(call, outcome.value, edit)
    except Impossible as why:
        hit.cannot(f"the answer of {call.boundary} could not be changed: {why}")
        return outcome
    if _text(value) == _text(outcome.value):
        hit.cannot(f"the answer of {call.boundary} was so already")
        return outcome
    hit.told = f"{call.boundary}: {hit.told or told}"
    return ValueReply(value=value, label=Label.SCRIPTED)


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _within(call: Call, value: Json, edit: Edit) -> Json:
    """Edit what a tool gave. Of an MCP result that is its structured content, and its texts."""
    if call.seam is not Seam.MCP or not isinstance(value, Mapping):
        return edit(value)
    content, structured = value.get("content"), value.get("structuredContent")
    if not isinstance(content, Sequence) or isinstance(content, str):
        return edit(value)
    other = dict(value)
    if structured is not None:
        after = edit(structured["result"]) if _is_wrapped(structured) else edit(structured)
        before = structured["result"] if _is_wrapped(structured) else structured
        other["structuredContent"] = {"result": after} if _is_wrapped(structured) else after
        other["content"] = _told_again(content, before, after)
        return other
    places = [n for n, part in enumerate(content) if isinstance(part, Mapping) and part.get("type") == "text"]
    if not places:
        raise Impossible("it holds no text")
    parts = list(content)
    for place in places[:1]:
        part = parts[place]
        assert isinstance(part, Mapping)
        parts[place] = {**part, "text": _edited_text(str(part.get("text", "")), edit)}
    other["content"] = parts
    return other


def _is_wrapped(structured: Json) -> TypeGuard[Mapping[str, Json]]:
    """Whether it is how servers put into an object what is none."""
    return isinstance(structured, Mapping) and structured.keys() == {"result"}


def _told_again(content: Sequence[Json], before: Json, after: Json) -> list[Json]:
    """The texts that tell the structured content once more tell the edited one; a list has one for each."""
    texts = [part for part in content if isinstance(part, Mapping) and part.get("type") == "text"]
    lists = isinstance(before, list) and isinstance(after, list) and len(texts) == len(content) == len(before)
    if lists and not any(_tells(part, before) for part in texts):
        return [{"type": "text", "text": _as_text(item)} for item in after]  # type: ignore[union-attr]
    return [{**part, "text": _as_text(after)} if _tells(part, before) else part for part in content]


def _tells(part: Json, value: Json) -> TypeGuard[Mapping[str, Json]]:
    if not isinstance(part, Mapping) or part.get("type") != "text":
        return False
    text = str(part.get("text", ""))
    if isinstance(value, str):
        return text == value
    try:
        return bool(json.loads(text) == value)
    except (ValueError, RecursionError):
        return False


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _edited_text(text: str, edit: Edit) -> str:
    """JSON in a text is edited as JSON."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if value is not None:
            other = edit(value)
            return other if isinstance(other, str) else json.dumps(other, ensure_ascii=False)
    other = edit(text)
    return other if isinstance(other, str) else json.dumps(other, ensure_ascii=False)
