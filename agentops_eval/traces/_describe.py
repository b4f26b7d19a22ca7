"""A call in one line, and two calls side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from agentops_eval.domain import Json, shorten
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._elide import (
    ELIDED,
    brief,
    brief_arguments,
    elide,
    elide_arguments,
    same,
)
from agentops_eval.traces._steps import Step
from agentops_eval.traces._text import printable

MAX_SIDE = 240
_MISSING: Json = {"$missing": True}
_NOTHING_MORE = "(nothing more)"
_SAID = {
    sc.PROVIDER_NAME: "provider",
    sc.REQUEST_MODEL: "llm",
    sc.RESPONSE_MODEL: "answered by",
    sc.SYSTEM_INSTRUCTIONS: "system",
    sc.TOOL_DEFINITIONS: "tools",
    sc.RESPONSE_FINISH_REASONS: "finish reasons",
    sc.ERROR_TYPE: "error",
    sc.AGENTOPS_HITL_STATUS: "status",
    sc.AGENTOPS_HANDOFF_SENDER: "sender",
    sc.AGENTOPS_MCP_PARAMS: "params",
    sc.URL_QUERY: "query",
    sc.AGENTOPS_HTTP_REQUEST_BODY: "body",
    sc.HTTP_RESPONSE_STATUS_CODE: "status",
}
_ANSWERS = (sc.TOOL_CALL_RESULT, sc.AGENTOPS_HANDOFF_REPLY, sc.AGENTOPS_MCP_RESULT)
_PREFIXES = (
    "gen_ai.request.",
    "agentops.request.",
    "agentops.tool.",
    "agentops.hitl.",
    "agentops.mcp.",
    "gen_ai.",
)


def describe(step: Step) -> str:
    """The call in one line of at most MAX_SIDE characters."""
    return shorten(_described(step), MAX_SIDE)


def _described(step: Step) -> str:
    title, fields = printable(step.title)[:100], step.fields
    error = fields.get(sc.ERROR_TYPE)
    failed = "" if error is None else f" -> error {brief(error).strip(chr(34))}"
    if step.kind == "tool":
        return f"tool {title}({_arguments(fields.get(sc.TOOL_CALL_ARGUMENTS))}){failed}"
    if step.kind == "llm":
        said = failed or f" -> {_answer(fields.get(sc.OUTPUT_MESSAGES))}"
        return f"llm {title} {_last_message(fields.get(sc.INPUT_MESSAGES))}{said}"
    if step.kind == "agent":
        message = fields.get(sc.AGENTOPS_HANDOFF_MESSAGE, _MISSING)
        given = "" if message is _MISSING else f"({brief(message, limit=60)})"
        return f"agent {title}{given}{failed}"
    if step.kind == "human":
        status = brief(fields.get(sc.AGENTOPS_HITL_STATUS)).strip('"')
        return f"human {title}({brief(fields.get(sc.AGENTOPS_HITL_DETAILS, ''), limit=60)}) -> {status}"
    if step.kind == "http":
        status = failed or f" -> {brief(fields.get(sc.HTTP_RESPONSE_STATUS_CODE))}"
        return f"http {title}{status}"
    chosen = fields.get(sc.AGENTOPS_DECISION_CHOSEN)
    decided = "" if chosen is None else f" -> {brief(chosen, limit=60)}"
    return f"{step.kind} {title}{decided}{failed}"


def _arguments(value: Json) -> str:
    """The arguments in short; a question mark where they are not told."""
    return "?" if value is None else brief_arguments(_object(value))


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _parts(message: Json) -> Sequence[Json]:
    parts = _object(message).get("parts")
    return parts if isinstance(parts, list) else []


def _last_message(messages: Json) -> str:
    if not isinstance(messages, (list, tuple)) or not messages:
        return "(nothing new)"
    role = printable(str(_object(messages[-1]).get("role", "")))[:20]
    return f"{role} {_spoken(_parts(messages[-1]))}"


def _answer(messages: Json) -> str:
    if not isinstance(messages, (list, tuple)) or not messages:
        return "(no answer)"
    return _spoken(_parts(messages[0]))


def _spoken(parts: Sequence[Json]) -> str:
    """What a message says, or which calls it asks for."""
    calls = [part for part in map(_object, parts) if part.get("type") == "tool_call"]
    if calls:
        shown = [
            f"{_name(call)}({brief_arguments(_object(call.get('arguments')), limit=60)})" for call in calls
        ]
        return "calls " + shorten(", ".join(shown), 120)
    for part in map(_object, parts):
        for key in ("content", "response"):
            if part.get(key) is not None:
                return brief(part[key], limit=60)
    return "(nothing)"


def _name(part: Mapping[str, Json]) -> str:
    return printable(str(part.get("name", "")))[:60]


# -- two calls --------------------------------------------------------------------------------


Pair = tuple[str, str]


def side_by_side(golden: Step, run: Step) -> Pair:
    """Two versions of one call: the first differing place on both sides, the rest elided."""
    whole = describe(golden), describe(run)
    if golden.kind != run.kind or (golden.title != run.title and golden.kind != "llm"):
        return whole
    keys = [*golden.fields, *(key for key in run.fields if key not in golden.fields)]
    pairs = (pair for key in keys if _differs(golden, run, key) for pair in _field(golden, run, key))
    one, other = next(pairs, whole)
    return shorten(one, MAX_SIDE), shorten(other, MAX_SIDE)


def _differs(golden: Step, run: Step, key: str) -> bool:
    left, right = golden.fields.get(key, _MISSING), run.fields.get(key, _MISSING)
    return left is _MISSING or right is _MISSING or not same(left, right)


def _field(golden: Step, run: Step, key: str) -> Iterator[Pair]:
    """One differing field: of messages and their parts all that differ, of other fields the first place."""
    kind, title = golden.kind, printable(golden.title)[:100]
    head = f"{kind} {title}" if kind == "llm" else f"{kind} {title}({ELIDED})"
    left, right = golden.fields.get(key), run.fields.get(key)
    if key in {sc.INPUT_MESSAGES, sc.OUTPUT_MESSAGES}:
        for one, other in _messages(left, right, answer=key == sc.OUTPUT_MESSAGES):
            yield f"{head} {one}", f"{head} {other}"
    elif key == sc.SYSTEM_INSTRUCTIONS:
        for one, other in _part_lists(_list(left), _list(right)):
            yield f"{head} system {one}", f"{head} system {other}"
    else:
        yield _plain_field(golden, run, key, head)


def _plain_field(golden: Step, run: Step, key: str, head: str) -> Pair:
    left, right = golden.fields.get(key), run.fields.get(key)
    kind, title = golden.kind, printable(golden.title)[:100]
    if key == sc.REQUEST_MODEL and kind == "llm":
        return f"llm {title}", f"llm {printable(run.title)[:100]}"
    if key == sc.TOOL_CALL_ARGUMENTS:
        one, other = elide_arguments(_object(left), _object(right))
        return f"tool {title}({one})", f"tool {title}({other})"
    if key == sc.AGENTOPS_HANDOFF_MESSAGE or (key == sc.AGENTOPS_HITL_DETAILS and kind == "human"):
        one, other = elide(left, right)
        return f"{kind} {title}({one})", f"{kind} {title}({other})"
    if key in {*_ANSWERS, sc.ERROR_TYPE, sc.AGENTOPS_HITL_STATUS}:
        one, other = _results(golden, run, key)
        return f"{head} -> {one}", f"{head} -> {other}"
    if key == "history":
        return f"{head} history {left}", f"{head} history {right}"
    one, other = elide(left, right)
    name = field_name(key)
    return f"{head} {name}={one}", f"{head} {name}={other}"


def field_name(key: str) -> str:
    """What people call an attribute."""
    if key in _SAID:
        return _SAID[key]
    prefix = next((prefix for prefix in _PREFIXES if key.startswith(prefix)), "")
    return printable(key.removeprefix(prefix))[:60]


def _results(golden: Step, run: Step, key: str) -> tuple[str, str]:
    """A result against a result, or against the error that came instead."""
    errors = (golden.fields.get(sc.ERROR_TYPE), run.fields.get(sc.ERROR_TYPE))
    if key != sc.AGENTOPS_HITL_STATUS and errors[0] != errors[1]:
        return _result(golden, errors[0]), _result(run, errors[1])
    if key == sc.AGENTOPS_HITL_STATUS:
        return str(golden.fields.get(key)), str(run.fields.get(key))
    return elide(golden.fields.get(key), run.fields.get(key))


def _result(step: Step, error: Json) -> str:
    if error is not None:
        message = step.fields.get("status message")
        said = f"error {brief(error, limit=60).strip(chr(34))}"
        return said if message is None else f"{said}: {brief(message, limit=90)}"
    for key in _ANSWERS:
        if key in step.fields:
            return brief(step.fields[key], limit=90)
    return _answer(step.fields.get(sc.OUTPUT_MESSAGES)) if step.kind == "llm" else "ok"


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _messages(golden: Json, run: Json, *, answer: bool) -> Iterator[Pair]:
    """The messages that differ: who speaks, and the neighbourhood of the difference."""
    for one, other in zip_longest(_list(golden), _list(run)):
        if one is None:
            yield _NOTHING_MORE, _message(other, answer=answer)
        elif other is None:
            yield _message(one, answer=answer), _NOTHING_MORE
        elif not same(one, other):
            yield from _message_pairs(_object(one), _object(other), answer=answer)


def _message(message: Json, *, answer: bool) -> str:
    return f"{_who(_object(message), answer=answer)} {_spoken(_parts(message))}"


def _who(message: Mapping[str, Json], *, answer: bool) -> str:
    return "->" if answer else printable(str(message.get("role", "")))[:20]


def _message_pairs(golden: Mapping[str, Json], run: Mapping[str, Json], *, answer: bool) -> Iterator[Pair]:
    one, other = _who(golden, answer=answer), _who(run, answer=answer)
    if one != other:
        yield _message(golden, answer=answer), _message(run, answer=answer)
        return
    for left, right in _part_lists(_parts(golden), _parts(run)):
        yield f"{one} {left}", f"{other} {right}"


def _part_lists(left: Sequence[Json], right: Sequence[Json]) -> Iterator[Pair]:
    found = False
    for one, other in zip_longest(left, right):
        if one is None or other is None:
            found = True
            yield (
                _NOTHING_MORE if one is None else _spoken([one]),
                _NOTHING_MORE if other is None else _spoken([other]),
            )
        elif not same(one, other):
            found = True
            yield _part_pair(_object(one), _object(other))
    if not found:
        yield ELIDED, ELIDED


def _part_pair(golden: Mapping[str, Json], run: Mapping[str, Json]) -> tuple[str, str]:
    if golden.get("type") != run.get("type"):
        return _spoken([golden]), _spoken([run])
    if golden.get("type") == "tool_call" and golden.get("name") == run.get("name"):
        name = _name(golden)
        one, other = elide_arguments(_object(golden.get("arguments")), _object(run.get("arguments")))
        return f"calls {name}({one})", f"calls {name}({other})"
    if golden.get("type") == "tool_call":
        return _spoken([golden]), _spoken([run])
    for key in ("content", "response"):
        one_said, other_said = golden.get(key), run.get(key)
        if not same(one_said, other_said):
            return elide(one_said, other_said)
    return elide(golden, run)
