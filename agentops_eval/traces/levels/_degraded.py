"""Whether a run did all of what it was for, or only a part, as far as its trace tells."""

from __future__ import annotations

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed
from agentops_eval.traces._spans import step_type
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.dialects._values import flag
from agentops_eval.traces.levels._ending import Ending, ending_of, root_of


def degraded_of(run: NormalTrace) -> bool | None:
    """Whether a run was degraded; None where nobody can say, which is so of every run that did not complete.

    In this order: its sender says it on the span that stands for the run; an llm or tool call failed for
    good; of one that failed it is not told whether another made it good; else it was not. A failed call is
    made good by a later one that succeeds: of the same tool with the same arguments, or of the same llm
    under the same parent. Another llm or tool in its place is a fallback, and degrades.
    """
    root = root_of(run)
    if root is None or ending_of(run) is not Ending.COMPLETED:
        return None
    told = _told(run, root)
    if told is not None:
        return told
    calls = [span for span in run.trace.spans if step_type(span) in ("llm", "tool")]
    good = [_made_good(span, calls) for span in calls if failed(span)]
    return True if False in good else None if None in good else False


def _told(run: NormalTrace, root: Span) -> bool | None:
    source = run.sources.get(root.span_id)
    bags = [root.attributes] if source is None else [root.attributes, source.span.attributes]
    said = (flag(bag[name]) for name in sc.DEGRADED for bag in bags if name in bag)
    return next((one for one in said if one is not None), None)


def _made_good(lost: Span, calls: list[Span]) -> bool | None:
    later = [one for one in calls if one.start_ns >= lost.end_ns and one is not lost and not failed(one)]
    if step_type(lost) == "llm":
        name = lost.attributes.get(sc.REQUEST_MODEL)
        return any(
            one.parent_id == lost.parent_id and one.attributes.get(sc.REQUEST_MODEL) == name for one in later
        )
    same = [one for one in later if _of(one, sc.TOOL_NAME) == _of(lost, sc.TOOL_NAME) is not None]
    asked = _of(lost, sc.TOOL_CALL_ARGUMENTS)
    if any(_of(one, sc.TOOL_CALL_ARGUMENTS) == asked is not None for one in same):
        return True
    unsaid = asked is None or any(_of(one, sc.TOOL_CALL_ARGUMENTS) is None for one in same)
    return None if same and unsaid else False


def _of(span: Span, name: str) -> object:
    return span.attributes.get(name)
