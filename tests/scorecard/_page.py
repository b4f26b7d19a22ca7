"""The table of criteria in the reference. ``python -m tests.scorecard._page`` writes it anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from agentops_eval.scorecard import DIMENSIONS, Criterion, shipped_criteria

DOCS = Path(__file__).parents[2] / "docs/reference"
EVIDENCE_PAGE = DOCS / "evidence.md"
CRITERIA_PAGE = DOCS / "criteria.md"
BEGIN, END = "<!-- criteria: begin -->\n", "<!-- criteria: end -->\n"


def table_of(criteria: Sequence[Criterion]) -> str:
    """All criteria, a table for each dimension."""
    lines = []
    for name in DIMENSIONS:
        lines += [
            f"### {name}",
            "",
            "| level | id | what is so | shown by | relates to |",
            "|---|---|---|---|---|",
        ]
        own = sorted((one for one in criteria if one.dimension == name), key=lambda one: one.level)
        lines += [_row(one) for one in own]
        lines.append("")
    return BEGIN + "\n".join(lines) + END


def _row(one: Criterion) -> str:
    short = one.id.partition(".")[2]
    clauses = "; ".join(f"{', '.join(clauses)}" for clauses in one.maps.values())
    cells = [str(one.level), f"`{short}`", one.title, _shown_by(one), clauses]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _shown_by(one: Criterion) -> str:
    if one.check is None:
        return "a signature"
    check = one.check
    parts = [f"`{check.kind}`", *([f"`{check.subject}`"] if check.subject != "*" else [])]
    told = [f"{each.measure} {each.sign} {each.bound:g}" for each in check.measures]
    told += [f"{check.subjects} subjects"] if check.subjects > 1 else []
    told += [f"within {check.max_age_days} days"] if check.max_age_days else []
    return " ".join(parts) + (f": {', '.join(told)}" if told else "")


def main() -> None:
    """Write the table into the page."""
    page = CRITERIA_PAGE.read_text(encoding="utf-8")
    table = table_of(shipped_criteria().criteria)
    page = re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: table, page, flags=re.DOTALL)
    CRITERIA_PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
