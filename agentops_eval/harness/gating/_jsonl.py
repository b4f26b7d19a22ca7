"""Samples as JSON lines: one object a row."""

from __future__ import annotations

import json
from typing import Any

from agentops_eval.domain import Reason, SamplesInvalid
from agentops_eval.harness.gating._lines import Lines
from agentops_eval.harness.gating._rows import EXAMPLE, Rows, shown

BROKEN = (ValueError, RecursionError)
"""What is raised for text that is no JSON, or is nested too deeply."""


def decode(line: bytes) -> Any:
    """Any JSON, with NaN and Infinity as Python and JavaScript write them. Raises what is in ``BROKEN``."""
    import msgspec

    try:
        return msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return json.loads(line)


def read_lines(lines: Lines, rows: Rows) -> tuple[Reason, ...]:
    """Read every row; a last one that was cut off is left out, and told.

    Raises SamplesInvalid, naming the line, for what is no row.
    """
    import msgspec

    fast = msgspec.json.Decoder().decode
    for line in lines:
        try:
            row = fast(line)
        except (msgspec.MsgspecError, *BROKEN):
            if line.isspace():
                continue
            try:
                row = decode(line)
            except BROKEN as error:
                if not line.endswith(b"\n"):
                    return (lines.torn(),)
                raise SamplesInvalid(
                    "this line is no JSON",
                    where=lines.where,
                    difference=f"{type(error).__name__}: {str(error)[:200]}",
                    remedy=f"give one object a line, such as {EXAMPLE}",
                ) from None
        if not isinstance(row, dict):
            raise SamplesInvalid(
                f"this line is {shown(row)}, and no row",
                where=lines.where,
                remedy=f"give one object a line, such as {EXAMPLE}",
            )
        rows.take(lines.number, row)
    return ()
