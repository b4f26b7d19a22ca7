"""``eval run``, ``decide`` and ``compare``: exit codes, rows, reports, and what is said of nonsense."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli._kit import COMMAND, Done, documented_keys, environment, printed_keys, process

AGENT = '''
"""Agents that work through a tool."""
import time

from agentops_eval import tool


@tool
def get_order(order: int) -> dict:
    return {"order": order, "total": 59.9}


@tool(effect="write")
def issue_refund(order: int, amount: float) -> str:
    return "refunded"


def refund(text, *, share=1.0):
    order = int("".join(c for c in text if c.isdigit()))
    amount = round(get_order(order)["total"] * share, 2)
    issue_refund(order, amount)
    return f"Order {order} was refunded: {amount:.2f} EUR."


def slow(text):
    time.sleep(0.3)
    return "done"
'''
SUITE = """
agent: shop:refund
matrix:
  axes: {share: [1.0, 0.5]}
  baseline: {share: 1.0}
scenarios:
  - id: whole
    input: Refund order 1042.
    expect:
      answer: Order 1042 was refunded 59.90 EUR.
      tools: [get_order, {name: issue_refund, arguments: {order: 1042, amount: 59.9}}]
    tags: [money]
    segments: {language: en}
  - id: any
    input: Refund order 7.
    expect:
      answer_contains: refunded
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with one suite, of which the baseline is recorded."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "shop.py").write_text(AGENT)
    (tmp_path / "scenarios/refunds.yaml").write_text(SUITE)
    assert process(tmp_path, "eval", "run", "--record").code == 0
    return tmp_path


def _rows(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_suite_is_replayed(shop: Path) -> None:
    """Exit code 0, a row a trial, nothing asked live."""
    done = process(shop, "eval", "run", "--json")
    rows = _rows(done)
    assert (done.code, [(row["case"], row["passed"]) for row in rows]) == (
        0,
        [("whole", True), ("any", True)],
    )
    assert all(set(row["labels"]) == {"replayed"} for row in rows)


def test_rows_have_the_documented_keys(shop: Path) -> None:
    """Whatever a row holds is in the reference."""
    known = documented_keys()["eval run"]
    printed: set[str] = set()
    for words in ((), ("--variant", "share-0.5"), ("--variant", "share-0.5", "--record")):
        for row in _rows(process(shop, "eval", "run", "--json", *words)):
            printed |= printed_keys(row, known)
    assert printed <= known
    assert {"verdicts[].reason", "error.source", "remedy", "spend", "labels", "where"} <= printed


def test_a_variant_fails_and_is_compared(shop: Path) -> None:
    """Needs a recording (3); recorded and replayed it fails (1); the comparison names case, step and part."""
    assert process(shop, "eval", "run", "--variant", "share-0.5").code == 3
    assert process(shop, "eval", "run", "--variant", "share-0.5", "--record").code == 1
    assert process(shop, "eval", "run", "--out", "base.jsonl").code == 0
    assert process(shop, "eval", "run", "--variant", "share-0.5", "--out", "half.jsonl").code == 1
    done = process(shop, "eval", "compare", "base.jsonl", "half.jsonl", "--json")
    found = json.loads(done.out)
    (worse,) = [case for case in found["cases"] if case["kind"] == "regression"]
    assert (done.code, worse["case"]) == (1, "whole")
    assert "issue_refund, arguments amount: 59.9 -> 29.95" in worse["diverges"]
    assert process(shop, "eval", "compare", "base.jsonl", "base.jsonl").code == 0


def test_reports_are_written_in_the_format_of_their_suffix(shop: Path) -> None:
    """One run writes all of them; another suffix is refused before anything runs."""
    names = ["r.html", "r.md", "r.xml", "r.json"]
    words = [word for name in names for word in ("--report", name)]
    assert process(shop, "eval", "run", *words).code == 0
    assert all((shop / name).stat().st_size > 200 for name in names)
    done = process(shop, "eval", "run", "--report", "r.pdf")
    assert (done.code, ".html" in done.err) == (2, True)


def test_results_are_judged_again(shop: Path) -> None:
    """By a pass rate, by another threshold, by other expectations; nothing runs."""
    process(shop, "eval", "run", "--variant", "share-0.5", "--record", "--out", "half.jsonl")
    assert process(shop, "eval", "decide", "half.jsonl").code == 1
    assert process(shop, "eval", "decide", "half.jsonl", "--min-pass-rate", "0.5").code == 0
    lenient = ("--at-least", "tools=0.5", "--at-least", "answer=0.1")
    assert process(shop, "eval", "decide", "half.jsonl", *lenient).code == 0
    changed = SUITE.replace("59.90 EUR", "29.95 EUR").replace("amount: 59.9", "amount: 29.95")
    (shop / "today.yaml").write_text("suite: scenarios/refunds\n" + changed)
    done = process(shop, "eval", "decide", "half.jsonl", "--against", "today.yaml", "--json")
    assert (done.code, json.loads(done.out)["exit_code"]) == (0, 0)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("twice", lambda text: text.replace("id: any", "id: whole"), "whole"),
        ("evaluator", lambda text: text.replace("answer_contains", "answer_contians"), "answer_contains"),
        ("type", lambda text: text.replace("input: Refund order 7.", "repeat: many"), "repeat"),
        ("agent", lambda text: text.replace("shop:refund", "gone:refund"), "cannot import gone"),
        ("callable", lambda text: text.replace("shop:refund", "shop:refudn"), "did you mean 'refund'"),
        ("bomb", lambda text: _bomb() + text, "use fewer aliases"),
        ("huge", lambda text: text + "# " + "x" * 100_000_000 + "\n", "16"),
    ],
    ids=["twice", "evaluator", "type", "agent", "callable", "bomb", "huge"],
)
def test_a_bad_file_stops_no_other(shop: Path, name: str, change: Callable[[str], str], said: str) -> None:
    """Exit code 2, the file's name and what is wrong with it; the good file runs to its end."""
    (shop / f"scenarios/{name}.yaml").write_text(change(SUITE))
    done = process(shop, "eval", "run")
    assert done.code == 2
    assert f"scenarios/{name}.yaml" in done.out
    assert said in done.out
    assert "all 2 cases passed" in done.out


