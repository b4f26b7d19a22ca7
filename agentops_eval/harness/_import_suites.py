"""Suites of other tools, read from files and written as one scenario file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from agentops_eval.documents import Document
from agentops_eval.domain import Json, ScenarioInvalid
from agentops_eval.evals.suites import ImportedSuite, import_suite, parse, suite_yaml
from agentops_eval.harness._suites import read_bytes, shown_path
from agentops_eval.traces import write_new

_WRITTEN = (".yaml", ".yml", ".json")


def import_suite_files(files: Sequence[Path], *, out: Path, root: Path) -> ImportedSuite:
    """Make one scenario file of suites of ADK, promptfoo and pydantic-evals.

    ``out`` ends in .yaml, .yml or .json. Nothing is written where no case could be imported, and
    nothing is overwritten. Raises ScenarioInvalid.
    """
    name = shown_path(out, root)
    if out.suffix.lower() not in _WRITTEN:
        remedy = f"--out {out.with_suffix('.yaml')}"
        raise ScenarioInvalid("a scenario file that is written is YAML or JSON", where=name, remedy=remedy)
    _refuse_used(out, name)
    found = import_suite([_document(path, root) for path in files])
    if found.scenarios:
        _write(out, name, found.document)
    return found


def _document(path: Path, root: Path) -> Document:
    name = shown_path(path, root)
    return parse(read_bytes(path, name), name)


def _refuse_used(out: Path, name: str) -> None:
    if out.exists():
        what = "there is a file already, and importing overwrites none"
        raise ScenarioInvalid(what, where=name, remedy="name another with --out")


def _write(out: Path, name: str, document: Mapping[str, Json]) -> None:
    as_json = out.suffix.lower() == ".json"
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n" if as_json else suite_yaml(document)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_new(out, text.encode())
    except OSError as error:
        _refuse_used(out, name)  # another process may have made it meanwhile
        what = f"the file cannot be written: {error.strerror or error}"
        raise ScenarioInvalid(what, where=name, remedy="name another with --out") from None
