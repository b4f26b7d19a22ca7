"""Google ADK's eval sets: what an agent is expected to say and do, as a run that did exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import Json
from agentops_eval.traces.llm import LlmCall, Message, Part, _gemini
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading.formats._kinds import is_turn
from agentops_eval.traces.reading.formats._play import Line, Stage
from agentops_eval.traces.reading.formats._script import Complain, Script

_NOBODY = LlmCall(provider="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of an eval set, and where it stands in its document."""

    at: str
    name: str
    turns: Sequence[Json]
    session: Mapping[str, Json]
    content: Json


def cases_of(document: Json, complain: Complain) -> Iterator[Case]:
    """The cases of an eval set in any shape: a list of turns, named lists of turns, a set of cases."""
    body = p.obj(document)
    if not body:
        yield Case(at="", name="", turns=p.arr(document), session={}, content=document)
        return
    if p.arr(body.get("data")):
        name, session = p.text(body.get("name")) or "", p.obj(body.get("initial_session"))
        yield Case(at="data", name=name, turns=p.arr(body.get("data")), session=session, content=body)
        return
    cases = p.arr(_either(body, "eval_cases"))
    listed = [(f"eval_cases[{number}]", p.obj(case)) for number, case in enumerate(cases)]
    for at, case in listed or [("", body)]:
        turns = p.arr(_either(case, "conversation"))
        if turns:
            session = p.obj(_either(case, "session_input"))
            name = p.text(_either(case, "eval_id")) or ""
            where = f"{at}.conversation".lstrip(".")
            yield Case(at=where, name=name, turns=turns, session=session, content=case)
        elif p.obj(_either(case, "conversation_scenario")):
            complain(f"{at}: passed over: a scenario for a simulated user tells no conversation".lstrip(": "))
        else:
            complain(f"{at}.conversation: passed over: there are no turns in it".lstrip("."))


def agent_of(case: Case) -> str:
    """The app that the case is for, where it says."""
    return p.text(_either(case.session, "app_name")) or ""


def play_case(case: Case, script: Script) -> None:
    """Write the expected conversation."""
    lines: list[Line] = []
    for number, value in enumerate(case.turns):
        turn = p.obj(value)
        at = f"{case.at}[{number}]"
        if is_turn(value):
            lines += _first_format(turn)
        elif _either(turn, "user_content") is not None or _either(turn, "final_response") is not None:
            lines += _invocation(turn, at, script.complain)
        else:
            script.complain(f"{at}: passed over: a turn without a query and without user_content")
    Stage(script=script, common=_NOBODY).play(lines)


# -- the first format -------------------------------------------------------------------------


def _first_format(turn: Mapping[str, Json]) -> list[Line]:
    """``{query, expected_tool_use, expected_intermediate_agent_responses, reference}``."""
    uses = [p.obj(use) for use in p.arr(turn.get("expected_tool_use"))[: p.MAX_ITEMS]]
    calls = [p.tool_call_part(None, use.get("tool_name"), use.get("tool_input") or {}) for use in uses]
    told = [
        (p.tool_response_part(None, use["mock_tool_output"]), p.text(use.get("tool_name")) or "")
        for use in uses
        if use.get("mock_tool_output") is not None
    ]
    said = [p.obj(one).get("text") for one in p.arr(turn.get("expected_intermediate_agent_responses"))]
    texts = [text for one in said if (text := p.text(one))]
    reference = p.text(turn.get("reference"))
    return [
        _said("user", [p.text_part(p.text(turn.get("query")) or "")]),
        *_tool_lines(calls, told),
        *(_said("assistant", [p.text_part(text)]) for text in texts),
        *([_said("assistant", [p.text_part(reference)])] if reference else []),
    ]


# -- invocations ------------------------------------------------------------------------------


def _invocation(turn: Mapping[str, Json], at: str, complain: Complain) -> list[Line]:
    asked = _content(_either(turn, "user_content"))
    final = _content(_either(turn, "final_response"))
    between = p.obj(_either(turn, "intermediate_data"))
    lines = [_said("user", asked)] if asked else []
    if not asked:
        complain(f"{at}.user_content: nobody says anything in it")
    events = p.arr(_either(between, "invocation_events"))
    lines += _of_events(events, turn) if events else _of_lists(between)
    last = _spoken(lines[-1]) if lines and events else None
    if final and last != _spoken(_said("assistant", final)):  # it may be the last event as well
        lines.append(_said("assistant", final))
    return lines


