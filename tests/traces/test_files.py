"""Files that appear whole, and those that are never written over another."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from agentops_eval.traces import PARTIAL_SUFFIX, write_new


@pytest.fixture(params=[None, errno.EPERM, errno.ENOTSUP])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system with links, and ones without."""

    def refuse(source: object, target: object) -> None:
        raise OSError(request.param, "no links here")

    if request.param is not None:
        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("links")
def test_a_new_file_is_written_whole(tmp_path: Path) -> None:
    """It holds what it has to, and nothing else is left in its folder."""
    write_new(tmp_path / "new", b"data")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"new": b"data"}


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("dangling", [False, True])
def test_what_is_there_is_never_replaced(tmp_path: Path, dangling: bool) -> None:
    """A file, or a link that leads nowhere, stays as it is, and nothing else is left in its folder."""
    there = tmp_path / "there"
    if dangling:
        there.symlink_to("nowhere")
    else:
        there.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_new(there, b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert dangling or there.read_bytes() == b"mine"


@pytest.mark.usefixtures("links")
def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """Where there is no folder, that is said, and none is made."""
    with pytest.raises(FileNotFoundError):
        write_new(tmp_path / "none" / "new", b"data")
    assert not list(tmp_path.rglob(f"*{PARTIAL_SUFFIX}"))
