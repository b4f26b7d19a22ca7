"""Imports point one way, and data folders hold data."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.architecture.tree import Tree

OWN = "agentops_eval"


def _imported(module: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_import_contracts_hold(tree: Tree, tmp_path: Path, clean_environment: dict[str, str]) -> None:
    """Every import contract of pyproject.toml is kept."""
    program = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", program, "--config", "pyproject.toml", "--cache-dir", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tree.root, env=clean_environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_domain_imports_the_standard_library_only(tree: Tree) -> None:
    """The domain needs nothing but Python and itself."""
    allowed = {*sys.stdlib_module_names, OWN}
    foreign = {
        f"{file}: {name}"
        for file in tree.under(f"{OWN}/domain")
        for name in _imported(tree.parse(file))
        if name.partition(".")[0] not in allowed
        or (name.startswith(OWN) and not name.startswith(f"{OWN}.domain"))
    }
    assert foreign == set()


def test_layers_take_nothing_but_the_version_from_the_root(tree: Tree) -> None:
    """The root package is the users' door: through it a lower layer could reach a higher one unseen."""
    layers = [f"{OWN}/{layer}" for layer in ("domain", "documents", "seams", "traces", "replay", "harness")]
    taken = {
        f"{file}: {alias.name}"
        for file in tree.under(*layers)
        for node in ast.walk(tree.parse(file))
        if isinstance(node, ast.ImportFrom) and node.module == OWN
        for alias in node.names
        if alias.name != "__version__"
    }
    assert taken == set()


def test_plugin_module_imports_the_standard_library_and_pytest_only(tree: Tree) -> None:
    """At module level the plugin imports nothing that a user without our marks would pay for."""
    file = next(f for f in tree.under("pytest_plugin") if f.name == "plugin.py")
    loaded = [node for node in tree.parse(file).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = _imported(ast.Module(body=list(loaded), type_ignores=[]))
    allowed = {*sys.stdlib_module_names, "pytest", "pytest_agentops"}
    assert {name for name in names if name.partition(".")[0] not in allowed} == set()


def test_data_folders_hold_no_python(tree: Tree) -> None:
    """Scenarios, goldens and experiments are data: an editable install puts the root on the path."""
    assert tree.under("scenarios", "golden_traces", "chaos") == []
