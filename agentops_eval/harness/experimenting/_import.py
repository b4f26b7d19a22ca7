"""Experiments of Chaos Toolkit as files, read and written as ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from agentops_eval.chaos.experiments import (
    ImportNote,
    experiment_document,
    import_experiment,
    read_experiment,
)
from agentops_eval.domain import ExperimentInvalid
from agentops_eval.evals.suites import suite_yaml
from agentops_eval.traces import write_new


def import_experiment_file(path: Path, out: Path) -> tuple[ImportNote, ...]:
    """Write the experiment of a file as one that is read here; what was changed is told.

    Raises ExperimentInvalid where either cannot be read, or where there is a file already.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"the experiment cannot be read: {error.strerror or error}"
        raise ExperimentInvalid(what, where=str(path), remedy="give a YAML or JSON file") from None
    document = experiment_document(data, str(path))
    if not isinstance(document, Mapping):
        raise ExperimentInvalid("an experiment is a mapping", where=str(path), remedy="title: ...")
    made, notes = import_experiment(document)
    text = json.dumps(made, indent=2, ensure_ascii=False) if out.suffix == ".json" else suite_yaml(made)
    written = f"{text.rstrip()}\n".encode("utf-8", "backslashreplace")
    read_experiment(written, str(out))
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_new(out, written)
    except FileExistsError:
        what = "there is a file already, and it is left as it is"
        raise ExperimentInvalid(what, where=str(out), remedy="name another file with --out") from None
    return notes
