"""What an llm call was told, out of its span in the conventions' words, and where it differs from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agentops_eval.domain import Attribute, Json, Span
from agentops_eval.evals.prompts._prompt import Prompt
from agentops_eval.evals.prompts._strict import canonical
from agentops_eval.evals.prompts._tools import told_tools, tools_digest
from agentops_eval.traces import semconv as sc

_INSTRUCTING = frozenset({"system", "developer"})
_SPELT = {
    "stop": sc.REQUEST_STOP_SEQUENCES,
    "n": sc.REQUEST_CHOICE_COUNT,
    "max_completion_tokens": sc.REQUEST_MAX_TOKENS,
    "max_output_tokens": sc.REQUEST_MAX_TOKENS,
    "service_tier": sc.OPENAI_REQUEST_SERVICE_TIER,
}
"""Parameters that the conventions call otherwise than providers do."""

_REQUEST = "gen_ai.request."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one call was told: instructions, the user's first message, and the rest of the request."""

    instructions: tuple[str, ...]
    asked: tuple[str, ...]
    tools_digest: str
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a call fits a file: what differs, and how much is told by both and agrees."""

    differs: tuple[str, ...]
    agrees: int


def told_by(span: Span) -> Told:
    """Read a span. Nothing in it can raise: what is not as the conventions say is not told."""
    given = span.attributes
    instructions = list(_texts(_json(given.get(sc.SYSTEM_INSTRUCTIONS))))
    asked: list[str] = []
    for message in _items(_json(given.get(sc.INPUT_MESSAGES))):
        said = message if isinstance(message, Mapping) else {}
        role = said.get("role")
        if isinstance(role, str) and role in _INSTRUCTING:
            instructions += _texts(said.get("parts"))
        elif said.get("role") == "user" and not asked:
            asked += _texts(said.get("parts"))
    definitions = given.get(sc.TOOL_DEFINITIONS)
    return Told(
        instructions=tuple(dict.fromkeys(instructions)),
        asked=tuple(asked),
        tools_digest=_tools_digest(definitions) if isinstance(definitions, str) else "",
        attributes=given,
    )


def differences(prompt: Prompt, told: Told) -> Fit:
    """Where a call differs from what a prompt's file says of llm, parameters and tools.

    What the span does not tell is no difference, as where content is not captured.
    """
    wanted: dict[str, tuple[Json, Attribute]] = {
        name: (value, told.attributes.get(_attribute(name))) for name, value in prompt.parameters.items()
    }
    if prompt.llm:
        asked, answered = told.attributes.get(sc.REQUEST_MODEL), told.attributes.get(sc.RESPONSE_MODEL)
        wanted["llm"] = (prompt.llm, answered if answered == prompt.llm else asked)
    if prompt.tools is not None:
        wanted["tools"] = (tools_digest(prompt.tools), told.tools_digest or None)
    seen = {name: _same(*both) for name, both in wanted.items() if both[1] is not None}
    return Fit(differs=tuple(name for name, same in seen.items() if not same), agrees=sum(seen.values()))


def _attribute(name: str) -> str:
    known = _SPELT.get(name, _REQUEST + name)
    return known if known in _KNOWN else sc.AGENTOPS_REQUEST + name


_KNOWN = frozenset(
    {
        *_SPELT.values(),
        sc.REQUEST_TEMPERATURE,
        sc.REQUEST_TOP_P,
        sc.REQUEST_TOP_K,
        sc.REQUEST_MAX_TOKENS,
        sc.REQUEST_SEED,
        sc.REQUEST_STOP_SEQUENCES,
        sc.REQUEST_FREQUENCY_PENALTY,
        sc.REQUEST_PRESENCE_PENALTY,
    }
)


def _same(wanted: Json, told: Attribute) -> bool:
    if isinstance(told, tuple) and isinstance(wanted, str):
        return told == (wanted,)
    return not isinstance(told, bytes) and canonical(wanted) == _spelt(told)


def _spelt(told: Attribute) -> str:
    try:
        return canonical(told)
    except (TypeError, ValueError, RecursionError):
        return ""


@lru_cache(maxsize=256)
def _tools_digest(definitions: str) -> str:
    """An agent tells the same tools with every call, so that the last digests are kept."""
    try:
        tools = told_tools(_json(definitions))
        return tools_digest(tools) if tools else ""
    except RecursionError:
        return ""


def _json(value: Attribute) -> Json:
    if not isinstance(value, str):
        return value if isinstance(value, tuple) else None
    try:
        read: Json = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return read


def _items(value: Json) -> Iterator[Json]:
    return iter(value) if isinstance(value, (list, tuple)) else iter(())


def _texts(parts: Json) -> Iterator[str]:
    for part in _items(parts):
        content = part.get("content") if isinstance(part, Mapping) and part.get("type") == "text" else None
        if isinstance(content, str) and content.strip():
            yield content
