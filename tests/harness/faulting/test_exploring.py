"""Explorations with their edges: processes, journals, regressions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.chaos.exploring import Exploration, Options, Progress
from agentops_eval.domain import (
    AgentUnsteady,
    ChaosFinding,
    ExplorationBroke,
    ExplorationInvalid,
    Mode,
)
from agentops_eval.harness.faulting import (
    Around,
    ExploreOrder,
    SubjectOrder,
    explore_agent,
)
from tests.harness.faulting._explored import AGENT, KINDS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with agents, of which no other test has the module."""
    (tmp_path / f"agents_{tmp_path.name}.py").write_text(AGENT, encoding="utf-8")
    return tmp_path


def order_of(folder: Path, name: str, **options: object) -> ExploreOrder:
    """What to explore."""
    given: dict[str, object] = {"faults": KINDS, **options}
    return ExploreOrder(
        subject=SubjectOrder(target=f"agents_{folder.name}:{name}", root=folder),
        options=Options(**given),  # type: ignore[arg-type]
        real_s=2.0,
    )


def journal(state: Path) -> bytes:
    """All that is remembered."""
    return (state / "explore.jsonl").read_bytes()


def told(found: Exploration) -> list[str]:
    """The schedules of the findings."""
    return [str(one.impact.run.schedule) for one in found.findings]


def test_one_process_and_two_write_the_same_journal(folder: Path) -> None:
    """The order of runs and findings does not depend on who ran them; what agents print is not shown."""
    one = explore_agent(order_of(folder, "careless"), Around(state=folder / "one"))
    two = explore_agent(order_of(folder, "careless"), Around(state=folder / "two", jobs=2))
    assert journal(folder / "one") == journal(folder / "two")
    assert told(one) == told(two) == ["tool_reply_lost(after_s=0.5) @send #1"]
    assert one.coverage.to_json() == two.coverage.to_json()


@pytest.mark.parametrize("depth", [1, 2])
def test_rules_for_what_no_run_called_are_told(folder: Path, depth: int) -> None:
    """Calls that only a fault brings about count, whoever ran them, and where a journal remembers them."""
    (folder / "degradation.yaml").write_text(
        "degradations:\n"
        "  - {dependency: look, accept: failed-safe}\n"
        "  - {dependency: arch*, accept: failed-safe}\n"
        "  - {dependency: lok, accept: failed-safe}\n",
        encoding="utf-8",
    )
    order = replace(order_of(folder, "falls_back", depth=depth), contract=folder / "degradation.yaml")
    ways = (Around(), Around(jobs=2, state=folder / "two"), Around(state=folder / "two"))
    for around in ways:
        assert explore_agent(order, around).notes == (
            "degradation.yaml: rule 3 names 'lok', which the agent never called; did you mean 'look'?",
        )


