"""What a judge is told: its settings, its key, people's labels, and whether it is trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_eval.domain import (
    ConfigInvalid,
)
from agentops_eval.evals.judging import Row, calibrate, verdict_prompt
from agentops_eval.harness import (
    JudgeSettings,
    append_label,
    load_judge_settings,
    open_judge,
    write_calibration,
)
from agentops_eval.harness._llm_client import request_of
from agentops_eval.harness._results_labelled import find_judgement
from agentops_eval.testing import LlmServer, judge_rules
from tests.harness._judges import CORRECT, FAIL, NONE, ONCE, PASS, UNKNOWN, honest, judged, speaks

# -- keys and settings -----------------------------------------------------------------------------


def test_a_key_never_goes_over_a_network_in_clear(tmp_path: Path) -> None:
    """An endpoint without TLS that is not on this machine gets no key and no question."""
    settings = JudgeSettings(base_url="http://judge.example.com/v1", llm="j")
    ((value, _, reason),) = judged(tmp_path, ONCE, settings, "x", environ={"OPENAI_API_KEY": "k" * 20})
    assert (value, "in clear" in reason, "k" * 20 in reason) == (UNKNOWN, True, False)


@pytest.mark.parametrize(
    ("more", "environ", "says"),
    [
        ({"key_env": "MY_KEY"}, {}, "MY_KEY is not set"),
        ({"key_env": "MY_KEY"}, {"MY_KEY": "a\nb"}, "MY_KEY holds characters"),
        ({"llm": ""}, {}, "llm is not set"),
        ({"base_url": ""}, {}, "base_url is not set"),
    ],
    ids=["no-key", "bad-key", "no-llm", "no-endpoint"],
)
def test_what_is_missing_is_said(
    tmp_path: Path, more: dict[str, object], environ: dict[str, str], says: str
) -> None:
    """A judge that cannot be asked says which setting it lacks, and a key is never shown."""
    settings = JudgeSettings(**{"base_url": "http://127.0.0.1:1/v1", "llm": "j", **more})  # type: ignore[arg-type]
    ((value, _, reason),) = judged(tmp_path, ONCE, settings, "x", environ=environ)
    assert (value, says in reason) == (UNKNOWN, True)


@pytest.mark.parametrize(
    ("base", "api", "url"),
    [
        ("https://a.example/v1", "openai", "https://a.example/v1/chat/completions"),
        ("https://a.example/v1/", "openai", "https://a.example/v1/chat/completions"),
        ("https://a.example", "anthropic", "https://a.example/v1/messages"),
        ("https://a.example/v1", "anthropic", "https://a.example/v1/messages"),
    ],
    ids=["openai", "slash", "anthropic", "anthropic-v1"],
)
def test_addresses(base: str, api: str, url: str) -> None:
    """The endpoint is the address with the dialect's path behind it."""
    settings = JudgeSettings(base_url=base, api=api, llm="j")
    assert request_of(verdict_prompt(CORRECT, ()), settings).url == url


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('llmm = "x"', "did you mean 'llm'"),
        ("samples = 0", "from 1 to 99"),
        ('samples = "3"', "samples"),
        ('api = "openapi"', "did you mean 'openai'"),
        ('base_url = "ftp://x"', "address of http"),
        ('base_url = "https://me:secret@x"', "without a name and password"),
        ("min_kappa = 2.0", "from -1 to 1"),
        ("concurrency = 0", "from 1 to 64"),
        ("timeout_s = inf", "above 0"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, table: str, says: str) -> None:
    """A bad setting names its place and what to write."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.agentops.judge]\n{table}\n")
    with pytest.raises(ConfigInvalid) as raised:
        load_judge_settings(tmp_path)
    assert says in str(raised.value)
    assert "me:secret" not in str(raised.value)


def test_settings_are_read(tmp_path: Path) -> None:
    """What the file says holds, and the command line stands above it."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.agentops]\nstrict = true\n[tool.agentops.judge]\nllm = "a"\nkey-env = "K"\n'
    )
    found = load_judge_settings(tmp_path, overrides={"llm": "b"})
    assert (found.llm, found.key_variable, JudgeSettings(api="anthropic").key_variable) == (
        "b", "K", "ANTHROPIC_API_KEY",
    )  # fmt: skip


# -- labels and trust ------------------------------------------------------------------------------


def test_a_label_overrides_the_judge_for_the_same_answer_only(tmp_path: Path) -> None:
    """A person's word holds for this answer under this rubric; another answer is judged anew."""
    results = tmp_path / "results.jsonl"
    evidence = [f"rubric:correctness@{CORRECT.digest}"]
    row = {
        "suite": "s", "case": "case", "output": "It is 42.",
        "verdicts": [{"value": "pass", "evaluator": "correctness", "evidence": evidence}],
    }  # fmt: skip
    results.write_text('{"kind": "header"}\n' + json.dumps(row) + "\n")
    label = find_judgement(results, "case").labelled(FAIL, why="EUR, not USD", role="reviewer", at="")
    append_label(tmp_path / "judges/labels.jsonl", label)
    with LlmServer(judge_rules(honest)) as server:
        found = judged(tmp_path, ONCE, speaks(server), "It is 42.", "It is 42!")
        assert [one[0] for one in found] == [FAIL, PASS]
        assert server.hits == 1
    assert found[0][2] == "reviewer says fail: EUR, not USD (the judge said pass)"


def test_trust_follows_from_a_calibration_of_this_rubric_and_llm(tmp_path: Path) -> None:
    """Without a calibration, or with one of another text, llm or below the floor, a judge is distrusted."""
    good = [Row(id=str(n), label=(PASS, FAIL)[n % 2], verdict=(PASS, FAIL)[n % 2]) for n in range(40)]
    settings = JudgeSettings(base_url="http://127.0.0.1:1/v1", llm="j")

    def doubt() -> str:
        with open_judge(tmp_path, settings=NONE, judge=settings) as over:
            return over.distrust(CORRECT)

    assert "never calibrated" in doubt()
    for rows, digest, llm, says in (
        (good, "0" * 16, "j", "was changed since"),
        (good, CORRECT.digest, "k", "calibrated with k, not with j"),
        (good[:4], CORRECT.digest, "j", "below its floor: 4 labels"),
        (good, CORRECT.digest, "j", ""),
    ):
        found = calibrate(rows, name="correctness", rubric=digest, llm=llm)
        write_calibration(tmp_path / "judges", found, replace=True)
        assert (says in doubt(), bool(doubt())) == (True, bool(says))
    (tmp_path / "judges/correctness.calibration.json").write_text("{")
    assert "cannot be read" in doubt()


def test_nothing_is_written_where_nothing_was_asked(tmp_path: Path) -> None:
    """A judge that nobody asks leaves no trace."""
    with open_judge(tmp_path, settings=ONCE, judge=JudgeSettings()):
        pass
    assert list(tmp_path.iterdir()) == []
