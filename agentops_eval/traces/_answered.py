"""Tool calls that only messages tell of: an llm asked for them, and a later one was told the answer.

What answers was executed, though no span says so, as in exports of plain SDK clients; but for what a person
refused in a run whose tools have spans. Every llm call is told the whole conversation again; each tool call
counts once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from agentops_eval.domain import Attribute, Json, Span, StatusCode, canonical_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces._executions import Executions
from agentops_eval.traces._parts import parts_of, spelled
from agentops_eval.traces._spanned import all_have_spans
from agentops_eval.traces.llm import Part, plain_response
from agentops_eval.traces.llm import _parts as p

_CALL, _ANSWER = "tool_call", "tool_call_response"
_REFUSED = frozenset({"rejected", "timeout"})
_REMEMBERED = 1_000_000
_Spelling: TypeAlias = tuple[str, str]
"""A tool's name, and what it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCall:
    """A tool call without a span of its own. ``asked_by`` is None where the run only repeats the call.

    ``told_to`` is the first llm call that was told the answer: by its start, the tool had run.
    """

    name: str
    call_id: str
    arguments: Json
    answer: Part
    asked_by: Span | None
    told_to: Span

    @property
    def teller(self) -> Span:
        """The llm call that asked, else the one that was told."""
        return self.told_to if self.asked_by is None else self.asked_by

    def as_span(self, span_id: str) -> Span:
        """The span that an instrumented tool would have had. Its times are the latest that is possible."""
        response = plain_response(self.answer)
        told: dict[str, Attribute] = {
            sc.OPERATION_NAME: sc.EXECUTE_TOOL,
            sc.TOOL_NAME: self.name,
            sc.TOOL_CALL_ARGUMENTS: _text(self.arguments),
            sc.TOOL_CALL_RESULT: _text(response),
        }
        if self.call_id:
            told[sc.TOOL_CALL_ID] = self.call_id
        failed = self.answer.get("is_error") is True
        if failed:
            told[sc.ERROR_TYPE] = "tool_error"
        return Span(
            name=f"{sc.EXECUTE_TOOL} {self.name}",
            trace_id=self.teller.trace_id,
            span_id=span_id,
            parent_id=self.teller.parent_id,
            start_ns=self.told_to.start_ns,
            end_ns=self.told_to.start_ns,
            attributes=told,
            status=StatusCode.ERROR if failed else StatusCode.UNSET,
        )


def spans_of(calls: Mapping[str, AnsweredCall], spans: Iterable[Span]) -> Iterator[Span]:
    """Spans for calls that have none, by their ids; the effect is what another span of the tool tells."""
    effects = {
        text_of(span, sc.TOOL_NAME): span.attributes[sc.AGENTOPS_TOOL_EFFECT]
        for span in (spans if calls else ())
        if sc.AGENTOPS_TOOL_EFFECT in span.attributes
    }
    for span_id, call in calls.items():
        span = call.as_span(span_id)
        told = {sc.AGENTOPS_TOOL_EFFECT: effects[call.name]} if call.name in effects else {}
        yield replace(span, attributes={**span.attributes, **told})


def _text(value: Json) -> str:
    return value if isinstance(value, str) else canonical_json(value)


@dataclass(slots=True)
class Told:
    """Calls of earlier runs. A conversation that goes on in another trace repeats them there."""

    _known: dict[int, None] = field(default_factory=dict)

    def first(self, key: tuple[str, ...]) -> bool:
        """Whether a call is new; of very many the oldest are forgotten."""
        short = hash(key)
        if short in self._known:
            return False
        self._known[short] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return True


def answered_calls(spans: Iterable[Span], *, told: Told | None = None) -> tuple[AnsweredCall, ...]:
    """The calls of a run that were answered and that no span tells of, in the order of their answers.

    ``told`` remembers from run to run, so that a call which this run only repeats is given once.
    """
    in_time = sorted(spans, key=lambda span: span.start_ns)
    llms = [span for span in in_time if text_of(span, sc.OPERATION_NAME) in sc.INFERENCE_OPERATIONS]
    if not any(f'"{_ANSWER}"' in text_of(span, sc.INPUT_MESSAGES) for span in llms):
        return ()
    tools = [span for span in in_time if text_of(span, sc.OPERATION_NAME) == sc.EXECUTE_TOOL]
    if told is None and all_have_spans(llms, tools):
        return ()
    asks, executions = _Asks(llms), Executions(tools)
    found: list[AnsweredCall] = []
    repeated: list[AnsweredCall] = []
    remembered = Told() if told is None else told
    seen: set[tuple[str, ...]] = set()
    for llm in llms:
        for key, call in _history(llm, asks):
            if key in seen:
                continue
            seen.add(key)
            by = call.asked_by or asks.take(call)
            if by is None:
                repeated.append(call)
            else:
                found.append(replace(call, asked_by=by))
                remembered.first(_lasting(call))
    alone = executions.without(found)
    again = [call for call in repeated if call.call_id not in executions.ids]
    alone += [call for call in executions.without(again) if remembered.first(_lasting(call))]
    refusals = _Refusals(in_time if tools else ())
    ran = (call for call in alone if not refusals.cover(call))
    return tuple(sorted(ran, key=lambda call: call.told_to.start_ns))


