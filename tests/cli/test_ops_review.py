"""``ops review``: a month of made-up production as text, files and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli._kit import documented_keys, printed_keys
from tests.operations._runs import DAY_S, days, write

JULY_S = 1_751_328_000  # 2025-07-01T00:00:00Z
OBJECTIVES = "objectives:\n  - {name: success, indicator: task-success, target: 0.95}\n"
REVIEW = ("ops", "review", "prod.jsonl", "--objectives", "objectives.yaml")


@pytest.fixture
def prod(ae) -> Path:
    """May with few runs, June with more, dearer and worse ones, and a few of July."""
    (ae.folder / "objectives.yaml").write_text(OBJECTIVES, encoding="utf-8")
    may = days(31, a_day=1, until_s=JULY_S - 30 * DAY_S, seed=3, bad=0.0)
    june = days(30, a_day=2, until_s=JULY_S, seed=4, bad=0.2, cost_usd=0.02, wait_s=900.0, status="timeout")
    write(ae.folder / "prod.jsonl", [*may, *june, *days(1, a_day=3, until_s=JULY_S + DAY_S, seed=5)])
    return ae.folder


def test_the_last_whole_month_is_reviewed(ae, prod):
    """At a moment of July it is June: what was spent, against May, and what to change first."""
    done = ae(*REVIEW, "--at", "2025-07-02", "--json")
    told = done.document
    assert (done.code, told["month"], told["former"]) == (0, "2025-06", "2025-05")
    assert (told["runs"], told["runs_before"]) == (60, 31)
    assert (told["spent"]["usd"], told["spent_before"]["usd"], told["change_usd"]) == ("1.2", "0.31", "0.89")
    (one,) = told["changes"]
    parts = [Decimal(one[name]) for name in ("volume_usd", "tokens_usd", "price_usd", "unsplit_usd")]
    assert sum(parts) == Decimal(one["change_usd"]) == Decimal("0.89")
    assert [each["verdict"] for each in told["objectives"]] == ["fail"]
    assert {each["kind"]: each["before"] for each in told["incidents"]}["human"] == 0
    assert "keeping success" in told["steps"][0]["do"]
    ended = ae(*REVIEW, "--json").document
    assert ended["month"] == "2025-07"  # it has ended long ago


def test_its_commands_can_be_pasted(ae, prod):
    """Each shows what the step is about."""
    told = ae(*REVIEW, "--month", "2025-06", "--json").document
    assert len(told["steps"]) > 3
    for command in dict.fromkeys(one["command"] for one in told["steps"]):
        assert ae.paste(command).code in (0, 1), command


def test_files_keep_what_people_write_into_them(ae, prod):
    """Minutes and decisions stay when it is made again; the same runs give the same bytes."""
    out = prod / "reviews"
    done = ae(*REVIEW, "--month", "2025-06", "--out", "reviews")
    assert [path.name for path in sorted(out.iterdir())] == ["2025-06.html", "2025-06.json", "2025-06.md"]
    assert "written to reviews/2025-06.md" in done.out
    before = {path: path.read_bytes() for path in out.iterdir()}
    ae(*REVIEW, "--month", "2025-06", "--out", "reviews")
    assert {path: path.read_bytes() for path in out.iterdir()} == before
    page = out / "2025-06.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nDecided: lower the cap.\n", encoding="utf-8")
    again = ae(*REVIEW[:3], "--month", "2025-06", "--out", "reviews")
    text = page.read_text(encoding="utf-8")
    assert again.code == 0
    assert text.endswith("\nDecided: lower the cap.\n")
    assert "no file of objectives was given" in text
    assert json.loads((out / "2025-06.json").read_bytes())["month"] == "2025-06"
    page.write_text("# Mine\n", encoding="utf-8")
    refused = ae(*REVIEW, "--month", "2025-06", "--out", "reviews")
    assert (refused.code, "left alone" in refused.err, page.read_text()) == (2, True, "# Mine\n")


def test_scorecards_see_whether_the_last_review_is_kept(ae):
    """Made of the last month's runs it passes; one of long ago is none."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops]\nagent_name = "desk"\n', encoding="utf-8")

    def look() -> str:
        ae("scorecard")
        items = ae("evidence", "list", "--kind", "project", "--json").document["items"]
        return [one["verdict"] for one in items if one["subject"] == "review"][-1]

    now = datetime.now(UTC)
    first_s = datetime(now.year, now.month, 1, tzinfo=UTC).timestamp()
    for until_s, verdict in ((JULY_S, "unknown"), (first_s, "pass")):
        write(ae.folder / "prod.jsonl", days(3, a_day=1, until_s=until_s))
        assert ae("ops", "review", "prod.jsonl", "--out", "reviews").code == 0
        assert look() == verdict


