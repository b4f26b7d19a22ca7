"""``${name}`` in the texts of an experiment becomes a configured value or a secret."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from string import Template

from agentops_eval.domain import Json


def values_of(configuration: Mapping[str, Json], secrets: Mapping[str, Json]) -> Mapping[str, Json]:
    """What names mean: the configuration's first, then those of every group of secrets."""
    groups = [dict(group) for group in secrets.values() if isinstance(group, Mapping)]
    return ChainMap(dict(configuration), *groups)


def substitute(value: Json, values: Mapping[str, Json]) -> Json:
    """The same value, its names replaced at any depth; a name that means nothing stays as it is.

    A text that is one name alone becomes what the name means, whatever its type.
    """
    if isinstance(value, str):
        return _text(value, values)
    if isinstance(value, Mapping):
        return {key: substitute(item, values) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [substitute(item, values) for item in value]
    return value


def _text(text: str, values: Mapping[str, Json]) -> Json:
    whole = Template.pattern.fullmatch(text)
    name = "" if whole is None else whole["named"] or whole["braced"] or ""
    if name in values:
        return values[name]
    return Template(text).safe_substitute(values)
