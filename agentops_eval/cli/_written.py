"""In which format a command writes, and where to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import plain, say


def format_of(form: str | None, *, as_json: bool) -> str:
    """The format that ``--format`` or ``--json`` asks for, text without either. Raises Misused."""
    if as_json and form not in {None, "json"}:
        raise Misused(f"--json and --format {form} contradict each other", remedy="leave one of them away")
    return "json" if as_json else form or "text"


@contextmanager
def written_to(out: Path | None) -> Iterator[None]:
    """What the body prints goes to the file, whole or not at all; without one it is printed."""
    if out is None:
        yield
        return
    if out.is_dir():
        raise Misused(f"{out} is a folder", remedy="name a file with --out")
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", errors="backslashreplace") as file, redirect_stdout(file):
            yield
        partial.replace(out)
    finally:
        with suppress(OSError):
            partial.unlink()
    say(f"written to {plain(out)}")
