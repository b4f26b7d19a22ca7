"""Judges over an llm: asked once, kept by content, never in the agent's run, never live in CI."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval import Settings, recording
from agentops_eval.domain import (
    CassetteCorrupt,
    CassetteForeign,
    ErrorSource,
    RecordingRefused,
    Run,
    Seam,
    VerdictValue,
)
from agentops_eval.evals import evaluate
from agentops_eval.evals.judging import Judged
from agentops_eval.harness import (
    JudgeSettings,
    needs_recording,
    open_judge,
)
from agentops_eval.replay import read_cassette
from agentops_eval.seams.http import post
from agentops_eval.testing import Cut, Fail, LlmServer, Rule, Say, judge_rules
from tests.harness._judges import ALL, CASE, CORRECT, FAIL, NONE, ONCE, PASS, UNKNOWN, honest, judged, speaks


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_a_question_is_asked_once(tmp_path: Path, api: str) -> None:
    """Both dialects are spoken; what was answered is replayed, by another process and without a server."""
    with LlmServer(judge_rules(honest)) as server:
        speaking = speaks(server, api=api, samples=3)
        first = judged(tmp_path, ONCE, speaking, "It is 42.", "It is 41.", "It is 42.")
        assert [value for value, *_ in first] == [PASS, FAIL, PASS]
        assert server.hits == 6
        assert {seen.dialect.partition("-")[0] for seen in server.requests} == {api}
        assert judged(tmp_path, ONCE, speaking, "It is 41.")[0][0] is FAIL
        assert server.hits == 6
    gone = replace(speaking, base_url="http://127.0.0.1:1/v1" if api == "openai" else "http://127.0.0.1:1")
    assert judged(tmp_path, NONE, gone, "It is 42.")[0][:2] == (PASS, 0)


def test_samples_have_seeds_of_their_own(tmp_path: Path) -> None:
    """Each sample is another request: another seed, another check word, an answer of its own."""
    with LlmServer(judge_rules(honest)) as server:
        judged(tmp_path, ONCE, speaks(server, samples=3, seed=10, temperature=0.7), "It is 42.")
        bodies = [json.loads(seen.body) for seen in server.requests]
    assert [(body["seed"], body["temperature"]) for body in bodies] == [(11, 0.7), (12, 0.7), (13, 0.7)]
    assert len({body["messages"][0]["content"] for body in bodies}) == 3


def test_without_a_recording_nobody_is_asked(tmp_path: Path) -> None:
    """Where nothing may be recorded a missing answer is said to be missing: no pass, no call, no file."""
    with LlmServer(judge_rules(honest)) as server:
        ((value, missing, reason),) = judged(tmp_path, NONE, speaks(server), "It is 42.")
        assert (value, missing, server.hits) == (UNKNOWN, 1, 0)
    assert "no answer is recorded" in reason
    assert list(tmp_path.iterdir()) == []


def test_a_trial_with_a_missing_answer_needs_a_recording(tmp_path: Path) -> None:
    """It is neither passed nor unknown, unless something failed anyway."""
    with open_judge(
        tmp_path, settings=NONE, judge=JudgeSettings(base_url="http://127.0.0.1:1", llm="j")
    ) as over:
        with over.judging() as asked:
            evaluate(Run(scenario="case", output="x"), CASE)
        assert [needs_recording(asked, value) for value in (PASS, UNKNOWN, FAIL)] == [True, True, False]
        with over.judging() as quiet:
            pass
        assert not needs_recording(quiet, UNKNOWN)


def test_ci_records_nothing(tmp_path: Path) -> None:
    """With CI set, a judge that is to record is refused before it is asked."""
    with pytest.raises(RecordingRefused):
        open_judge(tmp_path, environ={"CI": "1", "AGENTOPS_RECORD": "once"})


def test_the_file_does_not_depend_on_who_asked_first(tmp_path: Path) -> None:
    """Answers are sorted by their content, and come from many threads without loss."""
    answers = [f"It is {number}." for number in range(12)]
    with LlmServer(judge_rules(honest)) as server:
        for folder, order in (("a", answers), ("b", answers[::-1])):
            with open_judge(tmp_path / folder, settings=ONCE, judge=speaks(server), environ={}) as over:

                def one(answer: str, over=over) -> VerdictValue:
                    with over.judging():
                        return Judged(rubric=CORRECT)(Run(scenario="c", output=answer), CASE).value

                with ThreadPoolExecutor(4) as pool:
                    assert len(list(pool.map(one, order))) == 12
    kept = []
    for folder in ("a", "b"):
        cassette = read_cassette(next((tmp_path / folder).rglob("*.cassette.jsonl")))
        kept.append([(event.key, event.request) for event in cassette.events])
        assert [event.index for event in cassette.events] == list(range(12))
    assert kept[0] == kept[1]
    assert [key for key, _ in kept[0]] == sorted(key for key, _ in kept[0])


def test_answers_of_others_are_kept_when_new_ones_are_saved(tmp_path: Path) -> None:
    """Two judges that save one after the other lose nothing of each other."""
    with LlmServer(judge_rules(honest)) as server:
        first = open_judge(tmp_path, settings=ONCE, judge=speaks(server), environ={})
        second = open_judge(tmp_path, settings=ONCE, judge=speaks(server), environ={})
        for over, answer in ((first, "It is 42."), (second, "It is 41.")):
            with over.judging():
                evaluate(Run(scenario="case", output=answer), CASE)
        assert [sum(first.save().values()), sum(second.save().values()), dict(second.save())] == [1, 1, {}]
    gone = JudgeSettings(base_url="http://127.0.0.1:1/v1", llm="judge-1")
    assert [one[0] for one in judged(tmp_path, NONE, gone, "It is 42.", "It is 41.")] == [PASS, FAIL]


def test_everything_is_asked_anew_where_that_is_wanted(tmp_path: Path) -> None:
    """Recording all replaces an answer that is there."""
    said = ["pass"]
    with LlmServer(judge_rules(lambda _: said[0])) as server:
        assert judged(tmp_path, ONCE, speaks(server), "x")[0][0] is PASS
        said[0] = "fail"
        assert judged(tmp_path, ONCE, speaks(server), "x")[0][0] is PASS
        assert judged(tmp_path, ALL, speaks(server), "x")[0][0] is FAIL
        assert judged(tmp_path, NONE, speaks(server), "x")[0][0] is FAIL


def test_another_text_of_a_rubric_is_asked_anew(tmp_path: Path) -> None:
    """What was answered under other words of a rubric is no answer to these."""
    other = replace(CORRECT, passes="the total is right")
    with LlmServer(judge_rules(honest)) as server:
        judged(tmp_path, ONCE, speaks(server), "It is 42.")
        with open_judge(tmp_path, settings=NONE, judge=speaks(server), environ={}) as over:
            with over.judging() as asked:
                Judged(rubric=other)(Run(scenario="case", output="It is 42."), CASE)
        assert len(asked.missing) == 1


TROUBLES = {
    "busy": (Fail(status=429, message="slow down"), "status 429"),
    "broken": (Fail(status=500), "status 500"),
    "refused": (Fail(status=401), "refused the key in OPENAI_API_KEY"),
    "cut": (Cut(1), "was not reached"),
    "too-long": (Say("{", finish="length"), "cut off"),
    "mute": (Say(""), "without a text"),
    "prose": (Say("Looks fine, pass."), "not one JSON object"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_troubles_are_no_verdict_and_what_is_no_answer_is_not_kept(tmp_path: Path, name: str) -> None:
    """An llm that fails gives unknown and the judge's name for it, and is asked again the next time."""
    trouble, says = TROUBLES[name]
    with LlmServer([Rule(then=trouble, times=1), *judge_rules(honest)]) as server:
        with open_judge(tmp_path, settings=ONCE, judge=speaks(server), environ={}) as over:
            with over.judging() as asked:
                verdict = evaluate(Run(scenario="case", output="It is 42."), CASE)[0]
        assert (verdict.value, verdict.source, asked.missing) == (UNKNOWN, ErrorSource.JUDGE, ())
        assert says in verdict.reason
        kept = name == "prose"  # it answered, and that is what it says
        assert (asked.unanswered == ()) == kept
        assert judged(tmp_path, ONCE, speaks(server), "It is 42.")[0][0] is (UNKNOWN if kept else PASS)