def _bomb() -> str:
    lines = ["x-0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines) + "\n"


def test_nothing_to_run_is_no_success(shop: Path) -> None:
    """A case that no suite has, and a folder without scenarios, are exit code 2."""
    assert process(shop, "eval", "run", "--case", "gone").code == 2
    (shop / "empty").mkdir()
    assert process(shop, "eval", "run", "empty").code == 2
    done = process(shop, "eval", "run", "--variant", "share-0.6")
    assert (done.code, "share-0.5" in done.err) == (2, True)


NUMBERS = [
    ("run", "--min-pass-rate", "nan"),
    ("run", "--timeout", "nan"),
    ("run", "--timeout", "inf"),
    ("run", "--timeout", "1e300"),
    ("run", "--timeout", "-1"),
    ("run", "--max-cost", "nan"),
    ("run", "--max-cost", "-1"),
    ("decide", "r.jsonl", "--min-pass-rate", "nan"),
    ("compare", "r.jsonl", "r.jsonl", "--margin", "nan"),
    ("compare", "r.jsonl", "r.jsonl", "--alpha", "nan"),
    ("stats", "r.jsonl", "--confidence", "nan"),
]


@pytest.mark.parametrize("words", NUMBERS, ids=[" ".join(words) for words in NUMBERS])
def test_what_is_no_number_bounds_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    """NaN would pass every bound, and others end in an error of ours: they are misuse, and said so."""
    done = process(tmp_path, "eval", *words)
    assert (done.code, words[-2] in done.err) == (2, True)


def test_a_run_that_was_killed_is_judged_and_compared_as_half_a_run(shop: Path) -> None:
    """Cases that never ran are missing data: neither command passes."""
    assert process(shop, "eval", "run", "--out", "base.jsonl").code == 0
    lines = (shop / "base.jsonl").read_bytes().splitlines(keepends=True)
    (shop / "half.jsonl").write_bytes(b"".join(lines[:-1]))
    decided = process(shop, "eval", "decide", "half.jsonl")
    compared = process(shop, "eval", "compare", "base.jsonl", "half.jsonl")
    assert (decided.code, "half.jsonl holds 1 of 2 planned trials" in decided.out) == (1, True)
    assert (compared.code, "half.jsonl holds 1 of 2 planned trials" in compared.out) == (1, True)
    process(shop, "eval", "decide", "half.jsonl", "--at-least", "tools=0.5", "--out", "again.jsonl")
    assert process(shop, "eval", "decide", "again.jsonl").code == 1


def test_an_agent_that_goes_elsewhere_takes_nothing_along(shop: Path) -> None:
    """Its folder is gone when the next trial runs: files and agents are where they were."""
    moving = (
        "    import os, tempfile\n    with tempfile.TemporaryDirectory() as gone:\n        os.chdir(gone)\n"
    )
    text = (shop / "shop.py").read_text().replace("    order = int(", moving + "    order = int(")
    (shop / "shop.py").write_text(text)
    for out, words in (("a.jsonl", ()), ("b.jsonl", ("--processes",)), ("c.jsonl", ("--timeout", "60"))):
        done = process(shop, "eval", "run", "--out", out, "--report", out + ".md", *words)
        assert (done.code, (shop / (out + ".md")).exists()) == (0, True)
        assert len(list((shop / (out + ".traces")).iterdir())) == 2


def test_ci_records_nothing(shop: Path) -> None:
    """Where CI is set, --record is refused."""
    done = process(shop, "eval", "run", "--record", CI="true")
    assert (done.code, "CI is set" in done.err) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_run_that_was_stopped_goes_on(shop: Path, number: signal.Signals) -> None:
    """After kill -9 or Ctrl-C, --resume runs what is left, once, and every row stays as it was."""
    cases = "".join(f"  - {{id: c{n}, input: x, expect: {{answer_contains: done}}}}\n" for n in range(8))
    (shop / "slow.yaml").write_text(f"agent: shop:slow\nscenarios:\n{cases}")
    words = [*COMMAND, "eval", "run", "slow.yaml", "--record", "all", "--out", "r.jsonl"]
    with subprocess.Popen(
        words, cwd=shop, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        out = shop / "r.jsonl"
        deadline = time.monotonic() + 60
        while (not out.exists() or out.read_bytes().count(b"\n") < 3) and time.monotonic() < deadline:
            time.sleep(0.02)
        child.send_signal(number)
    before = (shop / "r.jsonl").read_bytes()
    done = process(shop, "eval", "run", "slow.yaml", "--record", "--out", "r.jsonl", "--resume")
    after = (shop / "r.jsonl").read_bytes()
    whole = before[: before.rfind(b"\n") + 1]
    assert done.code == 0
    assert after.startswith(whole)
    cases_written = [json.loads(line)["case"] for line in after.splitlines()[1:]]
    assert sorted(cases_written) == sorted({f"c{n}" for n in range(8)})


def test_what_agents_print_does_not_reach_the_rows(shop: Path) -> None:
    """Standard output holds rows alone, whether trials run in threads or in processes."""
    text = (shop / "shop.py").read_text().replace("    order = int(", '    print("noise")\n    order = int(')
    (shop / "shop.py").write_text(text)
    for words in ((), ("--processes",)):
        done = process(shop, "eval", "run", "--json", *words)
        assert [row["case"] for row in _rows(done)] == ["whole", "any"]


def test_the_remedy_leads_out(shop: Path) -> None:
    """A changed agent: the first difference, a command that records anew, and after it nothing is missing."""
    text = (
        (shop / "shop.py").read_text().replace('get_order(order)["total"]', 'get_order(order + 1)["total"]')
    )
    (shop / "shop.py").write_text(text)
    done = process(shop, "eval", "run")
    assert (done.code, "is not what was recorded" in done.out) == (3, True)
    (command,) = [line for line in done.out.splitlines() if line.startswith("all of them:")]
    words = shlex.split(command.partition("agentops-eval ")[2])
    assert process(shop, *words).code == 0
    assert process(shop, "eval", "run").code == 0


def test_one_short_command_records_however_many_cases(ae, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings that are there are kept by it, so no case is named."""
    cases = "".join(f"  - {{id: c{n}, input: x, expect: {{answer_contains: x}}}}\n" for n in range(14))
    (ae.folder / "many.yaml").write_text(f"agent: cli_shop:words\nscenarios:\n{cases}")
    words = ["eval", "run", "many.yaml"]
    monkeypatch.setattr("sys.argv", ["agentops-eval", *words])
    done = ae(*words)
    assert done.code == 3
    assert "all of them:  agentops-eval eval run many.yaml --record\n" in done.out
    assert ae(*words, "--record").code == 0


def test_the_command_that_records_all_goes_on_with_the_results(ae, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results of --out are there by then, and would stop a command that begins them anew."""
    cases = "".join(f"  - {{id: c{n}, input: x, expect: {{answer_contains: x}}}}\n" for n in range(2))
    (ae.folder / "many.yaml").write_text(f"agent: cli_shop:words\nscenarios:\n{cases}")
    words = ["eval", "run", "many.yaml", "--out", "r.jsonl"]
    monkeypatch.setattr("sys.argv", ["agentops-eval", *words])
    (told,) = [text for text in ae(*words).out.splitlines() if text.startswith("all of them:")]
    assert ae(*shlex.split(told.partition("agentops-eval ")[2])).code == 0


def test_the_remedy_of_a_variant_without_a_baseline_is_the_baseline(shop: Path) -> None:
    """A branch needs something to leave; repeats are in the command."""
    shutil.rmtree(shop / "golden_traces")
    rows = _rows(
        process(shop, "eval", "run", "--variant", "share-0.5", "--case", "any", "--repeat", "2", "--json")
    )
    remedy = "agentops-eval eval run scenarios/refunds.yaml --case any --repeat 2 --record"
    assert {row["remedy"] for row in rows} == {remedy}
    assert process(shop, *shlex.split(remedy)[1:]).code == 0


def test_what_was_not_run_is_no_success_of_a_comparison(shop: Path) -> None:
    """A candidate that ran one case of two, and files without a common one; --allow-missing means it."""
    process(shop, "eval", "run", "--out", "base.jsonl")
    process(shop, "eval", "run", "--case", "any", "--out", "part.jsonl")
    done = process(shop, "eval", "compare", "base.jsonl", "part.jsonl")
    assert (done.code, "did not run 1 case: whole" in done.out) == (1, True)
    assert process(shop, "eval", "compare", "base.jsonl", "part.jsonl", "--allow-missing").code == 0
    process(shop, "eval", "run", "--case", "whole", "--out", "other.jsonl")
    nothing = process(shop, "eval", "compare", "part.jsonl", "other.jsonl", "--allow-missing")
    assert (nothing.code, "nothing was compared" in nothing.out) == (1, True)


def test_a_comparison_is_of_one_variant(shop: Path) -> None:
    """Of a file with several, one has to be chosen; none is dropped in silence."""
    process(shop, "eval", "run", "--variant", "share-0.5", "--record")
    process(shop, "eval", "run", "--out", "base.jsonl")
    process(shop, "eval", "run", "--all-variants", "--out", "both.jsonl")
    done = process(shop, "eval", "compare", "base.jsonl", "both.jsonl")
    assert (done.code, "--variant share-0.5" in done.err) == (2, True)
    assert process(shop, "eval", "compare", "base.jsonl", "both.jsonl", "--variant", "share-0.5").code == 1
    assert process(shop, "eval", "compare", "both.jsonl", "both.jsonl", "--variant", "").code == 0


def test_what_is_skipped_is_told(shop: Path) -> None:
    """The case with its reason; what nothing fits is told with the nearest name."""
    text = SUITE.replace("  - id: any\n", "  - id: any\n    skip: the shop is closed\n")
    (shop / "scenarios/refunds.yaml").write_text(text)
    done = process(shop, "eval", "run")
    assert (done.code, "skipped  scenarios/refunds/any: the shop is closed" in done.out) == (0, True)
    missing = process(shop, "eval", "run", "--case", "whle")
    assert (missing.code, "did you mean 'whole'?" in missing.err) == (2, True)


def test_a_prompt_file_that_is_none_stops_no_suite(shop: Path) -> None:
    """Notes in the prompts' folder are `prompt check`'s affair."""
    (shop / "prompts").mkdir()
    (shop / "prompts/system.md").write_text("You are helpful.")
    assert process(shop, "eval", "run").code == 0