class _Refusals:
    """What people answered, by the name of the action: when, and whether they refused or said nothing."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._answers: dict[str, list[tuple[int, bool]]] = {}
        for span in spans:
            if action := text_of(span, sc.AGENTOPS_HITL_ACTION):
                refused = text_of(span, sc.AGENTOPS_HITL_STATUS) in _REFUSED
                self._answers.setdefault(action, []).append((max(span.start_ns, span.end_ns), refused))
        for answers in self._answers.values():
            answers.sort()

    def cover(self, call: AnsweredCall) -> bool:
        """Whether the last answer about this very tool, between what the llm asked and was told, refused."""
        answers = self._answers.get(call.name)
        if not answers or call.asked_by is None:
            return False
        at = bisect_right(answers, (call.told_to.start_ns, True)) - 1
        ended, refused = answers[at]
        return at >= 0 and refused and ended >= call.asked_by.start_ns


def _lasting(call: AnsweredCall) -> tuple[str, ...]:
    """What a call is known by in other runs; an id alone is not enough, for some count from 1 in each."""
    return call.call_id, call.name, _text(call.arguments), _text(plain_response(call.answer))


class _Asks:
    """What the llms of a run asked for: by id, and without one by name and arguments, in their order."""

    def __init__(self, llms: Iterable[Span]) -> None:
        self._by_id: dict[str, list[tuple[Part, Span]]] = {}
        self._spellings: dict[str, set[_Spelling]] = {}
        self._unnamed: dict[_Spelling, deque[Span]] = {}
        for llm in llms:
            for part in parts_of(text_of(llm, sc.OUTPUT_MESSAGES), _CALL):
                call_id = p.text(part.get("id"))
                if call_id is not None:
                    self._by_id.setdefault(call_id, []).append((part, llm))
                    self._spellings.setdefault(call_id, set()).add(_spelt(part))
                else:
                    self._unnamed.setdefault(_spelt(part), deque()).append(llm)

    def which(self, call_id: str, part: Part) -> _Spelling:
        """What tells calls of one id apart; nothing where all of them are spelt alike, as one call is."""
        known = self._spellings.get(call_id, ())
        spelling = _spelt(part)
        return spelling if len(known) > 1 and spelling in known else ("", "")

    def named(self, call_id: str, which: _Spelling, number: int) -> tuple[Part | None, Span | None]:
        """The call that was asked for by an id, the first, the second and so on, and who asked."""
        asked = [one for one in self._by_id.get(call_id, ()) if self.which(call_id, one[0]) == which]
        return asked[number - 1] if number <= len(asked) else (None, None)

    def latest(self, call_id: str, before: Span) -> tuple[_Spelling, int]:
        """Which call of an id, and the how-manieth of those, was asked for last before an llm call."""
        asked = [part for part, by in self._by_id.get(call_id, ()) if by.start_ns < before.start_ns]
        if not asked:
            return ("", ""), 1
        which = self.which(call_id, asked[-1])
        return which, sum(self.which(call_id, part) == which for part in asked)

    def take(self, call: AnsweredCall) -> Span | None:
        """The llm call that asked for a call without an id; each is given once."""
        waiting = self._unnamed.get((call.name, canonical_json(call.arguments)))
        if call.call_id or not waiting or waiting[0].start_ns >= call.told_to.start_ns:
            return None
        return waiting.popleft()


def _spelt(part: Part) -> _Spelling:
    return p.text(part.get("name")) or "", canonical_json(part.get("arguments"))


def _history(llm: Span, asks: _Asks) -> Iterator[tuple[tuple[str, ...], AnsweredCall]]:
    """The answered calls that an llm call was told of, each with what tells it from others in the run."""
    text = text_of(llm, sc.INPUT_MESSAGES)
    if f'"{_ANSWER}"' not in text:
        return
    messages = p.arr(spelled(text))
    named: dict[str, Part] = {}
    times: Counter[tuple[str, _Spelling]] = Counter()  # local llms may give every call the same id
    unnamed: deque[Part] = deque()
    for part in _parts(messages):
        kind, call_id = part.get("type"), p.text(part.get("id"))
        if kind == _CALL and call_id is not None:
            named[call_id] = part
            times[call_id, asks.which(call_id, part)] += 1
        elif kind == _CALL:
            unnamed.append(part)
        elif kind == _ANSWER and call_id is not None:
            call = named.get(call_id)
            which, number = asks.latest(call_id, llm)  # of a history that is cut off before the call
            if call is not None:
                which = asks.which(call_id, call)
                number = times[call_id, which]
            asked, by = asks.named(call_id, which, number)
            call = call or asked
            if call is not None:
                yield (call_id, str(number), *which), _call(call, part, None if by is llm else by, llm)
        elif kind == _ANSWER and unnamed:
            times["", ("", "")] += 1
            call = unnamed.popleft()
            yield (
                (str(times["", ("", "")]), *_spelt(call), _beginning(messages)),
                _call(call, part, None, llm),
            )


def _beginning(messages: Sequence[Json]) -> str:
    """What tells conversations apart: how they begin."""
    return canonical_json(list(messages[:2]))


def _parts(messages: Iterable[Json]) -> Iterator[Part]:
    for message in messages:
        for part in p.arr(p.obj(message).get("parts")):
            yield p.obj(part)


def _call(asked: Part, answer: Part, by: Span | None, llm: Span) -> AnsweredCall:
    return AnsweredCall(
        name=p.text(asked.get("name")) or "",
        call_id=p.text(asked.get("id")) or "",
        arguments=asked.get("arguments"),
        answer=answer,
        asked_by=by,
        told_to=llm,
    )
