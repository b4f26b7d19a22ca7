"""Reports: in which format, and into which file, where a person names one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TypeAlias, TypeVar

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import plain, say
from agentops_eval.domain import Json

V = TypeVar("V")
Forms: TypeAlias = Mapping[str, Callable[[V], "Json | bytes"]]
"""What writes a value in the format of each suffix; a document that is no text is written as JSON."""

_SUFFIXES = (".html", ".json", ".md", ".xml")
_BY_SUFFIX = {".json": "json", ".sarif": "sarif", ".xml": "junit", ".csv": "csv"}


reports_option = click.option(
    "--report",
    "reports",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Write a report: .html, .md, .xml (JUnit) or .json. May be repeated.",
)


def check_reports(files: Iterable[Path]) -> None:
    """Raise Misused for a file whose suffix is no format, before anything runs."""
    for file in files:
        if file.suffix.lower() not in _SUFFIXES:
            remedy = f"name a file that ends in {', '.join(_SUFFIXES)}"
            raise Misused(f"no report is written as {file.name}", remedy=remedy)


def write_as(file: Path, value: V, forms: Forms[V], *, quiet: bool) -> None:
    """Write a value in the format of the file's suffix, and say so. Raises OSError."""
    made = forms[file.suffix.lower()](value)
    write_report(
        file, made if isinstance(made, str | bytes) else json.dumps(made, ensure_ascii=False, indent=1)
    )
    if not quiet:
        say_written(file)


def say_written(*files: Path) -> None:
    """Name files that were written, a line each."""
    for file in files:
        say(f"written to {plain(file)}", style="dim")


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
    say_written(out)


def refuse_input(out: Path | None, files: Iterable[Path], *, option: str) -> None:
    """Refuse to write a report over one of the files that it is about."""
    for file in files:
        if out is not None and out.exists() and file.exists() and out.samefile(file):
            raise Misused(f"{option} names {out}, which is read", remedy=f"name another file with {option}")


def write_report(out: Path, content: str | bytes) -> None:
    """Write it whole or not at all, folders included; what was there before is replaced. Raises OSError.

    Halves of characters, which agents may write, are spelled out.
    """
    from agentops_eval.traces import write_whole

    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))
