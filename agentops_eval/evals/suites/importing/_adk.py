"""Google ADK's eval sets: what the user says turn by turn, which tools are called, the last answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agentops_eval.domain import Json, literal
from agentops_eval.evals.suites._variables import verbatim
from agentops_eval.evals.suites.importing._notes import (
    Expect,
    Found,
    Notebook,
    list_of,
    mapping_of,
    scenario,
    text_of,
)

LIKE = 0.7
"""How like a reference without facts an answer has to be: small talk in other words reaches it, and another
sentence of the same language seldom comes above a half."""
_UNREAD = ("rubrics", "final_session_state", "session_input", "initial_session")


def is_one(value: Json) -> bool:
    """A set of cases, one case, or a list of turns."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, Mapping) and "query" in one for one in value)
    body = mapping_of(value)
    turns = _either(body, "conversation")
    return (
        _either(body, "eval_cases") is not None
        or isinstance(turns, list)
        or (isinstance(body.get("data"), list) and is_one(body["data"]))
    )


def read(value: Json, notes: Notebook) -> Found:
    """The cases in any shape that ADK has written."""
    return Found(scenarios=[made for made in _scenarios(value, notes) if made], head={})


def _scenarios(value: Json, notes: Notebook) -> Iterator[dict[str, Json]]:
    body = mapping_of(value)
    if isinstance(value, list) or isinstance(body.get("data"), list):
        at = "" if isinstance(value, list) else "data"
        turns = value if isinstance(value, list) else list_of(body.get("data"))
        _say_unread(body, "", notes)
        yield _case(turns, text_of(body.get("name")), at, notes)
        return
    cases = _either(body, "eval_cases")
    for number, one in enumerate(list_of(cases) if cases is not None else [body]):
        case = mapping_of(one)
        at = f"eval_cases[{number}]" if cases is not None else ""
        name = text_of(_either(case, "eval_id")) or f"{notes.stem} {number + 1}"
        _say_unread(case, at, notes)
        turns = list_of(_either(case, "conversation"))
        script = mapping_of(_either(case, "conversation_scenario"))
        if turns:
            yield _case(turns, name, _join(at, "conversation"), notes)
        elif script:
            yield _simulated(script, name, _join(at, "conversation_scenario"), notes)
        else:
            notes.left(at or "conversation", "a case", "it has no turns")


def _say_unread(case: Mapping[str, Json], at: str, notes: Notebook) -> None:
    for name in _UNREAD:
        value = _either(case, name)
        state = (
            mapping_of(value).get("state") if "session" in name and name != "final_session_state" else value
        )
        if state:
            notes.left(_join(at, name), "the session's state", "set it up in world, and expect it with state")


@dataclass(slots=True)
class _Talk:
    """What the turns of a case come to."""

    turns: list[Json]
    calls: list[Json]
    told: bool
    answer: str
    where: str


def _case(turns: list[Json], name: str, at: str, notes: Notebook) -> dict[str, Json]:
    talk = _Talk(turns=[], calls=[], told=False, answer="", where="")
    for number, one in enumerate(turns):
        turn, place = mapping_of(one), f"{at}[{number}]"
        if talk.answer:
            notes.left(
                talk.where, "the answer to a turn that is not the last", "only the last answer is judged"
            )
            talk.answer = ""
        if "query" in turn:
            _first_format(turn, place, talk, notes)
        else:
            _invocation(turn, place, talk, notes)
    if not talk.turns:
        notes.left(at, "a case", "the user says nothing in it that is a text")
        return {}
    expect: Expect = []
    if talk.told:
        wanted: Json = {"expected": talk.calls, "order": "strict"}
        notes.expect(expect, "tools", wanted, at, "the expected tools")
    if talk.answer:
        _expect_answer(talk, expect, notes)
    asked = talk.turns[0] if len(talk.turns) == 1 else talk.turns
    made, source = _names(name, notes)
    return scenario(name=made, input=verbatim(asked), expect=expect, source=source)


def _expect_answer(talk: _Talk, expect: Expect, notes: Notebook) -> None:
    """By its facts where it states any; else its words are all that there is to go by."""
    from agentops_eval.evals.answers.facts import stated_in

    stated, said = stated_in(talk.answer), verbatim(talk.answer)
    if stated.facts or stated.topics:
        notes.expect(expect, "answer", said, talk.where, "the expected answer")
        return
    before = len(expect)
    similar: Json = {"expected": said, "at_least": LIKE}
    notes.expect(expect, "answer_similar", similar, talk.where, "the expected answer")
    if len(expect) > before:
        why = f"it states no fact: an answer passes whose letters are like it by {LIKE:g}, whatever it means"
        notes.changed(talk.where, "the expected answer", why)