def test_an_endpoint_that_is_none_is_told(tmp_path: Path) -> None:
    """A page that answers 200 is no llm."""
    import http.server

    class Page(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "6")
            self.end_headers()
            self.wfile.write(b"<html>")

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as page:
        thread = threading.Thread(target=page.serve_forever, args=(0.02,))
        thread.start()
        settings = JudgeSettings(base_url=f"http://127.0.0.1:{page.server_port}/v1", llm="j")
        ((value, _, reason),) = judged(tmp_path, ONCE, settings, "x")
        page.shutdown()
        thread.join()
    assert (value, "no openai endpoint" in reason) == (UNKNOWN, True)


def test_a_judges_call_is_in_no_agents_run(tmp_path: Path) -> None:
    """A judge that is asked while a run is open leaves nothing in it, and the run goes on after it."""
    with LlmServer(judge_rules(honest)) as server:
        with recording(tmp_path / "run.cassette.jsonl", settings=Settings()) as run:
            assert judged(tmp_path, ONCE, speaks(server), "It is 42.")[0][0] is PASS
            post(f"{server.url}/v1/chat/completions", b'{"model": "agent", "messages": []}')
        assert server.hits == 2
    urls = [event for event in run.events if event.seam is Seam.HTTP]
    assert len(urls) == 1


