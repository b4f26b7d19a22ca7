"""The page on planted bugs says of each what the table in the code says."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.demo.flaws import FLAWS, Flaw

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/find-planted-bugs.md"


def row(flaw: Flaw) -> str:
    """One line of the page's table."""
    by = f"chaos check --only {flaw.check}" if flaw.check else "chaos explore"
    return f"| `{flaw.module}` | {flaw.what} | `{by}` | {flaw.harm} `{flaw.subject}` | `{flaw.under}` |"


def test_the_page_lists_each_flaw_as_it_is() -> None:
    """Module, flaw, command, harm and smallest schedule, in the order of the code."""
    page = PAGE.read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `")] == [row(flaw) for flaw in FLAWS]
