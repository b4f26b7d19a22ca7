"""Nothing committed depends on, or tells of, the machine that it was written on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from tests.architecture.tree import Tree

# Character classes keep this file from tripping over itself.
FORBIDDEN = {
    "a path of one machine": re.compile(
        r"(?<![\w.:/{}\])-])/(?:home|Users|root|opt|mnt|srv|work(?:space)?|builds)/[\w.]"
    ),
    "a package registry's host": re.compile(
        r"py[p]i\.org|pythonhosted\.or[g]|np[m]js\.(?:org|com)|deb\.debia[n]\.org|index-ur[l] ?[=h]",
        re.IGNORECASE,
    ),
    "a private key": re.compile(r"-----BEGI[N] (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a conflict mark": re.compile(r"^(?:<{7} |>{7} )\S", re.MULTILINE),
}
# The licence is not ours to reword.
EXEMPT = {Path("LICENSE")}


def test_no_file_names_a_machine_or_a_registry(tree: Tree) -> None:
    """No file holds an absolute path of a machine, a registry's host, a key or a conflict mark."""
    found = [
        f"{file}:{tree.text(file).count(chr(10), 0, match.start()) + 1} {kind}: {match.group()!r}"
        for file in tree.files
        if file not in EXEMPT
        for kind, pattern in FORBIDDEN.items()
        for match in pattern.finditer(tree.text(file))
    ]
    assert found == []


def test_no_file_names_this_checkout(tree: Tree) -> None:
    """No file holds the path of the folder that the tests run in."""
    here = str(ROOT)
    assert [str(file) for file in tree.files if here in tree.text(file)] == []


def test_requirements_are_pinned_with_hashes_and_name_no_address(tree: Tree) -> None:
    """Every line of a requirements file is a pin, a hash or a comment."""
    allowed = re.compile(
        r"^(?:#.*|    (?:# .*|#|--hash=sha256:[0-9a-f]{64}(?: \\)?)|[\w.-]+==\S+ (?:; .+ )?\\)$"
    )
    files = [f for f in tree.files if re.fullmatch(r"requirements.*\.txt", str(f))]
    assert files
    strange = [f"{f}: {line}" for f in files for line in tree.text(f).splitlines() if not allowed.match(line)]
    assert strange == []