def test_agents_are_silent(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand runs do not print a thousand times."""
    explore_agent(order_of(folder, "careless"), Around())
    assert capsys.readouterr().out == ""


_CHILD = """
import sys
from pathlib import Path
from agentops_eval.chaos.exploring import Options
from agentops_eval.harness.faulting import Around, ExploreOrder, SubjectOrder, explore_agent
folder, name = Path(sys.argv[1]), sys.argv[2]
order = ExploreOrder(
    subject=SubjectOrder(target=name, root=folder),
    options=Options(faults=tuple(sys.argv[3].split(","))),
    real_s=2.0,
)
explore_agent(order, Around(state=folder / "killed"))
"""


def test_killed_in_the_middle_it_goes_on_and_writes_the_same_journal(folder: Path) -> None:
    """After kill -9, twice, and a torn last line, the journal is that of one that was left alone."""
    explore_agent(order_of(folder, "careless"), Around(state=folder / "whole"))
    whole = journal(folder / "whole")
    lines = whole.count(b"\n")
    state = folder / "killed" / "explore.jsonl"
    name = f"agents_{folder.name}:careless"
    for share in (3, 2):
        words = [sys.executable, "-c", _CHILD, str(folder), name, ",".join(KINDS)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(words, cwd=folder, env=environment) as child:
            for _ in range(6_000):
                if state.exists() and state.read_bytes().count(b"\n") >= lines // share:
                    break
                time.sleep(0.005)
            child.send_signal(signal.SIGKILL)
        with state.open("ab") as file:
            file.write(b'{"faults":[{"fau')
    made: list[Progress] = []
    explore_agent(order_of(folder, "careless"), Around(state=folder / "killed"), tell=made.append)
    assert journal(folder / "killed") == whole


def test_a_larger_budget_goes_on_where_the_smaller_one_ended(folder: Path) -> None:
    """The budget is none of what makes an exploration the same."""
    explore_agent(order_of(folder, "careless"), Around(state=folder / "whole"))
    done = [
        explore_agent(order_of(folder, "careless", runs=runs), Around(state=folder / "bits")).complete
        for runs in (7, 23, None)
    ]
    assert done == [False, False, True]
    assert journal(folder / "bits") == journal(folder / "whole")


def test_a_finished_exploration_is_told_again(folder: Path) -> None:
    """From its journal, with the same findings, and without a change of it."""
    first = explore_agent(order_of(folder, "careless"), Around(state=folder / "s"))
    before = journal(folder / "s")
    again = explore_agent(order_of(folder, "careless"), Around(state=folder / "s"))
    assert (told(again), again.coverage) == (told(first), first.coverage)
    assert journal(folder / "s") == before


def test_another_exploration_is_refused(folder: Path) -> None:
    """Another agent, other faults, changed code: the journal is not continued, and what differs is named."""
    state = Around(state=folder / "s")
    explore_agent(order_of(folder, "careful"), state)
    with pytest.raises(ExplorationInvalid) as refused:
        explore_agent(order_of(folder, "careful", faults=("tool_error",)), state)
    assert "options: there" in refused.value.difference
    with pytest.raises(ExplorationInvalid, match="holds another exploration"):
        explore_agent(order_of(folder, "careless"), state)
    source = folder / f"agents_{folder.name}.py"
    source.write_text(AGENT + "\n# changed\n", encoding="utf-8")
    with pytest.raises(ExplorationInvalid) as changed:
        explore_agent(order_of(folder, "careful"), state)
    assert changed.value.difference.startswith("code: ")


@pytest.mark.parametrize("line", [b"{}", b"[]", b"\xff", b'{"faults": [], "seen": {}}', b'{"finding": 1}'])
def test_an_edited_journal_is_refused_with_its_line(folder: Path, line: bytes) -> None:
    """What was never written there is not believed."""
    state = folder / "s"
    explore_agent(order_of(folder, "careful"), Around(state=state))
    lines = journal(state).split(b"\n")
    (state / "explore.jsonl").write_bytes(b"\n".join([lines[0], lines[1], line, *lines[3:]]))
    with pytest.raises(ExplorationInvalid) as refused:
        explore_agent(order_of(folder, "careful"), Around(state=state))
    assert "explore.jsonl:3" in refused.value.where


def test_no_line_tells_a_time_or_a_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret among the arguments stands in no journal."""
    secret = "sk-proj-4f9Ab3kLmN0pQ7rStUvWxYz12345678"
    monkeypatch.setenv("SHOP_API_KEY", secret)
    source = folder / f"agents_{folder.name}.py"
    source.write_text(AGENT.replace("def careful():", "def careful(key):"), encoding="utf-8")
    order = order_of(folder, "careful")
    given = replace(order, subject=replace(order.subject, arguments=(secret,)))
    explore_agent(given, Around(state=folder / "s", out=folder / "out"))
    assert secret.encode() not in journal(folder / "s")
    assert not [path for path in folder.glob("out/*") if secret in path.read_text()]


def test_two_at_once_are_kept_apart(folder: Path) -> None:
    """While one exploration writes a folder, another is refused."""

    def meanwhile(_: Progress) -> None:
        with pytest.raises(ExplorationInvalid, match="another exploration is writing"):
            explore_agent(order_of(folder, "careful"), Around(state=folder / "s"))

    explore_agent(order_of(folder, "careful", runs=2), Around(state=folder / "s"), tell=meanwhile)


def test_an_agent_that_computes_for_ever_is_a_finding(folder: Path) -> None:
    """A loop that calls nothing is ended by real time and told as a hang."""
    found = explore_agent(order_of(folder, "busy", faults=("tool_error",), depth=1, audit=0.0), Around())
    assert [one.impact.mode for one in found.findings] == [Mode.HUNG]
    assert "real time" in found.findings[0].impact.run.why


def test_an_agent_that_ends_its_process_is_named(folder: Path) -> None:
    """The schedules that it may have been are told, and nothing hangs."""
    with pytest.raises(ExplorationBroke, match="ended by signal 9") as broke:
        explore_agent(order_of(folder, "leaves", audit=0.0), Around(jobs=2))
    assert "tool_error @/look#0" in broke.value.difference


def test_a_finding_is_told_where_its_test_cannot_be_written(folder: Path) -> None:
    """A place that is no folder is refused before a run; one that is lost meanwhile costs no finding."""
    place, seen = folder / "a", list[ChaosFinding]()
    place.write_text("a file", encoding="utf-8")
    order = order_of(folder, "careless", faults=("tool_reply_lost",), depth=1, audit=0.0)
    with pytest.raises(NotADirectoryError):
        explore_agent(order, Around(out=place / "tests"), tell=lambda _: pytest.fail("it ran"))
    place.unlink()

    def lose(_: Progress) -> None:
        place.write_text("a file", encoding="utf-8")

    with pytest.raises(OSError, match="exists"):
        explore_agent(order, Around(out=place), tell=lose, on_finding=seen.append)
    assert [one.impact.mode for one in seen] == [Mode.FAILED_UNSAFE]


def test_an_agent_that_fails_by_itself_is_not_explored(folder: Path) -> None:
    """Whatever it did under a fault could not be blamed on it, and a command shows what it does."""
    with pytest.raises(AgentUnsteady, match="it raised ValueError") as unsteady:
        explore_agent(order_of(folder, "broken"), Around())
    assert "agentops-eval record agents_" in unsteady.value.remedy


def test_the_journal_is_lines_of_json(folder: Path) -> None:
    """A head, runs with their faults, findings, and the coverage last."""
    explore_agent(order_of(folder, "careless"), Around(state=folder / "s"))
    lines = [json.loads(line) for line in journal(folder / "s").splitlines()]
    assert lines[0]["exploration"] == 1
    assert lines[1]["faults"] == []
    assert lines[-1]["coverage"]["runs"] == sum("seen" in line for line in lines)
    assert sum("finding" in line for line in lines) == 1


ASKING = """
from agentops_eval import tool

@tool
def look(order):
    return {"order": order}

@tool
def apologise(order):
    return "done"

def asking():
    try:
        look("a")
    except OSError:
        apologise("a")
        return "Sorry."
    return "Looked."
"""


def test_over_a_recording_what_it_cannot_answer_is_unknown(folder: Path) -> None:
    """Behind a fault the agent asks what was never recorded: counted as left, and no finding."""
    module = f"asking_{folder.name}"
    (folder / f"{module}.py").write_text(ASKING, encoding="utf-8")
    path = folder / "asked.cassette.jsonl"
    words = [sys.executable, "-m", "agentops_eval.cli", "record", f"{module}:asking", "--cassette", path.name]
    subprocess.run(words, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    order = ExploreOrder(
        subject=SubjectOrder(target=f"{module}:asking", root=folder, cassette=path),
        options=Options(faults=("tool_error",), depth=1),
    )
    found = explore_agent(order, Around())
    assert (found.findings, found.coverage.left, found.coverage.singles.covered) == ((), 2, 2)
