"""YAML, read strictly: the values of JSON, no key twice, no alias without end, and the line of everything.

Plain scalars mean what JSON would read in them. Everything else is text: ``no``, ``on``, dates, ``1_000``,
``007`` and ``12:30``, which YAML 1.1 turns into something that nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentops_eval.documents._document import (
    MAX_DEPTH,
    MAX_NODES,
    Document,
    Place,
    number,
    shown,
)
from agentops_eval.documents._kind import DocumentKind
from agentops_eval.domain import AgentopsError, Json

if TYPE_CHECKING:
    import yaml

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MERGE = "<<"
_CONTROL = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAB = re.compile(r"[ -]*\t")
_CORE = "tag:yaml.org,2002:"
_TAGS = frozenset({None, "!", f"{_CORE}str", f"{_CORE}seq", f"{_CORE}map"})
_REMEDIES = {
    "mapping values are not allowed": "quote the text that holds a colon and a space",
    "could not find expected ':'": "write a colon and a space behind the field's name",
    "did not find expected key": "indent fields of one mapping alike; quote texts that begin with a quote",
    "that cannot start any token": "quote the text",
    "control characters are not allowed": "take the control character out, or escape it in double quotes",
}
_SMALLER = "write a smaller number; or quote it, where it is a text such as a hash"
_CHECK = "look at this line and those above it: brackets and quotes are closed, and fields indented alike"


def read_yaml(text: str, name: str, kind: DocumentKind[AgentopsError]) -> Document:
    """The one document of a YAML text. Raises the kind's error with the line."""
    import yaml

    builder = _Builder(name, kind)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax(error, text, name, kind) from None
    if not builder.documents:
        raise kind.unreadable(name, "the file holds nothing but comments", remedy=kind.example)
    return Document(name=name, value=builder.value, line_of=_Lines(builder.value, builder.lines).of)


