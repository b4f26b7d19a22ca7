"""Packages that import their public names on first use offer exactly what they list."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest

from agentops_eval import evals, harness, reports, stats, traces
from agentops_eval.evals import judging, prompts, suites, tools, users

LAZY = {
    package.__name__: package
    for package in (evals, harness, judging, prompts, reports, stats, suites, tools, traces, users)
}
every = pytest.mark.parametrize("package", LAZY.values(), ids=LAZY)


@every
def test_every_listed_name_is_found(package: ModuleType) -> None:
    """Each public name can be had, and what is not public says so."""
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert sorted(package._PLACES) == sorted(package.__all__) == dir(package)
    with pytest.raises(AttributeError, match="has no attribute 'nix'"):
        _ = package.nix


@every
def test_type_checkers_see_what_runs(package: ModuleType) -> None:
    """The imports for type checkers name the same modules as the table that is used."""
    module = ast.parse(Path(package.__file__ or "").read_text(encoding="utf-8"))
    checked = next(node for node in module.body if isinstance(node, ast.If))
    seen = {
        alias.name: str(node.module)
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    used = {
        name: home if "." in home else f"{package.__name__}.{home}" for name, home in package._PLACES.items()
    }
    assert seen == used
