"""A scenario file as YAML that means the same to us and to readers of YAML 1.1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentops_eval.domain import Json

if TYPE_CHECKING:
    import yaml

# What we read as a number and YAML 1.1 does not, as 1e3: quoted where a text looks like it.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$")
_HALVES = re.compile("[\ud800-\udfff]")


def suite_yaml(document: Mapping[str, Json]) -> str:
    """The document as block YAML, texts of several lines as such. Reading it gives the same values."""
    import yaml

    return yaml.dump(
        _plain(document), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=100, indent=2
    )


def _dumper() -> type[yaml.SafeDumper]:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Lists below a field are indented, and nothing is ever an alias."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002  # its signature
            super().increase_indent(flow, indentless=False)

    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-0123456789"))
    Dumper.add_representer(str, _text)
    return Dumper


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Several lines stand in a block, unless spaces at an end would not be seen; odd signs are escaped."""
    lines = text.split("\n")
    plain = all(line.isprintable() for line in lines)
    block = (
        len(lines) > 1 and plain and not any(line[-1:].isspace() for line in lines) and not text[0].isspace()
    )
    style = "|" if block else None if plain and len(lines) == 1 else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _plain(value: Json) -> Json:
    """Without halves of surrogate pairs, which YAML cannot hold."""
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_HALVES.sub("\ufffd", key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
