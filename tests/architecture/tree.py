"""The tree as the architecture tests see it: files that are in git, or would be."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The repository: where it is and what belongs to it."""

    root: Path
    files: tuple[Path, ...]

    def under(self, *folders: str, suffix: str = ".py") -> list[Path]:
        """Return the files below the folders, relative to the root, that end in ``suffix``."""
        prefixes = tuple(f"{folder}/" for folder in folders)
        return [f for f in self.files if f.as_posix().startswith(prefixes) and f.name.endswith(suffix)]

    def text(self, file: Path) -> str:
        """Return what the file says; bytes that are no UTF-8 come back as question marks."""
        return (self.root / file).read_text(encoding="utf-8", errors="replace")

    def parse(self, file: Path) -> ast.Module:
        """Return the syntax tree of a Python file."""
        return ast.parse(self.text(file), filename=str(file))


def listed() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        return done.stdout.rstrip("\0").split("\0")
    skipped = {".git", ".venv", "build", "dist"}
    return [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
    ]