def test_secrets_go_neither_to_the_judge_nor_into_the_file(tmp_path: Path) -> None:
    """What an agent said that is a secret is taken out before it is asked, and the answer replays."""
    key = "sk-proj-" + "Ab3dEf6hIj9kLm2n" * 3
    with LlmServer(judge_rules(honest)) as server:
        environ = {"OPENAI_API_KEY": "sk-live-" + "Zz8yXx7wVv6uTt5s" * 2}
        found = judged(tmp_path, ONCE, speaks(server), f"It is 42, key {key}.", environ=environ)
        assert found[0][0] is PASS
        (seen,) = server.requests
        sent = {name.lower(): value for name, value in seen.headers}
        assert sent["authorization"].endswith(environ["OPENAI_API_KEY"])
    written = next(tmp_path.rglob("*.cassette.jsonl")).read_text()
    assert key not in seen.body.decode()
    assert key not in written
    assert environ["OPENAI_API_KEY"] not in written
    gone = JudgeSettings(base_url="http://127.0.0.1:1/v1", llm="judge-1")
    replayed = judged(tmp_path, NONE, gone, f"It is 42, key {key}.", "It is 42, key [redacted:secret-4].")
    assert [one[:2] for one in replayed] == [(PASS, 0), (PASS, 0)]


@pytest.mark.parametrize("damage", ["torn", "foreign"])
def test_a_damaged_file_is_an_error_and_no_verdict(tmp_path: Path, damage: str) -> None:
    """A recording that cannot be read is told, never taken for an empty one."""
    with LlmServer(judge_rules(honest)) as server:
        judged(tmp_path, ONCE, speaks(server), "It is 42.")
        path = next(tmp_path.rglob("*.cassette.jsonl"))
        text = path.read_text()
        path.write_text(
            text[:-30] if damage == "torn" else text.replace("judges/correctness", "judges/other")
        )
        with pytest.raises(CassetteCorrupt if damage == "torn" else CassetteForeign):
            judged(tmp_path, NONE, speaks(server), "It is 42.")
