"""Records that go into files: without secrets, chained, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import pytest

from agentops_eval.traces.audit import COLUMNS, Sealed, audit, cells, csv_line, seal
from agentops_eval.traces.redaction import Redactor
from tests.traces._live import Live
from tests.traces.audit.test_audit import WRITE

KEY = "sk-" + "proj-" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4"


def sealed(*arguments: Any, start: str = "") -> list[Sealed]:
    live = Live()
    for number, given in enumerate(arguments):
        live.tool("pay", at=number * 10, arguments=given, **WRITE)
    return list(seal(audit(live.normal).records, Redactor(), start=start))


def test_secrets_are_taken_out():
    """A key in an action's arguments is in no record."""
    (one,) = sealed({"key": KEY})
    assert KEY not in json.dumps(dict(one.record))
    assert "[redacted:" in str(one.record["arguments"])


def test_each_record_seals_all_before_it():
    """A change in one record changes its digest and all that follow, and none before."""
    first, other = sealed({"n": 1}, {"n": 2}, {"n": 3}), sealed({"n": 1}, {"n": 9}, {"n": 3})
    assert [a.sha256 == b.sha256 for a, b in zip(first, other, strict=True)] == [True, False, False]


def test_the_digest_can_be_checked_by_anybody():
    """It is the SHA-256 of the digest before and of the record as JSON with sorted keys and no spaces."""
    before = "ab" * 32
    (one,) = sealed({"n": "ü"}, start=before)
    spelt = json.dumps(dict(one.record), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert one.sha256 == hashlib.sha256((before + spelt).encode()).hexdigest()


def test_a_line_has_a_cell_for_each_column():
    """CSV that is read back has the columns of its first line; what is not told is empty."""
    (one,) = sealed({"n": 1})
    row = next(csv.reader(io.StringIO(csv_line(cells(one)))))
    named = dict(zip(COLUMNS, row, strict=True))
    assert (named["action"], named["arguments"], named["approval"]) == ("pay", '{"n":1}', "")
    assert named["sha256"] == one.sha256


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text: str):
    """What an llm wrote is not computed by a spreadsheet."""
    assert next(csv.reader(io.StringIO(csv_line([text]))))[0] == f"'{text}"
