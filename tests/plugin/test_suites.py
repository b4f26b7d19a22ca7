"""Scenario files as items of pytest, and the mark that gives them to a test."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.plugin.conftest import Project, outcomes, text_of

SHOP = '''
"""An agent with a tool."""
from agentops_eval import tool


@tool
def get_order(order: int) -> dict:
    return {"order": order, "status": "shipped"}


def answer(text, *, polite=False):
    order = int("".join(c for c in text if c.isdigit()))
    told = f"Order {order} is {get_order(order)['status']}."
    return f"Thank you! {told}" if polite else told


class Talking:
    def __init__(self):
        self.orders = []

    def __call__(self, text):
        self.orders.append(text)
        return f"{len(self.orders)} so far"
'''
SUITE = """
agent: shop:answer
matrix:
  axes: {polite: [false, true]}
  baseline: {polite: false}
scenarios:
  - id: shipped
    input: Where is order 7?
    expect:
      answer_contains: shipped
      tools: [get_order]
    tags: [status]
  - id: short
    input: Where is order 8?
    expect:
      concise: {max_words: 4}
    repeat: 2
"""
MARKED = '''
import pytest
import shop

@pytest.mark.scenario("orders.yaml")
def test_orders(scenario):
    """Every case holds for this agent."""
    assert scenario.run(shop.answer).passed
'''


@pytest.fixture
def suite(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A recorded suite."""

    def make() -> None:
        project.write("shop.py", SHOP)
        project.write("scenarios/orders.yaml", SUITE)
        done = project.run("scenarios", "--agentops-record=once")
        assert outcomes(done) == {"passed": 2}, text_of(done)

    project.once("suite", make, monkeypatch)
    return project


def test_a_case_is_an_item(suite: Project) -> None:
    """One item a case with all its trials, replayed; ids and -k work, by tag as well."""
    assert outcomes(suite.run("scenarios")) == {"passed": 2}
    assert outcomes(suite.run("scenarios/orders.yaml::short")) == {"passed": 1}
    assert outcomes(suite.run("scenarios", "-k", "status"))["passed"] == 1
    assert len(list((suite.root / "golden_traces").rglob("*.cassette.jsonl"))) == 3


def test_a_failing_case_says_why(suite: Project) -> None:
    """The evaluator, its reason and the answer, without a traceback through our code."""
    suite.edit("scenarios/orders.yaml", "answer_contains: shipped", "answer_contains: lost")
    done = suite.run("scenarios")
    assert outcomes(done) == {"passed": 1, "failed": 1}
    text = text_of(done)
    assert "answer_contains fails" in text
    assert "answer: Order 7 is shipped." in text
    assert "Traceback" not in text


def test_a_variant_needs_its_recording(suite: Project) -> None:
    """Without one it fails and gives the command; with one it is judged."""
    done = suite.run("scenarios", "--agentops-variant=polite-true")
    assert "needs recording: neither a pass nor a regression" in text_of(done)
    assert "--agentops-variant=polite-true" in text_of(done)
    recorded = suite.run("scenarios", "--agentops-variant=polite-true", "--agentops-record=once")
    assert outcomes(recorded) == {"passed": 1, "failed": 1}
    assert outcomes(suite.run("scenarios", "--agentops-variant=polite-true")) == {"passed": 1, "failed": 1}


def test_a_bad_file_is_one_failing_item(suite: Project) -> None:
    """The other files run."""
    suite.write("scenarios/bad.yaml", SUITE.replace("concise", "concice"))
    done = suite.run("scenarios")
    assert outcomes(done) == {"passed": 2, "failed": 1}
    assert "did you mean 'concise'?" in text_of(done)


def test_other_files_are_left_alone(suite: Project) -> None:
    """YAML that is no suite, and suites in other folders, are not collected unless they are named."""
    suite.write("scenarios/notes.yaml", "a: 1\n")
    suite.write("elsewhere/orders.yaml", SUITE)
    assert outcomes(suite.run("scenarios", "elsewhere", "."))["passed"] == 2


def test_the_mark_runs_the_agent_of_the_test(suite: Project) -> None:
    """A test for each case, with the recordings of the suite."""
    suite.write("tests/test_orders.py", MARKED)
    done = suite.run("tests")
    assert outcomes(done) == {"passed": 2}, text_of(done)
    suite.edit("scenarios/orders.yaml", "max_words: 4", "max_words: 3")
    failed = suite.run("tests")
    assert outcomes(failed) == {"passed": 1, "failed": 1}
    assert "concise fails" in text_of(failed)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"orders.yaml"', '"ordres.yaml"', "ordres.yaml"),
        ('"orders.yaml"', '"orders.yaml", repaet=2', "did you mean 'repeat'?"),
        ("(scenario)", "()", "does not ask for the fixture"),
        ('("orders.yaml")', "()", "takes names of files"),
    ],
    ids=["no file", "keyword", "fixture", "nothing"],
)
def test_a_mark_that_cannot_be_meant_is_said(suite: Project, old: str, new: str, said: str) -> None:
    """The error names the test and what was probably meant."""
    suite.write("tests/test_orders.py", MARKED.replace(old, new, 1))
    done = suite.run("tests")
    assert said in text_of(done)
    assert done.ret != 0


def test_scores_stand_in_junit(suite: Project) -> None:
    """Properties of each item, in the form that xunit1 and pytest's readers know."""
    suite.run("scenarios", "--junitxml=r.xml", "-o", "junit_family=xunit1")
    tree = ET.parse(suite.root / "r.xml")
    names = {one.get("name") for one in tree.iter("property")}
    assert {"answer_contains[1]", "tools[1]", "concise[2]"} <= names


def test_several_turns_go_to_one_object(project: Project) -> None:
    """A class is one agent a talk; a function without a memory is refused."""
    project.write("shop.py", SHOP)
    case = "{id: two, input: [a, b], expect: {answer_contains: 2 so far}}"
    project.write("scenarios/turns.yaml", f"agent: shop:Talking\nscenarios:\n  - {case}\n")
    assert outcomes(project.run("scenarios", "--agentops-record=once")) == {"passed": 1}
    project.edit("scenarios/turns.yaml", "shop:Talking", "shop:answer")
    assert "cannot be talked to over several turns" in text_of(project.run("scenarios"))


def test_ci_records_no_case(suite: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI is set, recording is refused at once."""
    monkeypatch.setenv("CI", "true")
    done = suite.run("scenarios", "--agentops-record=all")
    assert "refused because CI is set" in text_of(done)


def test_a_variant_that_no_suite_has_is_an_error(suite: Project) -> None:
    """Skipping everything would look like success."""
    done = suite.run("scenarios", "--agentops-variant=polite-ture")
    assert "no suite has a variant 'polite-ture': did you mean 'polite-true'?" in text_of(done)
    assert done.ret == pytest.ExitCode.USAGE_ERROR


def test_two_suites_of_one_name_share_nothing(suite: Project) -> None:
    """The second one fails as an item, as it is a problem on the command line: recordings would mix."""
    suite.write("a/orders.yaml", "suite: orders\n" + SUITE)
    suite.write("b/orders.yaml", "suite: orders\n" + SUITE)
    result = suite.run("a/orders.yaml", "b/orders.yaml", "--agentops-record=once")
    assert outcomes(result) == {"passed": 2, "failed": 1}
    assert "there are two suites called orders: the other is a/orders.yaml" in text_of(result)