def _first_format(turn: Mapping[str, Json], at: str, talk: _Talk, notes: Notebook) -> None:
    """``{query, expected_tool_use, expected_intermediate_agent_responses, reference}``."""
    query = text_of(turn["query"])
    if query:
        talk.turns.append(query)
    uses = turn.get("expected_tool_use")
    talk.told = talk.told or isinstance(uses, list)
    for number, one in enumerate(list_of(uses)):
        use = mapping_of(one)
        _call(use.get("tool_name"), use.get("tool_input"), f"{at}.expected_tool_use[{number}]", talk, notes)
        if use.get("mock_tool_output") is not None:
            where = f"{at}.expected_tool_use[{number}].mock_tool_output"
            notes.left(where, "what the tool gives", "a recording tells that")
    if turn.get("expected_intermediate_agent_responses"):
        where = f"{at}.expected_intermediate_agent_responses"
        notes.left(where, "what agents say in between", "only the last answer is judged")
    talk.answer, talk.where = text_of(turn.get("reference")).strip(), f"{at}.reference"


def _invocation(turn: Mapping[str, Json], at: str, talk: _Talk, notes: Notebook) -> None:
    asked = _text(_either(turn, "user_content"), f"{at}.user_content", notes)
    if asked:
        talk.turns.append(asked)
    between = mapping_of(_either(turn, "intermediate_data"))
    uses, events = _either(between, "tool_uses"), list_of(_either(between, "invocation_events"))
    talk.told = talk.told or isinstance(uses, list) or bool(events)
    for number, one in enumerate(list_of(uses)):
        use = mapping_of(one)
        _call(use.get("name"), use.get("args"), f"{at}.intermediate_data.tool_uses[{number}]", talk, notes)
    for number, event in enumerate(events):
        for part in list_of(mapping_of(mapping_of(event).get("content")).get("parts")):
            call = mapping_of(_either(mapping_of(part), "function_call"))
            if call:
                where = f"{at}.intermediate_data.invocation_events[{number}]"
                _call(call.get("name"), call.get("args"), where, talk, notes)
    if list_of(_either(between, "intermediate_responses")):
        where = f"{at}.intermediate_data.intermediate_responses"
        notes.left(where, "what agents say in between", "only the last answer is judged")
    if turn.get("rubrics"):
        notes.left(f"{at}.rubrics", "rubrics of a turn", "write them as expectations of judge")
    where = f"{at}.final_response"
    talk.answer, talk.where = _text(_either(turn, "final_response"), where, notes).strip(), where


def _call(name: Json, arguments: Json, at: str, talk: _Talk, notes: Notebook) -> None:
    if not text_of(name):
        notes.left(at, "a tool call", "it has no name")
        return
    # A value that looks like a condition is a value: ADK has no conditions.
    told = mapping_of(verbatim(dict(mapping_of(arguments))))
    given: Json = {key: literal(value) for key, value in told.items()}
    talk.calls.append({"name": verbatim(name), "arguments": given})


def _text(content: Json, at: str, notes: Notebook) -> str:
    """The texts of a content; its other parts are left out."""
    said = []
    for number, one in enumerate(list_of(mapping_of(content).get("parts"))):
        part = {key: value for key, value in mapping_of(one).items() if value is not None}
        if text_of(part.get("text")) and not part.get("thought"):
            said.append(text_of(part["text"]))
        elif part.keys() - {"text", "thought"}:
            kind = min(part.keys() - {"text", "thought"})
            notes.left(f"{at}.parts[{number}]", kind, "only texts are read")
    return "\n".join(said)


def _simulated(script: Mapping[str, Json], name: str, at: str, notes: Notebook) -> dict[str, Json]:
    opening = text_of(_either(script, "starting_prompt"))
    goal = text_of(_either(script, "conversation_plan"))
    persona = _either(script, "user_persona")
    if not goal:
        notes.left(at, "a case", "its simulated user has no plan")
        return {}
    if persona is not None and not isinstance(persona, str):
        notes.left(_join(at, "user_persona"), "the traits of the persona", "write them as user.persona")
    user = {"persona": text_of(persona), "goal": goal, "opening": opening}
    kept: Json = {key: verbatim(value) for key, value in user.items() if value}
    made, source = _names(name, notes)
    return scenario(name=made, user=kept, source=source)


def _names(name: str, notes: Notebook) -> tuple[str, str]:
    """The id, and where the case comes from. Many eval sets are called after the path of their file."""
    short = name.rpartition("/")[2].removesuffix(".json").removesuffix(".test")
    return notes.id_of(short or notes.stem), f"ADK, {name or notes.stem}"


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _either(body: Mapping[str, Json], name: str) -> Json:
    """A field by its name with underscores, or as JSON spells it."""
    if body.get(name) is not None:
        return body[name]
    first, *more = name.split("_")
    return body.get(first + "".join(word.capitalize() for word in more))
