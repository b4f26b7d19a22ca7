"""Holding one list of tool calls against acceptable ones: the function for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from agentops_eval.domain import Json, ToolCall, Verdict, nearest, to_json
from agentops_eval.evals import _say as say
from agentops_eval.evals.conditions import Extent, Lists, Numbers, Reading, Text
from agentops_eval.evals.tools._acceptable import acceptable_call
from agentops_eval.evals.tools._align import Order
from agentops_eval.evals.tools._calls import as_call
from agentops_eval.evals.tools._expected import Expected, Mode, Options, expect
from agentops_eval.evals.tools._judging import judge_calls

CallLike: TypeAlias = ToolCall | str | Mapping[str, object]
"""A ToolCall, a name, ``{name, arguments}`` as providers write it, or ``{tool: {argument: value}}``."""

AcceptableLike: TypeAlias = str | Mapping[str, object]
"""A name, ``{name, arguments}`` with conditions, or ``{tool: {argument: [accepted values]}}``."""

_NAMED = ("name", "arguments", "mode")


def match_tool_calls(
    calls: Iterable[CallLike],
    acceptable: Iterable[AcceptableLike],
    *,
    order: Order = "any_order",
    arguments: Mode = "exact",
    numbers: Numbers = "equal",
    text: Text = "exact",
    lists: Lists = "ordered",
    tools: Iterable[Mapping[str, object]] = (),
    at_least: float | None = None,
) -> Verdict:
    """Whether calls are acceptable: pass, fail or unknown, with a score and the reason in one line.

    By default the same calls have to be there in any order, as parallel calls are made, and no others.
    Calls and acceptable calls are paired so that the most is right (never the first that fits). ``tools``
    are definitions with JSON schemas: where a schema says ``integer``, 5.0 is not taken for 5; ``float``
    and ``number`` take 5 for 5.0. ``at_least`` passes a partial match from that score upwards. Raises
    ValueError for what is no call, or cannot be meant.
    """
    for name, given in (("calls", calls), ("acceptable", acceptable)):
        if isinstance(given, (str, bytes, Mapping)):
            raise ValueError(f"{name} is a list, not {say.value(to_json(given))}: write [...] around it")
    reading = Reading(numbers=numbers, text=text, lists=lists)
    options = Options(mode=arguments, reading=reading)
    schemas = _schemas(tools)
    return judge_calls(
        [as_call(call) for call in calls],
        [_expected(one, options, schemas, f"[{number}]") for number, one in enumerate(acceptable)],
        order=order,
        at_least=at_least,
    )


def _expected(one: AcceptableLike, options: Options, schemas: Mapping[str, Json], path: str) -> Expected:
    """Cases: a name; ``{name, arguments}``; ``{tool: {argument: [accepted values]}}``."""
    if isinstance(one, str):
        return Expected(name=one)
    if not isinstance(one, Mapping):
        raise ValueError(f"{path}: {say.value(to_json(one))} is no acceptable call")
    name = one.get("name")
    if isinstance(name, str):
        for key in one:
            if key not in _NAMED:
                raise ValueError(f"{path} says {key!r}, which a call has not: {nearest(str(key), _NAMED)}")
        mode = one.get("mode", options.mode)
        chosen = Options(mode=mode, reading=options.reading)  # type: ignore[arg-type]  # Options checks it
        return expect(name, one.get("arguments"), options=chosen, path=path, told="arguments" in one)
    return _of_lists(to_json(one), options, schemas, path)


def _of_lists(one: Json, options: Options, schemas: Mapping[str, Json], path: str) -> Expected:
    if isinstance(one, Mapping) and len(one) == 1:
        ((tool, accepted),) = one.items()
        if isinstance(accepted, Mapping):
            if options.mode == "ignore":
                return Expected(name=tool)
            if options.mode == "matcher":
                raise ValueError(f"{path}: lists of accepted values have no mode matcher; use exact")
            extent = Extent(options.mode)
            return acceptable_call(
                tool, accepted, reading=options.reading, schema=schemas.get(tool), extent=extent
            )
    forms = "{name: ..., arguments: {...}} or {tool: {argument: [accepted values]}}"
    raise ValueError(f"{path}: {say.value(one)} is no acceptable call: write {forms}")


def _schemas(tools: Iterable[Mapping[str, object]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for tool in tools:
        read = to_json(tool)
        body = read.get("function", read) if isinstance(read, Mapping) else None
        name = body.get("name") if isinstance(body, Mapping) else None
        if not isinstance(body, Mapping) or not isinstance(name, str):
            raise ValueError(f"{say.value(read)} is no definition of a tool: it has no name")
        keys = ("parameters", "input_schema", "inputSchema")
        found[name] = next((body[key] for key in keys if body.get(key) is not None), None)
    return found
