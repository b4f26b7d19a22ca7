"""Group 9: spans as their sender wrote them, against the conventions. Told, and not part of the score."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache

from agentops_eval.domain import Attribute, Json, Level, Rule, Span, SpanKind
from agentops_eval.traces import _conventions as conventions
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed, text_of
from agentops_eval.traces._conventions import Kind
from agentops_eval.traces._parts import spelled
from agentops_eval.traces.dialects._operations import TITLES
from agentops_eval.traces.lint._model import Group, LintConfig
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View
from agentops_eval.traces.llm import _parts as p

RULES = (
    Rule(
        id="AL901",
        slug="operation-unknown",
        level=Level.INFO,
        group=Group.EMITTED,
        title="the operation is none of the conventions'",
        explanation=f"{sc.OPERATION_NAME} is missing on a span that tells of an agent's work, or names "
        "something that the conventions do not know.",
        fix=f"use one of {', '.join(sorted(conventions.OPERATIONS))}",
        upstream="genai_operation_name_unknown",
    ),
    Rule(
        id="AL902",
        slug="attribute-expected",
        level=Level.INFO,
        group=Group.EMITTED,
        title="an attribute that the conventions expect is not there under its name",
        explanation="It may be there under another name, which is read as well; other tools may not find it. "
        "Sampling parameters and cache counts are not asked for.",
        fix="set the attribute, beside the one that your tools rely on",
        upstream="genai_expected_attribute_missing",
    ),
    Rule(
        id="AL903",
        slug="span-name-format",
        level=Level.INFO,
        group=Group.EMITTED,
        title="the span's name is not the conventions'",
        explanation="It is the operation, followed by the llm, tool, agent or workflow.",
        fix="name spans such as `chat gpt-5`, `execute_tool find_order`",
        upstream="genai_span_name_format",
    ),
    Rule(
        id="AL904",
        slug="span-kind-unexpected",
        level=Level.INFO,
        group=Group.EMITTED,
        title="the span's kind does not fit its operation",
        explanation="What asks a service is its CLIENT; what happens inside the process is INTERNAL. Agents "
        "and llm calls may be either.",
        fix="set the kind where the span is started",
        upstream="genai_span_kind_unexpected",
    ),
    Rule(
        id="AL905",
        slug="key-misspelt",
        level=Level.WARN,
        group=Group.EMITTED,
        title="a gen_ai attribute is one that the conventions do not know, and almost one that they do",
        explanation="Probably a slip. Whatever reads traces by the conventions passes it over.",
        fix="use the name that is told; `allowed_keys` names exceptions",
    ),
    Rule(
        id="AL906",
        slug="key-unknown",
        level=Level.INFO,
        group=Group.EMITTED,
        title="a gen_ai attribute is none of the conventions'",
        explanation="The prefix is theirs. A name of your own may clash with one that they add.",
        fix="use a prefix of your own; `allowed_keys` names exceptions",
    ),
    Rule(
        id="AL907",
        slug="key-deprecated",
        level=Level.INFO,
        group=Group.EMITTED,
        title="a gen_ai attribute has been renamed since",
        explanation="The old name is read here. Newer tools may know the new one only.",
        fix="use the name that is told; a newer instrumentation may do so already",
    ),
    Rule(
        id="AL908",
        slug="type-wrong",
        level=Level.INFO,
        group=Group.EMITTED,
        title="an attribute's value is of another type than the conventions say",
        explanation="Where it can be read it is. Backends that index by type drop it, or the whole span.",
        fix="write the value in its type",
    ),
    Rule(
        id="AL909",
        slug="content-schema",
        level=Level.INFO,
        group=Group.EMITTED,
        title="messages are not of the conventions' shape",
        explanation="A message has a role and parts, and each part a type with the fields that belong to it.",
        fix='write [{"role": "user", "parts": [{"type": "text", "content": "..."}]}]',
        upstream="genai_content_schema",
    ),
)

_EITHER = frozenset({SpanKind.CLIENT, SpanKind.INTERNAL})
_CLIENT, _INTERNAL = frozenset({SpanKind.CLIENT}), frozenset({SpanKind.INTERNAL})
_KINDS: Mapping[str, frozenset[SpanKind]] = {
    sc.EMBEDDINGS: _CLIENT,
    sc.RETRIEVAL: _CLIENT,
    sc.CREATE_AGENT: _CLIENT,
    sc.EXECUTE_TOOL: _INTERNAL,
    sc.INVOKE_WORKFLOW: _INTERNAL,
    sc.PLAN: _INTERNAL,
}
_LLM = frozenset({"chat", "generate_content", "text_completion"})
_EXPECTED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        _LLM,
        (
            sc.PROVIDER_NAME,
            sc.REQUEST_MODEL,
            sc.RESPONSE_MODEL,
            sc.RESPONSE_FINISH_REASONS,
            sc.USAGE_INPUT_TOKENS,
            sc.USAGE_OUTPUT_TOKENS,
        ),
    ),
    sc.EMBEDDINGS: (sc.PROVIDER_NAME, sc.REQUEST_MODEL, sc.USAGE_INPUT_TOKENS),
    sc.EXECUTE_TOOL: (sc.TOOL_NAME, sc.TOOL_CALL_ID),
    sc.INVOKE_AGENT: (sc.AGENT_NAME,),
}
_OF_THE_ANSWER = frozenset(
    {sc.RESPONSE_MODEL, sc.RESPONSE_FINISH_REASONS, sc.USAGE_INPUT_TOKENS, sc.USAGE_OUTPUT_TOKENS}
)
_NO_OPERATION = frozenset({sc.HITL_CHECKPOINT, ""})


class Emitted:
    """How many spans tell of an agent's work, and how many of them are as the conventions say."""

    def __init__(self, config: LintConfig) -> None:
        self.spans = 0
        self.conforming = 0
        self._allowed = config.allowed_keys

    def check(self, view: View, sheet: Sheet) -> None:
        """Check every span that has an attribute of the conventions, or is an operation of theirs."""
        for source in view.sources:
            span = source.span
            means = view.operations.get(span.span_id, "")
            told = span.attributes.get(sc.OPERATION_NAME)
            named = [key for key in span.attributes if key.startswith(conventions.PREFIX)]
            if not named and means in _NO_OPERATION:
                continue
            before = sum(sheet.counts.values())
            _keys(span, named, sheet, self._allowed)
            if told is not None or means not in _NO_OPERATION:
                _operation(span, told if isinstance(told, str) else "", sheet)
            self.spans += 1
            self.conforming += sum(sheet.counts.values()) == before