def _of_lists(between: Mapping[str, Json]) -> list[Line]:
    """Tool uses and answers in two lists: how the llm grouped the uses is not told, so it is one group."""
    uses = [p.obj(use) for use in p.arr(_either(between, "tool_uses"))[: p.MAX_ITEMS]]
    calls = [p.tool_call_part(use.get("id"), use.get("name"), use.get("args") or {}) for use in uses]
    answers = [p.obj(one) for one in p.arr(_either(between, "tool_responses"))[: p.MAX_ITEMS]]
    told = [
        (p.tool_response_part(one.get("id"), one.get("response")), p.text(one.get("name")) or "")
        for one in answers
    ]
    lines = _tool_lines(calls, told)
    for pair in p.arr(_either(between, "intermediate_responses"))[: p.MAX_ITEMS]:
        author_and_parts = p.arr(pair)
        parts = _content({"parts": author_and_parts[1]}) if len(author_and_parts) == 2 else []
        lines += [_said("assistant", parts)] if parts else []
    return lines


def _of_events(events: Sequence[Json], turn: Mapping[str, Json]) -> list[Line]:
    """What each agent said and asked for, and what tools gave, in their order."""
    lines: list[Line] = []
    open_calls: list[Part] = []
    for value in events[: p.MAX_ITEMS]:
        event = p.obj(value)
        parts = _content(event.get("content"))
        results = [part for part in parts if part.get("type") == "tool_call_response"]
        others = [part for part in parts if part.get("type") != "tool_call_response"]
        lines += [_answer(part, str(part.get("name") or ""), open_calls) for part in results]
        if others and event.get("author") == "user":
            lines.append(_said("user", others))
        elif others:
            lines.append(replace(_said("assistant", others), call=_call(event, turn)))
            open_calls += [part for part in others if part.get("type") == "tool_call"]
    return lines + [_unanswered(call) for call in open_calls]


def _call(event: Mapping[str, Json], turn: Mapping[str, Json]) -> LlmCall:
    """What the event and the app's description tell of the call behind it."""
    counts = p.obj(_either(event, "usage_metadata"))
    agents = p.obj(_either(p.obj(_either(turn, "app_details")), "agent_details"))
    agent = p.obj(agents.get(str(event.get("author"))))
    instructions = p.text(_either(agent, "instructions"))
    offered = [_without_nothing(one) for one in p.arr(_either(agent, "tool_declarations"))]
    return LlmCall(
        provider="",
        response_model=p.text(_either(event, "model_version")),  # what was asked for is not told
        system_instructions=(p.text_part(instructions),) if instructions else (),
        tool_definitions=tuple(_gemini.tools(offered)),
        usage=_gemini.usage({_gemini.camel(key): count for key, count in counts.items()}),
    )


# -- parts ------------------------------------------------------------------------------------


def _tool_lines(calls: Sequence[Part], told: Sequence[tuple[Part, str]]) -> list[Line]:
    """The message that asks for tools, and what each gave; one without an answer is called all the same."""
    if not calls:
        return []
    waiting = list(calls)
    answers = [_answer(part, name, waiting) for part, name in told]
    return [_said("assistant", calls), *answers, *(_unanswered(call) for call in waiting)]


def _answer(part: Part, name: str, waiting: list[Part]) -> Line:
    """A tool's answer; the call it belongs to waits no longer."""
    fits = (one for one in waiting if one.get("id") == part.get("id") and name in {one.get("name"), ""})
    asked = next(fits, None)
    if asked is not None:
        waiting.remove(asked)
    kept = {key: value for key, value in part.items() if key != "name"}
    return Line(
        message=Message(role="tool", parts=(kept,)), tool=name or str((asked or {}).get("name") or "")
    )


def _unanswered(call: Part) -> Line:
    part = p.tool_response_part(call.get("id"), None)
    name = str(call.get("name") or "")
    return Line(message=Message(role="tool", parts=(part,)), tool=name, unanswered=True)


def _said(role: str, parts: Sequence[Part]) -> Line:
    return Line(message=Message(role=role, parts=tuple(parts)))


def _spoken(line: Line) -> list[Json]:
    return [part.get("content") for part in line.message.parts if part.get("type") == "text"]


def _content(value: Json) -> list[Part]:
    """The parts of a content, without the fields that the file writes out as null."""
    parts = [_without_nothing(part) for part in p.arr(p.obj(value).get("parts"))]
    found = _gemini.content([part for part in parts if part])
    return [
        {**part, "arguments": part.get("arguments") or {}} if part.get("type") == "tool_call" else part
        for part in found
    ]


def _without_nothing(value: Json) -> Json:
    return {key: item for key, item in p.obj(value).items() if item is not None}


def _either(body: Mapping[str, Json], name: str) -> Json:
    """A field by its name with underscores, or as JSON spells it."""
    return body[name] if body.get(name) is not None else body.get(_gemini.camel(name))
