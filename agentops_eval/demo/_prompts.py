"""Prompts are text files with a version in their head, so that a change of one shows in a diff."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A system prompt and its version."""

    version: str
    text: str


def read_prompt(package: str, name: str) -> Prompt:
    """Read ``<name>.txt`` of a package: ``version: <n>``, a line ``---``, then the text."""
    head, _, text = (files(package) / f"{name}.txt").read_text(encoding="utf-8").partition("\n---\n")
    return Prompt(version=head.removeprefix("version:").strip(), text=text.strip())
