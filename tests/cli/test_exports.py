"""``trace show`` for OTLP files of any framework."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli._kit import Commands

TRACE = f"{7:032x}"


def attributes(values: dict[str, Any]) -> list[Any]:
    """Attributes as OTLP spells them."""
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue"}
    return [{"key": key, "value": {kinds[type(value)]: value}} for key, value in values.items()]


def span(number: int, name: str, parent: int = 0, error: str = "", **values: Any) -> dict[str, Any]:
    """A span that took 5 ms, its attributes' dots written as double underscores."""
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": name,
        "startTimeUnixNano": str(number * 10**7),
        "endTimeUnixNano": str(number * 10**7 + 5 * 10**6),
        "status": {"code": 2, "message": error} if error else {},
        "attributes": attributes({key.replace("__", "."): value for key, value in values.items()}),
    }


SPANS = [
    span(1, "invoke_agent desk", gen_ai__operation__name="invoke_agent", gen_ai__agent__name="desk"),
    span(
        2,
        "chat big",
        1,
        gen_ai__operation__name="chat",
        gen_ai__provider__name="acme",
        gen_ai__request__model="big",
        gen_ai__usage__input_tokens=57,
        gen_ai__usage__output_tokens=31,
    ),
    span(
        3,
        "execute_tool refund",
        1,
        "rate limit reached",
        gen_ai__operation__name="execute_tool",
        gen_ai__tool__name="refund",
        gen_ai__tool__call__arguments='{"order": 1042}',
    ),
]
EXPORT = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "t"}, "spans": SPANS}]}]}


@pytest.fixture
def export(ae: Commands) -> str:
    """An export with one run, beside the project."""
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\n")
    return "prod.jsonl"


def test_a_run_is_drawn_with_tokens_and_errors(ae: Commands, export: str) -> None:
    """An export reads like a recording: who called what, and what it took."""
    out = ae("trace", "show", export).out
    assert f"trace {TRACE} (genai)" in out
    assert "├─ llm big" in out
    assert "└─ tool refund(order=1042)" in out
    assert "1 llm call, 1 tool call, 1 failed" in out
    assert "tokens: 57 in, 31 out" in out


def test_scripts_get_documented_keys(ae: Commands, export: str) -> None:
    """Totals are counted once, what is unknown is null, and errors have a class."""
    document = ae("trace", "show", export, "--json").document
    assert document["problems"] == []
    (run,) = document["runs"]
    assert (run["trace_id"], run["root"], run["dialects"]) == (TRACE, "invoke_agent desk", ["genai"])
    assert run["usage"] == {
        "input_tokens": 57,
        "output_tokens": 31,
        "cache_read_tokens": None,
        "cache_creation_tokens": None,
        "reasoning_tokens": None,
    }
    assert run["cost"] == {"usd": None, "sources": [], "price_table": None, "unknown": 1, "unpriced": ["big"]}
    (tool,) = run["tool_calls"]
    assert (tool["name"], tool["arguments"]) == ("refund", {"order": 1042})
    assert run["agents"] == ["desk"]
    assert [(error["class"], error["name"]) for error in run["errors"]] == [
        ("transient", "execute_tool refund")
    ]


def test_packed_and_spread_exports_are_one(ae: Commands) -> None:
    """Files given together are read together, packed or not, and faults are told at the end."""
    scope = EXPORT["resourceSpans"][0]["scopeSpans"][0]
    for name, spans in (("a.json.gz", SPANS[:1]), ("b.json.gz", [*SPANS[1:], {"name": "no ids"}])):
        document = {"resourceSpans": [{"scopeSpans": [{**scope, "spans": spans}]}]}
        (ae.folder / name).write_bytes(gzip.compress(json.dumps(document).encode(), mtime=0))
    out = ae("trace", "show", "a.json.gz", "b.json.gz").out
    assert out.count("trace ") == 1
    assert "1 llm call, 1 tool call, 1 failed" in out
    assert "2 problems, passed over:" in out
    assert "b.json.gz: resourceSpans[0].scopeSpans[0].spans[2].traceId is no id" in out


