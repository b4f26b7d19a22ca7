"""Tool definitions, and the arguments and results of executions, out of their several shapes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from agentops_eval.domain import Attribute, Json
from agentops_eval.traces.dialects._parts import response
from agentops_eval.traces.dialects._values import json_text, loose
from agentops_eval.traces.llm import _parts as p

_REMEMBERED = 65_536
_SCHEMAS = ("parameters", "input_schema", "parameters_json_schema", "inputSchema", "json_schema")
_LISTS = ("tools", "function_tools", "functions", "function_declarations", "functionDeclarations")


def definitions(value: Json) -> list[Json]:
    """The tools that were offered, in the conventions' schema."""
    value = loose(value)
    if isinstance(value, Mapping):
        held = [one for key in _LISTS for one in p.arr(value.get(key))]
        value = held or [value]
    found: list[Json] = []
    for item in p.arr(value)[: p.MAX_ITEMS]:
        inner = p.obj(loose(item))
        declared = p.arr(inner.get("function_declarations") or inner.get("functionDeclarations"))
        found += [one for each in (declared or [item]) if (one := _definition(each)) is not None]
    return found[: p.MAX_ITEMS]


def definitions_text(value: Attribute) -> str:
    """The same as JSON. An agent offers the same tools in every call, and they are long."""
    if isinstance(value, str) and len(value) <= _REMEMBERED:
        return _remembered(value)
    found = definitions(loose(value))
    return json_text(found) or "[]" if found else "[]"


@lru_cache(maxsize=128)
def _remembered(text: str) -> str:
    found = definitions(loose(text))
    return json_text(found) or "[]" if found else "[]"


def _definition(value: Json) -> Json:
    body = p.obj(loose(value))
    for key in ("tool", "function", "toolSpec"):
        body = p.obj(loose(body.get(key))) or body
    if "json_schema" in body and "name" not in body:
        return _definition(body["json_schema"]) if isinstance(body["json_schema"], str) else None
    if not isinstance(body.get("name"), str):
        return None
    schema = next((loose(body[key]) for key in _SCHEMAS if body.get(key) is not None), None)
    inner = p.obj(schema).get("json")
    return p.function_tool(body["name"], body.get("description"), inner or schema)


def arguments(value: Json) -> Json:
    """What a tool was given; wrappers that record all parameters of a call are taken off."""
    value = loose(value)
    if not isinstance(value, Mapping):
        return value
    inputs = loose(value.get("inputs"))
    if isinstance(inputs, Mapping):  # LangChain under OpenLLMetry
        return inputs
    if "input_str" in value:
        return loose(value["input_str"])
    if set(value) == {"input"} and isinstance(loose(value["input"]), Mapping):
        return loose(value["input"])
    if set(value) == {"args", "kwargs"}:  # a decorated function
        positional, named = p.arr(value["args"]), p.obj(value["kwargs"])
        return {**({"args": list(positional)} if positional else {}), **named}
    called = value.get("args")
    if isinstance(called, Mapping) and value.get("type") == "tool_call":
        return called
    return value


def result(value: Attribute | Json) -> Json:
    """What a tool answered."""
    return response(_answer(value))


def answered_id(value: Attribute | Json) -> str | None:
    """The id of the call that a tool's message answers."""
    return p.text(_message(value).get("tool_call_id"))


def failed(value: Attribute | Json) -> bool:
    """Whether a tool's message says that the tool failed."""
    return _message(value).get("status") == "error"


def _answer(value: Attribute | Json) -> Json:
    read = loose(value)
    if isinstance(read, Mapping) and "output" in read and set(read) <= {"output", "kwargs", "tags"}:
        return loose(read["output"])
    return read


def _message(value: Attribute | Json) -> Mapping[str, Json]:
    """LangChain's message around an answer, in whichever form; empty where there is none."""
    body = p.obj(_answer(value))
    found = p.obj(body.get("data")) or p.obj(body.get("kwargs")) or body
    return found if "tool_call_id" in found else {}
