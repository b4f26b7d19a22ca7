"""The mark ``canary`` and its fixture: two agents, or two files, and what the gate makes of them."""

from __future__ import annotations

import json

import pytest

from tests.plugin.conftest import Project, outcomes, text_of

SHOP = '''
"""An agent with a tool, and two that ask to replace it."""
from agentops_eval import tool


@tool
def get_order(order: int) -> dict:
    return {"order": order, "status": "shipped"}


def answer(text):
    order = int("".join(c for c in text if c.isdigit()))
    return f"Order {order} is {get_order(order)['status']}."


def shorter(text):
    return answer(text).removeprefix("Order ")


def worse(text):
    return answer(text).replace("shipped", "lost")


def elsewhere(text):
    return f"Order 0 is {get_order(0)['status']}."
'''
CASES = 30
SUITE = json.dumps(
    {
        "suite": "orders",
        "scenarios": [
            {"id": f"order-{n}", "input": f"Where is order {n}?", "expect": {"answer_contains": "shipped"}}
            for n in range(CASES)
        ],
    }
)
GATE = "{metrics: [{name: passed, margin: 0.2, may_be_constant: true}], min_n: 10}"
JUDGED = '''
import pytest
import shop

@pytest.mark.canary("gate.yaml", suite="orders.json")
def test_ships(canary):
    """The candidate is no worse."""
    assert canary.judge(shop.answer, shop.CANDIDATE).value == "promote"
'''


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Two agents, a suite whose baseline is recorded, and a gate."""

    def make() -> None:
        project.write("shop.py", SHOP)
        project.write("scenarios/orders.json", SUITE)
        project.write("gate.yaml", GATE)
        project.write("test_first.py", RECORDING)
        done = project.run("test_first.py", "--agentops-record=once")
        assert outcomes(done)["passed"] == CASES, text_of(done)

    project.once("canary", make, monkeypatch)
    return project


RECORDING = '''
import pytest
import shop

@pytest.mark.scenario("orders.json")
def test_orders(scenario):
    """Record."""
    assert scenario.run(shop.answer).passed
'''


def test_a_candidate_that_is_as_good_is_promoted(shop: Project) -> None:
    """It replays the baseline's recordings where it asks what they answer, and needs none of its own."""
    shop.write("test_ships.py", JUDGED.replace("CANDIDATE", "shorter"))
    done = shop.run("test_ships.py")
    assert outcomes(done) == {"passed": 1}, text_of(done)


def test_a_candidate_that_is_worse_fails_with_the_decision(shop: Project) -> None:
    """The failing test shows value, metric and worst cases, whatever the assertion says."""
    shop.write("test_ships.py", JUDGED.replace("CANDIDATE", "worse"))
    done = shop.run("test_ships.py")
    assert outcomes(done) == {"failed": 1}
    text = text_of(done)
    assert "Captured canary call" in text
    assert "passed is worse than is let pass" in text
    assert "orders/order-" in text


def test_what_no_recording_answers_holds_and_says_so(shop: Project) -> None:
    """A candidate that asks something else has no verdict; recorded outside of CI it has."""
    shop.write("test_ships.py", JUDGED.replace("CANDIDATE", "elsewhere"))
    done = shop.run("test_ships.py")
    assert outcomes(done) == {"failed": 1}
    assert "of the candidate must be recorded first" in text_of(done)
    recorded = shop.run("test_ships.py", "--agentops-record=once")
    assert outcomes(recorded) == {"passed": 1}, text_of(recorded)
    assert len(list((shop.root / "golden_traces").rglob("*@candidate.cassette.jsonl"))) == CASES
    assert outcomes(shop.run("test_ships.py")) == {"passed": 1}


FILES = '''
import pytest
from agentops_eval.domain import Sample

METRICS = [dict(name="passed", kind="binary", margin=0.05)]

@pytest.mark.canary(metrics=METRICS)
def test_files(canary):
    """Files are found beside the test, and may be given as samples."""
    assert canary.decide("old.jsonl", "new.jsonl").value == "rollback"
    old = [Sample(case=str(n), passed=True) for n in range(60)]
    new = [Sample(case=str(n), passed=n % 2 == 0) for n in range(60)]
    assert canary.decide(old, new).value == "rollback"
    assert canary.decide(old[:3], new[:3]).value == "hold"

@pytest.mark.canary(metrics=METRICS)
def test_itself(canary):
    """A file is not compared with itself."""
    canary.decide("old.jsonl", "./old.jsonl")

@pytest.mark.canary(metrics=METRICS)
def test_swapped(canary):
    """Samples that say which arm they are of are not taken for the other's."""
    old = [Sample(case=str(n), passed=n % 9 > 0, arm="baseline") for n in range(200)]
    new = [Sample(case=str(n), passed=n % 9 > 0, arm="candidate") for n in range(200)]
    assert canary.decide(old, new).value == "promote"
    canary.decide(new, old)

@pytest.mark.canary(metrics=METRICS)
def test_rows(canary):
    """Rows are no samples."""
    canary.decide([{"case": "a", "passed": True}], [])

@pytest.mark.canary(metrics=METRICS)
def test_absent(canary):
    """A file that is not there fails the test."""
    canary.decide("old.jsonl", "absent.jsonl")
'''


