"""Samples as CSV with a header, separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agentops_eval.domain import Reason, SamplesInvalid, counted
from agentops_eval.harness.gating._lines import LONGEST_LINE, Lines
from agentops_eval.harness.gating._rows import EXAMPLE, Rows, shown

_SEPARATORS = (",", ";", "\t")


def read_table(lines: Lines, rows: Rows) -> tuple[Reason, ...]:
    """Read every row below the header. A last line without its end is left out, and told.

    Even where it looks whole: ``0.1`` may be the beginning of ``0.125``. Where a quote was never closed, all
    lines from there on are one cell: more than one of them blocks a promotion, for rows may be among them.
    Raises SamplesInvalid, naming the line, for what is no row.
    """
    texts = _Texts(lines)
    separator = max(_SEPARATORS, key=lines.first.decode("utf-8", "replace").count)
    reader = csv.reader(texts, delimiter=separator, strict=True)
    with _long_fields():
        header = _next(reader, texts)
        if header is not None:
            names = _names_of(header, lines, rows)
            rows.head(names)
            begun = lines.number
            while (cells := _next(reader, texts)) is not None:
                if cells:  # a blank line has none
                    _take(rows, names, cells, lines)
                begun = lines.number
            if texts.open and lines.number > begun + 1:
                return (_swallowed(lines, begun + 1),)
    return (lines.torn(),) if texts.torn else ()


def _swallowed(lines: Lines, first: int) -> Reason:
    """What is told of the rows that a quote without an end made one cell of."""
    count = lines.number - first + 1
    return Reason(
        code="open-quote",
        message=f"a quote in {lines.name}:{first} has no end; the {count} lines from there on are left out",
        remedy="close it, or look again when the file is whole",
    )


def _next(reader: Iterator[list[str]], texts: _Texts) -> list[str] | None:
    """The next row; None at the end, and where a crash left a quote open."""
    try:
        return next(reader, None)
    except csv.Error as error:
        if texts.ended and "unexpected end" in str(error):
            texts.torn = texts.open = True
            return None
        raise SamplesInvalid(
            "this line is no row of a table",
            where=texts.lines.where,
            difference=str(error),
            remedy='put a cell that holds quotes into quotes: "he said ""no"""',
        ) from None


def _names_of(header: Sequence[str], lines: Lines, rows: Rows) -> list[str]:
    names = [name.strip() for name in header]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SamplesInvalid(
            f"the column {shown(twice)} is there twice", where=lines.where, remedy="rename one of them"
        )
    if len(names) == 1 and names[0] not in rows.wanted:
        raise SamplesInvalid(
            "this is neither a table with a header nor JSON lines",
            where=lines.where,
            difference=f"the first line: {shown(names[0])}",
            remedy=f"give one object a line, such as {EXAMPLE}; or columns in CSV",
        )
    return names


def _take(rows: Rows, names: Sequence[str], cells: Sequence[str], lines: Lines) -> None:
    if len(cells) != len(names):
        raise SamplesInvalid(
            f"the row has {counted(len(cells), 'cell')}, and the header {len(names)}",
            where=lines.where,
            remedy="put a cell that holds the separator into quotes",
        )
    # An empty cell tells nothing; it is no answer of no length.
    told = {name: cell.strip() or None for name, cell in zip(names, cells, strict=True)}
    rows.take(lines.number, told)


class _Texts:
    """The lines of a table as text, each of which has its end."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.torn = self.ended = self.open = False
        self._each = iter(lines)

    def __iter__(self) -> _Texts:
        return self

    def __next__(self) -> str:
        line = next(self._each, b"")
        self.torn = bool(line) and not line.endswith(b"\n")
        self.ended = self.torn or not line
        if self.ended:
            raise StopIteration
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise SamplesInvalid(
                "this line is not UTF-8",
                where=self.lines.where,
                difference=error.reason,
                remedy="save the file as UTF-8",
            ) from None


@contextmanager
def _long_fields() -> Iterator[None]:
    """Cells as long as a line may be; the csv module keeps the limit for all its readers together."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)
