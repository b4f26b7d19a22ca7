"""Tools as an llm is told of them: name, description, and the JSON Schema of their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Json
from agentops_eval.evals.prompts._digest import sha256
from agentops_eval.evals.prompts._strict import canonical

_SCHEMAS = ("parameters", "input_schema", "inputSchema", "parameters_json_schema")
_LISTS = ("tools", "functions", "function_declarations", "functionDeclarations")
_WRAPPERS = ("function", "toolSpec")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSchema:
    """What an llm is told of one tool. ``parameters`` is a JSON Schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)


def read_tools(value: Json) -> tuple[ToolSchema, ...]:
    """Tools by their names, out of any provider's shape (OpenAI, Anthropic, Gemini, MCP, the conventions).

    Their order says nothing. Raises ValueError with the number of the first one that has no name.
    """
    found = []
    for number, item in enumerate(_listed(value), start=1):
        tool = _tool(item)
        if tool is None:
            raise ValueError(f"tool {number} has no name")
        found.append(tool)
    return tuple(sorted(found, key=_place))


def told_tools(value: Json) -> tuple[ToolSchema, ...]:
    """The same of what a trace tells; what has no name is left out."""
    found = [tool for item in _listed(value) if (tool := _tool(item)) is not None]
    return tuple(sorted(found, key=_place))


def tools_digest(tools: Iterable[ToolSchema]) -> str:
    """The digest of a set of tools: of names, descriptions and parameters, whatever their order."""
    return sha256(canonical(tools_json(tools)))


def tools_json(tools: Iterable[ToolSchema]) -> list[Json]:
    """Tools as JSON, in the order of their names."""
    return [
        {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        for tool in sorted(tools, key=_place)
    ]


def _place(tool: ToolSchema) -> tuple[str, str, str]:
    return tool.name, tool.description, canonical(tool.parameters)


def _listed(value: Json) -> Iterator[Json]:
    if isinstance(value, Mapping):
        held = [value[key] for key in _LISTS if isinstance(value.get(key), (list, tuple))]
        for one in held:
            yield from _listed(one)
        if not held:
            yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            declares = isinstance(item, Mapping) and any(key in item for key in _LISTS)
            yield from _listed(item) if declares else (item,)
    else:
        yield value


def _tool(value: Json) -> ToolSchema | None:
    body = value if isinstance(value, Mapping) else {}
    for key in _WRAPPERS:
        inner = body.get(key)
        body = inner if isinstance(inner, Mapping) else body
    name, description = body.get("name"), body.get("description")
    if not isinstance(name, str) or not name:
        return None
    schema = next((body[key] for key in _SCHEMAS if isinstance(body.get(key), Mapping)), {})
    if isinstance(schema, Mapping) and set(schema) == {"json"}:  # Bedrock
        schema = schema["json"]
    return ToolSchema(
        name=name,
        description=description.strip() if isinstance(description, str) else "",
        parameters=schema if isinstance(schema, Mapping) else {},
    )
