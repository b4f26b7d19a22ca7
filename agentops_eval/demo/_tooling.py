"""What all demo agents share about tools: how the llm sees one, and what really happened."""

from __future__ import annotations

import inspect
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints, is_typeddict

from agentops_eval.domain import Json

TRANSIENT = (ConnectionError, TimeoutError, sqlite3.OperationalError)
"""What may pass by itself, so that a tool is tried again."""

ATTEMPTS, FIRST_WAIT_S = 3, 0.1

_JSON_TYPES: Mapping[type, tuple[str, tuple[type, ...]]] = {
    int: ("integer", (int,)),
    float: ("number", (int, float)),
    str: ("string", (str,)),
}


class NoSense(ConnectionError):
    """A tool answered, and not with what it promises: as after a lost answer, it may have been done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmTool:
    """A tool as an agent loop sees it.

    ``parameters`` is the JSON Schema of the arguments. ``reads`` says that it changes nothing;
    ``repeatable`` that a second call does no harm: it only reads, or it has an idempotency key.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]
    run: Callable[..., Any]
    reads: bool
    repeatable: bool

    @classmethod
    def of(cls, run: Callable[..., Any], *, reads: bool = False, repeatable: bool = False) -> LlmTool:
        """Describe a function by its name, docstring and type hints."""
        hints = _hints(run)
        return cls(
            name=run.__name__,
            description=(inspect.getdoc(run) or "").partition("\n")[0],
            parameters={
                "type": "object",
                "properties": {name: {"type": _JSON_TYPES[kind][0]} for name, kind in hints.items()},
                "required": list(hints),
                "additionalProperties": False,
            },
            run=run,
            reads=reads,
            repeatable=reads or repeatable,
        )

    def flaw(self, arguments: object) -> str:
        """Say what is wrong with the arguments that an llm gave; empty where nothing is."""
        hints = _hints(self.run)
        if not isinstance(arguments, Mapping):
            return f"the arguments of {self.name} are no JSON object"
        if set(arguments) != set(hints):
            return f"{self.name} takes {', '.join(hints)}, not {', '.join(arguments) or 'nothing'}"
        for name, kind in hints.items():
            value = arguments[name]
            if isinstance(value, bool) or not isinstance(value, _JSON_TYPES[kind][1]):
                return f"{name} must be of type {_JSON_TYPES[kind][0]}"
        return ""

    def checked(self, result: object) -> object:
        """Give the result where it holds all that its type names. Raises NoSense for any other.

        Whoever takes half an answer, or none, for "it was not done" says what is not true.
        """
        kind = get_type_hints(self.run).get("return")
        for name, hint in (get_type_hints(kind) if is_typeddict(kind) else {}).items():
            value = result.get(name) if isinstance(result, Mapping) else None
            if not isinstance(value, _JSON_TYPES[hint][1]):
                raise NoSense(f"{self.name} answered without {name}")
        return result

    def said(self, arguments: Mapping[str, Json]) -> str:
        """Write the call for a person to read; the body of an email is left out."""
        return f"{self.name}({', '.join(f'{k}={v}' for k, v in arguments.items() if k != 'body')})"


def _hints(run: Callable[..., Any]) -> dict[str, type]:
    return {name: kind for name, kind in get_type_hints(run).items() if name != "return"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutcome:
    """What the llm is told of a tool call."""

    text: str
    failed: bool = False

    @classmethod
    def success(cls, result: object) -> ToolOutcome:
        """Give the outcome of a call that was carried out."""
        return cls(text=json.dumps(result, default=str))

    @classmethod
    def failure(cls, why: str) -> ToolOutcome:
        """Give the outcome of a call that was not carried out, or nobody knows."""
        return cls(text=json.dumps({"error": why}), failed=True)


@dataclass(slots=True)
class Ledger:
    """What an agent changed, and what it may have changed: for last words that are true."""

    done: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)

    def succeeded(self, tool: LlmTool, arguments: Mapping[str, Json]) -> None:
        """Note a call that was carried out."""
        if not tool.reads:
            self.done.append(tool.said(arguments))

    def failed(self, tool: LlmTool, arguments: Mapping[str, Json]) -> None:
        """Note a call that broke, after which nobody knows whether it was carried out."""
        if not tool.reads:
            self.doubtful.append(tool.said(arguments))

    def __str__(self) -> str:
        done = f"Done so far: {'; '.join(self.done)}." if self.done else "Nothing was changed."
        if not self.doubtful:
            return done
        known = f"{done} " if self.done else ""
        return f"{known}Not known whether it was done: {'; '.join(self.doubtful)}."

    def apology(self) -> str:
        """Say sorry without the llm, and tell what was done all the same."""
        return f"Sorry, I cannot finish this now. {self}"

    def answer(self, text: str | None, *, complete: bool = True) -> str:
        """Give the llm's last words, and say so where they are cut short or missing."""
        if text and complete:
            return text
        return f"{text} (Sorry, this answer was cut short.) {self}" if text else self.apology()