def test_an_export_is_shown_in_full(ae: Commands, export: str) -> None:
    """--full shows what was asked and answered in every run."""
    assert "    arguments:\n      order: 1042\n" in ae("trace", "show", export, "--full").out


def test_what_is_not_told_of_a_call_is_a_question_mark(ae: Commands) -> None:
    """Arguments that no attribute tells are not those of a call without any; a decision shows its choice."""
    spans = [
        span(1, "desk", gen_ai__operation__name="invoke_agent", gen_ai__agent__name="desk"),
        span(2, "refund", 1, gen_ai__operation__name="execute_tool", gen_ai__tool__name="refund"),
        span(3, "plan", 1, agentops__decision__chosen="refund the order"),
        span(
            4,
            "ping",
            1,
            gen_ai__operation__name="execute_tool",
            gen_ai__tool__name="ping",
            gen_ai__tool__call__arguments="{}",
        ),
    ]
    document = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": spans}]}]}
    (ae.folder / "untold.json").write_text(json.dumps(document))
    out = ae("trace", "show", "untold.json").out
    assert "tool refund(?)" in out
    assert "tool ping()" in out
    assert 'step plan -> "refund the order"' in out


def test_an_llm_has_one_name_in_every_view(ae: Commands, export: str) -> None:
    """What was asked for is llm, as it is in a diff."""
    out = ae("trace", "show", export, "--full").out
    assert ("    llm: big" in out or '    llm: "big"' in out, "model:" in out) == (True, False)


def test_files_of_all_kinds_are_shown_together(ae: Commands, export: str) -> None:
    """Goldens and recordings come first, exports after them; each run is one of the document."""
    done = ae("trace", "show", export, "r.otlp.jsonl", "--json")
    assert [run["root"] for run in done.document["runs"]] == ["invoke_agent refund", "invoke_agent desk"]


def test_a_golden_clock_is_no_duration(ae: Commands) -> None:
    """What another tool made of a golden is an export, and its logical times are shown as unknown."""
    spans = [json.loads(text) for text in (ae.folder / "r.otlp.jsonl").read_text().splitlines()]
    (ae.folder / "collected.json").write_text(json.dumps(spans))
    (run,) = ae("trace", "show", "collected.json", "--json").document["runs"]
    assert {call["duration_ms"] for call in run["calls"]} == {None}


def test_a_damaged_export_says_what_is_wrong(ae: Commands) -> None:
    """A file of which nothing can be read is an error with a code."""
    (ae.folder / "cut.json.gz").write_bytes(gzip.compress(b"{" * 1000, mtime=0)[:-9])
    done = ae("trace", "show", "cut.json.gz")
    assert (done.code, "AE206" in done.err) == (2, True)


@pytest.mark.parametrize("text", ["null", "{}", "1", '"x"', '{"a": 1}', "[1]", '{"a": 1}\n{"b": 2}', ""])
@pytest.mark.parametrize("command", ["show", "stats", "audit", "lint"])
def test_json_that_is_no_trace_is_unreadable(ae: Commands, command: str, text: str) -> None:
    """Whatever the JSON is and whoever reads it; an export without spans is a run less, and no error."""
    (ae.folder / "a.json").write_text(text + "\n")
    assert ae("trace", command, "a.json").code == 2
    (ae.folder / "a.json").write_text('{"resourceSpans": []}\n')
    assert ae("trace", command, "a.json").code == 1


@pytest.mark.parametrize(
    "words", [("audit", "--format", "csv"), ("lint", "--format", "junit"), ("lint", "--format", "sarif")]
)
def test_a_document_without_a_place_for_problems_has_them_beside_it(
    ae: Commands, words: tuple[str, ...]
) -> None:
    """What could not be read is said on standard error."""
    (ae.folder / "a.jsonl").write_text(json.dumps(EXPORT) + "\n{broken\n")
    done = ae("trace", words[0], "a.jsonl", *words[1:])
    assert "a.jsonl:2: passed over: no JSON" in done.err
    assert "passed over" not in done.out
