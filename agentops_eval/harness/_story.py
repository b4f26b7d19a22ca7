"""A run as a story that reports can tell: its steps in the order of the program, each with what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from agentops_eval.domain import Json, Label, Span, Trace, moment_text
from agentops_eval.reports import Clock, Heard, Question, StepKind, TraceStep, TraceStory, Wish
from agentops_eval.traces import (
    PLACEHOLDER,
    Pricer,
    Step,
    ViewRow,
    answered_calls,
    canonical,
    content_of,
    cost_of,
    steps_of,
    took_ns,
    view_rows,
)
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.audit import BY_SPAN, Approval, AuditRecord, audit
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.llm import plain_response

_GIVEN = (
    *(sc.TOOL_CALL_ARGUMENTS, sc.AGENTOPS_HANDOFF_MESSAGE, sc.AGENTOPS_MCP_PARAMS, sc.AGENTOPS_HITL_DETAILS),
    *(sc.AGENTOPS_HTTP_REQUEST_BODY, sc.RETRIEVAL_QUERY_TEXT, sc.MCP_RESOURCE_URI),
)
_CAME_BACK = (
    *(sc.TOOL_CALL_RESULT, sc.AGENTOPS_HANDOFF_REPLY, sc.AGENTOPS_MCP_RESULT),
    *(sc.HTTP_RESPONSE_STATUS_CODE, sc.AGENTOPS_HITL_ANSWER),
)
_LATEST_NS = 4_102_444_800 * 10**9  # the year 2100, as for prices: a time beyond it is a mistake
_TICK_NS = 1_000_000
_REPEATED = ("system", "tools")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunToTell:
    """A run as it was read.

    ``trace`` is as kept and ``normal`` in the conventions' words. ``timed`` has the same spans with the run's
    own times, where they are known. ``source`` names the file.
    """

    trace: Trace
    normal: NormalTrace
    timed: Trace
    source: str = ""
    labels: Mapping[str, Label] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def story_of(run: RunToTell, *, price: Pricer = cost_of) -> TraceStory:
    """Tell a run. What its trace does not tell stays unknown.

    Who allowed an action is decided as in an audit: a question belongs to the action that it names, that
    asked it, or that came next.
    """
    return _Teller(run, price).story()


class _Teller:
    """What is looked up for every step, prepared once."""

    def __init__(self, run: RunToTell, price: Pricer) -> None:
        self._run = run
        self._timed = _by_id(run.timed)
        durations = {
            one: took / 1e6 for one, span in self._timed.items() if (took := took_ns(span)) is not None
        }
        self._given = _by_id(run.trace)
        self._steps = steps_of(canonical(run.trace))
        self._rows = view_rows(run.trace, durations_ms=durations, labels=run.labels, price=price)
        self._numbers: dict[str, int] = {}
        for number, row in enumerate(self._rows):
            self._numbers.setdefault(row.span_id, number)
        audited = audit(run.normal, price=price).records
        self._acts = {one.span_id: one for one in audited if one.told_by == BY_SPAN}
        self._places = _Places(self._timed)
        self._chats = _Chats()

    def story(self) -> TraceStory:
        actors: list[str] = []  # by depth: whose hands a step at that depth is in
        told: list[TraceStep] = []
        pairs = zip(self._rows, self._steps, strict=True)
        for number, (row, step) in enumerate(pairs):
            del actors[row.depth :]
            actor = actors[-1] if actors else ""
            named = step.title if step.kind == "agent" else ""
            told.append(self._step(number, row, step, actor if row.depth else named))
            actors.append(named or actor)
        run = self._run
        return TraceStory(
            title=next((step.title for step in self._steps if step.kind == "agent" and step.title), ""),
            source=run.source,
            trace_id=run.trace.trace_id,
            steps=tuple(told),
            clock=self._places.clock,
            began=self._places.began,
            case=str(run.trace.resource.get(sc.AGENTOPS_CASE, "")),
            only_told=len(answered_calls(run.normal.trace.spans)),
            left_out=len(run.normal.duplicates),
            placeholders=any(PLACEHOLDER.search(step.text) for step in self._steps),
            notes=run.notes,
        )

    def _step(self, number: int, row: ViewRow, step: Step, actor: str) -> TraceStep:
        fields, given = step.fields, self._given[row.span_id]
        record = self._acts.get(row.span_id)
        start, end = self._places.of(row.span_id, step.span)
        chat = self._chats.of(number, step, actor) if row.kind == StepKind.LLM else _Chat()
        return TraceStep(
            number=number,
            span_id=row.span_id,
            depth=row.depth,
            kind=StepKind(row.kind),
            actor=actor,
            name=step.title,
            operation=_text(given, sc.OPERATION_NAME),
            heard=chat.heard,
            said=chat.said,
            wishes=chat.wishes,
            given=_first(fields, _GIVEN),
            came_back=_first(fields, _CAME_BACK),
            sender=_text(given, sc.AGENTOPS_HANDOFF_SENDER),
            effect=_text(given, sc.AGENTOPS_TOOL_EFFECT) or ("" if record is None else record.effect),
            acts=record is not None,
            asked=self._asked(number, row, step, given, record),
            chosen=_text(given, sc.AGENTOPS_DECISION_CHOSEN),
            options=_texts(given.attributes.get(sc.AGENTOPS_DECISION_OPTIONS)),
            reason=_text(given, sc.AGENTOPS_DECISION_REASON) or chat.thought,
            error=row.status if row.failed else "",
            error_message=given.status_message if row.failed else "",
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cost=row.cost,
            took_ms=row.duration_ms,
            start=start,
            end=end,
            label=row.label,
            details=chat.details or content_of(step),
        )

    def _asked(
        self, number: int, row: ViewRow, step: Step, given: Span, record: AuditRecord | None
    ) -> Question | None:
        """The question that this step is, or that its action stands on."""
        if row.kind == StepKind.HUMAN:
            return _question(step, given, row, number)
        if record is None or record.approval is None:
            return None
        return _stands_on(record.approval, self._numbers, own=number)


def _by_id(trace: Trace) -> dict[str, Span]:
    """Spans by id; of those that share one the first."""
    found: dict[str, Span] = {}
    for span in trace.spans:
        found.setdefault(span.span_id, span)
    return found


def _question(step: Step, given: Span, row: ViewRow, number: int) -> Question:
    waited = _number(given, sc.AGENTOPS_HITL_WAIT_MS)
    return Question(
        action=step.title,
        status=_text(given, sc.AGENTOPS_HITL_STATUS),
        details=step.fields.get(sc.AGENTOPS_HITL_DETAILS),
        step=number,
        waited_ms=row.duration_ms if waited is None else waited,
        deadline_s=_number(given, sc.AGENTOPS_HITL_DEADLINE_S),
        reason=_text(given, sc.AGENTOPS_HITL_REASON),
        policy=_text(given, sc.AGENTOPS_HITL_POLICY),
        approver=_text(given, sc.AGENTOPS_HITL_APPROVER_HASH),
        answer=step.fields.get(sc.AGENTOPS_HITL_ANSWER),
    )


def _stands_on(approval: Approval, numbers: Mapping[str, int], *, own: int) -> Question:
    step = numbers.get(approval.span_id)
    return Question(
        action=approval.asked or "",
        status=approval.status or "",
        details=approval.details,
        step=None if step == own else step,
        waited_ms=approval.wait_ms,
        reason=approval.reason or "",
        policy=approval.policy or "",
        approver=approval.approver or "",
    )


def _first(fields: Mapping[str, Json], keys: Sequence[str]) -> Json:
    return next((fields[key] for key in keys if key in fields), None)


def _text(span: Span, key: str) -> str:
    value = span.attributes.get(key)
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _number(span: Span, key: str) -> float | None:
    value = span.attributes.get(key)
    return None if isinstance(value, bool) or not isinstance(value, (int, float)) else float(value)


# -- when -----------------------------------------------------------------------------------------


class _Places:
    """Where steps lie on a line: in milliseconds since the first began, else in the order of the program."""

    def __init__(self, spans: Mapping[str, Span]) -> None:
        self._known = {one: span for one, span in spans.items() if _has_time(span)}
        starts = [span.start_ns for span in self._known.values()]
        self._zero = min(starts, default=0)
        self.clock = Clock.REAL if starts else Clock.ORDER
        moment = datetime.fromtimestamp(self._zero / 1e9, UTC) if starts else None
        self.began = "" if moment is None else moment_text(moment)

    def of(self, span_id: str, ordered: Span) -> tuple[float | None, float | None]:
        """The start and end of a step; ``ordered`` is its span with the logical clock."""
        if self.clock is Clock.ORDER:
            return ordered.start_ns / _TICK_NS, ordered.end_ns / _TICK_NS
        span = self._known.get(span_id)
        if span is None:
            return None, None
        start, took = (span.start_ns - self._zero) / 1e6, took_ns(span)
        return start, start if took is None else start + took / 1e6


def _has_time(span: Span) -> bool:
    return not sc.is_logical(span.start_ns) and span.start_ns < _LATEST_NS


# -- what was said --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chat:
    """What an llm call was given anew, and what it answered."""

    heard: tuple[Heard, ...] = ()
    said: str = ""
    thought: str = ""
    wishes: tuple[Wish, ...] = ()
    details: Mapping[str, Json] = field(default_factory=dict)


class _Chats:
    """Reads llm calls one after the other, and leaves out what the agent's earlier ones told already."""

    def __init__(self) -> None:
        self._before: dict[str, dict[str, tuple[Json, int]]] = {}

    def of(self, number: int, step: Step, actor: str) -> _Chat:
        before = self._before.setdefault(actor, {})
        details = dict(content_of(step))
        told_before = {name for name in _REPEATED if name in before and before[name][0] == details.get(name)}
        for name in _REPEATED:
            if name in told_before:
                details[name] = f"(as in step {before[name][1]})"
            elif name in details:
                before[name] = (details[name], number)
        instructions = [] if "system" in told_before else _parts(step.fields.get(sc.SYSTEM_INSTRUCTIONS))
        answer = _answer(step.fields.get(sc.OUTPUT_MESSAGES))
        heard = (*(Heard(who="system", told=_told(part)) for part in instructions), *_heard(step.fields))
        return replace(answer, heard=heard, details=details)


