"""Worlds: laid out as the scenario says, looked at afterwards, gone then."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Scenario, ScenarioInvalid, World
from agentops_eval.harness.evaluating._worlds import FilesWorld, SqliteWorld, check_world, open_world

CELLS = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


def _none(spec: str) -> Any:
    raise AssertionError(spec)


@given(st.lists(st.fixed_dictionaries({"id": CELLS, "b c": CELLS}), min_size=1, max_size=5), NAMES)
def test_a_database_holds_what_it_was_given(rows: list[dict[str, Any]], table: str) -> None:
    """Rows come back as they were laid out, in any table, whatever is in them."""
    if table.lower().startswith("sqlite_"):
        return
    world = World(kind="sqlite", setup={"tables": {table: rows}})
    with open_world(world, resolve=_none) as opened:
        assert opened.state() == {table: rows}


def test_a_database_shows_what_an_agent_did() -> None:
    """The agent connects, changes it, and the state is the new one; then the file is gone."""
    setup = {
        "schema": "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);",
        "tables": {"t": [{"id": 1, "n": 2}]},
    }
    with open_world(World(kind="sqlite", setup=setup), resolve=_none) as opened:
        assert isinstance(opened, SqliteWorld)
        db = opened.connect()
        with db:
            db.execute("UPDATE t SET n = 3")
        db.close()
        assert opened.state() == {"t": [{"id": 1, "n": 3}]}
    assert not opened.path.exists()


def test_files_are_laid_out_and_looked_at() -> None:
    """Text is its content; what is no text is told by its digest; links are not followed."""
    with open_world(World(kind="files", setup={"a/b.txt": "hello"}), resolve=_none) as opened:
        assert isinstance(opened, FilesWorld)
        (opened.path / "c.bin").write_bytes(b"\xff\x00")
        (opened.path / "link").symlink_to("/etc/hostname")
        state = opened.state()
    assert isinstance(state, dict)
    assert state["a/b.txt"] == "hello"
    assert state["c.bin"]["bytes"] == 2
    assert "link" not in state


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (World(kind="sqlit"), "there is no world 'sqlit'"),
        (World(kind="sqlite", setup={"schema": "CREATE TABL"}), "syntax error"),
        (World(kind="files", setup={"../out.txt": "x"}), "leaves the world's folder"),
    ],
    ids=["kind", "schema", "path"],
)
def test_what_cannot_be_laid_out_is_said(world: World, said: str) -> None:
    """The error names what is wrong."""
    with pytest.raises(ScenarioInvalid, match=said), open_world(world, resolve=_none):
        pass


def test_a_world_of_ones_own_needs_a_state() -> None:
    """Anything may be handed to an agent that can say what it holds."""
    with (
        pytest.raises(ScenarioInvalid, match=r"has no state\(\)"),
        open_world(World(kind="x:y"), resolve=lambda _: dict),
    ):
        pass


def test_a_database_is_looked_at_before_anything_runs() -> None:
    """Tables stand below ``tables``: what stands beside it is told with its place."""
    wrong = Scenario(id="c", where="f.yaml:3", world=World(kind="sqlite", setup={"orders": []}))
    with pytest.raises(ScenarioInvalid, match="has no 'orders'") as caught:
        check_world(wrong)
    assert caught.value.where == "f.yaml:3 world.sqlite"
    check_world(Scenario(id="c", world=World(kind="sqlite", setup={"tables": {"orders": []}})))
    check_world(Scenario(id="c"))
