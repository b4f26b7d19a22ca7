"""Reading files that a person named: what cannot be read is told with a command that helps here."""

from __future__ import annotations

import difflib
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
)
from agentops_eval.replay import OWN_SUFFIX, VCR_SUFFIXES
from agentops_eval.traces import LOOK_AROUND

SUFFIXES = (OWN_SUFFIX, *VCR_SUFFIXES)
_UNREADABLE = 2
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
    try:
        names = [other.name for other in path.parent.iterdir() if other.is_file()]
    except OSError:
        return []
    return [name for name in names if name.endswith(SUFFIXES)]
