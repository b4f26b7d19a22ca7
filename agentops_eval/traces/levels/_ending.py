"""How a run ended: whether it did what it was for, as far as its trace tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from agentops_eval.domain import Attribute, Span, SpanEvent
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed
from agentops_eval.traces._error_class import ErrorClass, error_class
from agentops_eval.traces._spans import step_type
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.dialects._values import flag, number

_COMPLETION = frozenset("task_completion task_success task_completed goal_completion goal_accuracy".split())
_LABELS = {
    **dict.fromkeys("pass passed true success succeeded yes completed complete correct".split(), True),
    **dict.fromkeys("fail failed false failure no incomplete incorrect not_completed".split(), False),
}


class Ending(StrEnum):
    """Completed or failed; infrastructure where nobody was reached; unknown where the trace does not tell."""

    COMPLETED = "completed"
    FAILED = "failed"
    INFRASTRUCTURE = "infrastructure"
    UNKNOWN = "unknown"


def ending_of(run: NormalTrace) -> Ending:
    """The ending of a run, by the span that stands for it.

    In this order: it failed because nobody was reached; it failed; its sender or an evaluation of its
    task says how it ended, where all agree; nothing says so, it has ended, and it has no error.
    """
    root = root_of(run)
    if root is None:
        return Ending.UNKNOWN
    if failed(root):
        cause = error_class(_cause(run, root))
        return Ending.INFRASTRUCTURE if cause is ErrorClass.INFRASTRUCTURE else Ending.FAILED
    told = {*_told(run, root)}
    if False in told:
        return Ending.FAILED
    if None in told or not _ended(root):
        return Ending.UNKNOWN
    return Ending.COMPLETED


def root_of(run: NormalTrace) -> Span | None:
    """The span that stands for the run: of those without a parent an agent before others, the last to end.

    None where every span's parent is elsewhere, so that the run's own end is not in the trace.
    """
    roots = [span for span in run.trace.spans if not span.parent_id]
    agents = [span for span in roots if step_type(span) == "agent"]
    return max(agents or roots, key=lambda span: (span.end_ns, span.span_id), default=None)


def _ended(root: Span) -> bool:
    return root.end_ns >= root.start_ns and (root.end_ns > 0 or sc.is_logical(root.start_ns))


def _cause(run: NormalTrace, root: Span) -> Span:
    """The call that a failure came from: the failed child that ended last and tells the same error.

    A parent that tells no type of error tells that of any failed child.
    """
    below: dict[str, list[Span]] = {}
    for span in run.trace.spans:
        if failed(span):
            below.setdefault(span.parent_id, []).append(span)
    at = root
    for _ in range(len(run.trace.spans)):
        kind = at.attributes.get(sc.ERROR_TYPE)
        same = [
            span
            for span in below.get(at.span_id, ())
            if kind in {None, "_OTHER"} or span.attributes.get(sc.ERROR_TYPE) == kind
        ]
        if not same:
            break
        at = max(same, key=lambda span: (span.end_ns, span.span_id))
    return at


def _told(run: NormalTrace, root: Span) -> Iterator[bool | None]:
    """What the sender and evaluations say of the root; None where they are undecided."""
    ids = [root.span_id, *(gone for gone, kept in run.duplicates.items() if kept == root.span_id)]
    for source in (run.sources[one] for one in ids if one in run.sources):
        said = [flag(source.span.attributes[name]) for name in sc.SUCCESS if name in source.span.attributes]
        yield from said[:1]
        yield from (_score(event) for event in source.span.events if _is_completion(event))


def _is_completion(event: SpanEvent) -> bool:
    return event.name == sc.EVALUATION_RESULT and _word(event.attributes, sc.EVALUATION_NAME) in _COMPLETION


def _score(event: SpanEvent) -> bool | None:
    """By its label, else by its score where that is 0 or 1: what lies between is the evaluator's to judge."""
    label = _LABELS.get(_word(event.attributes, sc.EVALUATION_SCORE_LABEL))
    score = number(event.attributes.get(sc.EVALUATION_SCORE_VALUE))
    if label is not None or score is None:
        return label
    return {0.0: False, 1.0: True}.get(float(score))


def _word(attributes: Mapping[str, Attribute], key: str) -> str:
    value = attributes.get(key)
    return value.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(value, str) else ""
