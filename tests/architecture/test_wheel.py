"""The wheel installs two packages, whole and nothing else."""

from __future__ import annotations

import configparser
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.architecture.tree import Tree

PACKAGES = {"agentops_eval", "pytest_agentops"}


@pytest.fixture(scope="module")
def wheel(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel with the installed back-end, which needs no network."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(target.glob("*.whl")))


def test_top_level_names_are_exactly_the_two_packages(wheel: zipfile.ZipFile) -> None:
    """Nothing else lands in a user's site-packages: no tests, no data folders."""
    names = {name.partition("/")[0] for name in wheel.namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == PACKAGES


def test_both_packages_say_that_they_are_typed(wheel: zipfile.ZipFile) -> None:
    """Type checkers trust the hints of both packages."""
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel.namelist())


def test_every_file_of_the_packages_is_in_the_wheel(tree: Tree, wheel: zipfile.ZipFile) -> None:
    """Templates, starter projects, shipped recordings and everything else arrives, not only modules."""
    sources = [*tree.under("agentops_eval", suffix=""), *tree.under("pytest_plugin", suffix="")]
    expected = {f.as_posix().removeprefix("pytest_plugin/") for f in sources}
    assert expected - set(wheel.namelist()) == set()


def test_script_and_plugin_are_registered(wheel: zipfile.ZipFile) -> None:
    """Installing the wheel gives the command and the pytest plugin."""
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    points = configparser.ConfigParser()
    points.read_string(wheel.read(name).decode())
    assert dict(points["console_scripts"]) == {"agentops-eval": "agentops_eval.cli:main"}
    assert dict(points["pytest11"]) == {"agentops": "pytest_agentops.plugin"}


def test_licence_travels_with_the_wheel(wheel: zipfile.ZipFile) -> None:
    """The licence text is part of what is installed."""
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
