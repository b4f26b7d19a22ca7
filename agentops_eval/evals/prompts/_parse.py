"""A prompt file: a head, a line ``---``, and the text. Reading it does no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from agentops_eval.domain import Json, PromptInvalid, nearest
from agentops_eval.evals.prompts._head import SEPARATOR, Field, read_head
from agentops_eval.evals.prompts._prompt import Prompt, normalised
from agentops_eval.evals.prompts._strict import read_json
from agentops_eval.evals.prompts._template import Template, strays
from agentops_eval.evals.prompts._tools import ToolSchema, read_tools
from agentops_eval.evals.prompts._version import Version

KEYS = ("name", "version", "description", "llm", "parameters", "tools", "variables")
"""What a head may hold, besides keys of your own that begin with ``x-``."""

RESERVED = frozenset({"tools", "unversioned"})
"""Names that results use for something else."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LONGEST_NAME = 200
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN = 60

Beside = Callable[[str], str]
"""Gives the text of a file that is named relative to the prompt's. Raises OSError or ValueError."""


def parse_prompt(data: bytes, *, name: str, where: str, version: str = "", beside: Beside) -> Prompt:
    """Read a prompt file.

    ``name`` is the prompt's where the head gives none, ``version`` is what the file's name says, empty
    where it says nothing; the head has to agree. ``where`` is the file. Raises PromptInvalid with file
    and line.
    """
    lines = _lines(data, where)
    start, end = _extent(lines, where)
    head = read_head(lines[start:end], file=where, first=start + 1)
    for key, entry in head.items():
        if key not in KEYS and not key.startswith("x-"):
            what = f"the head has an unknown key {key!r}"
            remedy = f"{nearest(key, KEYS)} (keys of your own begin with x-)"
            raise PromptInvalid(what, where=f"{where}:{entry.line}", remedy=remedy)
    text = normalised("\n".join(lines[end + 1 :]))
    blank = next((n for n, line in enumerate(lines[end + 1 :]) if line.strip()), 0)
    begins = end + 2 + blank
    if not text:
        raise PromptInvalid("the prompt has no text", where=f"{where}:{end + 1}", remedy="write it below ---")
    _refuse_strays(text, where, begins)
    return Prompt(
        name=_name(head, name, where),
        version=_version(head, version, where),
        text=text,
        llm=_text(head, "llm", where),
        parameters=_mapping(head, "parameters", where),
        tools=_tools(head, where, beside),
        variables=_variables(head, Template.of(text).names, where),
        description=_text(head, "description", where),
        where=where,
        line=begins,
    )


