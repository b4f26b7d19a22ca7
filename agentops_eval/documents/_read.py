"""From the bytes of a file to what it says, and from that to a type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from agentops_eval.documents._document import Document, decoded, refuse_long
from agentops_eval.documents._json import read_json
from agentops_eval.documents._kind import DocumentKind
from agentops_eval.documents._problems import Problems, together
from agentops_eval.documents._walk import read_struct
from agentops_eval.documents._yaml import read_yaml
from agentops_eval.domain import AgentopsError

Reader: TypeAlias = Callable[[str, str], Document]
"""Reads a text; the second argument is what errors call its file."""

_NO_MORE: Mapping[str, Reader] = MappingProxyType({})
_READERS = {".yaml": read_yaml, ".yml": read_yaml, ".json": read_json}

S = TypeVar("S")


def read_document(
    data: bytes, name: str, kind: DocumentKind[AgentopsError], *, more: Mapping[str, Reader] = _NO_MORE
) -> Document:
    """What a file says: YAML or JSON, as the suffix of its name tells.

    ``name`` is what errors call the file. ``more`` are readers of the kind's own, by suffix in small
    letters. Raises the kind's error, with the line, for what cannot be parsed.
    """
    refuse_long(len(data), name, kind)
    suffix = PurePath(name).suffix.lower()
    if suffix not in _READERS and suffix not in more:
        what = f"the file's name is not that of {kind.one}"
        raise kind.unreadable(name, what, remedy=f"name it {', '.join([*_READERS, *more])}")
    text = decoded(data, name, kind)
    return more[suffix](text, name) if suffix in more else _READERS[suffix](text, name, kind)


def convert(document: Document, type_: type[S], kind: DocumentKind[AgentopsError]) -> S:
    """The document as a msgspec struct or a dataclass.

    Raises the kind's error with all that is wrong at once: each with line and path, what is expected there,
    what is there instead, and the nearest name for one that nothing has. To check more than types can say,
    use ``read_struct`` with ``Problems`` of your own, and add to them.
    """
    problems = Problems(document, kind)
    found = read_struct(type_, document.value, (), problems, noun=kind.one, top=True)
    if problems or found is None:
        raise together(problems.errors(), kind)
    return found
