"""Tool calls are told apart the same, whether the messages are read in full or only their ids."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces import Told, answered_calls
from tests.examples import examples
from tests.traces._live import Live
from tests.traces.test_answered import USER, answer, ask, chat

IDS = st.sampled_from([None, "", "c1", "c2", "c3"])
ODD = st.sampled_from([{}, {"parts": None}, {"parts": [7]}, {"parts": [{"type": "tool_call", "id": 3}]}])
MESSAGES = (
    st.builds(ask, IDS, order=st.integers(1, 2))
    | st.builds(answer, IDS, st.sampled_from(["a", "b"]))
    | st.just(USER)
    | ODD
)


@st.composite
def runs(draw: st.DrawFn) -> Live:
    """A few llm calls with any histories, and tools of which some have the ids in them."""
    live, at = Live(), 0
    whole = draw(st.booleans())
    history: list[Any] = [USER]
    for _ in range(draw(st.integers(1, 4))):
        said = draw(st.none() | st.builds(ask, IDS, order=st.integers(1, 2)))
        history = [*history, *draw(st.lists(MESSAGES, max_size=4))] if whole else draw(st.lists(MESSAGES))
        chat(live, at := at + 100, history, said)
        if draw(st.booleans()):
            live.tool("refund", at=at + 50, gen_ai__tool__call__id=draw(IDS))
    return live


@examples(300)
@given(runs())
def test_the_quick_answer_is_the_long_one(live: Live):
    """What remembers other runs reads every message; alone, a run whose calls all have spans is not read."""
    normal = live.normal
    for spans in (normal.trace.spans, [source.span for source in normal.sources.values()]):
        assert answered_calls(spans) == answered_calls(spans, told=Told())


def test_calls_that_all_have_spans_are_told_by_those():
    """Each answer has the id of one call and of its span."""
    live = Live()
    chat(live, 0, [USER], ask("c1"))
    live.tool("refund", at=50, gen_ai__tool__call__id="c1")
    chat(live, 100, [USER, ask("c1"), answer("c1")])
    assert answered_calls(live.normal.trace.spans) == ()
