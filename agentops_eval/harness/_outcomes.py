"""Outcomes of trials, from anywhere: rows of ``case``, ``trial`` and ``passed`` as JSON lines or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import IO, Any

import msgspec

from agentops_eval.domain import ErrorSource, ResultsInvalid, Sample, case_name, nearest

MOST_ROWS = 1_000_000
LONGEST_LINE = 16 * 1024 * 1024
_SHOWN = 60
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_SEPARATORS = (",", ";", "\t")
_EXAMPLE = '{"case": "refund", "trial": 1, "passed": true}'
_FROM_ARRAY = "give one object a line, as `jq -c '.[]' FILE` does"
_WORDS = {"true": True, "false": False, "": None}


class _Row(msgspec.Struct):
    """What is read of a row; whatever else it says is passed over."""

    case: Any = msgspec.UNSET
    trial: Any = msgspec.UNSET
    passed: Any = msgspec.UNSET
    error: Any = None
    suite: Any = None
    variant: Any = None
    recording: Any = None
    agentops_results: Any = msgspec.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The trials of a file, each once. ``variants`` are the names of those that its rows tell.

    ``torn`` tells of a last line that was cut off while a run was writing it.
    """

    samples: tuple[Sample, ...]
    variants: tuple[str, ...] = ()
    torn: bool = False


def read_outcomes(
    file: IO[bytes], *, name: str, variant: str | None = None, most_rows: int = MOST_ROWS
) -> Outcomes:
    """Read every trial of a file, those of ``variant`` only where that is given.

    A row of a file that ``eval run`` wrote takes the place of an earlier one of the same trial, and its
    last line may be cut off, as by a crash. In any other file both are errors. A row whose ``error`` is
    someone's (``infrastructure``, or ``{"source": "infrastructure"}``) needs no ``passed``.

    Raises ResultsInvalid, naming the line, for what is no row, for more rows than ``most_rows``, for a
    trial that is there twice, and for a file without a row.
    """
    reader = _Reader(name, variant, most_rows)
    lines = _lines(file, name)
    first = next(lines, None)
    if first is None:
        what = "the file is empty"
        raise ResultsInvalid(what, where=name, remedy=f"give one row a trial: {_EXAMPLE}")
    if first[1].lstrip().startswith(b"{"):
        reader.json_lines(chain([first], lines))
    else:
        reader.table(chain([first], lines))
    if not reader.found:
        what = "the file holds no trial" if variant is None else f"there is no trial of variant {variant!r}"
        remedy = f"give one row a trial: {_EXAMPLE}"
        if variant is not None:
            remedy = nearest(variant, [one for one in reader.variants if one]) or "leave --variant away"
        raise ResultsInvalid(what, where=name, remedy=remedy)
    return Outcomes(
        samples=tuple(reader.found.values()), variants=tuple(sorted(reader.variants)), torn=reader.torn
    )


