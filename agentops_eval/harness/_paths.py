"""Where recordings and goldens of a case live, and how a test's name becomes a file's name."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX

_MAX_NAME = 80
_UNSAFE = re.compile(r"[^A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePaths:
    """The two files of one case."""

    cassette: Path
    golden: Path


def case_paths(golden_dir: Path, suite: str, case: str) -> CasePaths:
    """The files of ``case`` in ``suite`` (a path below the golden folder, ``/`` separated)."""
    folder = golden_dir.joinpath(*(part for part in suite.split("/") if part not in ("", ".", "..")))
    return CasePaths(cassette=folder / (case + CASSETTE_SUFFIX), golden=folder / (case + GOLDEN_SUFFIX))


def safe_case(name: str, parameters: str = "") -> str:
    """A file name for a test: its name, its parameter id made safe, and a short hash of the latter.

    The hash keeps two ids apart that look alike once sanitised, and on file systems that ignore case.
    """
    base = _sanitise(name)
    if not parameters:
        return base
    digest = hashlib.sha256(parameters.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    shown = _UNSAFE.sub("-", parameters)[:40].strip("-.")
    return f"{base}-{shown}-{digest}" if shown else f"{base}-{digest}"


def _sanitise(text: str) -> str:
    clean = _UNSAFE.sub("-", text).strip("-.") or "case"
    if clean == text and len(clean) <= _MAX_NAME:
        return clean
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{clean[:_MAX_NAME]}-{digest}"
