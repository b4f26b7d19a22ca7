"""The conditions that choose among many runs, the same for every command that reads some."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_import import span

if TYPE_CHECKING:
    from tests.cli._kit import Commands

COMMANDS = {
    "show": ("show",),
    "lint": ("lint", "--fail-on", "never"),
    "stats": ("stats",),
    "audit": ("audit", "--effect", "refund"),
    "push": ("push", "--dry-run"),
    "import": ("import", "--as", "golden", "--every", "--out", "x"),
}
IDS = [f"{digit}{n:031x}" for n, digit in enumerate("abc", start=1)]
WANTED = {
    "trace": (("--trace", "A0"), 1),
    "several traces": (("--trace", IDS[0], "--trace", "c0"), 2),
    "agent": (("--agent", "desk"), 2),
    "several agents": (("--agent", "desk", "--agent", "billing"), 3),
    "conversation": (("--conversation", "conv-2"), 1),
    "errors": (("--errors",), 1),
    "since": (("--since", "2026-05-02"), 2),
    "within": (("--since", "2026-05-02", "--until", "2026-05-03"), 1),
    "together": (("--agent", "desk", "--errors"), 0),
}


def _run(n: int, agent: str, *, failing: bool) -> dict[str, Any]:
    """A call of a tool by an agent in a conversation, on the nth of May."""
    start = 1_777_593_600 + (n - 1) * 86_400
    tool = span(2, n, "execute_tool", "execute_tool refund", tool__name="refund")
    spans = [span(1, n, "invoke_agent", agent, agent__name=agent, conversation__id=f"conv-{n}"), tool]
    for one in spans:
        one["traceId"] = IDS[n - 1]
        one["startTimeUnixNano"] = str(start * 10**9 + 1)
        one["endTimeUnixNano"] = str(start * 10**9 + 10**8)
    tool["status"] = {"code": 2, "message": "no"} if failing else {}
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": spans}]}]}


@pytest.fixture
def prod(ae: Commands) -> Commands:
    """An export of three days: two runs of desk, and one of billing that failed."""
    runs = _run(1, "desk", failing=False), _run(2, "billing", failing=True), _run(3, "desk", failing=False)
    (ae.folder / "prod.jsonl").write_text("".join(json.dumps(one) + "\n" for one in runs))
    return ae


def told(document: dict[str, Any]) -> int:
    """How many runs a document tells of."""
    found = document.get("runs", document.get("traces"))
    return len(found) if isinstance(found, list) else int(found)


@pytest.mark.parametrize(("conditions", "count"), WANTED.values(), ids=WANTED)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_takes_every_condition(
    prod: Commands, command: tuple[str, ...], conditions: tuple[str, ...], count: int
) -> None:
    """The same conditions choose the same runs everywhere; what is left out is counted."""
    done = prod("trace", *command, "prod.jsonl", *conditions, "--json")
    document = done.document
    assert (told(document), document["read"], document["unfit"]) == (count, 3, 3 - count)
    assert done.code == int(count == 0 and "never" not in command)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_run_whose_trace_does_not_tell_is_left_out_and_counted(
    prod: Commands, command: tuple[str, ...]
) -> None:
    """A golden has no real times: it fits no --since, and is not taken for one that began before."""
    words = ("trace", *command, "prod.jsonl", "r.otlp.jsonl", "--since", "2026-05-01", "--force")
    words = words if "import" in command else words[:-1]
    document = prod(*words, "--json").document
    assert (document["read"], document["unfit"], document["unknown"]) == (4, 0, 1)
    done = prod(*words)
    assert "1 run left out: the trace does not tell when it began" in done.out + done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--trace", ""), "'' is no trace id"),
        (("--trace", "the last"), "'the last' is no trace id"),
        (("--trace", "a" * 33), "is no trace id"),
        (("--agent", ""), "'' is no name"),
        (("--conversation", " "), "' ' is no name"),
        (("--until", "tomorrow"), "'tomorrow' is no time"),
        (("--until", "0001-01-01T00:00:00+14:00"), "'0001-01-01T00:00:00+14:00' is no time"),
        (("--since", "9999-12-31T23:59:59-14:00"), "'9999-12-31T23:59:59-14:00' is no time"),
    ],
    ids=["no id", "words", "too long", "no agent", "no conversation", "no time", "too early", "too late"],
)
def test_a_condition_that_says_nothing_is_refused(prod: Commands, words: tuple[str, str], said: str) -> None:
    """An empty variable of a script does not choose everything."""
    done = prod("trace", "show", "prod.jsonl", *words)
    assert (done.code, said in done.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--agent", "dask"), "--agent left out 3 of 3: there are desk, billing; did you mean desk?"),
        (("--conversation", "conv-9"), "there are conv-3, conv-1, conv-2; did you mean conv-3?"),
        (("--trace", "a1"), f"--trace left out 3 of 3: there are {IDS[0]}, {IDS[1]}, {IDS[2]}"),
        (("--since", "2027-01-01"), "the runs began from 2026-05-01T00:00:00Z to 2026-05-03T00:00:00Z"),
        (("--agent", "desk", "--errors"), "--agent left out 1 of 3: there are desk, billing"),
        (("--agent", "desk", "--errors"), "--errors left out 2 of 3\n"),
    ],
    ids=["agent", "conversation", "trace", "since", "first of two", "second of two"],
)
def test_what_fits_nothing_is_told_what_there_is(prod: Commands, words: tuple[str, ...], said: str) -> None:
    """Each condition says how many runs it left out, and the names that are there."""
    for command in (("show",), ("import", "--out", "x")):
        done = prod("trace", *command, "prod.jsonl", *words)
        assert (done.code, "none of the runs fits" in done.out, said in done.out) == (1, True, True)


def test_documents_of_other_formats_stay_documents(prod: Commands) -> None:
    """Why nothing fits is told on standard error where standard output is SARIF, CSV or OTLP."""
    for command in (("lint", "--format", "sarif"), ("audit", "--format", "csv"), ("push", "--dry-run")):
        done = prod("trace", *command, "prod.jsonl", "--agent", "x")
        assert ("--agent left out 3 of 3" in done.err, "left out" in done.out) == (True, False)


def test_a_conversation_stands_beside_the_trace_id(prod: Commands) -> None:
    """What --conversation takes can be found out, by people and by scripts."""
    done = prod("trace", "show", "prod.jsonl", "--trace", "b")
    assert f"trace {IDS[1]} (genai), conversation conv-2\n" in done.out
    document = prod("trace", "show", "prod.jsonl", "r.otlp.jsonl", "--json").document
    assert [run["conversation"] for run in document["runs"]] == [None, "conv-1", "conv-2", "conv-3"]


def test_the_name_of_a_case_is_its_conversation(prod: Commands) -> None:
    """A list of messages has no trace id that anybody knows; what it is called is shown and chosen by."""
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    (prod.folder / "chats.json").write_text(
        json.dumps([{"case_id": name, "messages": said} for name in ("late", "lost")])
    )
    assert "(genai), conversation lost\n" in prod("trace", "show", "chats.json").out
    (run,) = prod("trace", "show", "chats.json", "--conversation", "late", "--json").document["runs"]
    assert run["conversation"] == "late"
