"""A file fits a sitting and a function fits a screen."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.architecture.tree import Tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
CODE = ("agentops_eval", "pytest_plugin")


def _functions(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each function's name and length, without its docstring and the classes that it makes."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            spoken = node.body[0]
            documented = ast.get_docstring(node) is not None
            docstring = (spoken.end_lineno or 0) - spoken.lineno + 1 if documented else 0
            inner = [n for n in ast.walk(node) if isinstance(n, ast.ClassDef)]
            made = sum((n.end_lineno or n.lineno) - n.lineno + 1 for n in inner)
            yield f"{node.name} (line {node.lineno})", last - node.lineno + 1 - docstring - made


def _lists_names(module: ast.Module) -> bool:
    """Whether a module is but a list of what it imports, at once or on first use: nobody reads it through."""
    listing = (ast.ImportFrom, ast.Import, ast.Assign)
    for node in module.body:
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        of_lazy = isinstance(node, ast.FunctionDef) and node.name == "__dir__"
        if not (isinstance(node, listing) or text or for_types or of_lazy):
            return False
    return True


def test_files_are_at_most_400_lines(tree: Tree) -> None:
    """No Python file is longer than 400 lines, tests and benchmarks included, but for lists of names."""
    files = [f for f in tree.under(*CODE, "tests", "benchmarks") if not _lists_names(tree.parse(f))]
    lengths = {f: len(tree.text(f).splitlines()) for f in files}
    assert {str(f): n for f, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_functions_are_at_most_40_lines(tree: Tree) -> None:
    """No function of the packages is longer than 40 lines, without its docstring and inner classes."""
    long = {
        f"{file}: {name}": length
        for file in tree.under(*CODE)
        for name, length in _functions(tree.parse(file))
        if length > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_architecture_page_fits_a_screen_or_two(tree: Tree) -> None:
    """ARCHITECTURE.md keeps to 60 lines, so that it is read."""
    assert len((tree.root / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 60
