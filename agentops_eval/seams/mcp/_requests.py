"""One request of a session as the seam sees it: what is called, what is asked, what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath, PureWindowsPath
from typing import Any
from urllib.parse import urlsplit

from agentops_eval.domain import Effect, Json, McpRequest, ToolRequest, shorten, to_json
from agentops_eval.domain.mcp import named_in

CALL_TOOL = "tools/call"
HANDSHAKE = frozenset({"initialize", "server/discover"})
_OF_THE_SDK = frozenset({"protocolVersion", "clientInfo"})  # they follow from the package's version
_OF_THE_WIRE = frozenset({"progressToken", "traceparent", "tracestate", "baggage"})
_RESERVED = "io.modelcontextprotocol/"
_KEYS = ("idempotency_key", "idempotencyKey")
_LONGEST = 120
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolNote:
    """What a server's list says of a tool: its effect, as far as it tells, and its parameters."""

    effect: Effect | None = None
    signature: str = ""


def request_of(
    method: str, params: Mapping[str, Any] | None, server: str, notes: Mapping[str, ToolNote]
) -> ToolRequest | McpRequest:
    """The request, without what belongs to the wire or to the SDK alone."""
    asked = _kept(method, params or {})
    if method != CALL_TOOL:
        return McpRequest(server=server, method=method, params=asked)
    name = str(asked.pop("name", ""))
    given = asked.pop("arguments", None)
    arguments: dict[str, Json] = dict(given) if isinstance(given, Mapping) else {}
    note = notes.get(name, ToolNote())
    keys = (arguments.get(name) for name in _KEYS)
    key = next((key for key in keys if isinstance(key, str) and key), None)
    return ToolRequest(
        name=name,
        arguments={**arguments, **asked},  # the answers to what the server asked for in between
        effect=note.effect,
        idempotency_key=key,
        signature=note.signature,
        server=server,
    )


def _kept(method: str, params: Mapping[str, Any]) -> dict[str, Json]:
    told = to_json(params)
    assert isinstance(told, dict)
    meta = told.pop("_meta", None)
    if isinstance(meta, dict):
        own = {
            name: value
            for name, value in meta.items()
            if name not in _OF_THE_WIRE and not name.startswith(_RESERVED)
        }
        if own:
            told["_meta"] = own
    if method in HANDSHAKE:
        told = {name: value for name, value in told.items() if name not in _OF_THE_SDK}
    return told


def boundary_of(request: ToolRequest | McpRequest) -> str:
    """What is called: a tool's name, else the method and the resource or prompt that it names."""
    if isinstance(request, ToolRequest):
        return request.name
    return f"{request.method} {named_in(request.method, request.params)}".rstrip()


def sendable(
    request: ToolRequest | McpRequest, changed: object, params: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """What goes out: the caller's own parameters, but for what a handler changed in the request."""
    if changed is request or not isinstance(changed, (ToolRequest, McpRequest)):
        return params
    if isinstance(changed, McpRequest):
        return {**(params or {}), **changed.params}
    own = {name for name in params or {} if name != "arguments"}
    arguments = {name: value for name, value in changed.arguments.items() if name not in own}
    return {**(params or {}), "name": changed.name, "arguments": arguments}


def notes_of(listed: Json) -> dict[str, ToolNote]:
    """What an answer to ``tools/list`` says of its tools."""
    tools = listed.get("tools") if isinstance(listed, Mapping) else None
    found = [one for one in tools if isinstance(one, Mapping)] if isinstance(tools, Sequence) else []
    return {str(one.get("name")): _note(one) for one in found}


def with_effects(notes: Mapping[str, ToolNote], effects: Mapping[str, Effect]) -> dict[str, ToolNote]:
    """The notes, with the effects that the agent's author told over those that the server tells."""
    named = {name: replace(notes.get(name, ToolNote()), effect=effect) for name, effect in effects.items()}
    return {**notes, **named}


def _note(tool: Mapping[str, Json]) -> ToolNote:
    hints = tool.get("annotations")
    return ToolNote(
        effect=_effect(hints if isinstance(hints, Mapping) else {}),
        signature=_signature(tool.get("inputSchema")),
    )


def _effect(hints: Mapping[str, Json]) -> Effect | None:
    """Only what a server says outright: the protocol's defaults would make every tool destructive."""
    if hints.get("readOnlyHint") is True:
        return Effect.READ
    told = {name for name in ("readOnlyHint", "destructiveHint", "idempotentHint") if name in hints}
    if hints.get("openWorldHint") is True and told:
        return Effect.EXTERNAL
    return Effect.WRITE if told else None


def _signature(schema: Json) -> str:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(schema, Mapping) or not isinstance(properties, Mapping):
        return "()"
    needed = schema.get("required")
    required = set(map(str, needed)) if isinstance(needed, Sequence) else set()
    parts = [f"{name}: {_type(of)}{'' if name in required else ' = ...'}" for name, of in properties.items()]
    return f"({', '.join(parts)})"


def _type(schema: Json) -> str:
    told = schema.get("type") if isinstance(schema, Mapping) else None
    return told if isinstance(told, str) else "any"


def command_name(command: str, args: Sequence[str]) -> str:
    """A server's command without what differs from machine to machine: paths, options, their values."""
    words, skip = [PureWindowsPath(command).name.removesuffix(".exe")], False
    for word in args:
        flag = word.startswith("-")
        if not (flag or skip or "=" in word or _is_place(word)):
            words.append(PureWindowsPath(word).name if _is_path(word) else word)
        skip = word.startswith("--") and "=" not in word
    words[0] = words[0].rstrip("0123456789.") or words[0]  # python3.11 is python
    return shorten(" ".join(words), _LONGEST)


def _is_path(word: str) -> bool:
    return PurePath(word).is_absolute() or PureWindowsPath(word).is_absolute()


def _is_place(word: str) -> bool:
    """Whether it names a folder of this machine, rather than a program."""
    return _is_path(word) and not PureWindowsPath(word).suffix


def url_name(url: str) -> str:
    """A server's address without user, query and the port of a server on this machine."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "http"
    shown = host if port is None or host in _HERE else f"{host}:{port}"
    return shorten(f"{parts.scheme}://{shown}{parts.path}", _LONGEST)
