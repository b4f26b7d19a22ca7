"""A trace as text in which nothing is left out."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given

from agentops_eval.domain import Failure, Trace
from agentops_eval.traces import canonical, derive, full_lines, read_golden, write_golden
from agentops_eval.traces._steps import steps_of
from agentops_eval.traces.redaction import Redactor
from tests.examples import examples
from tests.traces._kit import Events, calls, tool_answer
from tests.traces._traces import traces

ASK = [{"role": "system", "content": "You refund."}, {"role": "user", "content": "It is\n\nbroken!"}]


READS = (
    "agent desk\n\n  llm gpt-test\n    provider: ",
    '    messages:\n      - system: "You refund."\n      - user: |\n          It is\n\n          broken!\n',
    '      - assistant:\n          calls refund:\n            order: 1\n          id: "call_1"\n',
    "\n\n  tool refund\n    arguments:\n      order: 1\n",
    '    result:\n      note: |\n        said "thanks"\n      paid: 59.9',
)


def shown(events: Events) -> list[str]:
    return list(full_lines(derive(events.all, agent="desk", case="case")))


def said(trace: Trace) -> list[object]:
    """What a trace holds besides ids, the clock and what OpenTelemetry calls kind."""
    return [(step.depth, step.kind, step.title, step.fields) for step in steps_of(canonical(trace))]


def test_a_run_reads_like_this() -> None:
    """Every call has what was asked and what came back, texts over several lines as such."""
    events = Events()
    events.chat(ASK, [("c1", "refund", {"order": 1})])
    events.tool("refund", {"order": 1}, {"paid": 59.9, "note": 'said "thanks"'})
    text = "\n".join(shown(events))
    for part in READS:
        assert part in text


def test_what_an_earlier_chat_had_is_not_repeated() -> None:
    """The second chat shows its new messages; a change of the prompt therefore shows once."""
    more = [*ASK, calls(("c1", "refund", {})), tool_answer("c1", "paid")]
    events = Events()
    events.chat(ASK, [("c1", "refund", {})])
    events.tool("refund", {})
    events.chat(more, "Done.")
    lines = shown(events)
    assert sum("You refund." in line for line in lines) == 1
    assert "    messages, continued:" in lines


def test_long_texts_are_broken_at_words_and_keep_every_character() -> None:
    """A backslash ends a line that goes on."""
    said = "word " * 30 + "  end"
    events = Events()
    events.tool("say", {}, said)
    block = [line.strip("\n")[6:] for line in shown(events) if line.startswith("      ")]
    assert len(block) == 3
    assert "".join(part.removesuffix("\\") for part in block) == said


def test_hostile_text_cannot_disturb_a_terminal() -> None:
    """Names and values are escaped wherever they come from."""
    bad = "\x1b[31m\u202eevil\r\0"
    events = Events()
    events.tool(bad, {bad: [bad, {bad: bad}]}, Failure(kind=bad, module="m", message=f"{bad}\n{bad}"))
    assert all(line.isprintable() for line in shown(events))


@examples(150)
@given(traces(), traces())
def test_equal_text_is_equal_behaviour(one, other) -> None:
    """Two traces read alike if and only if they hold the same."""
    same = list(full_lines(one)) == list(full_lines(other))
    assert same == (said(one) == said(other))


def test_parts_that_are_not_there_stay_names(tmp_path: Path) -> None:
    """A golden can be read without its blobs, which then are named in their places."""
    events = Events()
    events.chat([{"role": "user", "content": "x" * 9_000}])
    events.chat([{"role": "user", "content": "x" * 9_000}, {"role": "user", "content": "more"}])
    trace = derive(events.all, agent="desk", case="case")
    golden = write_golden(tmp_path / "g.otlp.jsonl", trace, redactor=Redactor())
    blob = next((tmp_path / "blobs").iterdir())
    content = blob.read_bytes()
    blob.unlink()
    partly = read_golden(golden.path, load=lambda name: None)
    assert blob.name in "\n".join(full_lines(partly.trace))
    whole = read_golden(golden.path, load=lambda name: content)
    assert whole.trace == golden.trace
