"""Files of samples, in whatever form."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from agentops_eval.domain import Arm, SamplesInvalid
from agentops_eval.gate import Columns
from agentops_eval.harness.gating._forms import form_of
from agentops_eval.harness.gating._jsonl import read_lines
from agentops_eval.harness.gating._lines import Lines
from agentops_eval.harness.gating._rows import EXAMPLE, Rows
from agentops_eval.harness.gating._sample_file import Form, SampleFile
from agentops_eval.harness.gating._table import read_table

_READ = "give results of `eval run`, OTLP traces, JSON lines, CSV or Parquet"


def read_samples(
    path: Path,
    *,
    arm: Arm,
    columns: Columns = Columns(),  # noqa: B008 - frozen
    metrics: Collection[str] = (),
    stage: str = "",
    traffic: Collection[str] = (),
    as_written: bool = False,
) -> SampleFile:
    """Every sample of one arm in a file, or in a folder of traces.

    The form is told by what the file holds. ``metrics`` are the names that a gate asks for; those that no
    row tells are no error here. ``stage`` is the stage of rows that tell none, ``traffic`` has the stages
    in which a row without a case is a session of its own. Samples that repeat a trial stay as they are.
    Those of traces come in the order of their times, as an export is in the order in which runs ended;
    with ``as_written`` they keep the places that they have in a file that grows.

    Raises SamplesInvalid, naming the line, for whatever cannot be meant; ResultsInvalid for results that
    were changed; ExtraMissing for Parquet without the extra ``scale``; and what reading traces raises.
    """
    rows = Rows(str(path), arm=arm, columns=columns, metrics=metrics, stage=stage, traffic=traffic)
    try:
        if path.is_dir():
            return _of_traces(path, rows, as_written=as_written)
        with path.open("rb") as file:
            lines = Lines(file, str(path))
            if not lines.head:
                raise SamplesInvalid(
                    "the file is empty", where=str(path), remedy=f"give one row a trial, such as {EXAMPLE}"
                )
            form = form_of(path, lines, columns)
            if form is Form.JSONL:
                doubts = read_lines(lines, rows)
                return rows.finish(lines.digest, form, doubts)
            if form is Form.CSV:
                doubts = read_table(lines, rows)
                return rows.finish(lines.digest, form, doubts)
        if form is Form.TRACES:
            return _of_traces(path, rows, as_written=as_written)
        return _of_others(path, form, rows, arm=arm, columns=columns, metrics=metrics, stage=stage)
    except OSError as error:
        raise SamplesInvalid(
            f"the samples cannot be read: {error.strerror or error}", where=str(path), remedy=_instead(path)
        ) from None


def _of_traces(path: Path, rows: Rows, *, as_written: bool) -> SampleFile:
    from agentops_eval.harness.gating._traces import digest_of, read_runs_of

    digest = digest_of(path)
    doubts = read_runs_of(path, rows)
    if not as_written:
        rows.sort()
    return rows.finish(digest, Form.TRACES, doubts)


def _of_others(
    path: Path,
    form: Form,
    rows: Rows,
    *,
    arm: Arm,
    columns: Columns,
    metrics: Collection[str],
    stage: str,
) -> SampleFile:
    from agentops_eval.harness.gating._traces import digest_of

    digest = digest_of(path)
    if form is Form.RESULTS:
        from agentops_eval.harness.gating._results import read_result_samples

        return read_result_samples(
            path, arm=arm, columns=columns, metrics=metrics, stage=stage, digest=digest
        )
    from agentops_eval.harness.gating._parquet import read_parquet

    read_parquet(path, rows)
    return rows.finish(digest, form)


def _instead(path: Path) -> str:
    """The file that was probably meant: endings are often alike where names are not."""
    try:
        there = [one.name for one in path.absolute().parent.iterdir()]
    except OSError:
        there = []
    stems = get_close_matches(path.stem, {Path(name).stem for name in there}, n=1)
    found = [name for name in there if Path(name).stem in stems]
    names = get_close_matches(path.name, found, n=1, cutoff=0)
    return f"did you mean {names[0]!r}?" if names else _READ
