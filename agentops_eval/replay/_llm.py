"""What requests to language models have in common: a history of messages, quoting ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agentops_eval.replay._rules import Tree

HISTORIES = ("messages", "input", "contents")
"""Where the conversation is kept: OpenAI chat and Anthropic, OpenAI Responses, Gemini."""

_ITEM_KINDS = frozenset(
    {
        "item_reference",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_list_tools",
        "message",
        "reasoning",
    }
)
_ITEM_IDS = ("id", "call_id", "approval_request_id")


def mend_history(body: dict[str, Tree], nested: Callable[[str], str]) -> None:
    """Rename ids made by the provider to ordinals, and canonicalise arguments kept as strings.

    The same id gets the same ordinal wherever the history quotes it. Only places that a provider
    fills are touched: an ``id`` or ``call_id`` inside a tool's arguments is the user's data.
    """
    ids = _Ordinals()
    ids.rename(body, "previous_response_id")
    for message in dicts(body.get("messages")):
        _mend_message(message, ids, nested)
    for item in dicts(body.get("input")):
        _mend_item(item, ids, nested)
    for content in dicts(body.get("contents")):
        for part in dicts(content.get("parts")):
            for name in ("functionCall", "functionResponse", "function_call", "function_response"):
                ids.rename(part.get(name), "id")


def history(body: Tree) -> tuple[str, list[Tree]] | None:
    """Give the member that holds the conversation and its messages; None for other bodies."""
    if isinstance(body, dict):
        for name in HISTORIES:
            messages = body.get(name)
            if isinstance(messages, list) and any(True for _ in dicts(messages)):
                return name, messages
    return None


def role(message: Tree) -> str:
    """Name who speaks in ``message``: its role, else its type, else nothing."""
    if isinstance(message, dict):
        for name in ("role", "type"):
            if isinstance(value := message.get(name), str):
                return value
    return ""


def dicts(value: Tree) -> Iterator[dict[str, Tree]]:
    """The objects in a list; nothing for anything else."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


class _Ordinals:
    """Names ids in the order in which they first appear."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def rename(self, holder: Tree, name: str) -> None:
        if isinstance(holder, dict) and isinstance(value := holder.get(name), str) and value:
            holder[name] = self._names.setdefault(value, f"id-{len(self._names) + 1}")


def _mend_message(message: dict[str, Tree], ids: _Ordinals, nested: Callable[[str], str]) -> None:
    for call in dicts(message.get("tool_calls")):
        ids.rename(call, "id")
        _mend_arguments(call.get("function"), nested)
    _mend_arguments(message.get("function_call"), nested)
    ids.rename(message, "tool_call_id")
    for block in dicts(message.get("content")):
        kind = block.get("type")
        if isinstance(kind, str) and kind.endswith("tool_use"):
            ids.rename(block, "id")
        elif isinstance(kind, str) and kind.endswith("tool_result"):
            ids.rename(block, "tool_use_id")
        for name in ("toolUse", "toolResult"):  # Bedrock's Converse
            ids.rename(block.get(name), "toolUseId")


def _mend_item(item: dict[str, Tree], ids: _Ordinals, nested: Callable[[str], str]) -> None:
    kind = item.get("type")
    if not isinstance(kind, str):
        return
    if kind in _ITEM_KINDS or kind.endswith(("_call", "_call_output")):
        for name in _ITEM_IDS:
            ids.rename(item, name)
        _mend_arguments(item, nested)


def _mend_arguments(holder: Tree, nested: Callable[[str], str]) -> None:
    if isinstance(holder, dict) and isinstance(text := holder.get("arguments"), str):
        holder["arguments"] = nested(text)