def test_it_fits_eighty_columns(ae, prod, monkeypatch):
    """But for commands, which are pasted whole."""
    monkeypatch.setenv("COLUMNS", "80")
    write(
        prod / "more.jsonl",
        days(5, until_s=JULY_S - DAY_S, seed=9, agent="a-rather-long-name-of-an-agent" * 3),
    )
    done = ae("ops", "review", "prod.jsonl", "more.jsonl", "--month", "2025-06")
    long = [line for line in done.out.splitlines() if len(line) > 80]
    assert all(line.strip().startswith("agentops-eval ") for line in long)


def test_costs_that_are_unknown_make_the_month_unknown(ae, prod):
    """It is said of how many calls, and a step asks for prices."""
    write(prod / "free.jsonl", days(2, until_s=JULY_S - DAY_S, seed=8, cost_usd=None, agent="other"))
    done = ae("ops", "review", "prod.jsonl", "free.jsonl", "--month", "2025-06", "--json").document
    assert (done["spent"]["usd"], done["spent"]["known_usd"], done["spent"]["unknown"]) == (None, "1.2", 20)
    assert done["change_usd"] is None
    assert any("prices" in one["do"] for one in done["steps"])
    headline = ae("ops", "review", "free.jsonl", "--month", "2025-06").out.splitlines()[0]
    assert headline == "2025-06: at least $0.00 spent in 20 runs; the cost of 20 llm calls is unknown"


def test_hostile_names_stay_in_their_place(ae):
    """No terminal is painted over, and no page runs anything."""
    bad = "\x1b[2J<script>alert(1)</script>|\u202e"
    write(ae.folder / "bad.jsonl", days(3, until_s=JULY_S, seed=2, agent=bad, tool=bad))
    done = ae("ops", "review", "bad.jsonl", "--month", "2025-06", "--out", "r")
    assert (done.code, "\x1b" in done.out, "\u202e" in done.out) == (0, False, False)
    page, text = ((ae.folder / f"r/2025-06.{kind}").read_text(encoding="utf-8") for kind in ("html", "md"))
    assert page.count("<script") == 1
    assert "<script" not in text


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--month", "2025-13"), 2, "is no month"),
        (("--month", "0001-01"), 2, "is no month"),
        (("--month", "9999-12"), 2, "is no month"),
        (("--month", "\uff12025-06"), 2, "is no month"),
        (("--month", "2025-07", "--at", "2025-07-15"), 2, "has not ended"),
        (("--month", "2024-01"), 1, "0 runs"),
        (("--at", "2025-05-20"), 1, "no month that has ended"),
        (("--objectives", "nix.yaml"), 2, "cannot be read"),
    ],
)
def test_what_cannot_be_reviewed(ae, prod, more, code, says):
    """A month that is none, or not over, or without runs, or held against nothing."""
    done = ae("ops", "review", "prod.jsonl", *more)
    assert (done.code, says in done.out + done.err) == (code, True), done.out + done.err


def test_keys_are_those_of_the_page(ae, prod):
    """Every key that it prints is documented, and the reverse."""
    known = documented_keys()["ops review"]
    printed = ae(*REVIEW, "--month", "2025-06", "--out", "r", "--json").document
    export = prod / "prod.jsonl"
    export.write_text(export.read_text(encoding="utf-8") + "nonsense\n", encoding="utf-8")
    with_problems = ae(*REVIEW, "--month", "2025-06", "--json").document
    assert printed_keys(printed, known) | printed_keys(with_problems, known) == known
