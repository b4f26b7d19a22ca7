"""Every page that we write, held against the rules of axe-core: light on a desk, dark on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_eval.reports import (
    CandidateShares,
    calibration_html,
    decision_html,
    evidence_html,
    finding_html,
    fleet_html,
    gameday_html,
    power_page,
    results_html,
    scorecard_html,
    trace_diff_html,
    trace_html,
)
from tests.reports._axe import findings
from tests.reports._pages import WHOLE
from tests.reports.calibration._calibrations import calibration
from tests.reports.chaos._days import calm, day, day_of_agents
from tests.reports.fleet._fleets import fleet, well
from tests.reports.gate._decisions import cost, decision, metric, planned, unpaid
from tests.reports.scorecard._cards import agents, card, history, short
from tests.reports.scorecard._cards import calm as ready
from tests.reports.test_browser_charts import explored
from tests.reports.trace._stories import story
from tests.traces.diff.test_rendering import AFTER, BEFORE, between

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports._browser import Browser

SHARES = CandidateShares(
    name="one", effect=0, promote=(0.5, 0.4, 0.6), hold=(0.4, 0.3, 0.5), rollback=(0.1, 0, 0.2)
)
PAGES = {
    "suite": lambda: results_html(WHOLE),
    "gate": lambda: decision_html(decision(metrics=[metric(), cost(), unpaid(), planned()])),
    "game day": lambda: gameday_html(day()),
    "calm day": lambda: gameday_html(calm()),
    "power": lambda: power_page([SHARES], title="power", axis="effect"),
    "scorecard": lambda: scorecard_html(card(), trend=history(), beside=agents(count=8)),
    "scorecard, short": lambda: scorecard_html(short()),
    "scorecard, ready": lambda: scorecard_html(ready()),
    "fleet": lambda: fleet_html(fleet()),
    "fleet, well": lambda: fleet_html(well()),
    "finding": lambda: finding_html(fleet().findings[0]),
    "evidence": lambda: evidence_html(fleet()),
    "exploration": lambda: explored("the cache goes away"),
    "agents' day": lambda: gameday_html(day_of_agents()),
    "calibration": lambda: calibration_html(calibration(), title="desk"),
    "trace": lambda: trace_html(story()),
    "trace diff": lambda: trace_diff_html(between(BEFORE, AFTER)),
}


@pytest.mark.parametrize(
    ("width", "dark"), [(1280, False), (360, True)], ids=["desktop, light", "phone, dark"]
)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, name: str, width: int, *, dark: bool) -> None:
    """No finding of any impact, with every fold open."""
    path = tmp_path / "page.html"
    path.write_text(PAGES[name](), encoding="utf-8")
    browser.open(path, width=width, dark=dark)
    browser.run("for (const one of document.querySelectorAll('button[aria-expanded=false]')) one.click()")
    assert findings(browser) == []


def test_axe_finds_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    """A page without a language, with a field and a picture that have no name, does not pass."""
    path = tmp_path / "page.html"
    path.write_text("<!doctype html><title>x</title><h1>x</h1><input><img src=''>", encoding="utf-8")
    browser.open(path)
    found = " ".join(findings(browser))
    for rule in ("html-has-lang", "label", "image-alt"):
        assert f" {rule}:" in found
