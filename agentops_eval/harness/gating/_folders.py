"""Folders of samples that are something else than traces, and what to give in place of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from agentops_eval.domain import Reason, SamplesInvalid
from agentops_eval.gate import Columns
from agentops_eval.harness.gating._forms import form_of
from agentops_eval.harness.gating._lines import Lines
from agentops_eval.harness.gating._sample_file import Form

_RESULTS_BEGIN = b'{"agentops_results"'
_TRACES_SUFFIX = ".traces"
_SUFFIXES = frozenset(".jsonl .ndjson .json .csv .tsv .parquet .pq".split())
_JOINED = {
    Form.JSONL: "awk 1 {files} > rows.jsonl",  # unlike cat, it ends a last line that has no end
    Form.CSV: "awk 'NR == 1 || FNR > 1' {files} > rows.csv",
    Form.TRACES: "jq -c '.[]' {files} > rows.jsonl",
}


def rows_of(folder: Path) -> str:
    """What makes one file of a folder of rows, or which of its files to give; empty where it holds none."""
    named = (file for file in folder.iterdir() if file.suffix in _SUFFIXES and file.is_file())
    for file in sorted(named):
        form = _form(file)
        if form in {Form.RESULTS, Form.PARQUET}:
            return f"give one of its files, such as {file}"
        if form is not None:
            files = f"{shlex.quote(str(folder))}/*{shlex.quote(file.suffix)}"
            return f"rows are read from one file: {_JOINED[form].format(files=files)}"
    return ""


def _form(file: Path) -> Form | None:
    """The form of a file that holds rows; ``TRACES`` for an array of them, None for anything else."""
    with file.open("rb") as opened:
        try:
            lines = Lines(opened, str(file))
            form = form_of(file, lines, Columns()) if lines.first else None
        except SamplesInvalid:
            return None
    if form is Form.TRACES and not lines.first.startswith(b"["):
        return None
    return form


def traces_of_results(folder: Path) -> Iterator[Reason]:
    """Whether these are the traces that `eval run` laid beside its results: what they tell is no verdict."""
    results = folder.with_name(folder.name.removesuffix(_TRACES_SUFFIX))
    if results == folder or not results.is_file():
        return
    with results.open("rb") as file:
        if file.read(len(_RESULTS_BEGIN)) != _RESULTS_BEGIN:
            return
    yield Reason(
        code="traces-of-results",
        message=f"these are the traces of {results}: they tell whether a run ended well, and not whether "
        "its suite passed it",
        remedy=f"give the results: {results}",
        blocks=False,
    )
