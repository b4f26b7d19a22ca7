"""What a request of a session is reduced to: names without places, parameters without the wire's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Effect, McpRequest, ToolRequest
from agentops_eval.domain.mcp import mcp_error, said_before, tool_result, with_said, without_said
from agentops_eval.seams.mcp._requests import (
    boundary_of,
    command_name,
    notes_of,
    request_of,
    sendable,
    url_name,
)
from tests.examples import examples


@pytest.mark.parametrize(
    ("command", "args", "name"),
    [
        ("/usr/bin/python3.11", ["/usr/lib/shop/server.py"], "python server.py"),
        ("C:\\Python\\python.exe", ["C:\\x\\server.py"], "python server.py"),
        ("python", ["-m", "shop.server"], "python shop.server"),
        ("npx", ["-y", "@scope/server-files", "/tmp/folder1"], "npx @scope/server-files"),
        ("uvx", ["--from", "shop", "shop-server"], "uvx shop-server"),
        ("docker", ["run", "-i", "--rm", "-e", "KEY=sk-1", "shop:1"], "docker run shop:1"),
        ("server", ["--api-key", "sk-1", "--key=sk-2"], "server"),
    ],
)
def test_a_program_is_named_without_places_and_options(command: str, args: list[str], name: str) -> None:
    """Paths, options and what options are given are left out: they differ by machine, and may be secret."""
    assert command_name(command, args) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:8000/mcp", "http://127.0.0.1/mcp"),
        ("https://user:key@tools.example.com:8443/mcp?key=1", "https://tools.example.com:8443/mcp"),
        ("http://[::1", "http"),
    ],
)
def test_an_address_is_named_without_user_query_and_local_port(url: str, name: str) -> None:
    """A server of this machine listens on another port each time."""
    assert url_name(url) == name


@examples(50)
@given(st.text(max_size=20), st.lists(st.text(max_size=30), max_size=6))
def test_any_command_has_a_short_name(command: str, args: list[str]) -> None:
    """Whatever a server is started with, it has a name of bounded length that keeps no assignment."""
    name = command_name(command, args)
    assert len(name) <= 120
    assert not any("=" in word for word in args if word and word in name.split(" ")[1:])


def test_what_belongs_to_the_wire_is_left_out() -> None:
    """Tokens, trace context and the SDK's own entries are no part of a request; the caller's are."""
    meta = {"progressToken": 3, "traceparent": "00-1", "io.modelcontextprotocol/x": 1, "tenant": "a"}
    request = request_of("tools/call", {"name": "t", "arguments": {"a": 1}, "_meta": meta}, "shop", {})
    assert isinstance(request, ToolRequest)
    assert request.arguments == {"a": 1, "_meta": {"tenant": "a"}}


@pytest.mark.parametrize(("given", "key"), [("k", "k"), ("", None), (None, None)])
def test_a_key_in_the_arguments_is_the_idempotency_key(given: str | None, key: str | None) -> None:
    """A call that names one may be repeated; one that is empty says nothing."""
    request = request_of("tools/call", {"name": "pay", "arguments": {"idempotency_key": given}}, "shop", {})
    assert isinstance(request, ToolRequest)
    assert request.idempotency_key == key


@pytest.mark.parametrize(
    ("hints", "effect"),
    [
        (None, None),
        ({}, None),
        ({"readOnlyHint": True}, Effect.READ),
        ({"readOnlyHint": False}, Effect.WRITE),
        ({"destructiveHint": False, "openWorldHint": False}, Effect.WRITE),
        ({"destructiveHint": True, "openWorldHint": True}, Effect.EXTERNAL),
        ({"openWorldHint": True}, None),
        ({"title": "x"}, None),
        ("nonsense", None),
    ],
)
def test_effects_are_what_hints_say_outright(hints: object, effect: Effect | None) -> None:
    """The protocol's defaults would make every tool without hints a destructive one."""
    listed = {"tools": [{"name": "t", "annotations": hints, "inputSchema": {"type": "object"}}]}
    assert notes_of(listed)["t"].effect is effect  # type: ignore[arg-type]


@pytest.mark.parametrize("listed", [None, [], {"tools": None}, {"tools": "x"}, {"tools": [1, {}]}])
def test_a_listing_of_no_form_says_nothing(listed: object) -> None:
    """A hostile or broken listing is no error of the seam."""
    assert all(note.effect is None for note in notes_of(listed).values())  # type: ignore[arg-type]


def test_what_a_handler_changed_is_sent() -> None:
    """Changed arguments go out with the caller's other parameters; an unchanged request as it was."""
    params = {"name": "t", "arguments": {"a": 1}, "_meta": {"progressToken": 1}}
    request = request_of("tools/call", params, "shop", {})
    assert sendable(request, request, params) is params
    changed = ToolRequest(name="t", arguments={"a": 2})
    assert sendable(request, changed, params) == {**params, "arguments": {"a": 2}}


def test_boundaries_name_what_is_asked_for() -> None:
    """A resource and a prompt stand beside their method."""
    asked = [
        McpRequest(server="s", method="resources/read", params={"uri": "file:///a"}),
        McpRequest(server="s", method="prompts/get", params={"name": "p"}),
        McpRequest(server="s", method="tools/list", params={}),
    ]
    assert [boundary_of(one) for one in asked] == ["resources/read file:///a", "prompts/get p", "tools/list"]


def test_messages_stand_in_the_meta_of_a_result_and_leave_no_trace() -> None:
    """What was put in comes out, and the result is as the server sent it."""
    result = {"content": [], "_meta": {"own": 1}}
    said = [{"method": "notifications/message", "params": {}}]
    kept = with_said(result, said)
    assert said_before(kept) == said
    assert without_said(kept) == result
    assert without_said(with_said({"content": []}, said)) == {"content": []}
    assert with_said(result, []) is result
    assert said_before({"_meta": {"agentops-eval/said": "nonsense"}}) == []


def test_scripted_answers_have_the_protocols_form() -> None:
    """Errors carry code, message and data; a tool's failure is a result."""
    assert mcp_error(-32000, "gone").arguments == (-32000, "gone", None)
    assert tool_result("no", error=True)["content"] == [{"type": "text", "text": "no"}]  # type: ignore[index,call-overload]
