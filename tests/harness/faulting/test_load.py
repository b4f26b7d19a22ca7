"""Agents by their names, with a world of their own for each run."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval import recording
from agentops_eval.domain import CassetteMissing, EndedBy, Schedule, TargetInvalid
from agentops_eval.harness import Settings
from agentops_eval.harness.faulting import Answers, Runner, SubjectOrder, load_subject

_SHOP = """
from agentops_eval import tool

class World:
    def __init__(self):
        self.charged, self.closed = [], False
    def state(self):
        return {"charged": self.charged}
    def close(self):
        self.closed = True

@tool(effect="write")
def ping(text: str) -> str:
    return text

def plain(text, times: int = 1):
    return ping(text) * times

async def charge(order, world):
    world.charged.append(order)
    return f"charged {order}"

def worldless(order):
    return order
"""


@pytest.fixture
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with a module whose name no other test uses."""
    (tmp_path / f"{_module(request)}.py").write_text(_SHOP, encoding="utf-8")
    return tmp_path


def _module(request: pytest.FixtureRequest) -> str:
    return f"shop_{abs(hash(request.node.nodeid)):x}"


@pytest.fixture
def module(request: pytest.FixtureRequest) -> str:
    """The name of that module."""
    return _module(request)


def test_arguments_are_read_as_annotated(root: Path, module: str) -> None:
    """Words become what the agent's parameters say."""
    subject = load_subject(SubjectOrder(target=f"{module}:plain", arguments=("hey", "2"), root=root))
    assert Runner(subject)(Schedule()).output == "heyhey"


def test_each_run_has_a_fresh_world(root: Path, module: str) -> None:
    """What one run left in its world is not in the next one's, and its state is told."""
    order = SubjectOrder(target=f"{module}:charge", arguments=("o-1",), root=root, world=f"{module}:World")
    runner = Runner(load_subject(order))
    runs = [runner(Schedule()) for _ in range(2)]
    assert [run.state for run in runs] == [{"charged": ["o-1"]}] * 2
    assert runs[0].output == "charged o-1"


def test_an_agent_that_takes_no_world_is_refused(root: Path, module: str) -> None:
    """The refusal shows the agent's parameters."""
    order = SubjectOrder(target=f"{module}:worldless", arguments=("o-1",), root=root, world=f"{module}:World")
    with pytest.raises(TargetInvalid, match="parameter named world"):
        load_subject(order)


def test_the_recording_answers_where_there_is_one(root: Path, module: str) -> None:
    """With a cassette no tool body runs; what it does not hold ends the run as left."""
    path = root / "plain.cassette.jsonl"
    order = SubjectOrder(target=f"{module}:plain", arguments=("hey",), root=root, cassette=path)
    with pytest.raises(CassetteMissing) as missing:
        load_subject(order)
    assert missing.value.remedy == f"agentops-eval record {module}:plain hey --cassette plain.cassette.jsonl"
    world = load_subject(SubjectOrder(target=f"{module}:plain", arguments=("hey",), root=root))
    with recording(path, settings=Settings()):
        world.begin().call()
    found = Runner(load_subject(order))(Schedule())
    assert (found.output, found.ended) == ("hey", EndedBy.ANSWER)
    other = SubjectOrder(target=f"{module}:plain", arguments=("you",), root=root, cassette=path)
    left = Runner(load_subject(other))(Schedule())
    assert left.ended is EndedBy.LEFT
    assert "ping" in left.why


def test_a_recording_is_needed_where_it_shall_answer(root: Path, module: str) -> None:
    """Answers from a recording that is not given are refused before anything runs."""
    order = SubjectOrder(target=f"{module}:plain", arguments=("a",), root=root, answers=Answers.RECORDING)
    with pytest.raises(CassetteMissing, match="--cassette"):
        load_subject(order)