def _lines(data: bytes, where: str) -> list[str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte {error.start + 1} of the file is not UTF-8"
        raise PromptInvalid(what, where=f"{where}:{line}", remedy="save the file as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise PromptInvalid("the file holds a NUL byte", where=f"{where}:{line}", remedy="save it as text")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _extent(lines: list[str], where: str) -> tuple[int, int]:
    """Where the head begins and where it ends. A line ``---`` may stand before it, too."""
    marks = [number for number, line in enumerate(lines) if line.rstrip() == SEPARATOR][:2]
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    start = first + 1 if marks and marks[0] == first else first
    end = next((number for number in marks if number >= start), None)
    if end is None:
        what = f"there is no line {SEPARATOR} between the head and the text"
        remedy = f"begin the file with version: 1.0.0 and a line {SEPARATOR}"
        raise PromptInvalid(what, where=f"{where}:{first + 1}", remedy=remedy)
    return start, end


def _refuse_strays(text: str, where: str, begins: int) -> None:
    for place, found in strays(text):
        what = f"{found[:_SHOWN]!r} is no variable: a name has letters, digits and _"
        line = begins + text.count("\n", 0, place)
        raise PromptInvalid(what, where=f"{where}:{line}", remedy=r"write \{{ where two braces are meant")


def _name(head: Mapping[str, Field], otherwise: str, where: str) -> str:
    entry = head.get("name")
    name = entry.text.strip("\"'") if entry is not None else otherwise
    place = where if entry is None else f"{where}:{entry.line}"
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        what = f"{name[:_SHOWN]!r} is no name of a prompt: letters, digits and . _ - / are"
        raise PromptInvalid(what, where=place, remedy="give it one with name: in its head")
    if name in RESERVED:
        what = f"a prompt cannot be called {name}: results use the word for something else"
        raise PromptInvalid(what, where=place, remedy="give it another with name: in its head")
    return name


def _version(head: Mapping[str, Field], expected: str, where: str) -> Version:
    entry = head.get("version")
    if entry is None:
        what, remedy = "the head has no version", f"write version: {expected or '1.0.0'} at its top"
        raise PromptInvalid(what, where=f"{where}:1", remedy=remedy)
    place = f"{where}:{entry.line}"
    try:  # as it is spelt: 1.10 is no number
        version = Version.parse(entry.text.strip("\"'"))
    except ValueError as error:
        raise PromptInvalid(str(error), where=place, remedy="write version: 1.0.0") from None
    if expected and Version.parse(expected) != version:
        what = f"the file's name says version {expected}, its head says {entry.text}"
        raise PromptInvalid(what, where=place, remedy="make them agree")
    return version


def _text(head: Mapping[str, Field], key: str, where: str) -> str:
    entry = head.get(key)
    if entry is None or entry.value is None:
        return ""
    if isinstance(entry.value, (Mapping, list)):
        raise PromptInvalid(f"{key} is not text", where=f"{where}:{entry.line}", remedy=f"write {key}: ...")
    return entry.value if isinstance(entry.value, str) else entry.text


def _mapping(head: Mapping[str, Field], key: str, where: str) -> Mapping[str, Json]:
    entry = head.get(key)
    if entry is None or entry.value is None:
        return {}
    if not isinstance(entry.value, Mapping):
        what = f"{key} is not a mapping"
        remedy = f"write {key}: alone, and below it `  temperature: 0.2`"
        raise PromptInvalid(what, where=f"{where}:{entry.line}", remedy=remedy)
    return entry.value


def _variables(head: Mapping[str, Field], used: tuple[str, ...], where: str) -> Mapping[str, str | None]:
    """What the text uses, with the defaults of the head. Where the head lists any, it lists them all."""
    names = dict.fromkeys(used)
    entry = head.get("variables")
    if entry is None:
        return names
    place = f"{where}:{entry.line}"
    told = entry.value if isinstance(entry.value, Mapping) else None
    listed = entry.value if isinstance(entry.value, list) else list(told or {})
    for name in listed:
        if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
            what = f"{str(name)[:_SHOWN]!r} is no name of a variable"
            raise PromptInvalid(what, where=place, remedy="a name has letters, digits and _")
        if name not in names:
            what = f"the variable {name!r} is declared, and the text does not use it"
            raise PromptInvalid(what, where=place, remedy=nearest(name, names) or "take it out of variables:")
    for name in names:
        if name not in listed:
            what = f"the text uses {{{{{name}}}}}, and variables: does not declare it"
            raise PromptInvalid(what, where=place, remedy=nearest(name, map(str, listed)) or f"add {name}")
    defaults = told or {}
    return {name: _default(name, defaults.get(name), place) for name in names}


def _default(name: str, value: Json, place: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int):  # 1.10 would become 1.1
        what = f"the default of {name!r} is not text"
        raise PromptInvalid(what, where=place, remedy=f'write {name}: "..."')
    return str(value)


def _tools(head: Mapping[str, Field], where: str, beside: Beside) -> tuple[ToolSchema, ...] | None:
    """Cases: not told; a file's name; the definitions themselves."""
    entry = head.get("tools")
    if entry is None or entry.value is None:
        return None
    place = f"{where}:{entry.line}"
    if not isinstance(entry.value, str):
        try:
            return read_tools(entry.value)
        except ValueError as error:
            raise PromptInvalid(f"tools: {error}", where=place, remedy="give it a name") from None
    try:
        return read_tools(read_json(beside(entry.value)))
    except OSError as error:
        what = f"the tools cannot be read: {error.strerror or error}: {entry.value[:_SHOWN]}"
        remedy = "name a JSON file, relative to this one"
        raise PromptInvalid(what, where=place, remedy=remedy) from None
    except ValueError as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        what = f"the tools in {entry.value[:_SHOWN]}{line} are no list of definitions: {error}"
        remedy = 'write [{"name": ..., "description": ..., "parameters": {...}}]'
        raise PromptInvalid(what, where=place, remedy=remedy) from None
