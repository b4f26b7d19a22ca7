"""Results as lines of JSON: what is written, and what is read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, get_type_hints

import msgspec

from agentops_eval.domain import Ending, Json, Result, ResultsInvalid
from agentops_eval.harness._chained import chained_digest, json_line

VERSION = 1
_KEPT = frozenset({"suite", "case", "trial", "passed", "value", "ending"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsHeader:
    """The first line of a file of results: what ran, and of which scenarios.

    ``suites`` has the digest of each suite's file by its name; ``candidate`` and ``agent`` are what was
    asked for instead of what the files say. ``planned`` is how many trials were to be run.
    """

    agentops_results: int = VERSION
    tool: str = ""
    suites: Mapping[str, str] = field(default_factory=dict)
    candidate: str = ""
    agent: str = ""
    planned: int = 0


def header_line(header: ResultsHeader) -> bytes:
    """The header as a line."""
    return json_line(msgspec.to_builtins(header))


def row_of(result: Result) -> dict[str, Json]:
    """A result as the documented JSON object; what is not known or empty is left out."""
    told: dict[str, Json] = json.loads(json.dumps(msgspec.to_builtins(result)))  # tuples become lists
    verdicts = told.pop("verdicts")
    assert isinstance(verdicts, list)
    row = {"case": told.pop("case"), **told, "passed": result.passed}
    row["verdicts"] = [_filled(one) for one in verdicts]
    row["spend"] = _filled(row["spend"])
    said = {"output"} if result.output is not None else set()  # an empty answer is one
    return {
        key: value for key, value in row.items() if key in _KEPT | said or value not in (None, "", [], {}, ())
    }


def _filled(value: Json) -> Json:
    assert isinstance(value, Mapping)
    return {key: one for key, one in value.items() if one not in (None, "", [], ())}


def row_line(result: Result, *, after: str) -> tuple[bytes, str]:
    """A result as a line, and the digest in it, which also covers the digest of the line before."""
    row = row_of(result)
    digest = chained_digest(row, after=after)
    return json_line({**row, "digest": digest}), digest


def read_header(line: bytes, *, where: str) -> ResultsHeader:
    """Read the first line. Raises ResultsInvalid for another file, or one of a later release."""
    try:
        header = msgspec.json.decode(line, type=ResultsHeader)
    except msgspec.MsgspecError as error:
        raise ResultsInvalid(
            "this is no file of results",
            where=where,
            difference=str(error),
            remedy="give the file that `agentops-eval eval run --out` wrote",
        ) from None
    if b'"agentops_results"' not in line or header.agentops_results != VERSION:
        what = "this is no file of results, or one of another release"
        raise ResultsInvalid(what, where=where, remedy="run the suite again with --out")
    return header


# The result as it is read: what an agent answered may be any JSON, of which msgspec wants no type.
_KINDS = get_type_hints(Result, localns={"Json": Any})
_ROW = msgspec.defstruct(
    "Row",
    [
        (one.name, _KINDS[one.name])
        if one.default is MISSING and one.default_factory is MISSING
        else (
            one.name,
            _KINDS[one.name],
            msgspec.field(default_factory=one.default_factory)
            if one.default_factory is not MISSING
            else one.default,
        )
        for one in fields(Result)
    ],
    kw_only=True,
)


def read_row(line: bytes, *, after: str, where: str) -> tuple[Result, str]:
    """Read one line; gives the result and its digest.

    Raises ResultsInvalid for what is no row, and for one that is not as it was written.
    """
    try:
        row = json.loads(line)
        read = msgspec.convert(row, _ROW)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise ResultsInvalid(
            "this line is no result",
            where=where,
            difference=str(error)[:300],
            remedy="results are never edited: run the suite again with --out",
        ) from None
    told = row.pop("digest", "")
    if told != chained_digest(row, after=after):
        raise ResultsInvalid(
            "this line is not as it was written, or the one before it is not",
            where=where,
            remedy="results are never edited: run the suite again, or re-judge it with `eval decide`",
        )
    return Result(**{name: getattr(read, name) for name in _ROW.__struct_fields__}), told


def finished(result: Result) -> bool:
    """Whether a trial need not run again: it was judged."""
    return result.ending is Ending.JUDGED
