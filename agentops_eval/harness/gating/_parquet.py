"""Samples as Parquet, read by DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agentops_eval.domain import ExtraMissing, SamplesInvalid, with_extra
from agentops_eval.harness.gating._rows import Rows

_BATCH = 10_000
_ZONED = "TIMESTAMP WITH TIME ZONE"
_CLOSED = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
"""Nothing is fetched from anywhere."""


def read_parquet(path: Path, rows: Rows) -> None:
    """Read every row. Raises ExtraMissing without DuckDB, and SamplesInvalid for what is no Parquet."""
    if find_spec("duckdb") is None:
        raise ExtraMissing(
            "reading Parquet needs DuckDB, which is not installed",
            where=str(path),
            remedy=with_extra("scale"),
        )
    duckdb: Any = import_module("duckdb")
    try:
        with duckdb.connect(":memory:", config=_CLOSED) as connection:
            for number, row in enumerate(_rows(connection, path, rows), start=1):
                rows.take(number, row)
    except duckdb.Error as error:
        raise SamplesInvalid(
            "this is no Parquet file that can be read",
            where=str(path),
            difference=str(error).splitlines()[0][:300],
            remedy="write the table again, or give it as JSON lines",
        ) from None


def _rows(connection: Any, path: Path, rows: Rows) -> Iterator[Mapping[str, Any]]:
    # Its names of files are patterns; in brackets a character is itself.
    name = re.sub(r"([*?\[])", r"[\1]", str(path.absolute()))
    columns = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [name]).fetchall()
    wanted = ", ".join(_wanted(column, kind) for column, kind, *_ in columns)
    query = f"SELECT {wanted} FROM read_parquet(?)"  # noqa: S608 - names are quoted
    found = connection.execute(query, [name])
    names = [column for column, *_ in columns]
    rows.head(names)
    while batch := found.fetchmany(_BATCH):
        for cells in batch:
            yield dict(zip(names, cells, strict=True))


def _wanted(column: str, kind: str) -> str:
    """A column as Python has it; times with a zone as seconds, for which older releases want a package."""
    quoted = '"' + column.replace('"', '""') + '"'
    return f"epoch({quoted})" if kind == _ZONED else quoted
