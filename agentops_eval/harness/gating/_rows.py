"""Rows of any kind become samples: by the names of their columns, with every doubt an error."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from agentops_eval.domain import Arm, ErrorSource, Reason, Sample, SamplesInvalid, nearest
from agentops_eval.gate import Columns
from agentops_eval.harness.gating import _values as v
from agentops_eval.harness.gating._sample_file import Form, SampleFile
from agentops_eval.traces import printable

MOST_ROWS = 1_000_000
EXAMPLE = '{"case": "refund", "trial": 1, "passed": true, "cost_usd": 0.02}'
_LOOKED_AT = 1000
_MOST_COLUMNS = 1000
_DEEPEST = 3
_LISTED, _SHOWN = 20, 60
_DEFAULTS = Columns()
_IDS = ("case_id", "id", "session_id", "session", "conversation_id", "name")
"""What columns that tell a case are often called, the likeliest first."""
FIELDS = tuple(name for name in Columns.__dataclass_fields__ if name != "metrics")
"""What of a sample a column may tell, besides metrics."""

Row: TypeAlias = Mapping[str, Any]
_T = TypeVar("_T")


def lookup(column: str) -> Callable[[Row], object]:
    """What reads a column: the one of that name, else the way that its dots show. None where it is not."""
    if "." not in column:
        return lambda row: row.get(column)
    parts = column.split(".")

    def find(row: Row) -> object:
        found: object = row.get(column)
        if found is not None:
            return found
        found = row
        for part in parts:
            if not isinstance(found, Mapping):
                return None
            found = found.get(part)
        return found

    return find


class Rows:
    """Gathers the samples of one file.

    ``stage`` is that of rows that tell none. In the stages in ``traffic`` a row without a case is a session
    of its own, called by its number; in others it is an error.
    """

    def __init__(
        self,
        name: str,
        *,
        arm: Arm,
        columns: Columns,
        metrics: Collection[str],
        stage: str = "",
        traffic: Collection[str] = (),
        most_rows: int = MOST_ROWS,
    ) -> None:
        self.samples: list[Sample] = []
        self.columns: dict[str, None] = {}
        self._name, self._arm, self._stage = name, arm, stage
        self._traffic, self._most_rows = frozenset(traffic), most_rows
        self._called = {one: str(getattr(columns, one)) for one in FIELDS}
        self._called["passed"] = columns.metrics.get("passed", self._called["passed"])
        self._find = {one: lookup(column) for one, column in self._called.items()}
        measured = {one: columns.metrics.get(one, one) for one in metrics if one != "passed"}
        self._measured = [(one, column, lookup(column)) for one, column in measured.items()]
        chosen = {self._called[one] for one in FIELDS if self._called[one] != getattr(_DEFAULTS, one)}
        chosen |= {column for metric, column in measured.items() if metric in columns.metrics}
        self._unseen = {column: lookup(column) for column in chosen}
        self._known: dict[str, str] = {}
        self._trials: dict[tuple[str, str], int] = {}

    @property
    def wanted(self) -> frozenset[str]:
        """The names of all columns that are looked for."""
        return frozenset((*self._called.values(), *(column for _, column, _ in self._measured)))

    def head(self, names: Collection[str]) -> None:
        """Take note of the columns of a table, which are there even where no cell says anything."""
        self.columns.update(dict.fromkeys(names))
        self._unseen = {name: find for name, find in self._unseen.items() if name not in names}

    def take(self, number: int, row: Row, *, where: str = "") -> None:
        """Make a sample of a row; ``number`` is its line. Raises SamplesInvalid for what cannot be meant."""
        where = where or f"{self._name}:{number}"
        if len(self.samples) >= self._most_rows:
            what = f"the file has more than {self._most_rows:,} rows"
            raise SamplesInvalid(what, where=where, remedy="judge a part of it, such as the newest")
        if len(self.samples) < _LOOKED_AT and len(self.columns) < _MOST_COLUMNS:
            self.columns.update(dict.fromkeys(_names(row)))
        if self._unseen:
            self._unseen = {name: find for name, find in self._unseen.items() if find(row) is None}
        self._check_arm(where, row)
        stage = self._text(where, "stage", row) or self._stage
        case = self._case(where, row, number, stage)
        passed = self._read(where, "passed", row, v.outcome)
        error = self._error(row, passed)
        answer = self._find["answer"](row)
        self.samples.append(
            Sample(
                case=case,
                trial=self._trial(where, row, case, stage),
                passed=False if passed is None and error is ErrorSource.AGENT else passed,
                metrics=self._metrics(where, row),
                error=error,
                recording=self._text(where, "recording", row),
                arm=self._arm,
                stage=stage,
                at_s=self._read(where, "at", row, v.moment),
                answer="" if answer is None else v.digest(answer),
                trace=self._text(where, "trace", row),
            )
        )

    def _read(self, where: str, field: str, row: Row, fit: Callable[[object], _T]) -> _T | None:
        value = self._find[field](row)
        if value is None:
            return None
        try:
            return fit(value)
        except v.Unfit as unfit:
            raise _unfit(where, self._called[field], value, str(unfit)) from None

    def _text(self, where: str, field: str, row: Row) -> str:
        found = self._read(where, field, row, v.text) or ""
        return self._known.setdefault(found, found)  # the same object for the same text

    def _metrics(self, where: str, row: Row) -> Mapping[str, float]:
        found = {}
        for metric, column, find in self._measured:
            value = find(row)
            if value is not None:
                try:
                    measured = v.number(value)
                except v.Unfit as unfit:
                    raise _unfit(where, column, value, str(unfit)) from None
                if measured is not None:
                    found[metric] = measured
        return found

    def _error(self, row: Row, passed: bool | None) -> ErrorSource | None:  # noqa: FBT001 - an outcome
        value = self._find["error"](row)
        return None if value is None else v.blame(value, judged=passed is not None)

    def _case(self, where: str, row: Row, number: int, stage: str) -> str:
        case = self._text(where, "case", row)
        if case:
            return case
        if stage in self._traffic:
            return f"{self._arm}-row-{number}"  # of its arm: a session in both would not be assigned
        column = self._called["case"]
        raise SamplesInvalid(
            f"the row lacks {printable(column)}, and without a case nothing can be paired",
            where=where,
            difference=_there(self.columns),
            remedy=f"give each row its {printable(column)}"
            if column in self.columns
            else _case_meant(column, self._free()),
        )

    def _free(self) -> list[str]:
        """The columns that tell nothing else yet."""
        return [name for name in self.columns if name not in self.wanted]

    def _trial(self, where: str, row: Row, case: str, stage: str) -> int:
        told = self._read(where, "trial", row, v.whole)
        number = self._trials.get((case, stage), 0) + 1
        self._trials[case, stage] = number
        return number if told is None else told

    def _check_arm(self, where: str, row: Row) -> None:
        told = self._read(where, "arm", row, v.side)
        if told is not None and told is not self._arm:
            raise SamplesInvalid(
                f"a row of the {told} is in the file of the {self._arm}",
                where=where,
                difference="both sides may be swapped",
                remedy="give this file as the other side, or each side a file of its own",
            )

    def sort(self) -> None:
        """Put the samples into the order of their times; those of one time, or of none, stay as they are."""
        self.samples.sort(key=lambda one: math.inf if one.at_s is None else one.at_s)

    def finish(self, digest: str, form: Form, doubts: Collection[Reason] = ()) -> SampleFile:
        """Everything that was read. Raises SamplesInvalid for nothing, and for a column that no row has."""
        if not self.samples:
            left = "".join(f"{one.message}\n" for one in doubts)
            raise SamplesInvalid(
                "there is no sample in it",
                where=self._name,
                difference=left,
                remedy=f"give one row a trial, such as {EXAMPLE}",
            )
        broken = all(one.error is not None for one in self.samples)
        if self._unseen and not broken:  # rows that broke off need not tell what they cost
            raise missing_column(self._name, min(self._unseen), self.columns, free=self._free())
        return SampleFile(
            samples=tuple(self.samples),
            digest=digest,
            form=form,
            columns=tuple(self.columns),
            doubts=tuple(doubts),
        )


def _names(row: Row, before: str = "", depth: int = 1) -> Iterator[str]:
    """The names of a row's columns, those in nested objects with the way to them."""
    for name, value in row.items():
        yield f"{before}{name}"
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from _names(value, f"{before}{name}.", depth + 1)


