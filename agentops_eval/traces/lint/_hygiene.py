"""Group 8: what a trace should not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import msgspec

from agentops_eval.domain import Level, Rule, Span, to_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.lint._model import Group, LintConfig
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View
from agentops_eval.traces.reading import SourceSpan
from agentops_eval.traces.redaction import RedactionRules, find_secrets

RULES = (
    Rule(
        id="AL801",
        slug="secret",
        level=Level.ERROR,
        group=Group.HYGIENE,
        title="a span holds a secret",
        explanation="A key, a token or a password went into an attribute, and from there to everybody who "
        "reads traces. The detectors are those of redaction, with your patterns and exceptions "
        "(`redact_patterns`, `redact_allow`). A message that later calls repeat is told once.",
        fix="revoke the secret, then redact it where the span is made",
    ),
    Rule(
        id="AL802",
        slug="environment-leak",
        level=Level.WARN,
        group=Group.HYGIENE,
        title="a span holds environment variables",
        explanation="An instrumentation copies variables into attributes. Among them may be keys.",
        fix="drop these attributes in the exporter, or unset the variables",
    ),
    Rule(
        id="AL803",
        slug="span-names-unbounded",
        level=Level.WARN,
        group=Group.HYGIENE,
        title="span names hold ids or numbers",
        explanation="Names are what backends group by. Ten names and more that differ in a number only make "
        "that useless, and dear.",
        fix="put what varies into an attribute",
    ),
    Rule(
        id="AL804",
        slug="content-in-production",
        level=Level.INFO,
        group=Group.HYGIENE,
        title="content is captured in production",
        explanation="Prompts and answers of real people are in the trace. That may be meant, and allowed; "
        "replaying a run needs them.",
        fix="see that retention and access fit, or set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="
        "NO_CONTENT",
    ),
)

_VARIABLE = re.compile(r"(?:^|\.)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^env\.")
_SHOWN = 5


def check(view: View, sheet: Sheet, config: LintConfig) -> None:
    """Check the spans as they were emitted: what a sender wrote is what leaks."""
    variables: dict[str, bool] = {}
    resources: set[int] = set()
    told: set[str] = set()
    said: set[bytes] = set()
    for source in view.sources:
        span = source.span
        if sheet.asks("AL801"):
            _secrets(span, _held(span, said), sheet, config.redaction)
            resource = source.origin.resource
            if _is_fresh(resource, resources, told):  # one for all spans of a sender
                _secrets(span, {"resource": dict(resource)}, sheet, config.redaction)
        leaked = [key for key in span.attributes if _is_variable(key, variables)]
        what = f"environment variables among its attributes: {', '.join(leaked[:_SHOWN])}"
        sheet.check("AL802", not leaked, span, what)
    _production(view, sheet)


def _is_fresh(resource: Mapping[str, object], seen: set[int], told: set[str]) -> bool:
    """Whether nothing equal was met before, however spans were packed into requests and files."""
    if id(resource) in seen:
        return False
    seen.add(id(resource))
    spelt = _spelt(resource)
    fresh = spelt not in told
    told.add(spelt)
    return fresh


def _held(span: Span, said: set[bytes]) -> dict[str, object]:
    """Everything a span holds, by where it stands; messages that an earlier span held are left out."""
    held: dict[str, object] = {**span.attributes, "name": span.name, "status": span.status_message}
    for key in (sc.INPUT_MESSAGES, sc.OUTPUT_MESSAGES):
        told = held.get(key)
        if isinstance(told, str):
            held[key] = _unsaid(told, said)
    for event in span.events:
        held.setdefault(f"event {event.name}", []).append(event.attributes)  # type: ignore[attr-defined]  # a list
    return held


def _unsaid(messages: str, said: set[bytes]) -> str:
    """The messages that were not said before: each chat repeats all that came before it."""
    try:
        split = [bytes(one) for one in msgspec.json.decode(messages, type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return messages
    fresh = [one for one in split if one not in said]
    said.update(fresh)
    return f"[{b','.join(fresh).decode()}]"


def _secrets(span: Span, held: Mapping[str, object], sheet: Sheet, rules: RedactionRules) -> None:
    """One look at all of it; where that finds something, one at each part, to say where it is."""
    if not find_secrets(_spelt(held), rules):
        sheet.kept("AL801")
        return
    told = False
    for key, value in held.items():
        found = find_secrets(_spelt({key: value}), rules)
        for kind in dict.fromkeys(secret.kind for secret in found):
            excerpt = next(secret.excerpt for secret in found if secret.kind == kind)
            sheet.broken("AL801", span, f"{key} holds a secret ({kind}): {excerpt}")
            told = True
    if not told:  # only the parts together look like one
        sheet.broken("AL801", span)


def _spelt(held: Mapping[str, object]) -> str:
    try:
        return json.dumps(held, ensure_ascii=False)
    except (TypeError, ValueError):
        return json.dumps(to_json(held), ensure_ascii=False)


def _is_variable(key: str, known: dict[str, bool]) -> bool:
    found = known.get(key)
    if found is None:
        found = known[key] = _VARIABLE.search(key) is not None
    return found


def _production(view: View, sheet: Sheet) -> None:
    told = [source for source in view.sources if _environment(source).lower().startswith("prod")]
    if told:
        content = [span for span in view.llms if sc.INPUT_MESSAGES in span.attributes]
        what = f"{len(content)} llm calls tell what was said, in {_environment(told[0])}"
        sheet.check("AL804", not content, content[0] if content else told[0].span, what)


def _environment(source: SourceSpan) -> str:
    found = (source.origin.resource.get(key) for key in sc.ENVIRONMENT_KEYS)
    return next((value for value in found if isinstance(value, str)), "")
