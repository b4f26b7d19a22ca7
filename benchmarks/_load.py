"""The load that both sides replay: n distinct chat requests of about 2.6 kB, replies of about 1 kB."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2

URL = "http://llm.invalid/v1/chat/completions"
_POLICY = "You answer support mail for a shop. Look things up before you answer; never promise a date. " * 10
_ANSWER = "The parcel left the warehouse and is on its way to you. " * 12


def _tool(name: str, what: str, **parameters: str) -> dict[str, object]:
    """A tool's declaration, as every request of an agent carries it."""
    properties = {key: {"type": kind, "description": f"the {key}"} for key, kind in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": what, "parameters": schema}}


_TOOLS = [
    _tool("get_order", "Look an order up by its number.", order_id="integer"),
    _tool("find_customer", "Find a customer by an address.", address="string", limit="integer"),
    _tool("issue_refund", "Pay an order back.", order_id="integer", amount="number", reason="string"),
    _tool("send_email", "Write to a customer.", to="string", subject="string", body="string"),
]


def request_body(number: int) -> bytes:
    """The bytes of request ``number``: an agent's turn after one tool call, with its tools."""
    call = {"name": "get_order", "arguments": json.dumps({"order_id": number})}
    return json.dumps(
        {
            "model": "bench-1",
            "temperature": 0,
            "messages": [
                {"role": "system", "content": _POLICY},
                {"role": "user", "content": f"Question number {number:06d}: where is my order?"},
                {
                    "role": "assistant",
                    "tool_calls": [{"id": f"call_{number}", "type": "function", "function": call}],
                },
                {
                    "role": "tool",
                    "tool_call_id": f"call_{number}",
                    "content": f'{{"state": "sent {number}"}}',
                },
            ],
            "tools": _TOOLS,
        }
    ).encode()


def reply_body(number: int) -> bytes:
    """The bytes of the reply to request ``number``."""
    return json.dumps(
        {
            "id": f"chatcmpl-{number:06d}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": "bench-1",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": f"Answer {number}. {_ANSWER}"},
                }
            ],
            "usage": {"prompt_tokens": 500, "completion_tokens": 150, "total_tokens": 650},
        }
    ).encode()


def answer(request: httpx2.Request) -> httpx2.Response:
    """The floor: a mock transport that answers by the number in the request."""
    number = int(request.content.partition(b"Question number ")[2][:6])
    return httpx2.Response(200, content=reply_body(number), headers={"content-type": "application/json"})


def client() -> httpx2.Client:
    """A client on the mock transport; building one costs far more than a call, so reuse it."""
    return httpx2.Client(transport=httpx2.MockTransport(answer))


def send(sender: httpx2.Client, number: int) -> bytes:
    """One call, its answer read and checked."""
    response = sender.post(URL, content=request_body(number), headers={"content-type": "application/json"})
    body = response.content
    assert f"chatcmpl-{number:06d}".encode() in body, "the wrong answer came back"
    return body


def write_ours(path: Path, n: int) -> None:
    """Record n calls into our format."""
    from agentops_eval import Settings, recording

    with client() as sender, recording(path, settings=Settings(), case="bench"):
        for number in range(n):
            send(sender, number)


def write_vcr(path: Path, n: int) -> None:
    """Write the same n calls as a vcrpy cassette (YAML or JSON by suffix), with vcrpy's own code."""
    from vcr.request import Request
    from vcr.serialize import serialize
    from vcr.serializers import jsonserializer, yamlserializer

    data: dict[str, list[object]] = {"requests": [], "responses": []}
    for number in range(n):
        headers = {"content-type": "application/json"}
        data["requests"].append(Request("POST", URL, request_body(number).decode(), headers))
        data["responses"].append(
            {
                "status": {"code": 200, "message": "OK"},
                "headers": {"content-type": ["application/json"]},
                "body": {"string": reply_body(number).decode()},
            }
        )
    serializer = yamlserializer if path.suffix == ".yaml" else jsonserializer
    path.write_text(serialize(data, serializer))
