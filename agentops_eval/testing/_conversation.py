"""A conversation with an llm, as every dialect of the wire says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agentops_eval.domain import Json, to_json

Role: TypeAlias = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The llm asks for one tool: its name and arguments. ``id`` is set by the wire."""

    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAnswer:
    """What a tool gave back to the llm. ``failed`` where the agent said so, or the text is an error."""

    name: str
    text: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    failed: bool = False
    id: str = ""

    @property
    def value(self) -> Json:
        """The text read as JSON; the text itself where it is none."""
        return read_json(self.text)

    def field(self, name: str, default: Json = None) -> Json:
        """A member of the JSON object that the tool gave; ``default`` where there is none."""
        value = self.value
        return value.get(name, default) if isinstance(value, Mapping) else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message: what was said, which tools were asked for, and what tools answered."""

    role: Role
    text: str = ""
    uses: tuple[ToolUse, ...] = ()
    answers: tuple[ToolAnswer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All that an llm is told in one request.

    ``dialect`` names the wire format, ``llm`` the llm that was asked for, ``tools`` the names of the
    tools on offer. ``parallel`` says whether several tools may be asked for at once.
    """

    dialect: str = "openai-chat"
    llm: str = ""
    system: str = ""
    turns: tuple[Turn, ...] = ()
    tools: tuple[str, ...] = ()
    parallel: bool = True
    streamed: bool = False

    @property
    def user(self) -> str:
        """The last thing that the user said; empty where nothing was."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user" and turn.text), "")

    @property
    def answers(self) -> tuple[ToolAnswer, ...]:
        """What tools answered since the user last spoke, in order."""
        found: list[ToolAnswer] = []
        for turn in self.turns:
            if turn.role == "user" and turn.text:
                found.clear()
            found.extend(turn.answers)
        return tuple(found)

    @property
    def failures(self) -> tuple[ToolAnswer, ...]:
        """The tool answers since the user last spoke that are failures."""
        return tuple(answer for answer in self.answers if answer.failed)

    def answer(self, tool: str) -> ToolAnswer | None:
        """The latest answer of ``tool`` since the user last spoke; None where there is none."""
        return next((answer for answer in reversed(self.answers) if answer.name == tool), None)

    def says(self, *words: str) -> bool:
        """Whether the user's last message holds one of ``words``, whatever the case."""
        text = self.user.lower()
        return any(word.lower() in text for word in words)

    def fingerprint(self, *, salt: str = "") -> str:
        """Sixteen hex digits that depend on what was said, and on nothing of the wire."""
        said = [self.llm, self.system, to_json(self.turns), self.tools, salt]
        text = json.dumps(said, sort_keys=True, ensure_ascii=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def input_tokens(self) -> int:
        """How many tokens the conversation costs, estimated at four characters each."""
        text = json.dumps([self.system, to_json(self.turns), self.tools])
        return tokens(text)


def tokens(text: str) -> int:
    """Estimate the tokens of a text: four characters each, at least one where there is text."""
    return -(-len(text) // 4)


def read_json(text: str) -> Json:
    """Read JSON where the text is that, else give the text."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def tells_failure(text: str) -> bool:
    """Whether a tool's text is an error: an object with ``error``, or a line that begins so."""
    value = read_json(text)
    if isinstance(value, Mapping):
        return bool(value.get("error"))
    return text.lower().lstrip().startswith(("error", "traceback"))


def answer_of(asked: Mapping[str, ToolUse], use_id: str, text: str, *, failed: bool = False) -> ToolAnswer:
    """Join a tool's text with the use that asked for it; the name is empty where none did."""
    use = asked.get(use_id, ToolUse(""))
    return ToolAnswer(
        name=use.name,
        text=text,
        arguments=use.arguments,
        failed=failed or tells_failure(text),
        id=use_id,
    )