def _heard(fields: Mapping[str, Json]) -> Iterator[Heard]:
    """What stands in messages since the llm spoke last; of one that did not speak yet all of them."""
    messages = [_object(one) for one in _parts(fields.get(sc.INPUT_MESSAGES))]
    names: dict[Json, str] = {}
    last = 0
    for at, message in enumerate(messages):
        if message.get("role") == "assistant":
            last = at + 1
            for part in map(_object, _parts(message.get("parts"))):
                if part.get("type") == "tool_call" and isinstance(part.get("id"), str):
                    names[part.get("id")] = str(part.get("name", ""))
    for message in messages[last:]:
        for one in _parts(message.get("parts")):
            found = _object(one)
            if found.get("type") == "tool_call_response":
                known = found.get("id")
                source = names.get(known, "") if isinstance(known, str) else ""
                yield Heard(who="tool", told=plain_response(dict(found)), source=source)
            else:
                yield Heard(who=str(message.get("role", "")), told=_told(one))


def _answer(messages: Json) -> _Chat:
    """What the first answer says, thinks and chooses; of several the others stand in the details."""
    first = _object(next(iter(_parts(messages)), None))
    parts = [_object(part) for part in _parts(first.get("parts"))]
    said = [_told(part) for part in parts if part.get("type") not in {"tool_call", "reasoning"}]
    thought = [_told(part) for part in parts if part.get("type") == "reasoning"]
    wishes = [
        Wish(tool=str(part.get("name", "")), arguments=part.get("arguments"))
        for part in parts
        if part.get("type") == "tool_call"
    ]
    return _Chat(said="\n".join(said), thought="\n".join(thought), wishes=tuple(wishes))


def _told(part: Json) -> str:
    """The text of a part; of a picture or a sound, that it is one."""
    found = _object(part)
    content = found.get("content")
    if isinstance(content, str) and found.get("type", "text") in {"text", "reasoning"}:
        return content
    return part if isinstance(part, str) else f"({found.get('modality') or found.get('type') or 'nothing'})"


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _parts(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()
