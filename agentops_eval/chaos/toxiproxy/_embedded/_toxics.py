"""Toxics as the API speaks of them: read from JSON, checked, written back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from agentops_eval.domain import Json

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "bandwidth": ("rate",),
    "latency": ("latency", "jitter"),
    "limit_data": ("bytes",),
    "reset_peer": ("timeout",),
    "slicer": ("average_size", "size_variation", "delay"),
    "slow_close": ("delay",),
    "timeout": ("timeout",),
}
STREAMS = ("upstream", "downstream")
_LARGEST = 2**53
_LONGEST_NAME = 500


class Refused(Exception):
    """A request is answered with an error of this status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class ToxicSpec:
    """One toxic of a proxy."""

    name: str
    type: str
    stream: str
    toxicity: float
    attributes: Mapping[str, int]

    def to_json(self) -> dict[str, Json]:
        """As the API shows it."""
        return {
            "attributes": dict(self.attributes),
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": self.toxicity,
        }


def read_toxic(body: Json) -> ToxicSpec:
    """The toxic that a body describes. Raises Refused."""
    fields = as_object(body)
    stream = text_of(fields, "stream") or "downstream"
    if stream not in STREAMS:
        raise Refused(400, "stream was invalid, can be either upstream or downstream")
    kind = text_of(fields, "type")
    if kind not in ATTRIBUTES:
        raise Refused(400, f"invalid toxic type: {', '.join(sorted(ATTRIBUTES))} are valid")
    return ToxicSpec(
        name=checked_name(text_of(fields, "name") or f"{kind}_{stream}"),
        type=kind,
        stream=stream,
        toxicity=_toxicity(fields, 1.0),
        attributes=_attributes(kind, fields, dict.fromkeys(ATTRIBUTES[kind], 0)),
    )


def updated_toxic(toxic: ToxicSpec, body: Json) -> ToxicSpec:
    """The toxic with what a body says otherwise; its name, type and stream stay. Raises Refused."""
    fields = as_object(body)
    return replace(
        toxic,
        toxicity=_toxicity(fields, toxic.toxicity),
        attributes=_attributes(toxic.type, fields, toxic.attributes),
    )


def chance_of(seed: int, *names: str | int) -> random.Random:
    """Random numbers that follow from the seed and from what they are for, and from nothing else."""
    return random.Random("\0".join(str(part) for part in (seed, *names)))  # noqa: S311  # no secret


def as_object(body: Json) -> dict[str, Json]:
    """The body's fields. Raises Refused."""
    if not isinstance(body, dict):
        raise Refused(400, "bad request body: an object is expected")
    return body


def text_of(fields: Mapping[str, Json], key: str) -> str:
    """A field of text, empty where it is missing. Raises Refused."""
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(400, f"bad request body: {key} is to be text")
    return value


def checked_name(name: str) -> str:
    """The name, where a URL can hold it. Raises Refused."""
    printable = all(ord(one) >= 0x20 and not 0xD800 <= ord(one) <= 0xDFFF for one in name)
    if name in {".", ".."} or len(name) > _LONGEST_NAME or not printable:
        raise Refused(400, "bad request body: this cannot be a name")
    return name


def _toxicity(fields: Mapping[str, Json], before: float) -> float:
    value = fields.get("toxicity")
    if value is None:
        return before
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise Refused(400, "bad request body: toxicity is to be a number from 0 to 1")
    return float(value)


def _attributes(kind: str, fields: Mapping[str, Json], before: Mapping[str, int]) -> Mapping[str, int]:
    given = as_object(fields.get("attributes") or {})
    found = dict(before)
    for name in ATTRIBUTES[kind]:
        value = given.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
            raise Refused(400, f"bad request body: {name} is to be a whole number, 0 or more")
        found[name] = value
    if kind == "slicer" and not 0 <= found["size_variation"] < max(found["average_size"], 1):
        raise Refused(400, "bad request body: size_variation is to be smaller than average_size")
    if kind == "slicer" and found["average_size"] < 1:
        raise Refused(400, "bad request body: average_size is to be 1 or more")
    return MappingProxyType(found)
