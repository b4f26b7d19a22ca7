"""Datasets of pydantic-evals: cases with inputs, an expected output, and evaluators in their short forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentops_eval.domain import Json
from agentops_eval.evals.suites._variables import verbatim
from agentops_eval.evals.suites.importing._notes import (
    Expect,
    Found,
    Notebook,
    beside,
    list_of,
    mapping_of,
    said,
    scenario,
    text_of,
)

# The arguments of each evaluator that has some, the first one first.
_ARGUMENTS = {
    "Equals": ("value", "evaluation_name"),
    "EqualsExpected": ("evaluation_name",),
    "Contains": ("value", "case_sensitive", "as_strings", "evaluation_name"),
    "IsInstance": ("type_name", "evaluation_name"),
    "MaxDuration": ("seconds", "evaluation_name"),
    "LLMJudge": (
        "rubric", "model", "include_input", "include_expected_output", "model_settings", "score", "assertion",
    ),
    "HasMatchingSpan": ("query", "evaluation_name"),
}  # fmt: skip
_TYPES = {
    "dict": "object",
    "list": "array",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "NoneType": "null",
}


def is_one(value: Json) -> bool:
    """A mapping with cases that have inputs."""
    cases = mapping_of(value).get("cases")
    return isinstance(cases, list) and all("inputs" in mapping_of(case) for case in cases)


def read(value: Json, notes: Notebook) -> Found:
    """The cases, with the evaluators of the dataset as defaults where they need no case."""
    body = mapping_of(value)
    shared = list_of(body.get("evaluators"))
    if body.get("report_evaluators"):
        notes.left("report_evaluators", "evaluators of the whole report", "there is a case for each verdict")
    needs_case = [one for one in shared if _spec(one).name in {"EqualsExpected", "LLMJudge"}]
    common: Expect = []
    for number, one in enumerate(shared):
        if one not in needs_case:
            _evaluator(_spec(one), common, None, f"evaluators[{number}]", notes)
    scenarios: list[Json] = []
    for number, one in enumerate(list_of(body.get("cases"))):
        scenarios.append(_case(mapping_of(one), needs_case, common, number, notes))
    head: dict[str, Json] = {"defaults": {"expect": said(common)}} if common else {}
    return Found(scenarios=scenarios, head=head)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    """An evaluator's name, and its arguments by theirs."""

    name: str
    arguments: Mapping[str, Json]


def _spec(value: Json) -> _Spec:
    """Cases: the name alone; name and arguments as fields; the name with its first argument, or with all."""
    if isinstance(value, str):
        return _Spec(name=value, arguments={})
    body = mapping_of(value)
    if "name" in body and body.keys() <= {"name", "arguments"}:
        name, given = text_of(body["name"]), body.get("arguments")
    else:
        name, given = next(iter(body.items())) if len(body) == 1 else ("", None)
    known = _ARGUMENTS.get(name, ())
    if isinstance(given, Mapping) and given and given.keys() <= set(known):
        return _Spec(name=name, arguments=given)
    if isinstance(given, list) and "arguments" in body:
        return _Spec(name=name, arguments=dict(zip(known, given, strict=False)))
    return _Spec(name=name, arguments={known[0]: given} if known and given is not None else {})


def _case(
    case: Mapping[str, Json], shared: list[Json], common: Expect, number: int, notes: Notebook
) -> dict[str, Json]:
    at = f"cases[{number}]"
    name = text_of(case.get("name")) or f"case {number + 1}"
    expect: Expect = []
    own = list_of(case.get("evaluators"))
    for place, one in [
        *((f"evaluators of the dataset, for {at}", one) for one in shared),
        *((f"{at}.evaluators[{index}]", one) for index, one in enumerate(own)),
    ]:
        _evaluator(_spec(one), expect, case, place, notes)
    wanted = case.get("expected_output")
    uses = any(_spec(one).name == "EqualsExpected" for one in [*shared, *own])
    judged = any(_spec(one).arguments.get("include_expected_output") for one in [*shared, *own])
    if wanted is not None and not uses and not judged:
        what = "no evaluator of the file compares the answer with it; write answer or answer_equals"
        notes.left(f"{at}.expected_output", "the expected output", what)
    segments, tags = _segments(mapping_of(case.get("metadata")), at, notes)
    return scenario(
        name=notes.id_of(name),
        title=text_of(case.get("name")),
        input=_input(case.get("inputs")),
        expect=beside(common, expect),
        tags=tags,
        segments=segments,
        source=verbatim(f"pydantic-evals, {at}"),
    )


def _input(inputs: Json) -> Json:
    """A list is one turn here; a list of ours would be several."""
    return verbatim([inputs] if isinstance(inputs, list) or inputs is None else inputs)


