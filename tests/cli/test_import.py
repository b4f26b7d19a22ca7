"""``trace import``: a run that was traced elsewhere replays through a real SDK client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from agentops_eval.harness import load_suites
from tests.cli.test_exports import attributes
from tests.evals.suites._kit import EVALUATORS

if TYPE_CHECKING:
    from tests.cli._kit import Commands

QUESTION = {"role": "user", "parts": [{"type": "text", "content": "Refund order 1042, please."}]}
CALL = {"type": "tool_call", "id": "c1", "name": "refund", "arguments": {"order": 1042}}
ANSWER = {"type": "tool_call_response", "id": "c1", "response": '{"refunded": 59.9}'}
SYSTEM = [{"type": "text", "content": "You refund orders."}]

AGENT = """
import json
import openai
from agentops_eval import tool

@tool(effect="write")
def refund(order: int) -> dict:
    raise SystemExit("a replay runs no tool")

def desk(question: str = "Refund order 1042, please.") -> str:
    messages = [{"role": "system", "content": "You refund orders."}, {"role": "user", "content": question}]
    with openai.OpenAI(api_key="unused", base_url="https://llm.test/v1", max_retries=0) as client:
        while True:
            message = client.chat.completions.create(model="big", messages=messages).choices[0].message
            if not message.tool_calls:
                return message.content
            messages.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                result = refund(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
"""


def span(number: int, trace: int, operation: str, name: str, **values: Any) -> dict[str, Any]:
    """A GenAI span; lists and objects become JSON strings."""
    told = {f"gen_ai.{key.replace('__', '.')}": value for key, value in values.items()}
    kept = {
        key: json.dumps(value) if isinstance(value, (list, dict)) else value for key, value in told.items()
    }
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{trace * 100 + number:016x}",
        "parentSpanId": f"{trace * 100 + 1:016x}" if number > 1 else "",
        "name": name,
        "startTimeUnixNano": str(number * 10**9),
        "endTimeUnixNano": str(number * 10**9 + 10**8),
        "attributes": attributes({"gen_ai.operation.name": operation, **kept}),
    }


def run(trace: int, question: Any = QUESTION) -> list[dict[str, Any]]:
    """Two llm calls; what the tool did stands only in what the second one was told."""
    asked = {"role": "assistant", "parts": [CALL]}
    said = {"role": "assistant", "parts": [{"type": "text", "content": "59.90 EUR were refunded."}]}
    common = {"provider__name": "openai", "request__model": "big", "system_instructions": SYSTEM}
    later = [question, asked, {"role": "tool", "parts": [ANSWER]}]
    return [
        span(1, trace, "invoke_agent", "invoke_agent desk", agent__name="desk"),
        span(2, trace, "chat", "chat big", input__messages=[question], output__messages=[asked], **common),
        span(3, trace, "chat", "chat big", input__messages=later, output__messages=[said], **common),
    ]


@pytest.fixture
def exported(ae: Commands) -> Commands:
    """An export of three runs, two of which do the same, beside the agent that made them."""
    (ae.folder / "desk.py").write_text(AGENT)
    other = {"role": "user", "parts": [{"type": "text", "content": "Refund order 7."}]}
    spans = [*run(1), *run(2), *run(3, other)]
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": spans}]}]}
    (ae.folder / "prod.json").write_text(json.dumps(document))
    return ae


def test_an_imported_run_replays_through_the_real_client(exported: Commands) -> None:
    """The agent gets the trace's answers and tool results, with no server, and its golden can be approved."""
    done = exported("trace", "import", "prod.json", "--trace", f"{1:032x}", "--out", "one.cassette.jsonl")
    assert done.code == 0
    assert "one.cassette.jsonl: 3 calls, of trace" in done.out
    replayed = exported(
        "replay", "desk:desk", "--cassette", "one.cassette.jsonl", "--golden", "one.otlp.jsonl", "--approve"
    )
    assert replayed.code == 0, replayed.err
    assert "59.90 EUR were refunded." in replayed.out
    assert "3 synthesised" in replayed.out
    again = exported("replay", "desk:desk", "--cassette", "one.cassette.jsonl", "--golden", "one.otlp.jsonl")
    assert again.code == 0
    changed = exported("replay", "desk:desk", "Refund order 1, please.", "--cassette", "one.cassette.jsonl")
    assert changed.code == 1
    assert "conversation[1].text" in changed.err


def test_runs_that_do_the_same_are_imported_once(exported: Commands) -> None:
    """Of three runs two are alike; each kind of file is named after the run."""
    document = exported("trace", "import", "prod.json", "--out", "runs", "--json").document
    assert [len(kept["alike"]) for kept in document["runs"]] == [1, 0]
    assert all((exported.folder / kept["path"]).exists() for kept in document["runs"])
    done = exported("trace", "import", "prod.json", "--out", "goldens", "--as", "golden")
    assert "1 further run alike left out" in done.out
    assert len(list((exported.folder / "goldens").glob("*.otlp.jsonl"))) == 2
    golden = next((exported.folder / "goldens").glob("*.otlp.jsonl"))
    assert exported("trace", "show", golden).code == 0


def test_importing_overwrites_nothing_unasked(exported: Commands) -> None:
    """A file that is there stays, and --force is the way to replace it."""
    words = ("trace", "import", "prod.json", "--trace", f"{1:032x}", "--out", "one.cassette.jsonl")
    assert exported(*words).code == 0
    refused = exported(*words)
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert exported(*words, "--force").code == 0


def test_the_effect_of_a_tool_is_told_or_untold(exported: Commands) -> None:
    """A recording of a trace that says nothing of effects says nothing: it is not taken for harmless."""
    assert (
        exported("trace", "import", "prod.json", "--trace", f"{1:032x}", "--out", "one.cassette.jsonl").code
        == 0
    )
    audit = exported("trace", "audit", "one.cassette.jsonl").out
    assert "nothing tells whether the tool refund changes anything" in audit
    assert "effect" not in exported("trace", "show", "--full", "one.cassette.jsonl").out
    (call, *_) = exported("trace", "show", "one.cassette.jsonl", "--json", "--full").document["runs"][0][
        "calls"
    ][1:]
    assert call["content"]["provider"] == "openai"


def test_a_recorded_call_is_told_once(exported: Commands) -> None:
    """In a recording of a trace a tool's span and the messages about it are one call, whatever its id."""
    text = (exported.folder / "prod.json").read_text().replace('\\"c1\\"', '\\"toolu_01A\\"')
    (exported.folder / "prod.json").write_text(text)
    exported("trace", "import", "prod.json", "--trace", f"{1:032x}", "--out", "one.cassette.jsonl")
    document = exported("trace", "audit", "one.cassette.jsonl", "--effect", "refund", "--json").document
    assert [(record["action"], record["told_by"]) for record in document["records"]] == [("refund", "span")]


def test_a_failed_call_of_a_trace_fails_in_its_recording(exported: Commands) -> None:
    """A refusal that was imported is told as one, and --errors finds the recording."""
    asked = {"provider__name": "openai", "request__model": "big", "input__messages": [QUESTION]}
    failed = span(1, 8, "chat", "chat big", **asked)
    failed["attributes"] += attributes({"error.type": "openai.RateLimitError"})
    failed["status"] = {"code": 2, "message": "Error code: 429 - slow down"}
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": [failed]}]}]}
    (exported.folder / "failed.json").write_text(json.dumps(document))
    exported("trace", "import", "failed.json", "--errors", "--out", "f.cassette.jsonl")
    (shown,) = exported("trace", "show", "f.cassette.jsonl", "--errors", "--json").document["runs"]
    assert [(error["type"], error["class"]) for error in shown["errors"]] == [("429", "transient")]


def test_an_imported_golden_is_compared_in_essence(exported: Commands) -> None:
    """Against a recording of the same run it differs only in what the trace did not tell."""
    of_one = ("--trace", f"{1:032x}")
    exported("trace", "import", "prod.json", *of_one, "--out", "one.cassette.jsonl")
    exported("trace", "import", "prod.json", *of_one, "--as", "golden", "--out", "one.otlp.jsonl")
    export = ("trace", "diff", "one.otlp.jsonl", "prod.json", "--candidate-trace", f"{1:032x}")
    assert exported(*export).code == 0
    changes = exported("trace", "diff", "one.otlp.jsonl", "one.cassette.jsonl", "--json").document["steps"]
    told = {change["field"] for step in changes for change in step["changes"]}
    assert told == {"answered by", "finish reasons"}


def test_a_recording_in_the_folder_of_goldens_is_proposed(exported: Commands) -> None:
    """Where a callable's own recording is missing, one of that name there is named, and none is renamed."""
    out = ("--out", "golden_traces/desk.cassette.jsonl")
    exported("trace", "import", "prod.json", "--trace", f"{1:032x}", *out)
    err = exported("replay", "desk:desk").err
    assert "add --cassette golden_traces/desk.cassette.jsonl" in err
    assert "rename" not in err


def test_every_run_is_imported_on_request(exported: Commands) -> None:
    """--every takes repetitions, too; a likeness that little reaches takes one run only."""
    words = ("trace", "import", "prod.json", "--json")
    assert len(exported(*words, "--out", "all", "--every").document["runs"]) == 3
    document = exported(*words, "--out", "few", "--alike", "0.1").document
    assert [len(document["runs"]), document["alike"], document["read"]] == [1, 2, 3]


def test_a_run_becomes_a_scenario(exported: Commands) -> None:
    """What was asked, which tools ran, and what was answered; secrets are redacted."""
    key = "sk-proj-" + "a1B2" * 10
    asked = {"role": "user", "parts": [{"type": "text", "content": f"Refund order 7 with {key}."}]}
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": run(5, asked)}]}]}
    (exported.folder / "secret.json").write_text(json.dumps(document))
    done = exported("trace", "import", "secret.json", "--as", "scenario", "--out", "suite.yaml")
    assert (done.code, "suite.yaml: 1 tool call, of trace" in done.out) == (0, True)
    suite = yaml.safe_load((exported.folder / "suite.yaml").read_text(encoding="utf-8"))
    (scenario,) = suite["scenarios"]
    assert (scenario["id"], scenario["source"]) == ("invoke_agent-desk-00000000", f"trace {5:032x}")
    assert scenario["input"].startswith("Refund order 7 with [redacted")
    refund = {"name": "refund", "arguments": {"order": 1042}}  # told by messages only
    assert scenario["expect"] == {"tools": [refund], "answer": "59.90 EUR were refunded."}
    again = exported("trace", "import", "secret.json", "--as", "scenario", "--out", "suite.yaml")
    assert (again.code, "--force" in again.err) == (2, True)


def test_scenarios_share_a_file_and_say_which_run_lacks_a_question(exported: Commands) -> None:
    """In a folder the file is imported.yaml; a run in which nobody asked anything is told."""
    bare = [span(1, 9, "execute_tool", "execute_tool refund", tool__name="refund")]
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": bare}]}]}
    (exported.folder / "bare.json").write_text(json.dumps(document))
    done = exported("trace", "import", "prod.json", "bare.json", "--as", "scenario", "--out", "scenarios")
    assert "not told: the trace does not tell what was asked" in done.out
    suite = yaml.safe_load((exported.folder / "scenarios/imported.yaml").read_text(encoding="utf-8"))
    assert len({scenario["id"] for scenario in suite["scenarios"]}) == 2


def test_what_was_asked_is_no_variable_of_the_scenario(exported: Commands) -> None:
    """A text of a run that looks like a variable is written so that it stands for itself."""
    asked = {"role": "user", "parts": [{"type": "text", "content": "Fill {{name}} in."}]}
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": run(5, asked)}]}]}
    (exported.folder / "braces.json").write_text(json.dumps(document))
    exported("trace", "import", "braces.json", "--as", "scenario", "--out", "suite.yaml")
    loaded = load_suites([exported.folder / "suite.yaml"], root=exported.folder, evaluators=EVALUATORS)
    assert [problem.what for problem in loaded.problems] == []
    assert loaded.suites[0].scenarios[0].turns == ("Fill {{name}} in.",)


@pytest.mark.parametrize(
    ("words", "runs", "unknown"),
    [
        (("--since", "1970-01-02"), 2, 0),
        (("--since", "1970-01-02", "--until", "1970-01-02T00:00:01Z"), 0, 0),
        (("--until", "2026-05-01T12:00:00+02:00"), 2, 0),
        (("--min-cost", "0"), 0, 3),
        (("--latency-percentile", "100"), 2, 0),
    ],
    ids=["since", "within", "zone", "cost unknown", "slow"],
)
def test_runs_are_chosen_by_time_cost_and_latency(
    exported: Commands, words: tuple[str, ...], runs: int, unknown: int
) -> None:
    """Each condition takes what fits; what the trace does not tell is counted apart."""
    text = (exported.folder / "prod.json").read_text()
    for number in (1, 2, 3):
        text = text.replace(f'"{number}000000000"', f'"{number + 100_000}000000000"')
        text = text.replace(f'"{number}100000000"', f'"{number + 100_000}100000000"')
    (exported.folder / "prod.json").write_text(text)
    document = exported("trace", "import", "prod.json", "--out", "x", *words, "--json").document
    assert (len(document["runs"]), document["unknown"], document["read"]) == (runs, unknown, 3)


@pytest.mark.parametrize(
    "words",
    [("--since", "yesterday"), ("--min-cost", "-1"), ("--min-cost", "NaN"), ("--alike", "0")],
    ids=["no time", "negative", "no number", "no likeness"],
)
def test_nonsense_is_refused_with_what_was_given(exported: Commands, words: tuple[str, ...]) -> None:
    """A condition that cannot be read is a usage error that shows it."""
    done = exported("trace", "import", "prod.json", "--out", "x", *words)
    assert (done.code, words[1] in done.err) == (2, True)


def test_a_cassette_of_vcrpy_becomes_a_golden(exported: Commands) -> None:
    """Foreign recordings are runs like any other."""
    (exported.folder / "orders.yaml").write_text(
        "interactions:\n"
        "- request: {method: GET, uri: 'https://shop.test/orders/7', headers: {}, body: null}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: '{}'}}\n"
        "version: 1\n"
    )
    done = exported("trace", "import", "orders.yaml", "--as", "golden", "--out", "orders.otlp.jsonl")
    assert (done.code, "orders.otlp.jsonl: 2 spans" in done.out) == (0, True)
    assert exported("trace", "diff", "orders.yaml", "orders.otlp.jsonl").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--out q.jsonl", "a recording's name ends in .cassette.jsonl"),
        ("--out q.otlp.jsonl", "a recording's name ends in .cassette.jsonl"),
        ("--as golden --out x.yaml", "a golden's name ends in .otlp.jsonl"),
        ("--as golden --out q.cassette.jsonl", "a golden's name ends in .otlp.jsonl"),
        ("--as scenario --out q.json", "a scenario file's name ends in .yaml or .yml"),
        ("--out q.cassette.jsonl", "2 runs fit, and q.cassette.jsonl is one file"),
        ("--as golden --out q.otlp.jsonl --every", "3 runs fit, and q.otlp.jsonl is one file"),
        ("--out folder.cassette.jsonl", "folder.cassette.jsonl is a folder"),
        ("--out prod.txt", "a recording's name ends in .cassette.jsonl"),
        ("--out taken --force", "taken is a file, not a folder"),
        ("--out taken/below/it", "taken is a file, not a folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_anything_is_written(
    exported: Commands, words: str, said: str
) -> None:
    """A misspelt suffix is no folder, one file holds one run, and a file is no folder."""
    (exported.folder / "folder.cassette.jsonl").mkdir()
    (exported.folder / "taken").write_text("mine")
    before = sorted(path.name for path in exported.folder.rglob("*"))
    done = exported("trace", "import", "prod.json", *words.split())
    assert (done.code, said in done.err) == (2, True)
    assert sorted(path.name for path in exported.folder.rglob("*")) == before
    assert (exported.folder / "taken").read_text() == "mine"


def test_what_fits_no_filter_is_said(exported: Commands) -> None:
    """No run is an exit code, not an empty file."""
    for words in (("--agent", "nobody"), ("--errors",), ("--conversation", "x"), ("--trace", "ff")):
        done = exported("trace", "import", "prod.json", "--out", "none", *words)
        assert (done.code, "no run was imported\nnone of the runs fits\n" in done.out) == (1, True)
        assert f"  {words[0]} left out 3 of 3" in done.out
    assert not (exported.folder / "none").exists()


def test_a_run_without_content_cannot_be_replayed(exported: Commands) -> None:
    """Where message content was not captured, that is told, and nothing is written."""
    bare = [span(1, 9, "chat", "chat big", provider__name="openai", request__model="big")]
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": bare}]}]}
    (exported.folder / "bare.json").write_text(json.dumps(document))
    done = exported("trace", "import", "bare.json", "--out", "bare")
    assert done.code == 1
    assert "the trace holds no messages of it" in done.out
    assert not (exported.folder / "bare").exists()


def test_a_run_without_an_agents_work_does_not_end_the_import(exported: Commands) -> None:
    """It is told, and the goldens of the other runs are written."""
    plain = {**span(1, 8, "", "GET /health"), "attributes": []}
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "web"}, "spans": [plain]}]}]}
    (exported.folder / "web.json").write_text(json.dumps(document))
    done = exported("trace", "import", "web.json", "prod.json", "--as", "golden", "--out", "goldens")
    assert (done.code, f"trace {8:032x}: nothing that could be approved" in done.out) == (0, True)
    assert len(list((exported.folder / "goldens").glob("*.otlp.jsonl"))) == 2
    alone = exported("trace", "import", "web.json", "--as", "golden", "--out", "none", "--json")
    assert (alone.code, alone.document["runs"][0]["path"]) == (1, None)
