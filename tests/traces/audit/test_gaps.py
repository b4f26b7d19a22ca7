"""Why something is not told of an action, as far as the trace lets it be known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from agentops_eval.traces.audit import audit
from agentops_eval.traces.dialects import normalise
from agentops_eval.traces.reading import SourceSpan, SourceTrace
from tests.traces._live import Live, calls
from tests.traces.audit.test_audit import WRITE, audited, only


def cost_gap(live: Live) -> str:
    return next(gap.why for gap in audited(live).gaps if gap.field == "cost")


def test_why_a_cost_is_not_told_depends_on_what_is_there():
    """No llm call, one without tokens, and one whose llm has no price are different gaps."""
    live = Live()
    live.tool("refund", at=50, **WRITE)
    assert cost_gap(live) == "no llm call was found behind it"
    live.llm(answer=calls(("c1", "refund")), tokens=(None, None))
    assert cost_gap(live) == "the llm call behind it tells no tokens"
    priced = Live()
    priced.llm(answer=calls(("c1", "refund")))
    priced.tool("refund", at=50, **WRITE)
    assert cost_gap(priced) in {
        "no table has a price for acme-1",
        "no table of prices is installed to price acme-1",
    }


def test_the_llm_call_before_a_decision_is_the_one_behind_its_action():
    """Where no llm asked for the tool, the decision leads to the agent's latest call before it."""
    live = Live()
    desk = live.agent(agentops__confidence=0.7)
    live.llm(desk, llm="early", at=1)
    live.llm(desk, llm="late", at=10, agentops__cost__amount=0.5)
    live.llm(live.agent("other", at=15), llm="foreign", at=20)
    live.span("plan", desk, at=30, gen_ai__operation__name="plan", agentops__decision__chosen="refund")
    live.llm(desk, llm="after", at=40)
    live.tool("refund", desk, at=50, **WRITE)
    record = only(live)
    assert (record.decision.llm, str(record.cost), record.decision.confidence) == ("late", "0.5", 0.7)


def test_what_goldens_leave_out_is_told_once():
    """Of a logical clock's run neither authority, time nor cost is asked of each action."""
    told = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "pay", **WRITE}
    spans = [
        SourceSpan(span=replace(one.span, start_ns=number * 10, end_ns=number * 10 + 5), origin=one.origin)
        for number, one in enumerate([Live().span("execute_tool pay", **told) for _ in range(2)])
    ]
    spans[1] = SourceSpan(span=replace(spans[1].span, span_id="ef" * 8), origin=spans[1].origin)
    found = audit(normalise(SourceTrace(trace_id="ab" * 16, spans=tuple(spans))))
    counts = Counter(gap.field for gap in found.gaps)
    assert counts["golden"] == 1
    assert counts["initiator"] == 2
    assert not counts.keys() & {"authority", "cost", "started"}