def test_files_and_samples_are_decided_without_running_anything(project: Project) -> None:
    """The gate may be given as metrics; what cannot be read fails with what to do."""
    rows = [{"case": str(n), "passed": True} for n in range(60)]
    project.write("old.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    worse = [row | {"passed": n % 2 == 0} for n, row in enumerate(rows)]
    project.write("new.jsonl", "".join(json.dumps(row) + "\n" for row in worse))
    project.write("test_files.py", FILES)
    done = project.run("test_files.py")
    assert outcomes(done) == {"passed": 1, "failed": 4}, text_of(done)
    for said in (
        "are the same file",
        "dict is no sample",
        "both sides may be swapped",
        "the samples cannot be read",
    ):
        assert said in text_of(done)


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("(suite='orders.json')", "takes one gate file, or metrics"),
        ("('gate.yaml', metrics=[])", "takes one gate file, or metrics"),
        ("('gate.yaml', siute='orders.json')", "did you mean 'suite'?"),
        ("('gaet.yaml')", "AE506"),
        ("(metrics=[dict(name='passed', kind='binary')])", "margin"),
        ("('gate.yaml')", "nothing says what to run"),
        ("('gate.yaml', suite='absent.json')", "absent.json"),
    ],
    ids=["nothing", "both", "keyword", "no file", "no margin", "no suite", "no such suite"],
)
def test_a_mark_that_cannot_be_meant_is_said(project: Project, mark: str, said: str) -> None:
    """The test fails with what was probably meant."""
    project.write("shop.py", SHOP)
    project.write("gate.yaml", GATE)
    text = JUDGED.replace('("gate.yaml", suite="orders.json")', mark).replace("CANDIDATE", "worse")
    project.write("test_ships.py", text)
    done = project.run("test_ships.py")
    assert outcomes(done) in ({"failed": 1}, {"errors": 1})
    assert said in text_of(done)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("@pytest.mark.canary('gate.yaml')\ndef test_it(): pass", "does not ask for the fixture canary"),
        ("def test_it(canary): pass", "name the gate"),
        (
            "@pytest.fixture\ndef canary(): return 1\n@pytest.mark.canary('g')\ndef test_it(canary): pass",
            "two fixtures are called 'canary'",
        ),
    ],
    ids=["mark alone", "fixture alone", "clash"],
)
def test_mark_and_fixture_belong_together(project: Project, test: str, said: str) -> None:
    """One without the other, or a fixture of that name that is not ours, is said and passes nothing."""
    project.write("gate.yaml", GATE)
    project.write("test_it.py", f"import pytest\n{test}\n")
    done = project.run("test_it.py")
    assert done.ret != 0
    assert said in text_of(done)


def test_the_prefix_renames_it(project: Project) -> None:
    """With ``agentops_prefix`` it is called agentops_canary, as the other fixtures are."""
    project.write("pytest.ini", "[pytest]\nagentops_prefix = true\n")
    project.write("test_files.py", PREFIXED)
    done = project.run("test_files.py")
    assert outcomes(done) == {"passed": 1}, text_of(done)


PREFIXED = '''
import pytest

@pytest.mark.canary(metrics=[dict(name="passed", kind="binary", margin=0.05)])
def test_none(agentops_canary):
    """Nothing to go by holds."""
    assert agentops_canary.decide([], []).value == "hold"
'''


SHORT = '''
import pytest

METRICS = [dict(name="passed", kind="binary", margin=0.05)]

@pytest.mark.canary(metrics=METRICS)
def test_held(canary):
    """Nothing to go by holds."""
    assert canary.decide([], []).value == "promote"

@pytest.mark.canary(metrics=METRICS)
def test_absent(canary):
    """No such file."""
    canary.decide("old.jsonl", "new.jsonl")

@pytest.mark.canary("gaet.yaml")
def test_no_gate(canary):
    """No such gate."""
'''


def test_a_failure_is_short_and_said_once(project: Project) -> None:
    """No field of the gate, no error behind an error, and each place where a gate was looked for."""
    project.write("tests/test_short.py", SHORT)
    text = text_of(project.run("tests/test_short.py"))
    assert "canary = Canary(passed)\n" in text
    assert "GateFile(" not in text
    assert "During handling" not in text
    assert text.count("AE506 the gate file cannot be read: No such file or directory\n") == 1
    for place in ("tests/gaet.yaml", "scenarios/gaet.yaml", "gaet.yaml"):
        assert str(project.root / place) in text
