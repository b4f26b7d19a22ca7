"""Worlds that agents work on: laid out before a trial, looked at after it, gone then."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agentops_eval.domain import Json, Scenario, ScenarioInvalid, World, nearest, to_json

_LARGEST_FILE = 1_000_000
_MOST_ROWS = 10_000


class OpenWorld(Protocol):
    """What an agent is handed. It may have anything else that the agent's tools need."""

    def state(self) -> Json:
        """What it holds now, as JSON: tables of rows, files by name, or whatever it is made of."""
        ...


@dataclass(frozen=True, slots=True)
class SqliteWorld:
    """A SQLite database of its own at ``path``."""

    path: Path

    def connect(self) -> sqlite3.Connection:
        """A new connection; close it."""
        return sqlite3.connect(self.path)

    def state(self) -> Json:
        """Every table as rows, in the order of their keys. Raises ValueError for more than 10,000 rows."""
        with closing(self.connect()) as db:
            db.row_factory = sqlite3.Row
            return {name: _rows(db, name) for name in _tables(db)}


@dataclass(frozen=True, slots=True)
class FilesWorld:
    """A folder of its own at ``path``."""

    path: Path

    def state(self) -> Json:
        """Files by their path: text as it is, what is large or no text by its digest."""
        return {str(file.relative_to(self.path).as_posix()): _content(file) for file in self._files()}

    def _files(self) -> Iterator[Path]:
        yield from (one for one in sorted(self.path.rglob("*")) if one.is_file() and not one.is_symlink())


def check_world(scenario: Scenario) -> None:
    """Raise ScenarioInvalid where the set-up of one of our worlds cannot be meant, before anything runs."""
    world = scenario.world
    known = {"sqlite": ("schema", "tables")}.get("" if world is None else world.kind)
    if world is None or known is None:
        return
    unknown = sorted(world.setup.keys() - set(known))
    if unknown:
        what = f"a {world.kind} world has no {unknown[0]!r}"
        example = "sqlite: {tables: {orders: [{id: 1}]}}"
        raise ScenarioInvalid(
            what, where=f"{scenario.where} world.{world.kind}", remedy=f"for example {example}"
        )


@contextmanager
def open_world(world: World, *, resolve: Callable[[str], Callable[..., Any]]) -> Generator[OpenWorld]:
    """Lay a world out. ``resolve`` finds ``module:callable``, which is called with the set-up as keywords.

    Raises ScenarioInvalid for a set-up that cannot be laid out, and what ``resolve`` raises.
    """
    if ":" in world.kind:
        made = _made(world, resolve(world.kind))
        with made if isinstance(made, AbstractContextManager) else nullcontext(made) as opened:
            if not callable(getattr(opened, "state", None)):
                what = f"{world.kind} gives a {type(opened).__name__}, which has no state()"
                raise ScenarioInvalid(
                    what, where="world", remedy="give it a method state() that returns JSON"
                )
            yield opened
        return
    lay = _KINDS.get(world.kind)
    if lay is None:
        what = f"there is no world {world.kind!r}"
        raise ScenarioInvalid(what, where="world", remedy=f"{nearest(world.kind, _KINDS)} or module:callable")
    with tempfile.TemporaryDirectory(prefix="agentops-world-") as folder:
        yield lay(Path(folder), world.setup)


def _made(world: World, factory: Callable[..., Any]) -> Any:
    try:
        return factory(**world.setup)
    except TypeError as error:
        raise ScenarioInvalid(f"{world.kind}: {error}", where="world", remedy="see its parameters") from error


def _lay_sqlite(folder: Path, setup: Mapping[str, Json]) -> OpenWorld:
    made = SqliteWorld(folder / "world.db")
    tables = setup.get("tables") or {}
    with closing(made.connect()) as db:
        try:
            db.executescript(str(setup.get("schema") or ""))
            for name, rows in tables.items() if isinstance(tables, Mapping) else ():
                _fill(db, name, rows if isinstance(rows, list) else [])
            db.commit()
        except sqlite3.Error as error:
            raise ScenarioInvalid(
                f"the database: {error}",
                where="world.sqlite",
                remedy="`schema` creates each table and column that `tables` fills",
            ) from None
    return made


def _fill(db: sqlite3.Connection, table: str, rows: Iterable[Json]) -> None:
    """Insert rows; a table that the schema does not make is made with their columns."""
    listed = [row for row in rows if isinstance(row, Mapping)]
    if table not in _tables(db):
        columns = list(dict.fromkeys(column for row in listed for column in row)) or ["id"]
        db.execute(f"CREATE TABLE {_quoted(table)} ({', '.join(map(_quoted, columns))})")
    for row in listed:
        names, places = ", ".join(map(_quoted, row)), ", ".join("?" * len(row))
        statement = f"INSERT INTO {_quoted(table)} ({names}) VALUES ({places})"  # noqa: S608  # names are quoted
        db.execute(statement, tuple(row.values()))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tables(db: sqlite3.Connection) -> list[str]:
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [str(row[0]) for row in found if not str(row[0]).startswith("sqlite_")]


def _rows(db: sqlite3.Connection, table: str) -> Json:
    statement = f"SELECT * FROM {_quoted(table)} LIMIT {_MOST_ROWS + 1}"  # noqa: S608  # the name is quoted
    rows = [{key: to_json(row[key]) for key in row.keys()} for row in db.execute(statement)]  # noqa: SIM118
    if len(rows) > _MOST_ROWS:
        raise ValueError(f"the table {table} has more than {_MOST_ROWS:,} rows")
    return rows


def _lay_files(folder: Path, setup: Mapping[str, Json]) -> OpenWorld:
    for name, content in setup.items():
        target = folder / name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise ScenarioInvalid(
                f"{name!r} leaves the world's folder",
                where="world.files",
                remedy="name files relative to it, without ..",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else str(content), encoding="utf-8")
    return FilesWorld(folder)


def _content(file: Path) -> Json:
    data = file.read_bytes()
    if len(data) <= _LARGEST_FILE:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


_KINDS: Mapping[str, Callable[[Path, Mapping[str, Json]], OpenWorld]] = {
    "files": _lay_files,
    "sqlite": _lay_sqlite,
}
