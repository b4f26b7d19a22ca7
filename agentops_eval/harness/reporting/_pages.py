"""Pages of files, made when they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from agentops_eval.harness.reporting import _files as files
from agentops_eval.reports import gameday_html, results_html
from agentops_eval.traces.redaction import Redactor

Page = Callable[[], str | bytes]
INDEX = "../index.html"
"""The way back of a page, all of which lie one folder below their index."""


def results_page(stamp: files.Stamp, name: str, told: Mapping[str, str]) -> str:
    """The page of a file of results; ``told`` are the pages of its runs by their traces."""
    return results_html(files.results_report(stamp, name), told=told, base="../", back=INDEX)


def day_page(stamp: files.Stamp) -> str:
    """The page of a game day, from its journal."""
    return gameday_html(files.day_report(stamp), back=INDEX)


def copied(path: Path, digest: str, redactor: Redactor) -> bytes:
    """What is in a file without its secrets, where it is still the one with this digest.

    Proofs have none; traces and other files that results and decisions name are anybody's.
    """
    data = path.read_bytes()
    if digest and hashlib.sha256(data).hexdigest() != digest:
        return b"this file is not the one that the evidence names: its digest is another\n"
    text = data.decode("utf-8", "surrogateescape")
    return redactor.text(text).encode("utf-8", "surrogateescape")