# -- operations -------------------------------------------------------------------------------


def _operation(span: Span, operation: str, sheet: Sheet) -> None:
    known = operation in conventions.OPERATIONS
    sheet.check("AL901", known, span, f"{sc.OPERATION_NAME} is {operation or 'missing'}")
    if not known:
        return
    served = sc.MCP_METHOD_NAME in span.attributes
    expected = _EXPECTED.get(operation, ()) if not served else (sc.TOOL_NAME,)
    missing = [key for key in expected if key not in span.attributes]
    if failed(span):
        missing = [key for key in missing if key not in _OF_THE_ANSWER]
    for key in missing:
        sheet.broken("AL902", span, f"{key} is not there")
    if served:  # named and of the kind that the MCP conventions say
        return
    title = text_of(span, TITLES.get(operation, sc.REQUEST_MODEL))
    name = f"{operation} {title}".rstrip()
    sheet.check("AL903", span.name == name, span, f"{span.name} should be {name}")
    kinds = _KINDS.get(operation, _EITHER)
    allowed = " or ".join(sorted(kind.name for kind in kinds))
    kind = span.kind or SpanKind.INTERNAL  # what is not specified is internal, says OTLP
    sheet.check("AL904", kind in kinds, span, f"{operation} is {span.kind.name}, not {allowed}")


