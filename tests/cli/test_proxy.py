"""``record --proxy`` and ``replay --proxy``: real child processes, and an llm that is gone in replay."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from agentops_eval.replay import read_cassette
from agentops_eval.testing import Cut, LlmServer, Rule, Say
from tests.cli._proxy_kit import AGENT, KEY, NODE, behind

if TYPE_CHECKING:
    from tests.cli._kit import Commands

R = ("--cassette", "p.cassette.jsonl")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    """A scripted llm whose streams break where they are asked to."""
    rules = [
        Rule(when=lambda asked: "break" in asked.user, then=Cut(3)),
        Rule(then=lambda asked: Say(f"You said: {asked.user}")),
    ]
    with LlmServer(rules) as server:
        yield server


@pytest.fixture
def agent(ae: Commands, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """The agent as a command; the variables of its clients are those of the tests."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (ae.folder / "proxy_agent.py").write_text(AGENT, encoding="utf-8")
    yield (sys.executable, "proxy_agent.py")
    sys.modules.pop("proxy_agent", None)


def test_an_agent_replays_in_its_own_process_without_its_llm(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """Through its real clients, whole and streamed, it prints the same, and no request goes out."""
    words = ("--json", *R, "--", *agent, "ask", "Order 1042")
    recorded = ae("record", *behind(llm), "--approve", *words).document
    assert (recorded["labels"], llm.hits) == ({"live": 4}, 4)
    assert recorded["result"].count("You said: Order 1042") == 2
    llm.stop()
    replayed = ae("replay", "--proxy", *words).document
    assert (replayed["labels"], replayed["golden"]["verdict"]) == ({"replayed": 4}, "equal")
    assert replayed["result"] == recorded["result"]
    assert replayed["digest"] == recorded["digest"]
    assert replayed["proxy"]["exit_code"] == 0


def test_the_recording_replays_the_same_code_in_this_process(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded through the proxy is what the clients would have recorded themselves."""
    assert ae("record", *behind(llm), "--approve", *R, "--", *agent, "ask", "Order 1042").code == 0
    monkeypatch.setenv("OPENAI_BASE_URL", f"{llm.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", llm.url)
    llm.stop()
    done = ae("replay", "proxy_agent:ask", "Order 1042", *R, "--json")
    assert done.document["labels"] == {"replayed": 4}
    assert done.document["golden"]["verdict"] == "equal"


def test_the_reverse_a_recording_of_this_process_replays_behind_the_proxy(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording made with the clients' own seams answers the same code in another process."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{llm.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", llm.url)
    recorded = ae("record", "proxy_agent:ask", "Order 1042", *R, "--approve", "--json").document
    llm.stop()
    done = ae("replay", "--proxy", "--json", *R, "--", *agent, "ask", "Order 1042").document
    assert (done["result"], done["golden"]["verdict"]) == (recorded["result"], "equal")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_an_agent_in_javascript_is_recorded_and_replayed(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """Node's fetch needs nothing but the base url, and streams."""
    (ae.folder / "agent.mjs").write_text(NODE, encoding="utf-8")
    words = ("--json", "--", "node", "agent.mjs", "Order 1042")
    recorded = ae("record", *behind(llm), "--approve", *words).document
    assert recorded["result"].startswith("200 |You |said: |Order |1042")
    assert recorded["agent"] == "agent"
    llm.stop()
    replayed = ae("replay", "--proxy", *words).document
    assert (replayed["result"], replayed["golden"]["verdict"]) == (recorded["result"], "equal")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_any_program_will_do(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """curl sends a chunked body and expects to be told to go on."""
    (ae.folder / "body.json").write_text(
        '{"model": "large", "messages": [{"role": "user", "content": "hi"}]}'
    )
    curl = "curl -sS -H 'Transfer-Encoding: chunked' -H 'Expect: 100-continue' --data-binary @body.json"
    words = ("--json", "--", "sh", "-c", f"{curl} $OPENAI_BASE_URL/chat/completions")
    recorded = ae("record", *behind(llm), *words).document
    assert "You said: hi" in recorded["result"]
    llm.stop()
    assert ae("replay", "--proxy", *words).document["result"] == recorded["result"]


def test_what_the_environment_says_is_the_upstream(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base url that is set already is where the proxy leads to, and the recording remembers it."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{llm.url}/v1")
    assert ae("record", "--proxy", *R, "--", *agent, "plain", "hi").code == 0
    monkeypatch.delenv("OPENAI_BASE_URL")
    llm.stop()
    done = ae("replay", "--proxy", "--json", *R, "--", *agent, "plain", "hi").document
    assert (done["result"], done["proxy"]["upstreams"]) == ("fine", {llm_url(ae): 1})


def llm_url(ae: Commands) -> str:
    """Where the recording says that its llm was."""
    return read_cassette(ae.folder / "p.cassette.jsonl").header.upstreams["openai"].removesuffix("/v1")


def test_parallel_requests_of_one_child_replay(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """Twelve questions from six threads: each gets its own answer, and the trace is that of the recording."""
    words = ("--json", *R, "--", *agent, "fan_out", "Order")
    recorded = ae("record", *behind(llm), "--approve", *words).document
    llm.stop()
    replayed = ae("replay", "--proxy", *words).document
    assert replayed["result"] == recorded["result"]
    assert replayed["golden"]["verdict"] == "equal"
    assert (replayed["labels"], replayed["unused"]) == ({"replayed": 12}, [])


def test_a_stream_that_breaks_breaks_again_in_the_same_place(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """The child's client raises the same error after the same chunks, there and in this process."""
    words = ("--json", *R, "--", *agent, "broken", "break it")
    recorded = ae("record", *behind(llm), *words).document
    assert recorded["result"].endswith("Error")
    assert "RemoteProtocolError" in recorded["proxy"]["failed"][0]
    llm.stop()
    assert ae("replay", "--proxy", *words).document["result"] == recorded["result"]


def test_a_miss_is_told_once_and_ends_the_command(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """The client gets status 422 and does not ask again; the pasted remedy records with the same upstream."""
    words = (*R, "--", *agent, "patient")
    assert ae("record", *behind(llm), *words, "Order 1042").code == 0
    done = ae("replay", "--proxy", *words, "Order 9")
    assert (done.code, "AE110" in done.err) == (1, True)
    assert '"Order 1042"' in done.err
    assert "calls had no answer" not in done.err
    hits = llm.hits
    assert ae.paste(done.remedy).code == 0
    assert llm.hits == hits + 1


def test_a_child_that_fails_is_recorded_as_an_agent_that_raises(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer
) -> None:
    """Its exit code is told, ours is 1, and a replay ends alike."""
    words = ("--json", *R, "--", *agent, "fails", "hi")
    for verb, options in (("record", behind(llm)), ("replay", ("--proxy",))):
        done = ae(verb, *options, *words)
        told = done.document
        assert (done.code, told["outcome"], told["proxy"]["exit_code"]) == (1, "raised SystemExit", 3)
    assert ae("replay", "--proxy", *words[1:]).out.count("exit     3") == 1


def test_a_command_that_asks_nothing_is_an_error(ae: Commands, agent: tuple[str, ...]) -> None:
    """Nothing is written, and the error says how the command ended and what it could have read."""
    done = ae("record", "--proxy", *R, "--", "sh", "-c", "exit 7")
    assert (done.code, "AE407" in done.err, "ended with 7" in done.err) == (2, True, True)
    assert "OPENAI_BASE_URL" in done.err
    assert not (ae.folder / "p.cassette.jsonl").exists()


def test_ci_replays_and_does_not_record(
    ae: Commands, agent: tuple[str, ...], llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everywhere, recording is refused while CI is set."""
    words = (*R, "--", *agent, "plain", "hi")
    assert ae("record", *behind(llm), *words).code == 0
    monkeypatch.setenv("CI", "1")
    refused = ae("record", *behind(llm), *words)
    assert (refused.code, "AE301" in refused.err) == (2, True)
    assert ae("replay", "--proxy", *words).code == 0


def test_secrets_of_a_child_reach_no_file(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """Neither the key that it sends, nor one on its command line, in a file or in a file's name."""
    assert ae("record", *behind(llm), "--approve", "--", *agent, "ask", f"use {KEY}").code == 0
    kept = [path for path in ae.folder.rglob("*") if path.is_file() and path.name != "proxy_agent.py"]
    assert any("proxy_agent" in path.name for path in kept)
    for path in kept:
        assert KEY[8:] not in str(path)
        assert KEY.encode() not in path.read_bytes()


def test_a_branch_goes_on_live(ae: Commands, agent: tuple[str, ...], llm: LlmServer) -> None:
    """What the recording lacks is asked of the upstream and kept beside it."""
    assert ae("record", *behind(llm), *R, "--", *agent, "plain", "Order 1042").code == 0
    words = (*R, "--branch", "b", "--", *agent, "plain", "Order 9")
    recorded = ae("replay", "--proxy", "--record", *words)
    assert (recorded.code, "1 live" in recorded.out) == (0, True)
    llm.stop()
    assert ae("replay", "--proxy", "--json", *words).document["labels"] == {"branch": 1}