def _lines(file: IO[bytes], name: str) -> Iterator[tuple[int, bytes]]:
    """Numbered lines that say something, without the mark that some editors put first."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            what = f"the line is longer than {LONGEST_LINE // 1024 // 1024} MiB"
            raise ResultsInvalid(what, where=f"{name}:{number}", remedy="give one row a line")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line


class _Reader:
    """Gathers the trials of one file."""

    def __init__(self, name: str, variant: str | None, most_rows: int) -> None:
        self.found: dict[tuple[str, int], Sample] = {}
        self.variants: set[str] = set()
        self.torn = False
        self._name, self._variant, self._most_rows = name, variant, most_rows
        self._ours = False
        self._names: dict[tuple[str, str, str], str] = {}
        self._rows = 0

    def json_lines(self, lines: Iterator[tuple[int, bytes]]) -> None:
        """Read one JSON object a line; the first may be the header of a file of results."""
        decode = msgspec.json.Decoder(_Row).decode
        for number, line in lines:
            if self._ours and not line.endswith(b"\n"):
                self.torn = True
                return
            try:
                row = decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise self._bad(number, "this line is no row", difference=str(error)[:300]) from None
            if row.agentops_results is not msgspec.UNSET and not self._rows:
                self._ours = True
                continue
            self._take(number, row)

    def table(self, lines: Iterator[tuple[int, bytes]]) -> None:
        """Read CSV with a header, separated by commas, semicolons or tabs."""
        import csv

        texts = _Texts(lines, self._name)
        header = next(texts)
        separator = max(_SEPARATORS, key=header.count)
        columns = [column.strip().lower() for column in next(csv.reader([header], delimiter=separator))]
        missing = [column for column in ("case", "trial", "passed") if column not in columns]
        if missing:
            raise self._bad(
                texts.number,
                "this is neither JSON lines nor CSV with the columns case, trial and passed",
                difference=f"missing: {', '.join(missing)}; the first line: {header.strip()[:_SHOWN]!r}",
                remedy=_FROM_ARRAY if header.lstrip().startswith("[") else "",
            )
        rows = csv.reader(texts, delimiter=separator)
        try:
            for cells in rows:
                if len(cells) != len(columns):
                    what = f"the row has {len(cells)} columns, the header {len(columns)}"
                    raise self._bad(texts.number, what)
                self._take(texts.number, _row_of(dict(zip(columns, cells, strict=True))))
        except csv.Error as error:
            raise self._bad(texts.number, "this line is no row", difference=str(error)) from None

    def _take(self, number: int, row: _Row) -> None:
        self._rows += 1
        if self._rows > self._most_rows:
            raise self._bad(
                number, f"the file has more than {self._most_rows:,} rows", remedy="split it by case"
            )
        variant = self._text(number, "variant", row.variant)
        self.variants.add(variant)
        if self._variant is not None and variant != self._variant:
            return
        suite, case = self._text(number, "suite", row.suite), self._case(number, row.case)
        name, trial = self._one_name(suite, case, variant), self._trial(number, row.trial)
        if (name, trial) in self.found and not self._ours:
            raise self._bad(
                number,
                f"trial {trial} of case {name[:_SHOWN]!r} is there twice",
                remedy="number the trials of a case; give two runs as two files",
            )
        error = self._error(number, row.error)
        self.found[name, trial] = Sample(
            case=name,
            trial=trial,
            passed=self._passed(number, row.passed, error),
            metrics=_NOTHING,
            error=error,
            segments=_NOTHING,
            recording=self._text(number, "recording", row.recording),
        )

    def _one_name(self, suite: str, case: str, variant: str) -> str:
        """The same object for the same case, so that a million trials hold each name once."""
        known = (suite, case, variant)
        if known not in self._names:
            self._names[known] = case_name(suite, case, variant)
        return self._names[known]

    def _text(self, number: int, key: str, value: object) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        raise self._bad(number, f"{key} is {_shown(value)}, not a text")

    def _case(self, number: int, value: object) -> str:
        if value is msgspec.UNSET:
            raise self._bad(number, "the row lacks case")
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value:
            raise self._bad(number, f"case is {_shown(value)}, not a name")
        return value

    def _trial(self, number: int, value: object) -> int:
        if value is msgspec.UNSET:
            raise self._bad(number, "the row lacks trial")
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            what = f"trial is {_shown(value)}, not a whole number"
            raise self._bad(number, what, remedy="number the trials of a case: 1, 2, 3")
        return value

    def _passed(self, number: int, value: object, error: ErrorSource | None) -> bool | None:
        if value is msgspec.UNSET and error is None:
            raise self._bad(
                number, "the row lacks passed", remedy="true, false, or null where nobody can say"
            )
        if value is msgspec.UNSET or value is None:
            return None
        if isinstance(value, (bool, int, float)) and value in {0, 1}:
            return bool(value)
        score = isinstance(value, (int, float))
        raise self._bad(
            number,
            f"passed is {_shown(value)}, not true, false, 1 or 0",
            remedy="a score is no outcome: say from where on it passes" if score else "",
        )

    def _error(self, number: int, value: object) -> ErrorSource | None:
        source = value.get("source") if isinstance(value, Mapping) else value
        if source is None or source == "":
            if isinstance(value, Mapping) and value:
                raise self._bad(number, "error lacks its source", remedy=_sources())
            return None
        known = [one.value for one in ErrorSource]
        if not isinstance(source, str) or source.lower() not in known:
            what = f"error is {_shown(source)}, which says not whose fault it was"
            raise self._bad(number, what, remedy=_sources())
        return ErrorSource(source.lower())

    def _bad(self, number: int, what: str, *, difference: str = "", remedy: str = "") -> ResultsInvalid:
        return ResultsInvalid(
            what,
            where=f"{self._name}:{number}",
            difference=difference,
            remedy=remedy or f"such as {_EXAMPLE}",
        )


class _Texts:
    """The lines of a table as text; ``number`` is that of the last one."""

    def __init__(self, lines: Iterator[tuple[int, bytes]], name: str) -> None:
        self._lines, self._name = lines, name
        self.number = 0

    def __iter__(self) -> _Texts:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            what = "this line is not UTF-8"
            where = f"{self._name}:{self.number}"
            raise ResultsInvalid(
                what, where=where, difference=error.reason, remedy="save the file as UTF-8"
            ) from None


def _row_of(cells: Mapping[str, str]) -> _Row:
    """Cells as JSON would tell them; what is not understood stays a text, and is refused as one."""
    trial, passed = cells["trial"].strip(), cells["passed"].strip()
    outcome: object = _WORDS.get(passed.lower(), passed)
    return _Row(
        case=cells["case"].strip(),
        trial=_number(trial),
        passed=_number(passed) if isinstance(outcome, str) else outcome,
        error=cells.get("error", "").strip(),
        suite=cells.get("suite", "").strip(),
        variant=cells.get("variant", "").strip(),
        recording=cells.get("recording", "").strip(),
    )


def _number(text: str) -> object:
    for kind in (int, float):
        if len(text) <= _SHOWN:
            with suppress(ValueError):
                return kind(text)
    return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _sources() -> str:
    return f"use one of {', '.join(source.value for source in ErrorSource)}"
