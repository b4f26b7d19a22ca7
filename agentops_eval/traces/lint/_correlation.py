"""Group 7: whether the spans of a run hang together, across agents and processes."""

from __future__ import annotations

import re

from agentops_eval.domain import Level, Rule, Span, SpanKind
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces.lint._model import Group
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View

RULES = (
    Rule(
        id="AL701",
        slug="several-roots",
        level=Level.ERROR,
        group=Group.CORRELATION,
        title="the trace has several roots",
        explanation="One run has one beginning. Several roots are several runs under one trace id, or a run "
        "whose context was lost on the way.",
        fix="start one span for the run, and the others inside it",
    ),
    Rule(
        id="AL702",
        slug="orphan",
        level=Level.ERROR,
        group=Group.CORRELATION,
        title="the parent of a span is not in the trace",
        explanation="What stands above it was not exported, was sampled away, or is in a file that was not "
        "given. Who acted on whose behalf cannot be told. What serves a request (kind SERVER or CONSUMER) is "
        "no orphan, nor is a single span above everything else: it was called from another process.",
        fix="give all files of the trace together; flush every exporter before its process ends",
    ),
    Rule(
        id="AL703",
        slug="span-id-reused",
        level=Level.ERROR,
        group=Group.CORRELATION,
        title="two different spans have one id",
        explanation="Only the first is kept. Ids come from a random source that was seeded or forked, or a "
        "span was exported before it had ended, and again.",
        fix="let the SDK draw ids; do not export unfinished spans",
    ),
    Rule(
        id="AL704",
        slug="id-invalid",
        level=Level.ERROR,
        group=Group.CORRELATION,
        title="an id is none by the W3C's rules",
        explanation="A trace id is 32 lower-case hex digits, a span id 16, and neither is all zeros. Other "
        "tools refuse anything else.",
        fix="let the SDK draw ids",
    ),
    Rule(
        id="AL705",
        slug="parents-in-circle",
        level=Level.ERROR,
        group=Group.CORRELATION,
        title="the parents of a span lead back to it",
        explanation="The tree has no beginning there. It is cut open at one of the spans.",
        fix="do not reuse span ids, and take the parent from the context",
    ),
    Rule(
        id="AL706",
        slug="child-outside-parent",
        level=Level.WARN,
        group=Group.CORRELATION,
        title="a span begins before its parent, or ends after it",
        explanation="By more than 1 ms. Clocks of two machines differ, or the work went on after its caller "
        "had ended. Times of a golden are no durations and are not checked.",
        fix="await what is started inside a span; synchronise clocks",
    ),
    Rule(
        id="AL707",
        slug="never-ended",
        level=Level.WARN,
        group=Group.CORRELATION,
        title="a span has no end, or one before its start",
        explanation="It was exported while it ran, or its clock was set back. Its duration is unknown.",
        fix="end spans in a finally block or with a context manager",
    ),
    Rule(
        id="AL708",
        slug="agent-name-missing",
        level=Level.WARN,
        group=Group.CORRELATION,
        title="an agent ran that has no name",
        explanation="Cost, errors and decisions cannot be attributed.",
        fix=f"set {sc.AGENT_NAME}",
        upstream="genai_expected_attribute_missing",
    ),
    Rule(
        id="AL709",
        slug="handoff-unlinked",
        level=Level.WARN,
        group=Group.CORRELATION,
        title="an agent took over from another, and nothing leads back to it",
        explanation="It names a sender, but begins a trace of its own, without a link to the sender's span "
        "and without a conversation that both belong to.",
        fix=f"pass traceparent along, or add a span link, or set {sc.CONVERSATION_ID} in both",
    ),
    Rule(
        id="AL710",
        slug="handoff-edge-missing",
        level=Level.INFO,
        group=Group.CORRELATION,
        title="several agents ran, and how one came by its work is not told",
        explanation="It has no agent above it, names no sender and has no link.",
        fix=f"start it inside the agent that hands over, or set {sc.AGENTOPS_HANDOFF_SENDER}",
    ),
    Rule(
        id="AL711",
        slug="mcp-hop-lost",
        level=Level.WARN,
        group=Group.CORRELATION,
        title="an MCP server answered under a trace of its own",
        explanation="The context of the caller did not travel with the request, so that the call's two sides "
        "are two traces.",
        fix="send traceparent in the request's _meta (the mcp SDK 2 does so by itself)",
    ),
)

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN_ID = re.compile(r"(?!0{16})[0-9a-f]{16}")
_SERVING = frozenset({SpanKind.SERVER, SpanKind.CONSUMER})
_TOLERANCE_NS = 1_000_000
_SERVED = frozenset({"tools/call", "prompts/get", "resources/read"})


