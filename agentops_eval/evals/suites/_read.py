"""A scenario file's fields become a suite."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from msgspec import UNSET

from agentops_eval.documents import Document, Place, read_struct, shown
from agentops_eval.domain import Json, Scenario, ScenarioInvalid, Suite, canonical_json
from agentops_eval.evals._evaluator import Factory
from agentops_eval.evals._table import evaluators as all_evaluators
from agentops_eval.evals.suites._expect import Checks
from agentops_eval.evals.suites._fields import MatrixFields, ScenarioFields, SharedFields, SuiteFields
from agentops_eval.evals.suites._ids import Ids, row_name, slug
from agentops_eval.evals.suites._kind import SCENARIO_FILE, Problems
from agentops_eval.evals.suites._matrix import variants_of
from agentops_eval.evals.suites._scenario import Source, make_scenario
from agentops_eval.evals.suites._variables import NAME

MAX_CASES = 100_000

Row: TypeAlias = Mapping[str, Json]
Tables: TypeAlias = Callable[[str], Sequence[Row]]
"""Finds the rows of a table beside a scenario file. Raises ScenarioInvalid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReading:
    """What came of a scenario file: the suite, or everything that is wrong with it.

    ``shapes`` counts the problems that the JSON Schema finds, too.
    """

    suite: Suite | None
    problems: tuple[ScenarioInvalid, ...] = ()
    shapes: int = 0


def read_suite(
    document: Document,
    *,
    name: str,
    evaluators: Mapping[str, Factory] | None = None,
    tables: Tables | None = None,
) -> SuiteReading:
    """The suite that a document describes. ``name`` is the suite's where the document gives it none.

    Nothing is imported, run or written. A file in which one thing is wrong gives no suite at all: a
    suite that lacks cases would pass unnoticed.
    """
    problems = Problems(document, SCENARIO_FILE)
    value = document.value
    _refuse_own(value, problems)
    fields = read_struct(SuiteFields, value, (), problems, noun="a scenario file", top=True)
    if fields is None:
        return SuiteReading(suite=None, problems=problems.errors(), shapes=problems.shapes)
    known = all_evaluators() if evaluators is None else evaluators
    reader = _Reader(fields, fields.suite or name, Checks(known, problems), problems, tables)
    scenarios = reader.scenarios()
    matrix = fields.matrix if isinstance(fields.matrix, MatrixFields) else None
    variants = variants_of(matrix, ("matrix",), problems)
    if problems:
        return SuiteReading(suite=None, problems=problems.errors(), shapes=problems.shapes)
    suite = Suite(
        name=fields.suite or name,
        scenarios=tuple(scenarios),
        variants=variants,
        path=document.name,
        digest=_digest(value, reader.read_tables),
    )
    return SuiteReading(suite=suite)


class _Reader:
    def __init__(
        self, fields: SuiteFields, suite: str, checks: Checks, problems: Problems, tables: Tables | None
    ) -> None:
        self._fields = fields
        self._suite = suite
        self._checks = checks
        self._problems = problems
        self._tables = tables
        self._ids = Ids(problems)
        self.read_tables: dict[str, Sequence[Row]] = {}

    def scenarios(self) -> list[Scenario]:
        """Every scenario of the file, those of tables included."""
        defaults = (
            self._fields.defaults if isinstance(self._fields.defaults, SharedFields) else SharedFields()
        )
        shared = _variables(self._fields.variables, ("variables",), self._problems)
        shared |= _variables(defaults.variables, ("defaults", "variables"), self._problems)
        found: list[Scenario] = []
        for number, own in enumerate(self._fields.scenarios):
            if own is None:  # noted already
                continue
            place: Place = ("scenarios", number)
            name = self._id(own, place)
            mine = shared | _variables(own.variables, (*place, "variables"), self._problems)
            for label, row in self._rows(own, place):
                source = Source(
                    own=own,
                    defaults=defaults,
                    place=place,
                    id=f"{name}[{label}]" if label else name,
                    suite=self._suite,
                    agent=self._fields.agent or "",
                    variables={**mine, **row},
                )
                self._ids.take(source.id, place if not label else (*place, "foreach", label))
                found.append(make_scenario(source, self._checks, self._problems))
            if len(found) > MAX_CASES:
                self._problems.add(place, f"the file makes more than {MAX_CASES:,} scenarios", "split it")
                break
        return found

    def _id(self, own: ScenarioFields, place: Place) -> str:
        if own.id is not UNSET:
            return str(own.id)
        if own.title is UNSET:
            self._problems.shape(place, "the scenario has neither id nor title", "id: what-it-is-about")
            return f"scenarios[{place[-1]}]"
        made = slug(str(own.title))
        if not made:
            what = f"the title {shown(own.title)} gives no id"
            self._problems.add((*place, "title"), what, "id: what-it-is-about")
        return made or f"scenarios[{place[-1]}]"

    def _rows(self, own: ScenarioFields, place: Place) -> Sequence[tuple[str, Row]]:
        at = (*place, "foreach")
        if own.foreach is UNSET:
            return [("", {})]
        rows: Sequence[Row] = (
            self._table(own.foreach, at) if isinstance(own.foreach, str) else own.foreach or ()
        )
        if not rows:
            self._problems.add(at, "the table has no rows")
        for column in dict.fromkeys(key for row in rows for key in row):
            if not NAME.fullmatch(column):
                what = f"the column {shown(column)} cannot be the name of a variable"
                self._problems.add(at, what, "use letters, digits, _, . and -")
        names = [row_name(row, number, at, self._problems) for number, row in enumerate(rows, start=1)]
        return list(zip(names, rows, strict=True))

    def _table(self, name: str, place: Place) -> Sequence[Row]:
        if name in self.read_tables:
            return self.read_tables[name]
        if self._tables is None:
            self._problems.add(place, f"the table {shown(name)} is a file, and none can be read here")
            return ()
        try:
            self.read_tables[name] = self._tables(name)
        except ScenarioInvalid as error:
            self._problems.add(place, f"{error.what} ({error.where})", error.remedy)
            self.read_tables[name] = ()
        return self.read_tables[name]


def _refuse_own(value: Json, problems: Problems) -> None:
    """Say of a field that only a single scenario can have more than that it is unknown."""
    defaults = value.get("defaults") if isinstance(value, Mapping) else None
    for key in ("id", "title", "foreach", "source"):
        if isinstance(defaults, Mapping) and key in defaults:
            problems.shape(
                ("defaults", key), f"{key} belongs to one scenario, not to all of them", f"leave {key} out"
            )


def _variables(given: object, place: Place, problems: Problems) -> dict[str, Json]:
    found: dict[str, Json] = dict(given) if isinstance(given, Mapping) else {}
    for name in found:
        if not NAME.fullmatch(name):
            what = f"{shown(name)} cannot be the name of a variable"
            problems.add((*place, name), what, "use letters, digits, _, . and -, a letter first")
    return found


def _digest(value: Json, tables: Mapping[str, Sequence[Row]]) -> str:
    """That of what the file and its tables say; comments, order of fields and format do not count."""
    assert isinstance(value, Mapping)
    said: dict[str, Json] = {key: item for key, item in value.items() if key != "$schema"}
    if tables:
        said["$tables"] = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    return f"sha256:{hashlib.sha256(canonical_json(said).encode()).hexdigest()}"
