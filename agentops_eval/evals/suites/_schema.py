"""The JSON Schema of scenario files: made of the fields' structs and the evaluators' signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import get_args, get_origin

import msgspec

from agentops_eval.documents import REFERENCE, Schema, file_schema
from agentops_eval.domain import Expectation, Json, ScenarioInvalid
from agentops_eval.evals._evaluator import Factory, build, parameters_of, takes_mapping
from agentops_eval.evals._table import evaluators as all_evaluators
from agentops_eval.evals.suites._fields import TARGET, SuiteFields
from agentops_eval.evals.suites._scenario import IDENTIFIER, WORLDS
from agentops_eval.evals.suites._variables import VARIABLE

_ALONE = {"type": "string", "pattern": f"^{VARIABLE}$"}
_TYPED = frozenset({"integer", "number", "boolean", "array", "object"})


def scenario_schema(evaluators: Mapping[str, Factory] | None = None) -> dict[str, Json]:
    """The schema in draft 2020-12, for editors and for checks without us.

    It knows fields, kinds of values, and evaluators with their arguments. It does not know what needs the
    whole file: ids that are there twice, variables that nothing defines, axes that do not exist.
    """
    known = all_evaluators() if evaluators is None else evaluators
    whole = file_schema(SuiteFields, title="agentops-eval scenarios")
    definitions: dict[str, Schema] = whole["$defs"]
    for name in ("SharedFields", "ScenarioFields"):
        _expectations(definitions[name]["properties"], [*_alone_named(known)])
    _required(definitions["ScenarioFields"])
    definitions["variable"] = {**_ALONE, "description": "A variable of that kind."}
    arguments = {name: _arguments(factory, definitions) for name, factory in sorted(known.items())}
    definitions["evaluators"] = {
        "type": "object",
        "properties": arguments,
        "patternProperties": {TARGET: {"description": "An evaluator of your own, with its arguments."}},
        "additionalProperties": False,
    }
    for name in ("budget", "state"):
        definitions[name] = {"anyOf": [arguments.get(name, {}), {"type": "null"}]}
    return {**whole, "$defs": dict(sorted(definitions.items()))}


def _required(scenario: Schema) -> None:
    scenario["anyOf"] = [{"required": ["id"]}, {"required": ["title"]}]


def _alone_named(known: Mapping[str, Factory]) -> Iterator[str]:
    """The evaluators that need no arguments, so that their name can stand alone in a list."""
    for name, factory in sorted(known.items()):
        with suppress(ScenarioInvalid):
            build(Expectation(evaluator=name), factory)
            yield name


def _expectations(properties: dict[str, Schema], alone: list[str]) -> None:
    """Put the evaluators in the place of the mapping that the struct knows."""
    single = {
        "anyOf": [
            {"enum": alone},
            {"type": "string", "pattern": TARGET},
            {"$ref": "#/$defs/evaluators", "minProperties": 1, "maxProperties": 1},
        ]
    }
    properties["expect"] = {
        "description": properties["expect"]["description"],
        "anyOf": [
            {"$ref": "#/$defs/evaluators"},
            {"type": "array", "items": single},
            {"type": "null"},
        ],
    }
    for name in ("budget", "state"):
        properties[name] = {"description": properties[name]["description"], "$ref": f"#/$defs/{name}"}
    world = next(part for part in properties["world"]["anyOf"] if part.get("type") == "object")
    kinds = {"type": ["object", "null"]}
    world["properties"] = {
        **dict.fromkeys(WORLDS, kinds),
        "as": {"type": "string", "pattern": IDENTIFIER},
    }
    world["anyOf"] = [
        {"properties": {"as": False}, "maxProperties": 1},
        {"required": ["as"], "minProperties": 2, "maxProperties": 2},
    ]
    world["patternProperties"] = {TARGET: kinds}
    world["additionalProperties"] = False


def _arguments(factory: Factory, definitions: dict[str, Schema]) -> Schema:
    """What may stand behind an evaluator's name: named arguments; the main one alone; nothing."""
    kinds = parameters_of(factory)
    described = inspect.cleandoc(factory.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    schema: Schema = {"description": described} if described else {}
    if not kinds:
        return {**schema, "anyOf": [{"type": "null"}, {"type": "object", "maxProperties": 0}]}
    parameters = inspect.signature(factory).parameters
    needed = [name for name, one in parameters.items() if one.default is inspect.Parameter.empty]
    single = {name: _kind(kind, definitions) for name, kind in kinds.items()}
    named = {
        "type": "object",
        "properties": {name: _or_variable(one) for name, one in single.items()},
        "required": needed,
        "additionalProperties": False,
    }
    main = next(iter(kinds))
    alone = _alone(single[main], kinds, main)
    nothing = [] if main in needed else [{"type": "null"}]
    return {**schema, "anyOf": [alone, named, *nothing]}


def _alone(main: Schema, kinds: Mapping[str, object], name: str) -> Schema:
    """The main argument without its name: a mapping only where that may be one and names no argument."""
    if not takes_mapping(kinds[name]):
        return {"allOf": [_or_variable(main), {"not": {"type": "object"}}]}
    names_one = {"type": "object", "anyOf": [{"required": [one]} for one in kinds]}
    return {"allOf": [_or_variable(main), {"not": names_one}]}


def _kind(kind: object, definitions: dict[str, Schema]) -> Schema:
    """The schema of a parameter; anything at all for what has none."""
    if _is_callable(kind):
        return {"anyOf": [{"type": "string", "pattern": TARGET}, {"type": "null"}]}
    try:
        (schema,), parts = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    except TypeError:
        return {}
    for name, part in parts.items():
        definitions.setdefault(name, _or_variable(part))
    return dict(schema)


def _is_callable(kind: object) -> bool:
    return any(get_origin(one) is Callable for one in (kind, *get_args(kind)) if get_origin(one) is not None)


def _or_variable(schema: Schema) -> Schema:
    """The same where a variable may stand for every value that is no text."""
    changed: Schema = {}
    for key, value in schema.items():
        if key in {"properties", "patternProperties"}:
            changed[key] = {name: _or_variable(one) for name, one in value.items()}
        elif key in {"items", "additionalProperties", "not"} and isinstance(value, dict):
            changed[key] = _or_variable(value)
        elif key in {"anyOf", "allOf", "oneOf", "prefixItems"}:
            changed[key] = [_or_variable(one) for one in value]
        else:
            changed[key] = value
    kinds = changed.get("type")
    typed = set(kinds if isinstance(kinds, list) else [kinds]) & _TYPED
    if typed or "enum" in changed:
        return {"anyOf": [changed, {"$ref": "#/$defs/variable"}]}
    return changed
