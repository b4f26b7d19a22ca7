"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.architecture.tree import Tree

HEADING = re.compile(r"^## (AE\d{3})\b", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)\s]*)?\)")


def _codes(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (class name, code) of every class that assigns a text to ``code``."""
    for node in module.body:
        for line in node.body if isinstance(node, ast.ClassDef) else ():
            if not isinstance(line, ast.Assign | ast.AnnAssign):
                continue
            if isinstance(line.value, ast.Constant) and isinstance(line.value.value, str):
                targets = line.targets if isinstance(line, ast.Assign) else [line.target]
                if [t.id for t in targets if isinstance(t, ast.Name)] == ["code"]:
                    yield node.name, line.value.value


def _tests(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the tests of a module and of its classes; functions inside functions are none."""
    scopes: list[ast.Module | ast.ClassDef] = [module]
    while scopes:
        for node in scopes.pop().body:
            if isinstance(node, ast.ClassDef):
                scopes.append(node)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                yield node


def _public(tree: Tree) -> list[Path]:
    return [f for f in tree.under("agentops_eval", "pytest_plugin") if not f.name.startswith("_")] + [
        f for f in tree.under("agentops_eval", "pytest_plugin") if f.name == "__init__.py"
    ]


def test_every_error_code_has_a_page_entry_and_the_reverse(tree: Tree) -> None:
    """docs/errors.md has one heading per error code, none twice and none too many."""
    files = [f for f in tree.files if f.match("domain/*_errors.py")]
    codes = {name: code for f in files for name, code in _codes(tree.parse(f))}
    headings = HEADING.findall((tree.root / "docs/errors.md").read_text(encoding="utf-8"))
    assert sorted(headings) == sorted(set(codes.values()))


def test_no_two_errors_share_a_code(tree: Tree) -> None:
    """A code leads to one diagnosis."""
    codes = [code for f in tree.under("agentops_eval") for _, code in _codes(tree.parse(f))]
    assert sorted(codes) == sorted(set(codes))


def test_every_test_says_what_it_shows(tree: Tree) -> None:
    """Each test has a docstring of one sentence that states the behaviour."""
    silent = [
        f"{file}:{test.lineno} {test.name}"
        for file in tree.under("tests")
        for test in _tests(tree.parse(file))
        if not (said := ast.get_docstring(test)) or "\n\n" in said or not said.endswith((".", "?"))
    ]
    assert silent == []


def test_every_module_says_what_it_gives(tree: Tree) -> None:
    """Each module of the packages begins with a docstring."""
    code = tree.under("agentops_eval", "pytest_plugin")
    assert [str(f) for f in code if not ast.get_docstring(tree.parse(f))] == []


def test_public_modules_list_their_names(tree: Tree) -> None:
    """A package that re-exports says in ``__all__`` what is public."""
    unlisted = []
    for file in _public(tree):
        module = tree.parse(file)
        assigned = {t.id for n in module.body if isinstance(n, ast.Assign) for t in n.targets
                    if isinstance(t, ast.Name)}  # fmt: skip
        if file.name == "__init__.py" and "__all__" not in assigned and len(module.body) > 1:
            unlisted.append(str(file))
    assert unlisted == []


def test_links_between_pages_lead_somewhere(tree: Tree) -> None:
    """Every relative link of the documentation names a file of the repository."""
    broken = [
        f"{page}: {target}"
        for page in tree.files
        if page.suffix == ".md"
        for target, _ in LINK.findall(tree.text(page))
        if "://" not in target and not (tree.root / page.parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_listed(tree: Tree) -> None:
    """The index of decisions names every decision."""
    index = (tree.root / "docs/decisions/README.md").read_text(encoding="utf-8")
    decisions = [f.name for f in tree.under("docs/decisions", suffix=".md") if f.name != "README.md"]
    assert decisions
    assert [name for name in decisions if f"({name})" not in index] == []


def test_every_setting_is_in_the_reference_and_the_reverse(tree: Tree) -> None:
    """The page of settings names each field of Settings once, and nothing else."""
    module = tree.parse(next(f for f in tree.files if f.match("harness/_settings.py")))
    settings = next(n for n in module.body if isinstance(n, ast.ClassDef) and n.name == "Settings")
    fields = [
        n.target.id for n in settings.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    ]
    page = (tree.root / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == fields


def test_anchors_within_the_errors_page_exist(tree: Tree) -> None:
    """A link to an error's heading lands on it."""
    page = (tree.root / "docs/errors.md").read_text(encoding="utf-8")
    anchors = {"-".join(line[3:].lower().split()) for line in page.splitlines() if line.startswith("## ")}
    wanted = {
        f"{file}: {anchor}"
        for file in tree.files
        if file.suffix == ".md"
        for anchor in re.findall(r"(?:errors\.md|\]\()#(ae[\w-]+)", tree.text(file))
        if anchor not in anchors
    }
    assert wanted == set()


def test_every_option_of_the_plugin_is_in_the_reference_and_the_reverse(
    tree: Tree, clean_environment: dict[str, str]
) -> None:
    """The plugin's page names each of its options, and nothing that does not exist."""
    command = [sys.executable, "-m", "pytest", "--help", "-p", "pytest_agentops.plugin"]
    environment = {**clean_environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "-c", os.devnull], env=environment, capture_output=True, text=True, check=True
    )
    existing = set(re.findall(r"^ +(--agentops-[\w-]+)", done.stdout, re.MULTILINE))
    page = (tree.root / "docs/reference/pytest.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(--agentops-[\w-]+)`", page, re.MULTILINE)) == existing


def _commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path}{name} ")
        elif command is not None and not command.hidden:
            yield f"{path}{name}", command


def test_every_command_and_option_is_in_the_reference_and_the_reverse(tree: Tree) -> None:
    """The page of the command line has a section per command that names its options and no others."""
    from agentops_eval.cli import cli

    page = (tree.root / "docs/reference/cli.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    written = {
        name: set(re.findall(r"`(--[\w-]+)`", text))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }
    existing = {
        name: {flag for option in command.params for flag in option.opts if flag.startswith("--")}
        for name, command in _commands(cli)
    }
    assert written == {name: flags - {"--json"} for name, flags in existing.items()}
    assert [name for name, flags in existing.items() if "--json" not in flags] == []
