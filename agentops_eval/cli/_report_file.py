"""Reports: in which format, and into which file, where a person names one."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import plain, say

_BY_SUFFIX = {".json": "json", ".sarif": "sarif", ".xml": "junit", ".csv": "csv"}


def format_of(form: str | None, *, as_json: bool, out: Path | None, formats: Collection[str]) -> str:
    """The format that ``--format`` or ``--json`` asks for, else that of the file's suffix, else text.

    Raises Misused where both ask for different ones.
    """
    if as_json and form not in {None, "json"}:
        raise Misused(f"--json and --format {form} contradict each other", remedy="leave one of them away")
    if as_json or form is not None:
        return form or "json"
    told = _BY_SUFFIX.get(out.suffix.lower(), "text") if out is not None else "text"
    return told if told in formats else "text"


@contextmanager
def written_to(out: Path | None) -> Iterator[None]:
    """What the body prints goes to the file, whole or not at all; without one it is printed."""
    if out is None:
        yield
        return
    if out.is_dir():
        raise Misused(f"{out} is a folder", remedy="name a file with --out")
    from agentops_eval.traces import replacing

    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="\n")
        with redirect_stdout(file):
            yield
        file.flush()
        file.detach()
    say(f"written to {plain(out)}")


def refuse_input(out: Path | None, files: Iterable[Path], *, option: str) -> None:
    """Refuse to write a report over one of the files that it is about."""
    for file in files:
        if out is not None and out.exists() and file.exists() and out.samefile(file):
            raise Misused(f"{option} names {out}, which is read", remedy=f"name another file with {option}")


def say_report(out: Path | None) -> None:
    """Tell a person which page was written."""
    if out is not None:
        say(f"report: {plain(out)}", style="dim")


def write_report(out: Path, data: bytes) -> None:
    """Write it whole or not at all, folders included; what was there before is replaced. Raises OSError."""
    from agentops_eval.traces import write_whole

    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, data)