# -- keys and values --------------------------------------------------------------------------


def _keys(span: Span, named: list[str], sheet: Sheet, allowed: tuple[str, ...]) -> None:
    for key in named:
        kind = conventions.KINDS.get(key)
        value = span.attributes[key]
        if kind is not None:
            if value is not None and not _fits(value, kind):
                sheet.broken("AL908", span, f"{key} is {_shown(value)}, not {kind}")
            if key in sc.MESSAGE_KEYS and sheet.asks("AL909"):
                wrong = _misshapen(value, flat=key == sc.SYSTEM_INSTRUCTIONS)
                sheet.check("AL909", not wrong, span, f"{key}: {wrong}")
            continue
        if any(fnmatchcase(key, pattern) for pattern in allowed):
            continue
        rule, what = _stranger(key)
        if rule:
            sheet.broken(rule, span, what)


@lru_cache(maxsize=4096)
def _stranger(key: str) -> tuple[str, str]:
    """The rule that a name breaks which is none of the conventions', and what to say."""
    if key.startswith(conventions.FREE_PREFIXES):
        return "", ""
    if key in sc.DEPRECATED:
        return "AL907", f"{key} is {sc.DEPRECATED[key]} now"
    if key.startswith(("gen_ai.prompt.", "gen_ai.completion.")):
        new = sc.INPUT_MESSAGES if key.startswith("gen_ai.prompt.") else sc.OUTPUT_MESSAGES
        return "AL907", f"{key} is part of {new} now"
    if key in sc.ALIASES:
        return "AL906", f"{key} is {sc.ALIASES[key]} in the conventions"
    near = get_close_matches(key[:200], conventions.KINDS, n=1, cutoff=0.92)
    if near:
        return "AL905", f"{key} is none of the conventions': did you mean {near[0]}?"
    near = get_close_matches(key[:200], conventions.KINDS, n=1, cutoff=0.8)
    return "AL906", f"{key} is none of the conventions'" + (f"; the nearest is {near[0]}" if near else "")


def _fits(value: Attribute, kind: Kind) -> bool:
    if kind is Kind.STRING:
        return isinstance(value, str)
    if kind is Kind.BOOLEAN:
        return isinstance(value, bool)
    if kind is Kind.INT:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is Kind.DOUBLE:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is Kind.STRINGS:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    return isinstance(value, (str, tuple, Mapping))


def _shown(value: Attribute) -> str:
    return f"{type(value).__name__} {str(value)[:60]}"


# -- content ----------------------------------------------------------------------------------

_FIELDS = {"text": "content", "reasoning": "content", "tool_call": "name", "blob": "content", "uri": "uri",
           "file": "file_id"}  # fmt: skip


def _misshapen(value: Attribute, *, flat: bool) -> str:
    """What is wrong with messages, or with instructions, which are parts alone; empty where nothing is."""
    read: Json = spelled(value) if isinstance(value, str) else _plain(value)
    if not isinstance(read, (list, tuple)):
        return "no list"
    if flat:
        return next((wrong for part in read if (wrong := _part(part))), "")
    for message in read:
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            return "a message without role"
        parts = message.get("parts")
        if not isinstance(parts, (list, tuple)):
            return "a message without parts"
        for part in parts:
            if wrong := _part(part):
                return wrong
    return ""


def _part(part: Json) -> str:
    found = p.obj(part)
    kind = found.get("type")
    if not isinstance(kind, str):
        return "a part without type"
    needed = _FIELDS.get(kind)
    if needed is not None and not isinstance(found.get(needed), str):
        return f"a part of type {kind[:40]} without {needed}"
    return ""


def _plain(value: Attribute) -> Json:
    return value if isinstance(value, (tuple, Mapping)) else None
