"""``gate decide``: a decision about two files, its words and its exit code."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from tests.cli._kit import Commands

SMALLEST = "metrics: [{name: passed, kind: binary, margin: 0.05}]\n"


def rows(rate: float, *, seed: int, n: int = 300, **more: object) -> str:
    """Lines of samples with this pass rate."""
    draw = random.Random(seed)
    told = [{"case": f"case-{at}", "trial": 1, "passed": draw.random() < rate, **more} for at in range(n)]
    return "".join(f"{json.dumps(one)}\n" for one in told)


@pytest.fixture
def folder(ae: Commands) -> Commands:
    """A folder with a gate, a baseline, an equal candidate, a worse one and one that hardly ran."""
    files = {
        "gate.yaml": SMALLEST,
        "b.jsonl": rows(0.95, seed=1),
        "c.jsonl": rows(0.97, seed=2),
        "worse.jsonl": rows(0.8, seed=3),
        "few-b.jsonl": rows(0.95, seed=1, n=40),
        "few-c.jsonl": rows(0.95, seed=2, n=40),
    }
    for name, text in files.items():
        (ae.folder / name).write_text(text, encoding="utf-8")
    return ae


@pytest.mark.parametrize(
    ("baseline", "candidate", "value", "code"),
    [
        ("b", "c", "promote", 0),
        ("few-b", "few-c", "hold", 20),
        ("b", "worse", "rollback", 30),
    ],
)
def test_the_exit_code_is_the_decision(
    folder: Commands, baseline: str, candidate: str, value: str, code: int
):
    """0 promotes, 20 holds, 30 rolls back, and the JSON says the same."""
    files = ("--baseline", f"{baseline}.jsonl", "--candidate", f"{candidate}.jsonl")
    found = folder("gate", "decide", "--gate", "gate.yaml", *files, "--json")
    assert (found.code, found.document["value"]) == (code, value)
    metric = found.document["metrics"][0]
    assert {"name", "estimate", "interval", "e_promote", "e_rollback", "n", "n_needed"} <= metric.keys()
    assert found.document["reasons"]
    assert len(found.document["digest"]) == 64


def test_the_same_files_give_the_same_bytes(folder: Commands):
    """Two decisions of the same files are equal to the byte; a seed gives another order."""
    command = ("gate", "decide", "--baseline", "b.jsonl", "--candidate", "c.jsonl", "--json")
    first, again, other = folder(*command), folder(*command), folder(*command, "--seed", "9")
    assert first.out == again.out
    assert first.document["order"] != other.document["order"]
    assert first.document["metrics"][0]["estimate"] == other.document["metrics"][0]["estimate"]


def test_a_hold_says_how_many_more_are_needed(folder: Commands):
    """A person reads what is missing, in pairs."""
    found = folder("gate", "decide", "--baseline", "few-b.jsonl", "--candidate", "few-c.jsonl")
    assert found.code == 20
    assert "more pairs" in found.out


def test_reports_are_written_by_their_suffix(folder: Commands):
    """A page, Markdown, JUnit XML and JSON are written, and each says the decision."""
    reports = [word for name in ("r.html", "r.md", "r.xml", "r.json") for word in ("--report", name)]
    found = folder("gate", "decide", "--baseline", "b.jsonl", "--candidate", "worse.jsonl", *reports)
    assert found.code == 30
    assert "<svg" in (folder.folder / "r.html").read_text(encoding="utf-8")
    assert "roll back" in (folder.folder / "r.md").read_text(encoding="utf-8").lower()
    assert ET.parse(folder.folder / "r.xml").getroot().findall(".//failure")
    assert json.loads((folder.folder / "r.json").read_text(encoding="utf-8"))["value"] == "rollback"


def test_a_stage_can_be_named_beside_its_file(folder: Commands):
    """Files of several stages are one rollout; an unknown stage is told with the one that was meant."""
    gate = f"{SMALLEST}stages: [{{name: shadow}}, {{name: half, share: 0.5, asks: no-harm}}]\n"
    (folder.folder / "gate.yaml").write_text(gate, encoding="utf-8")
    for arm, seed in (("lb", 5), ("lc", 6)):
        live = rows(0.95, seed=seed, n=200).replace('"case-', f'"{arm}-')
        (folder.folder / f"{arm}.jsonl").write_text(live, encoding="utf-8")
    shadow = ("--baseline", "shadow=b.jsonl", "--candidate", "shadow=c.jsonl")
    found = folder(
        "gate", "decide", *shadow, "--baseline", "half=lb.jsonl", "--candidate", "half=lc.jsonl", "--json"
    )
    assert (found.code, found.document["stage"]) == (0, "half")
    wrong = folder("gate", "decide", *shadow, "--baseline", "halve=lb.jsonl")
    assert (wrong.code, "did you mean 'half'?" in wrong.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--gate", "gone.yaml", "--baseline", "b.jsonl", "--candidate", "c.jsonl"), "gone.yaml"),
        (("--baseline", "gone.jsonl", "--candidate", "c.jsonl"), "gone.jsonl"),
        (("--baseline", "b.jsonl"), "--candidate"),
        (("--baseline", "b.jsonl", "--candidate", "c.jsonl", "--report", "r.doc"), "r.doc"),
        (("--baseline", "b.jsonl", "--candidate", "c.jsonl", "--report", "b.jsonl"), "b.jsonl"),
    ],
)
def test_what_cannot_be_read_or_meant_is_a_usage_error(
    folder: Commands, arguments: tuple[str, ...], said: str
):
    """Exit code 2 names what is wrong, and no decision is printed."""
    found = folder("gate", "decide", *arguments)
    assert found.code == 2
    assert said in found.err
    assert not found.out


def test_a_column_that_was_not_found_is_told_with_the_nearest(folder: Commands):
    """A metric that no row has holds, and the name that may have been meant is offered."""
    (folder.folder / "gate.yaml").write_text(
        "metrics: [{name: cost_usd, kind: unbounded, margin: 0.2}]\n", encoding="utf-8"
    )
    for name in ("b", "c"):
        (folder.folder / f"{name}.jsonl").write_text(rows(0.9, seed=1, cost_us=1.5), encoding="utf-8")
    found = folder("gate", "decide", "--baseline", "b.jsonl", "--candidate", "c.jsonl")
    assert found.code == 20
    assert "columns: {metrics: {cost_usd: cost_us}}" in found.out


def test_swapped_arms_are_refused_where_rows_tell_them(folder: Commands):
    """A file of the candidate that is given as the baseline is an error that says so."""
    (folder.folder / "c.jsonl").write_text(rows(0.9, seed=1, arm="candidate"), encoding="utf-8")
    found = folder("gate", "decide", "--baseline", "c.jsonl", "--candidate", "b.jsonl")
    assert found.code == 2
    assert "candidate" in found.err


def test_no_report_replaces_what_is_read(folder: Commands):
    """A file that is named with its stage, or that has the order, is evidence too."""
    (folder.folder / "gate.yaml").write_text(f"{SMALLEST}stages: [{{name: shadow}}]\n", encoding="utf-8")
    (folder.folder / "b.jsonl").rename(folder.folder / "b.json")
    assert folder("gate", "order", "b.json", "--out", "order.json").code == 0
    command = ("gate", "decide", "--baseline", "shadow=b.json", "--candidate", "c.jsonl")
    for name in ("b.json", "order.json"):
        before = (folder.folder / name).read_bytes()
        found = folder(*command, "--order", "order.json", "--report", name)
        assert (found.code, f"--report names {name}, which is read" in found.err) == (2, True)
        assert (folder.folder / name).read_bytes() == before


def test_a_judge_is_believed_by_its_calibration(folder: Commands):
    """A judged metric is refused without a calibration, and below its floor; above it, it counts."""
    (folder.folder / "gate.yaml").write_text(
        "metrics: [{name: helpful, kind: bounded, margin: 0.1, judge: helpfulness}]\n", encoding="utf-8"
    )
    draw = random.Random(4)
    for name in ("b", "c"):
        told = [
            {"case": f"case-{at}", "helpful": draw.uniform(0.5, 1), "answer": f"{name} {at}"}
            for at in range(300)
        ]
        (folder.folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in told))
    command = ("gate", "decide", "--baseline", "b.jsonl", "--candidate", "c.jsonl", "--json")
    assert folder(*command).document["reasons"][0]["code"] == "judge-untrusted"
    judges = folder.folder / "judges"
    judges.mkdir()
    told = {"name": "helpfulness", "rubric": "r", "llm": "l", "shortfalls": ["kappa 0.4 is below 0.6"]}
    (judges / "helpfulness.calibration.json").write_text(json.dumps({**told, "trusted": False}))
    assert "kappa 0.4" in folder(*command).document["reasons"][0]["message"]
    (judges / "helpfulness.calibration.json").write_text(
        json.dumps({**told, "shortfalls": [], "trusted": True})
    )
    assert folder(*command).code == 0


def test_an_order_is_written_before_and_checked_afterwards(folder: Commands):
    """An order of the same gate and seed is gone by; an edited one, or one of another seed, is refused."""
    written = folder("gate", "order", "b.jsonl", "--out", "order.json")
    assert written.code == 0
    command = ("gate", "decide", "--baseline", "b.jsonl", "--candidate", "c.jsonl", "--order", "order.json")
    checked, plain = folder(*command, "--json"), folder(*command[:-2], "--json")
    assert checked.code == 0
    assert checked.document["order"] == plain.document["order"]
    assert folder(*command, "--seed", "3").code == 2
    order = json.loads((folder.folder / "order.json").read_text())
    printed = folder("gate", "order", "b.jsonl").out.splitlines()
    assert printed == order["cases"]
    order["cases"] = order["cases"][::-1]
    (folder.folder / "order.json").write_text(json.dumps(order))
    assert "its digest is another" in folder(*command).err
    (folder.folder / "order.json").write_text("{")
    assert "this is no order" in folder(*command).err


def test_an_order_names_the_cases_of_a_suite(folder: Commands):
    """Cases of scenario files are called as their results will call them."""
    (folder.folder / "refunds.yaml").write_text(
        "agent: shop:refund\nscenarios: [{id: late, input: 1}, {id: lost, input: 2}]\n"
    )
    found = folder("gate", "order", "refunds.yaml", "--json")
    assert found.code == 0
    assert sorted(found.document["cases"]) == ["refunds/late", "refunds/lost"]


def test_a_suite_runs_in_the_order_of_a_gate(folder: Commands):
    """The rows of results come in the order that was written before, whatever the file's."""
    cases = ", ".join(f"{{id: c{at}, input: c{at}}}" for at in range(8))
    (folder.folder / "gate_echo.py").write_text("def echo(text):\n    return str(text)\n")
    suite = f"agent: gate_echo:echo\ndefaults: {{expect: {{answer_contains: c}}}}\nscenarios: [{cases}]\n"
    (folder.folder / "echo.yaml").write_text(suite)
    assert folder("gate", "order", "echo.yaml", "--out", "order.json").code == 0
    order = json.loads((folder.folder / "order.json").read_text())["cases"]
    found = folder("eval", "run", "echo.yaml", "--order", "order.json", "--record", "--out", "r.jsonl")
    rows = [json.loads(one) for one in (folder.folder / "r.jsonl").read_text().splitlines()[1:]]
    assert [f"{one['suite']}/{one['case']}" for one in rows] == order, found.err
    assert order != sorted(order)


def test_an_order_of_other_cases_is_refused(folder: Commands):
    """An order that does not name the cases that ran was not fixed for them."""
    (folder.folder / "other.jsonl").write_text(rows(0.9, seed=1).replace("case-", "else-"), encoding="utf-8")
    assert folder("gate", "order", "other.jsonl", "--out", "order.json").code == 0
    found = folder(
        "gate", "decide", "--baseline", "b.jsonl", "--candidate", "c.jsonl", "--order", "order.json"
    )
    assert found.code == 2
    assert "does not name 300 of the cases" in found.err
