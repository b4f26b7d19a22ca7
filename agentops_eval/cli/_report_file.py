"""A report in a file that a person named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agentops_eval.cli._errors import Misused


def refuse_input(out: Path, files: Iterable[Path], *, option: str) -> None:
    """Refuse to write a report over one of the files that it is about."""
    for file in files:
        if out.exists() and file.exists() and out.samefile(file):
            raise Misused(f"{option} names {out}, which is read", remedy=f"name another file with {option}")


def write_report(out: Path, data: bytes) -> None:
    """Write it whole or not at all, folders included; what was there before is replaced. Raises OSError."""
    from agentops_eval.traces import write_whole

    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, data)