def check(view: View, sheet: Sheet) -> None:
    """Check the tree, ids and times of all spans, then agents and MCP."""
    _roots(view, sheet)
    _identities(view, sheet)
    _times(view, sheet)
    _agents(view, sheet)
    _served(view, sheet)


def _roots(view: View, sheet: Sheet) -> None:
    roots = [span for span in view.spans if not span.parent_id]
    orphans = [span for span in view.spans if span.parent_id and span.parent_id not in view.by_id]
    orphans = [span for span in orphans if view.source(span).kind not in _SERVING]
    if len(orphans) == 1 and not roots:  # called from another process
        roots, orphans = orphans, []
    if roots:
        names = ", ".join(span.name for span in roots[:5])
        what = f"{len(roots)} spans of the trace have no parent: {names}"
        sheet.check("AL701", len(roots) == 1, roots[1] if len(roots) > 1 else roots[0], what)
    lost = {span.span_id for span in orphans}
    for span in view.spans:
        if span.parent_id:
            sheet.check("AL702", span.span_id not in lost, span, f"its parent {span.parent_id} is not there")


def _identities(view: View, sheet: Sheet) -> None:
    repeated = set(view.normal.repeated)
    seen: set[str] = set()
    for span in view.spans:
        again = span.span_id in seen or span.span_id in repeated
        seen.add(span.span_id)
        sheet.check("AL703", not again, span, f"another span has the id {span.span_id}")
        valid = _TRACE_ID.fullmatch(span.trace_id) and _SPAN_ID.fullmatch(span.span_id)
        sheet.check("AL704", valid, span, f"trace id {span.trace_id!r}, span id {span.span_id!r}")
    for span in _circles(view):
        sheet.broken("AL705", span, f"{span.span_id} stands above itself")


def _circles(view: View) -> list[Span]:
    """One span of each circle of parents, as they were emitted."""
    parents = {one.span.span_id: one.span.parent_id for one in view.sources}
    settled: set[str] = set()
    found: list[Span] = []
    for source in view.sources:
        path: dict[str, None] = {}
        at = source.span.span_id
        while at in parents and at not in settled and at not in path:
            path[at] = None
            at = parents[at]
        if at in path:
            ids = list(path)
            found.append(view.normal.sources[min(ids[ids.index(at) :])].span)
        settled.update(path)
    return found


def _times(view: View, sheet: Sheet) -> None:
    if view.logical:
        return
    for span in view.spans:
        ended = span.end_ns >= span.start_ns and span.end_ns > 0
        sheet.check("AL707", ended, span, f"start {span.start_ns}, end {span.end_ns}")
        above = view.above(span)
        if above is None or not ended or above.end_ns < above.start_ns:
            continue
        early = above.start_ns - span.start_ns
        late = span.end_ns - above.end_ns
        inside = max(early, late) <= _TOLERANCE_NS
        by, side = (early, "before its parent began") if early >= late else (late, "after its parent ended")
        sheet.check("AL706", inside, span, f"{by / 1e6:.1f} ms {side}")


def _agents(view: View, sheet: Sheet) -> None:
    inner = _below_agents(view)
    for number, span in enumerate(view.agents):
        sheet.check("AL708", text_of(span, sc.AGENT_NAME), span)
        sender = text_of(span, sc.AGENTOPS_HANDOFF_SENDER)
        if sender:
            linked = span.parent_id or span.links or text_of(span, sc.CONVERSATION_ID)
            sheet.check("AL709", linked, span, f"{sender} handed over, and nothing leads back to it")
        if number:
            sheet.check("AL710", sender or span.links or span.span_id in inner, span)


def _below_agents(view: View) -> set[str]:
    """Spans that have an agent somewhere above them."""
    agents = {span.span_id for span in view.agents}
    inner: set[str] = set()
    for span in view.downward():
        if span.parent_id in agents or span.parent_id in inner:
            inner.add(span.span_id)
    return inner


def _served(view: View, sheet: Sheet) -> None:
    """The server's side of an MCP request; where both sides are there, the client's stands for both."""
    for source in view.sources:
        span = source.span
        if span.kind is SpanKind.SERVER and view.normal.dialects.get(span.span_id) == "mcp":
            method = text_of(span, sc.MCP_METHOD_NAME) or span.name.partition(" ")[0]
            if method in _SERVED:
                sheet.check("AL711", span.parent_id, span, f"{span.name} has no caller in its trace")