def missing_column(
    where: str, column: str, there: Collection[str], *, free: Collection[str] | None = None
) -> SamplesInvalid:
    """What is raised where a gate file names a column that is not among those there.

    ``free`` are those of them that may have been meant, by default all.
    """
    return SamplesInvalid(
        f"no row has the column {printable(column)} that the gate file names",
        where=where,
        difference=_there(there),
        remedy=_near(column, there if free is None else free) or "correct `columns` in the gate file",
    )


def _there(columns: Collection[str]) -> str:
    listed = ", ".join(printable(one) for one in list(columns)[:_LISTED])
    more = f" and {len(columns) - _LISTED} more" if len(columns) > _LISTED else ""
    return f"columns there: {listed}{more}" if listed else "there is no column"


def _near(column: str, there: Collection[str]) -> str:
    found = nearest(column, there)
    return (
        f"{found} Then name it under `columns` in the gate file" if found.startswith("did you mean") else ""
    )


def _case_meant(column: str, free: Collection[str]) -> str:
    """Which column may tell the case: one that is called like an id, else one that is called alike."""
    called = {name.rpartition(".")[2].lower(): name for name in reversed(list(free))}
    found = next((called[name] for name in _IDS if name in called), "")
    if found:
        return f"name its column in the gate file:  columns: {{case: {printable(found)}}}"
    return _near(column, free) or "name its column in the gate file:  columns: {case: NAME}"


def _unfit(where: str, column: str, value: object, expected: str) -> SamplesInvalid:
    score = column == "passed" and isinstance(value, float)
    return SamplesInvalid(
        f"{printable(column)} is {shown(value)}",
        where=where,
        difference=f"expected: {expected}",
        remedy="a score is no outcome: name it as a metric of its own"
        if score
        else f"correct the row, such as {EXAMPLE}, or name another column in the gate file",
    )


def shown(value: object) -> str:
    """A value as an error repeats it."""
    try:
        told = printable(repr(value))
    except (ValueError, RecursionError):  # a number of thousands of digits
        told = f"<{type(value).__name__}>"
    return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}..."
