"""The JSON Schema of a kind of file, for editors and for checks without us."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeAlias

import msgspec

Schema: TypeAlias = dict[str, Any]

REFERENCE = "#/$defs/{name}"
"""Where a schema keeps what several of its parts have in common."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_schema(type_: type[msgspec.Struct], *, title: str) -> Schema:
    """What the struct says of a file, in draft 2020-12, to be added to.

    As when it is read, ``$schema`` and names that begin with ``x-`` may stand at the top.
    """
    (_,), parts = msgspec.json.schema_components([type_], ref_template=REFERENCE)
    definitions: dict[str, Schema] = {name: deepcopy(part) for name, part in sorted(parts.items())}
    whole = definitions.pop(type_.__name__)
    whole["patternProperties"] = {"^x-": {"description": "Your own: anchors for aliases, and notes."}}
    whole["properties"]["$schema"] = {"description": "Where this schema is, for editors."}
    return {"$schema": _DIALECT, **whole, "title": title, "$defs": definitions}
