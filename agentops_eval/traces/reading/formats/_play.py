"""From a list of messages to a run: every answer of an assistant was an llm call with all before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from agentops_eval.domain import Json
from agentops_eval.traces.llm import LlmCall, Message, Part
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._wire import load_json
from agentops_eval.traces.reading.formats._media import bounded
from agentops_eval.traces.reading.formats._script import Execution, Failed, Script

MAX_LINES = 4096
"""Messages of one run that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A message, and what its format tells beside it.

    ``call`` is what else is known of the llm call that gave an assistant's message. A tool's message
    has one part; ``tool`` is its name, and ``unanswered`` says that it was called and nobody tells
    what it answered.
    """

    message: Message
    call: LlmCall | None = None
    tool: str = ""
    failed: Failed | None = None
    unanswered: bool = False


@dataclass(slots=True, kw_only=True)
class _Asked:
    call_id: str
    name: str
    arguments: Json


@dataclass(slots=True, kw_only=True)
class Stage:
    """Plays lines into a script. ``common`` is what every llm call of the run has in common."""

    script: Script
    common: LlmCall
    _history: list[Message] = field(default_factory=list)
    _open: list[_Asked] = field(default_factory=list)
    _named: int = 0

    def play(self, lines: Sequence[Line]) -> None:
        """Play all of them."""
        for line in lines[:MAX_LINES]:
            said = replace(line, message=bounded(line.message))
            if said.message.role == "assistant":
                self._answer(said)
            elif said.message.role == "tool":
                self._executed(said)
            else:
                self._history.append(said.message)
        if len(lines) > MAX_LINES:
            self.script.complain(
                f"the last {len(lines) - MAX_LINES} messages are left out: more than {MAX_LINES}"
            )

    def _answer(self, line: Line) -> None:
        """What an assistant says before anybody spoke was put in its mouth: no call gave it."""
        message = self._identified(line.message)
        if self._history:
            known = line.call or self.common
            calls = any(part.get("type") == "tool_call" for part in line.message.parts)
            reasons = known.finish_reasons or (("tool_call",) if calls else ())
            others = known.output_messages[1:]
            self.script.call(
                replace(
                    known,
                    input_messages=tuple(self._history),
                    output_messages=(message, *others),
                    finish_reasons=reasons,
                )
            )
        self._history.append(message)
        self._open += _asked(message)

    def _identified(self, message: Message) -> Message:
        """The message with an id for every call: without one, no answer could be told apart from another."""
        parts = [self._with_id(part) if part.get("type") == "tool_call" else part for part in message.parts]
        return replace(message, parts=tuple(parts))

    def _with_id(self, part: Part) -> Part:
        if p.text(part.get("id")):
            return part
        self._named += 1
        return {**part, "id": f"call_{self._named}"}

    def _executed(self, line: Line) -> None:
        part = line.message.parts[0]
        told_id = p.text(part.get("id")) or ""
        asked = self._match(told_id, line.tool)
        name = line.tool or (asked.name if asked else "")
        call_id = told_id or (asked.call_id if asked else "")
        if name:
            run = Execution(
                name=name,
                arguments=_arguments(asked),
                call_id=call_id,
                result=part.get("response"),
                answered=not line.unanswered,
                failed=line.failed,
            )
            self.script.tool(run)
        else:
            self.script.complain(f"a tool's message answers no call that was asked for ({told_id[:100]!r})")
        if not line.unanswered:
            named = {**part, "id": call_id} if call_id else part
            self._history.append(replace(line.message, parts=(named,)))

    def _match(self, call_id: str, name: str) -> _Asked | None:
        """The open call with the id; without one, the first of that name, or the first."""
        fits = (one for one in self._open if (one.call_id == call_id if call_id else name in {one.name, ""}))
        found = next(fits, None)
        if found is not None:
            self._open.remove(found)
        return found


def _asked(message: Message) -> Iterable[_Asked]:
    for part in message.parts:
        if part.get("type") == "tool_call":
            yield _Asked(
                call_id=p.text(part.get("id")) or "",
                name=p.text(part.get("name")) or "",
                arguments=part.get("arguments"),
            )


def _arguments(asked: _Asked | None) -> Json:
    """Arguments are an object; what is none stays in the llm's message only."""
    if asked is None:
        return None
    told = load_json(asked.arguments) if isinstance(asked.arguments, str) else asked.arguments
    return p.obj(told) if isinstance(told, dict) or told is None or told == "" else None
