"""Reading files that a person named: what cannot be read is told with a command that helps here."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentops_eval.cli._errors import Misused
from agentops_eval.domain import (
    AgentopsError,
    CassetteCorrupt,
    CassetteMissing,
    CassetteStale,
    GoldenCorrupt,
    GoldenMissing,
    TraceUnreadable,
)
from agentops_eval.harness import is_recording
from agentops_eval.replay import OWN_SUFFIX, VCR_SUFFIXES
from agentops_eval.traces import GOLDEN_SUFFIX, LOOK_AROUND

SUFFIXES = (OWN_SUFFIX, *VCR_SUFFIXES)
_UNREADABLE = 2
_PATTERN = re.compile(r"[*?\[]")
_READABLE = (
    "name a golden, a recording, an OTLP export (JSON, JSON lines, protobuf), an eval set, a log of "
    "inspect_ai or a list of messages"
)
_RETOLD = (CassetteCorrupt, CassetteMissing, CassetteStale, GoldenCorrupt, GoldenMissing)


@contextmanager
def reading(path: Path, *, again: str = "") -> Iterator[None]:
    """Read ``path`` in the body. The layers below speak of pytest's options; here commands are wanted.

    ``again`` is the command that makes the file anew, where that is known.
    """
    if path.is_dir():
        raise Misused(f"{path} is a folder", remedy=f"name a file in it: ls {shlex.quote(str(path))}")
    try:
        yield
    except _RETOLD as error:
        if not error.remedy.startswith("agentops-eval"):
            error.remedy = again or _remedy(error, path)
        if isinstance(error, GoldenMissing):  # nothing was compared: not a finding, but missing input
            error.exit_code = _UNREADABLE
        raise


@contextmanager
def reading_exports() -> Iterator[None]:
    """Read files that were made elsewhere in the body; what cannot be read is told with what can be."""
    try:
        yield
    except TraceUnreadable as error:
        error.remedy = error.remedy or _READABLE
        raise


def refuse_absent(path: Path) -> None:
    """Refuse a file of runs that is not there, with the name of one that is.

    Raises GoldenMissing, CassetteMissing or TraceUnreadable, by what its name says that it would be.
    """
    if path.exists():
        return
    if path.name.endswith(GOLDEN_SUFFIX) and not _PATTERN.search(path.name):
        absent: AgentopsError = GoldenMissing("there is no golden", where=str(path))
        absent.exit_code = _UNREADABLE
    elif is_recording(path):
        absent = CassetteMissing("there is no recording", where=str(path))
    else:
        absent = TraceUnreadable("there is no such file", where=str(path))
    absent.remedy = _nearby(path)
    raise absent


def _nearby(path: Path) -> str:
    """What a person may have meant by a file that is not there."""
    beside = _files_beside(path)
    if _PATTERN.search(path.name):
        return f"no file fits that pattern: ls {shlex.quote(str(path.parent))}"
    for name in difflib.get_close_matches(path.name, beside, n=3, cutoff=0.6):
        return f"did you mean {shlex.quote(str(path.with_name(name)))}?"
    if beside and not path.name.endswith(GOLDEN_SUFFIX) and not is_recording(path):
        return f"name a file that is there: ls {shlex.quote(str(path.parent))}"
    return LOOK_AROUND


def _remedy(error: AgentopsError, path: Path) -> str:
    if not isinstance(error, (CassetteMissing, GoldenMissing)):
        again = "approve" if isinstance(error, GoldenCorrupt) else "record"
        return f"git restore {shlex.quote(str(path))}, if it was committed whole; or {again} it again"
    from agentops_eval.replay import read_cassette
    from agentops_eval.traces import read_golden

    reads = read_golden if isinstance(error, GoldenMissing) else read_cassette
    for name in difflib.get_close_matches(path.name, _siblings(path), n=3, cutoff=0.5):
        near = path.with_name(name)
        with suppress(AgentopsError, OSError):  # a suggestion that cannot be read is none
            reads(near)
            return f"did you mean {near}?"
    return LOOK_AROUND


def _siblings(path: Path) -> list[str]:
    """Files beside ``path`` that have its kind, and that a person may have meant."""
    return [name for name in _files_beside(path) if name.endswith(SUFFIXES)]


def _files_beside(path: Path) -> list[str]:
    try:
        return sorted(other.name for other in path.parent.iterdir() if other.is_file())
    except OSError:
        return []
