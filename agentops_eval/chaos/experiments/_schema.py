"""The JSON Schemas of experiments and of game days' plans, made of the fields' structs."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import msgspec

from agentops_eval.chaos.experiments._fields import ExperimentFields, GamedayFields
from agentops_eval.chaos.experiments._provider_fields import PROVIDERS, TOLERANCES
from agentops_eval.documents import REFERENCE, Schema, file_schema
from agentops_eval.domain import Json, Mode

_HOLDERS = ("ActivityFields", "AbortFields")


def experiment_schema() -> dict[str, Json]:
    """The schema of experiments in draft 2020-12, for editors and for checks without us.

    It knows every field of every provider and tolerance, not what references and names mean.
    """
    return _completed(file_schema(ExperimentFields, title="agentops-eval experiment"))


def gameday_schema() -> dict[str, Json]:
    """The same of the plan of a game day."""
    return _completed(file_schema(GamedayFields, title="agentops-eval game day"))


def _completed(schema: Schema) -> Schema:
    definitions = schema["$defs"]
    definitions |= _parts([*PROVIDERS.values(), *TOLERANCES.values()])
    providers = _any_of(PROVIDERS.values())
    plain = [{"type": kind} for kind in ("boolean", "integer", "string", "array")]
    probe = {"$ref": REFERENCE.format(name="ActivityFields")}
    tolerances = {"anyOf": [*plain, *_any_of(TOLERANCES.values())["anyOf"], probe]}
    for holder in _HOLDERS:
        properties = definitions[holder]["properties"]
        for name, choices in (("provider", providers), ("tolerance", tolerances)):
            description = properties[name].get("description", "")
            properties[name] = {"description": description, **deepcopy(choices)}
    modes = [mode.value for mode in Mode]
    for holder, name in (("ImpactFields", "mode"), ("AbortFields", "modes")):
        definitions[holder]["properties"][name]["items"] = {"enum": modes}
    return schema


def _parts(types: Iterable[type[msgspec.Struct]]) -> dict[str, Schema]:
    _, parts = msgspec.json.schema_components(types, ref_template=REFERENCE)
    return {name: deepcopy(part) for name, part in sorted(parts.items())}


def _any_of(types: Iterable[type[msgspec.Struct]]) -> Schema:
    return {"anyOf": [{"$ref": REFERENCE.format(name=one.__name__)} for one in types]}