@dataclass(slots=True)
class _Frame:
    """A container that is being read. ``size`` counts what is in it, aliases as if they were written out."""

    value: dict[str, Json] | list[Json]
    line: int
    anchor: str | None
    key: str | None = None
    merging: bool = False
    size: int = 1
    height: int = 0
    marks: dict[str | int, int] = field(default_factory=dict)
    merged: list[tuple[Json, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchored:
    value: Json
    size: int
    height: int
    line: int


class _Builder:
    """Makes values of events. ``lines`` has those of each container's parts, by the container's id."""

    def __init__(self, name: str, kind: DocumentKind[AgentopsError]) -> None:
        self._name = name
        self._kind = kind
        self._frames: list[_Frame] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self.lines: dict[int, dict[str | int, int]] = {}
        self.value: Json = None
        self.documents = 0
        self._total = 0

    def take(self, event: yaml.Event) -> None:
        """One event. Raises the kind's error."""
        sign = type(event).__name__
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        if sign == "ScalarEvent":
            self._scalar(event, line)
        elif sign in {"MappingStartEvent", "SequenceStartEvent"}:
            self._begin(event, line)
        elif sign in {"MappingEndEvent", "SequenceEndEvent"}:
            self._end()
        elif sign == "AliasEvent":
            self._alias(event, line)
        elif sign == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                raise self._wrong("there are several documents in the file", line, "leave one, without ---")

    def _wrong(self, what: str, line: int, remedy: str = "") -> AgentopsError:
        return self._kind.unreadable(self._name, what, line=line, remedy=remedy)

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag not in _TAGS:
            short = str(tag).replace(_CORE, "!!")
            raise self._wrong(f"the tag {shown(short)} is not read", line, "leave it out")

    def _scalar(self, event: Any, line: int) -> None:
        self._refuse_tag(event.tag, line)
        frame = self._frames[-1] if self._frames else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            self._name_key(frame, event, line)
            return
        value: Json = event.value
        if event.implicit[0] and not event.style:
            value = self._plain(event.value, line)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value=value, size=1, height=0, line=line)
        self._put(value, line, size=1, height=0)

    def _plain(self, text: str, line: int) -> Json:
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text) is None:
            return text
        try:
            return number(text)
        except ValueError:
            raise self._wrong(f"{shown(text)} is too large a number", line, _SMALLER) from None

    def _name_key(self, frame: _Frame, event: Any, line: int) -> None:
        """Keys are texts, as in JSON; only a plain ``<<`` asks for a merge."""
        key = event.value
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value=key, size=1, height=0, line=line)
        frame.key, frame.merging = key, key == _MERGE and not event.style
        if frame.merging:
            return
        if key in frame.marks:
            what = f"the field {shown(key)} is there twice, on line {frame.marks[key]} and here"
            raise self._wrong(what, line, "leave one of them")
        frame.marks[key] = line

    def _begin(self, event: Any, line: int) -> None:
        self._refuse_tag(event.tag, line)
        if len(self._frames) >= MAX_DEPTH:
            raise self._wrong(f"the file is nested more than {MAX_DEPTH} levels deep", line)
        parent = self._frames[-1] if self._frames else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            raise self._wrong("a field's name is a list or a mapping", line, "quote it where it is a text")
        if event.anchor:
            self._anchors[event.anchor] = None  # open: an alias to it would contain itself
        made: dict[str, Json] | list[Json] = {} if type(event).__name__.startswith("Mapping") else []
        self._frames.append(_Frame(made, line, event.anchor))

    def _end(self) -> None:
        frame = self._frames.pop()
        for source, line in frame.merged:
            self._merge(frame, source, line)
        self.lines[id(frame.value)] = frame.marks
        if frame.anchor:
            self._anchors[frame.anchor] = _Anchored(
                value=frame.value, size=frame.size, height=frame.height, line=frame.line
            )
        self._put(frame.value, frame.line, size=frame.size, height=frame.height, counted=True)

    def _alias(self, event: Any, line: int) -> None:
        if event.anchor not in self._anchors:
            raise self._wrong(f"nothing is anchored as &{event.anchor}", line)
        found = self._anchors[event.anchor]
        if found is None:
            raise self._wrong(f"the alias *{event.anchor} stands inside of what it names", line)
        frame = self._frames[-1] if self._frames else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            raise self._wrong("a field's name is an alias", line, "write the name out")
        if len(self._frames) + found.height > MAX_DEPTH:
            raise self._wrong(f"aliases nest the file more than {MAX_DEPTH} levels deep", line)
        self._put(found.value, line, size=found.size, height=found.height)

    def _put(self, value: Json, line: int, *, size: int, height: int, counted: bool = False) -> None:
        self._total += 1 if counted else size
        if self._total > MAX_NODES:
            what = f"written out, the file has more than {MAX_NODES:,} values"
            raise self._wrong(what, line, "use fewer aliases, or split the file")
        if not self._frames:
            self.value = value
            return
        frame = self._frames[-1]
        frame.size += size
        frame.height = max(frame.height, height + 1)
        if isinstance(frame.value, list):
            frame.marks[len(frame.value)] = line
            frame.value.append(value)
        elif frame.merging:
            frame.merged.append((value, line))
            frame.key, frame.merging = None, False
        else:
            assert frame.key is not None
            frame.value[frame.key] = value
            frame.key = None

    def _merge(self, frame: _Frame, source: Json, line: int) -> None:
        """Fields of other mappings, where the mapping lacks them itself; of several the first wins."""
        assert isinstance(frame.value, dict)
        for one in source if isinstance(source, list) else [source]:
            if not isinstance(one, dict):
                raise self._wrong("<< merges mappings, and this is none", line, "<<: *name")
            marks = self.lines.get(id(one), {})
            for key, value in one.items():
                if key not in frame.value:
                    frame.value[key] = value
                    frame.marks[key] = marks.get(key, line)


class _Lines:
    def __init__(self, root: Json, lines: Mapping[int, Mapping[str | int, int]]) -> None:
        self._root = root
        self._lines = lines

    def of(self, place: Place) -> int:
        """The line of the innermost part of a place that is in the document."""
        found, value = 1, self._root
        for part in place:
            found = self._lines.get(id(value), {}).get(part, found)
            inner = _inside(value, part)
            if inner is None:
                break
            value = next(inner)
        return found


def _inside(value: Json, part: str | int) -> Iterator[Json] | None:
    if isinstance(value, dict) and part in value:
        return iter((value[str(part)],))
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return iter((value[part],))
    return None


def _syntax(error: yaml.YAMLError, text: str, name: str, kind: DocumentKind[AgentopsError]) -> AgentopsError:
    mark = getattr(error, "problem_mark", None)
    control = _CONTROL.search(text)
    line = mark.line + 1 if mark is not None else 0
    if not line and control is not None:
        line = text.count("\n", 0, control.start()) + 1
    what = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).splitlines()[0]
    context = getattr(error, "context", None)
    remedy = next((fix for sign, fix in _REMEDIES.items() if sign in what), _CHECK)
    if "cannot start any token" in what and _TAB.search(text.splitlines()[line - 1]):
        remedy = "indent with spaces: YAML takes no tabs there"
    said = f"{context}, {what}" if context else what
    return kind.unreadable(name, f"the file is not YAML: {said}", line=line, remedy=remedy)
