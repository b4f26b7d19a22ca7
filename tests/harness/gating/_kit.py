"""Files of samples, written and read in one go."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from agentops_eval.domain import Arm, SamplesInvalid
from agentops_eval.harness.gating import SampleFile, read_samples

Rows = list[dict[str, object]]


def jsonl(rows: Rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(rows: Rows, separator: str = ",") -> str:
    """The same rows as CSV: booleans as words, an empty cell for what is missing."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name) for name in names]
        writer.writerow(["" if cell is None else str(cell) for cell in cells])
    return text.getvalue()


def written(folder: Path, text: str | bytes, name: str = "c.jsonl") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return path


def read(path: Path, *metrics: str, **more: object) -> SampleFile:
    return read_samples(path, arm=more.pop("arm", Arm.CANDIDATE), metrics=metrics, **more)


def refused(path: Path, *metrics: str, **more: object) -> SamplesInvalid:
    with pytest.raises(SamplesInvalid) as caught:
        read(path, *metrics, **more)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return caught.value
