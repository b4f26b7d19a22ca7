"""The JSON Schema of degradation files: made of the fields' structs."""

from __future__ import annotations

from agentops_eval.chaos.contracts._fields import ContractFields
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.documents import file_schema
from agentops_eval.domain import FaultClass, Json


def contract_schema() -> dict[str, Json]:
    """The schema in draft 2020-12, for editors and for checks without us.

    It knows fields, kinds of values and the names of faults. It does not know what one field means for
    another, nor whether a pattern is one.
    """
    schema = file_schema(ContractFields, title="agentops-eval degradation")
    names: list[Json] = [*sorted({*CATALOGUE, *(one.value for one in FaultClass)})]
    faults = schema["$defs"]["DegradationFields"]["properties"]["faults"]
    for part in faults["anyOf"]:
        target = part.get("items", part)
        target.clear()
        target["enum"] = names
    return schema
