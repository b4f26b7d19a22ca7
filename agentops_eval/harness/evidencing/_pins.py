"""Which packages a project depends on, and which of them a lock file, or requirements with hashes, pin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

_NAME = r"([A-Za-z0-9][A-Za-z0-9._-]*)"
_REQUIREMENT = re.compile(rf"^\s*{_NAME}")
_PIN = re.compile(
    rf"""^{_NAME}(?:\[[^\]]*\])?\s*==  # requirements.txt
    |^name\ =\ "{_NAME}"  # uv.lock, poetry.lock, pdm.lock
    |^\s+"{_NAME}":\s*\{{\s*$  # Pipfile.lock
    """,
    re.MULTILINE | re.VERBOSE,
)


def dependencies_of(root: Path) -> frozenset[str]:
    """The packages that ``[project] dependencies`` of pyproject.toml name; none where there is no such file.

    Raises OSError, and ValueError for what is no TOML.
    """
    path = root / "pyproject.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {}) if path.is_file() else {}
    told = table.get("dependencies", []) if isinstance(table, dict) else []
    return frozenset(_names(told if isinstance(told, list) else []))


def _names(told: list[object]) -> Iterator[str]:
    for one in told:
        if isinstance(one, str) and (found := _REQUIREMENT.match(one)):
            yield _normalised(found[1])


def pins_in(text: str) -> Iterator[str]:
    """The packages that a file pins, their names as PEP 503 normalises them."""
    return (_normalised(next(filter(None, found.groups()))) for found in _PIN.finditer(text))


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