def _segments(metadata: Mapping[str, Json], at: str, notes: Notebook) -> tuple[dict[str, Json], list[Json]]:
    segments: dict[str, Json] = {}
    tags: list[Json] = []
    for key, value in metadata.items():
        if isinstance(value, (str, int, float, bool)):
            segments[key] = verbatim(value)
        elif key == "tags" and isinstance(value, list) and all(isinstance(tag, str) for tag in value):
            tags = [verbatim(tag) for tag in value]
        elif value is not None:
            notes.left(f"{at}.metadata.{key}", "metadata", "a segment is a text or a number")
    return segments, tags


def _evaluator(
    spec: _Spec, expect: Expect, case: Mapping[str, Json] | None, at: str, notes: Notebook
) -> None:
    given: Mapping[str, Any] = spec.arguments
    if spec.name == "Equals" and "value" in given:
        notes.expect(expect, "answer_equals", {"expected": verbatim(given["value"])}, at, "Equals")
    elif spec.name == "EqualsExpected":
        wanted = (case or {}).get("expected_output")
        if wanted is not None:  # it passes over cases without one, too
            notes.expect(expect, "answer_equals", {"expected": verbatim(wanted)}, at, "EqualsExpected")
    elif spec.name == "Contains" and "value" in given:
        _contains(given, expect, at, notes)
    elif spec.name == "IsInstance":
        _instance(text_of(given.get("type_name")), expect, at, notes)
    elif spec.name == "MaxDuration" and given.get("seconds") is not None:
        notes.expect(expect, "budget", {"latency_s": given["seconds"]}, at, "MaxDuration")
    elif spec.name == "LLMJudge":
        _judge(given, expect, case or {}, at, notes)
    elif spec.name == "HasMatchingSpan":
        _span(mapping_of(given.get("query")), expect, at, notes)
    else:
        name = spec.name or "an evaluator without a name"
        notes.left(at, name, "write it as a function of your own, and name it module:callable")


def _contains(given: Mapping[str, Any], expect: Expect, at: str, notes: Notebook) -> None:
    value = given["value"]
    if given.get("as_strings") and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        notes.left(at, "Contains", "answer_contains looks for texts; write answer_diff or answer_schema")
        return
    arguments: dict[str, Json] = {"texts": verbatim(value)}
    if given.get("case_sensitive") is False:
        arguments["case"] = False
    notes.expect(expect, "answer_contains", arguments, at, "Contains")


def _instance(name: str, expect: Expect, at: str, notes: Notebook) -> None:
    if name == "str":
        notes.left(at, "IsInstance: str", "every answer can be read as a text; nothing is checked by it")
    elif name not in _TYPES:
        notes.left(at, f"IsInstance: {name}", "answers are JSON, and have no classes; write answer_schema")
    else:
        notes.changed(at, f"IsInstance: {name}", f"the answer has to be JSON of the type {_TYPES[name]}")
        notes.expect(expect, "answer_schema", {"schema": {"type": _TYPES[name]}}, at, f"IsInstance: {name}")


def _judge(
    given: Mapping[str, Any], expect: Expect, case: Mapping[str, Json], at: str, notes: Notebook
) -> None:
    rubric = text_of(given.get("rubric"))
    if not rubric:
        notes.left(at, "LLMJudge", "it has no rubric")
        return
    arguments: dict[str, Json] = {"rubric": verbatim(rubric)}
    if given.get("include_expected_output") and case.get("expected_output") is not None:
        arguments["reference"] = verbatim(case["expected_output"])
    for name in ("model", "model_settings", "score", "assertion"):
        if given.get(name) is not None:
            notes.left(
                f"{at}.{name}", "an option of LLMJudge", "the judge is configured in one place, for all"
            )
    notes.expect(expect, "judge", arguments, at, "LLMJudge")


def _span(query: Mapping[str, Json], expect: Expect, at: str, notes: Notebook) -> None:
    """Only a span that is a tool's call has a meaning here."""
    attributes = mapping_of(query.get("has_attributes"))
    tool = text_of(attributes.get("gen_ai.tool.name"))
    others = set(attributes) - {"gen_ai.tool.name", "gen_ai.operation.name"}
    named = text_of(query.get("name_equals"))
    tool = tool or next(
        (named.removeprefix(sign) for sign in ("execute_tool ", "running tool: ") if named.startswith(sign)),
        "",
    )
    if not tool or others or query.keys() - {"has_attributes", "name_equals"}:
        notes.left(at, "HasMatchingSpan", "only a span that is a tool's call can be expected, with tools")
        return
    notes.expect(expect, "tools", [verbatim(tool)], at, "HasMatchingSpan")
