"""Bytes of a scenario file, by the name's suffix, to what they say; and whether a file is one at all."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from agentops_eval import documents
from agentops_eval.documents import Document, csv_rows, decoded, json_rows, read_document, read_json, shown
from agentops_eval.domain import Json
from agentops_eval.evals.suites._csv import read_csv
from agentops_eval.evals.suites._jsonl import read_jsonl
from agentops_eval.evals.suites._kind import SCENARIO_FILE

SUFFIXES = (".yaml", ".yml", ".json", ".jsonl", ".csv")
HEAD_BYTES = 65_536

_TABLES = (".csv", ".jsonl", ".json")
_ROWS = {".jsonl": read_jsonl, ".csv": read_csv}
_OURS = (".otlp.jsonl", ".cassette.jsonl", ".calibration.json")
_TOP_KEY = re.compile(r"""^["']?([A-Za-z_][\w-]*)["']?[ \t]*:(?:[ \t\r]|$)""", re.MULTILINE)
_ANY_KEY = re.compile(r"""["']?([A-Za-z_][\w-]*)["']?\s*:""")
_FIRST = frozenset({"suite", "scenarios"})
_CASE = frozenset({"id", "title", "expect"})


def parse(data: bytes, name: str) -> Document:
    """What a scenario file says. ``name`` is what errors call it. Raises ScenarioInvalid with the line."""
    return read_document(data, name, SCENARIO_FILE, more=_ROWS)


def parse_table(data: bytes, name: str) -> Sequence[Mapping[str, Json]]:
    """The rows of a table beside a scenario file: CSV, JSON lines, or a JSON list. Raises ScenarioInvalid."""
    refuse_long(len(data), name)
    suffix, text = PurePath(name).suffix.lower(), decoded(data, name, SCENARIO_FILE)
    if suffix == ".csv":
        return [row for _, row in csv_rows(text, name, SCENARIO_FILE)]
    if suffix == ".jsonl":
        rows = json_rows(text, name, SCENARIO_FILE)
    elif suffix == ".json":
        value = read_json(text, name, SCENARIO_FILE).value
        rows = [(0, row) for row in value] if isinstance(value, list) else [(0, value)]
    else:
        what = "a table is CSV, JSON or JSON lines"
        raise SCENARIO_FILE.unreadable(name, what, remedy=f"name it {', '.join(_TABLES)}")
    found: list[Mapping[str, Json]] = []
    for line, row in rows:
        if not isinstance(row, dict):
            what = f"a row of a table is a mapping, not {shown(row)}"
            raise SCENARIO_FILE.unreadable(
                name, what, line=line, remedy="write a name for each value: {order: 1042}"
            )
        found.append(row)
    return found


def refuse_long(length: int, name: str) -> None:
    """Raise ScenarioInvalid for a file that is longer than scenario files may be."""
    documents.refuse_long(length, name, SCENARIO_FILE)


def looks_like_scenarios(head: bytes, name: str) -> bool:
    """Whether a file is meant as a scenario file, by its name and its first bytes.

    A misspelt ``scenarios:`` still counts, so that it becomes an error and no file is passed over
    in silence.
    """
    lower = name.lower()
    if not lower.endswith(SUFFIXES) or lower.endswith(_OURS):
        return False
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if lower.endswith(".csv"):
        columns = re.split(r"[,;\t]", text.partition("\n")[0])
        bare = {column.strip().strip('"').removesuffix(":json") for column in columns}
        return bool(bare & {"input", "user.goal"}) and any(one.startswith("expect.") for one in bare)
    if lower.endswith(".jsonl"):
        return _is_row(text)
    flow = text.lstrip().startswith("{")
    keys = _flow_keys(text) if flow else set(_TOP_KEY.findall(text))
    return bool(keys & _FIRST) or any(_near(key) for key in keys)


def _near(key: str) -> bool:
    return bool(difflib.get_close_matches(key.lower(), ["scenarios"], n=1, cutoff=0.8))


def _flow_keys(text: str) -> set[str]:
    """The names at the top of a text in braces, as far as it goes; what stands deeper is passed over."""
    depth, keys = 0, set()
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}\[\]]|[A-Za-z_][\w-]*\s*:', text):
        word = token[0]
        if word in "{[":
            depth += 1
        elif word in "}]":
            depth -= 1
        elif depth == 1 and (name := _ANY_KEY.fullmatch(word)):
            keys.add(name[1])
    return keys


def _is_row(text: str) -> bool:
    """Whether the first line is a scenario, or a head."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    try:
        row = json.loads(first)
    except ValueError:
        row = dict.fromkeys(_flow_keys(first)) if first.lstrip().startswith("{") else None
    except RecursionError:
        return False
    if not isinstance(row, dict):
        return False
    asks = row.keys() & {"input", "user"} and row.keys() & _CASE
    return bool(asks or row.keys() & {"suite"} or (row.keys() & {"defaults", "agent"} and len(row) <= 5))
