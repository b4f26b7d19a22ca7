"""A project with recordings of its agents, made once, and copied for each test that asks for it."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli._kit import SHOP, UNWANTED, Commands, process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``refund 1042`` recorded and approved as r, ``refund 9``, which raises, as raised."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "cli_shop.py").write_text(SHOP, encoding="utf-8")
    words = ["record", "cli_shop:refund", "1042", "--cassette", "r.cassette.jsonl", "--approve"]
    assert process(folder, *words).code == 0
    assert process(folder, "record", "cli_shop:refund", 9, "--cassette", "raised.cassette.jsonl").code == 1
    return folder


@pytest.fixture
def project(tmp_path: Path, recorded: Path) -> Iterator[Path]:
    """A copy of the recorded project. Its module is forgotten afterwards, as at the end of a process."""
    folder = tmp_path / "project"
    shutil.copytree(recorded, folder)
    path = sys.path[:]
    yield folder
    sys.path[:] = path
    sys.modules.pop("cli_shop", None)


@pytest.fixture
def ae(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Run commands in the project, as in a pipe of unknown width."""
    for name in UNWANTED:
        monkeypatch.delenv(name, raising=False)
    return Commands(project, capsys, monkeypatch)
