"""The starter project is written whole or not at all, and its agents do what its test expects."""

from __future__ import annotations

import importlib.util
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from agentops_eval.demo.starter import scripted_llm, starter_files, write_starter
from agentops_eval.domain import RunMisuse
from agentops_eval.harness import load_suites
from tests.evals.suites._kit import EVALUATORS

if TYPE_CHECKING:
    from pathlib import Path


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("starter_agent", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("client", ["openai", "requests"])
def test_the_starters_agents_answer(client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the starter's agents gives the answers that its test expects."""
    write_starter(tmp_path, client=client)
    agent = _load(tmp_path / "agent.py")
    with scripted_llm() as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert agent.answer("Where is order 1042?") == "Order 1042 (desk lamp) is shipped."
        assert agent.answer("Where is order 4711?").startswith("Sorry")


def test_every_file_is_filled_in() -> None:
    """No placeholder is left, the tables parse, and each Python file compiles."""
    files = starter_files(client="openai")
    assert set(files) == {
        ".gitattributes",
        ".gitignore",
        "README.md",
        "agent.py",
        "pyproject.toml",
        "scenarios/orders.yaml",
        "tests/test_agent.py",
    }
    assert not [path for path, text in files.items() if "@CLIENT@" in text]
    assert tomllib.loads(files["pyproject.toml"])["project"]["dependencies"] == ["agentops-eval", "openai"]
    assert yaml.safe_load(files["scenarios/orders.yaml"])["agent"] == "agent:answer"
    for path, text in files.items():
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_the_starters_scenarios_load(tmp_path: Path) -> None:
    """Its scenario file is read without a problem, and asks what the starter's test asks."""
    write_starter(tmp_path)
    loaded = load_suites([tmp_path / "scenarios"], root=tmp_path, evaluators=EVALUATORS)
    assert [problem.what for problem in loaded.problems] == []
    (suite,) = loaded.suites
    told = [(one.id, one.agent, one.turns) for one in suite.scenarios]
    assert (suite.name, told) == (
        "scenarios/orders",
        [
            ("on-its-way", "agent:answer", ("Where is order 1042?",)),
            ("no-such-order", "agent:answer", ("Where is order 4711?",)),
        ],
    )


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Where one file exists, none is written."""
    (tmp_path / "agent.py").write_text("mine", encoding="utf-8")
    with pytest.raises(RunMisuse, match="exists already"):
        write_starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["agent.py"]
    assert (tmp_path / "agent.py").read_text(encoding="utf-8") == "mine"
