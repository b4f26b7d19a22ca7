"""Ctrl-C during a recording loses nothing that was there before."""

from __future__ import annotations

from tests.plugin.conftest import Project, outcomes, text_of

SHOP = '''
import os, signal
import pytest
from agent import ask

@pytest.mark.cassette
def test_shop():
    """Two calls, and in between somebody may lose patience."""
    ask("first")
    if os.environ.get("INTERRUPT"):
        os.kill(os.getpid(), signal.SIGINT)
    ask("second")
'''


def test_ctrl_c_keeps_the_previous_recording(project: Project, monkeypatch) -> None:
    """The cassette from before is untouched and replays; the summary says so; a partial file is kept."""
    project.write("test_shop.py", SHOP)
    project.run("--agentops-record=once")
    path = project.root / "golden_traces" / project.cassettes()[0]
    before = path.read_bytes()
    monkeypatch.setenv("INTERRUPT", "1")
    done = project.run("--agentops-record=all")
    assert done.ret == 2
    assert "KeyboardInterrupt" in text_of(done)
    assert "interrupted  test_shop.py::test_shop: its cassette is as before; what was seen is in" in text_of(
        done
    )
    assert "INTERNALERROR" not in text_of(done)
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2
    monkeypatch.delenv("INTERRUPT")
    project.server.stop()
    assert outcomes(project.run()) == {"passed": 1}


def test_ctrl_c_in_a_replay_is_just_that(project: Project, monkeypatch) -> None:
    """An interrupted replay reports the interruption and no miss."""
    project.write("test_shop.py", SHOP)
    project.record()
    monkeypatch.setenv("INTERRUPT", "1")
    done = project.run()
    assert done.ret == 2
    assert "AE" not in text_of(done).replace("KeyboardInterrupt", "")
