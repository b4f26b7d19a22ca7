"""Tool calls as runs tell them, and as scripts hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from agentops_eval.domain import Json, Run, ToolCall, to_json
from agentops_eval.evals import _say as say
from agentops_eval.traces import tool_calls_of

_ARGUMENTS = ("arguments", "args", "input", "parameters")


def calls_of(run: Run) -> tuple[ToolCall, ...] | None:
    """The calls of a run; None where it has neither calls nor a trace, so that nobody knows of any."""
    if run.calls:
        return run.calls
    return tool_calls_of(run.trace) if run.trace.spans else None


NO_TRACE = "the run has no trace: what it called is not known"


def as_call(given: object) -> ToolCall:
    """A tool call, whoever spelt it. Raises ValueError for what is none.

    Cases: a ToolCall; a name, whose arguments are then unknown; ``{name, arguments}``, where arguments
    may also be called ``args``, ``input`` or ``parameters`` and may be JSON text; the same below
    ``function``; ``{tool: {argument: value}}``.
    """
    if isinstance(given, ToolCall):
        return given
    if isinstance(given, str):
        return ToolCall(name=given, arguments=None)
    read = to_json(given)
    if isinstance(read, Mapping):
        inner = read.get("function")
        if isinstance(inner, Mapping) and isinstance(inner.get("name"), str):
            read = inner
        name = read.get("name")
        if isinstance(name, str):
            return ToolCall(name=name, arguments=_arguments(name, read))
        if len(read) == 1:
            ((name, values),) = read.items()
            if isinstance(values, Mapping):
                return ToolCall(name=name, arguments=values)
    raise ValueError(f"{say.value(read)} is no tool call: write {{name: ..., arguments: {{...}}}}")


def _arguments(name: str, read: Mapping[str, Json]) -> Mapping[str, Json] | None:
    told = next((read[key] for key in _ARGUMENTS if key in read), None)
    if isinstance(told, str):
        try:
            told = to_json(json.loads(told)) if told.strip() else {}
        except (ValueError, RecursionError):
            raise ValueError(f"the arguments of {say.name(name)} are no JSON: {say.value(told)}") from None
    if told is None or isinstance(told, Mapping):
        return told
    raise ValueError(f"the arguments of {say.name(name)} are {say.value(told)}, not an object")
