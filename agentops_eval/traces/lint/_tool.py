"""Group 2: executions of tools, and the calls that an llm asked for."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping

from agentops_eval.domain import Level, Rule, Span, StatusCode
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed, text_of
from agentops_eval.traces._parts import parts_of
from agentops_eval.traces.lint._model import Group
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import Asked, View

_MISSING = "genai_expected_attribute_missing"

RULES = (
    Rule(
        id="AL201",
        slug="tool-name-missing",
        level=Level.ERROR,
        group=Group.TOOL,
        title="a tool ran that has no name",
        explanation="Something was done, and the trace does not say what.",
        fix=f"set {sc.TOOL_NAME} on the span",
        upstream=_MISSING,
    ),
    Rule(
        id="AL202",
        slug="tool-span-missing",
        level=Level.WARN,
        group=Group.TOOL,
        title="a tool call was answered, and no span tells of its execution",
        explanation="The llm was told a result. How long the tool took, whether it failed, and what it did "
        "on the way is not in the trace. Hand-offs to an agent that has a span are not meant.",
        fix=f"emit a span `{sc.EXECUTE_TOOL} NAME` around each tool",
    ),
    Rule(
        id="AL203",
        slug="tool-call-unanswered",
        level=Level.INFO,
        group=Group.TOOL,
        title="a tool call that the llm asked for was neither executed nor answered",
        explanation="The run ended, or went on, without it. That is usual where the call is the run's "
        "result, as with structured output, or where a run was cut off.",
        fix="look whether the run was meant to end there",
    ),
    Rule(
        id="AL204",
        slug="tool-call-unasked",
        level=Level.INFO,
        group=Group.TOOL,
        title="a tool ran that no llm asked for",
        explanation="The program called it by itself, or the call's id was lost. It is only checked where "
        "an answer of an llm is told.",
        fix=f"set {sc.TOOL_CALL_ID} on the execution, if the llm did ask",
    ),
    Rule(
        id="AL205",
        slug="tool-ran-twice",
        level=Level.WARN,
        group=Group.TOOL,
        title="one tool call was executed more than once",
        explanation="The llm asked once. A repetition after a failure is not meant; this is one after a "
        "success, whose effects happened twice, or a second instrumentation of the tool.",
        fix="give the tool an idempotency key, or remove one of the two instrumentations",
    ),
    Rule(
        id="AL206",
        slug="call-id-missing",
        level=Level.INFO,
        group=Group.TOOL,
        title="an execution does not tell which call it answers",
        explanation="With parallel calls of one tool the results can be mixed up. Where names and arguments "
        "tell, the id has been filled in.",
        fix=f"set {sc.TOOL_CALL_ID}",
        upstream=_MISSING,
    ),
    Rule(
        id="AL207",
        slug="arguments-missing",
        level=Level.INFO,
        group=Group.TOOL,
        title="an execution does not tell its arguments",
        explanation="Content capture is off, which may be meant. Without arguments a run cannot be replayed "
        "or audited.",
        fix=f"set {sc.TOOL_CALL_ARGUMENTS} to a JSON object",
    ),
    Rule(
        id="AL208",
        slug="arguments-no-object",
        level=Level.WARN,
        group=Group.TOOL,
        title="the arguments of an execution are no JSON object",
        explanation="Arguments have names. What is told here cannot be compared with what the llm asked for.",
        fix=f"set {sc.TOOL_CALL_ARGUMENTS} to a JSON object, parameter names as keys",
    ),
    Rule(
        id="AL209",
        slug="result-missing",
        level=Level.INFO,
        group=Group.TOOL,
        title="an execution does not tell its result",
        explanation="Content capture is off, which may be meant. Without results a run cannot be replayed.",
        fix=f"set {sc.TOOL_CALL_RESULT}",
    ),
    Rule(
        id="AL210",
        slug="tool-error-type-missing",
        level=Level.WARN,
        group=Group.TOOL,
        title="a tool failed without an error type",
        explanation="Without it a failure that passes cannot be told from one that stays.",
        fix=f"set {sc.ERROR_TYPE}: the exception's class, or tool_error",
        upstream=_MISSING,
    ),
)


def check(view: View, sheet: Sheet) -> None:
    """Check every execution, and every call that was asked for."""
    for span in view.tools:
        _execution(span, sheet, view=view)
    if sheet.asks("AL202", "AL203", "AL204", "AL205", "AL206"):
        _joined(view, sheet)


def _execution(span: Span, sheet: Sheet, *, view: View) -> None:
    given = span.attributes
    sheet.check("AL201", text_of(span, sc.TOOL_NAME), span)
    told = view.source(span).attributes.get(sc.TOOL_CALL_ARGUMENTS)
    known = sc.TOOL_CALL_ARGUMENTS in given
    if known or told is None:
        sheet.check("AL207", known, span)
    if told is not None:
        sheet.check("AL208", known, span, f"the arguments are no JSON object: {str(told)[:200]}")
    if not failed(span):
        sheet.check("AL209", sc.TOOL_CALL_RESULT in given, span)
    if span.status is StatusCode.ERROR:
        sheet.check("AL210", sc.ERROR_TYPE in given, span)


# -- asked for, executed, answered ------------------------------------------------------------

_MOST_NAMES = 64
"""Agents whose names are looked for in the name of a call that may be a hand-off."""


def _joined(view: View, sheet: Sheet) -> None:
    """Pair calls with executions, by id, else by name; what stays alone is found wanting."""
    waiting = _Waiting(view.tools)
    paired: dict[str, Asked] = {}
    alone: list[Asked] = []
    for asked in view.asked:
        span = waiting.take(asked)
        if span is None:
            alone.append(asked)
        else:
            paired[span.span_id] = asked
            sheet.kept("AL202")
    if any(sc.OUTPUT_MESSAGES in span.attributes for span in view.llms):
        _executions(view, sheet, paired)
    _unexecuted(alone, view, sheet)


class _Waiting:
    """Executions that no call has been found for yet."""

    def __init__(self, tools: Iterable[Span]) -> None:
        self._by_id: dict[str, deque[Span]] = {}
        self._by_name: dict[str, deque[Span]] = {}
        for span in tools:
            call_id, name = text_of(span, sc.TOOL_CALL_ID), text_of(span, sc.TOOL_NAME)
            if call_id:
                self._by_id.setdefault(call_id, deque()).append(span)
            else:
                self._by_name.setdefault(name, deque()).append(span)

    def take(self, asked: Asked) -> Span | None:
        """The first that answers a call."""
        for waiting in (self._by_id.get(asked.call_id), self._by_name.get(asked.name)):
            if waiting:
                return waiting.popleft()
        return None


def _executions(view: View, sheet: Sheet, paired: Mapping[str, Asked]) -> None:
    asked_ids = {asked.call_id for asked in view.asked if asked.call_id}
    done: set[str] = set()
    for span in view.tools:
        call_id, name = text_of(span, sc.TOOL_CALL_ID), text_of(span, sc.TOOL_NAME)
        sheet.check("AL206", call_id, span)
        if call_id in asked_ids:
            once = span.span_id in paired or call_id not in done
            sheet.check("AL205", once, span, f"{name} ran again for call {call_id}, which had succeeded")
            done |= set() if failed(span) else {call_id}
        else:
            sheet.check("AL204", span.span_id in paired, span, f"{name} ran, and no llm asked for it")


def _unexecuted(alone: Iterable[Asked], view: View, sheet: Sheet) -> None:
    agents = Counter(name for span in view.agents if (name := _folded(text_of(span, sc.AGENT_NAME))))
    names = sorted(agents, key=len, reverse=True)[:_MOST_NAMES]
    answered: set[str] | None = None
    for asked in alone:
        called = _folded(asked.name)
        recipient = next((name for name in names if agents[name] and name in called), None)
        if recipient is not None:
            agents[recipient] -= 1
            continue
        answered = _answered_ids(view) if answered is None else answered
        if asked.call_id and asked.call_id in answered:
            what = f"{asked.name} ({asked.call_id}) was answered, and no span tells of its execution"
            sheet.broken("AL202", asked.span, what)
        else:
            what = f"{asked.name} ({asked.call_id or 'without id'}) was neither executed nor answered"
            sheet.broken("AL203", asked.span, what)


def _answered_ids(view: View) -> set[str]:
    found: set[str] = set()
    for span in view.llms:
        for part in parts_of(text_of(span, sc.INPUT_MESSAGES), "tool_call_response"):
            call_id = part.get("id")
            found |= {call_id} if isinstance(call_id, str) else set()
    return found


def _folded(name: str) -> str:
    return "".join(one for one in name.lower() if one.isalnum())
