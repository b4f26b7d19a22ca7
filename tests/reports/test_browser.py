"""The page in a real browser, from disk: sorted, filtered, read by keyboard, deaf to what agents wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.reports import CaseDiff, Report, cases_of, worst_first
from tests.reports._pages import WHOLE, worst_names, written
from tests.reports._results import HOSTILE, ROWS, failed, hostile, passed, suite

if TYPE_CHECKING:
    from tests.reports._browser import Browser

CASES = cases_of(WHOLE.results)
STATUS, CASE, PASSED, CHANGE, SCORE, COST, SECONDS = range(7)

# For every text that is seen: how far it stands out from what is behind it (WCAG 2.2, 1.4.3).
CONTRASTS = """
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
function rgba(colour) {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
}
function over(top, under) {
  return [0, 1, 2].map((n) => top[n] * top[3] + under[n] * (1 - top[3])).concat(1);
}
function behind(element) {
  if (!element) return [255, 255, 255, 1];
  const own = rgba(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, behind(element.parentElement));
}
function luminance(colour) {
  const [r, g, b] = colour.slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const found = [];
for (const element of document.body.querySelectorAll('*')) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility() || element.closest('svg, script, option')) continue;
  const back = behind(element), front = over(rgba(getComputedStyle(element).color), back);
  const [light, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  const ratio = (light + 0.05) / (dark + 0.05);
  found.push([ratio, element.className || element.tagName, element.textContent.slice(0, 40)]);
}
return found;
"""


def test_it_opens_from_disk_without_asking_for_anything_else(browser: Browser, page: Path) -> None:
    """The worst cases stand first, the console is silent, and no request leaves the file."""
    browser.troubles()
    browser.requests()
    browser.open(page)
    assert browser.names() == worst_names()
    assert browser.run("return document.getElementById('shown').textContent") == "40 of 40 cases"
    assert browser.troubles() == []
    assert browser.requests() == {"file"}


def test_heads_of_columns_sort_both_ways_and_the_unknown_is_last(browser: Browser, tmp_path: Path) -> None:
    """Numbers by size, names as people count, and what is not known behind everything in both directions."""
    results = suite(30)
    path = written(tmp_path, Report(results=[*results, passed("free"), failed("case-9"), failed("case-10")]))
    browser.open(path)
    cases = cases_of([*results, passed("free"), failed("case-9"), failed("case-10")])
    known = sorted(case.cost_usd for case in cases if case.cost_usd is not None)
    browser.click("th[data-key=c] button")
    assert browser.column(COST - 1) == [*(f"${cost:.4f}" for cost in known), "", "", ""]
    browser.click("th[data-key=c] button")
    assert browser.column(COST - 1) == [*(f"${cost:.4f}" for cost in reversed(known)), "", "", ""]
    assert browser.run("return document.querySelector('th[data-key=c]').ariaSort") == "descending"
    browser.click("th[data-key=n] button")
    names = browser.names()
    assert names.index("refunds/case-9") < names.index("refunds/case-10")
    assert browser.run("return document.querySelectorAll('th[aria-sort]').length") == 1


@pytest.mark.parametrize(
    ("key", "column", "value"),
    [
        ("p", PASSED, lambda case: case.passed / len(case.trials)),
        ("x", SCORE, lambda case: case.score),
        ("l", SECONDS, lambda case: case.latency_s),
        ("s", STATUS, lambda case: case.status.rank),
    ],
    ids=["passed", "score", "seconds", "verdict"],
)
def test_each_column_sorts_by_its_figure(browser: Browser, page: Path, key, column, value) -> None:
    """The order on the page is that of the figures; equal ones keep the order of the results."""
    browser.open(page)
    if key != "s":
        browser.click(f"th[data-key={key}] button")
    known = [case for case in CASES if value(case) is not None]
    rest = [case for case in CASES if value(case) is None]
    rounded = sorted(known, key=lambda case: round(value(case), 4 if key != "l" else 3))
    assert browser.names() == [case.name for case in (*rounded, *rest)]
    assert len(browser.column(column)) == len(CASES)


def test_filters_narrow_what_is_shown_and_clear_widens_it(browser: Browser, page: Path) -> None:
    """Verdict, tag, segment and text each leave exactly the cases that they mean; together they narrow."""
    browser.open(page)
    browser.choose("tag", "money")
    money = [case for case in worst_first(CASES) if "money" in case.trials[0].tags]
    assert browser.names() == [case.name for case in money]
    browser.choose("segment", "language: fr")
    french = [case for case in money if case.trials[0].segments["language"] == "fr"]
    assert browser.names() == [case.name for case in french]
    browser.choose("status", "0")
    assert browser.names() == [case.name for case in french if case.status == "failed"]
    browser.click("#clear")
    assert browser.names() == worst_names()
    browser.choose("change", "0")
    assert set(browser.names()) == {f"refunds/{change.case}" for change in WHOLE.comparison.regressions}


def test_a_tile_is_a_filter_and_says_whether_it_is_on(browser: Browser, page: Path) -> None:
    """Pressed it shows its cases only; pressed again it shows all."""
    browser.open(page)
    browser.click(".tile.needs_recording")
    assert set(browser.names()) == {case.name for case in CASES if case.status == "needs_recording"}
    assert browser.run("return document.querySelector('.tile.needs_recording').ariaPressed") == "true"
    browser.click(".tile.needs_recording")
    assert len(browser.names()) == len(CASES)


def test_the_text_is_looked_for_in_reasons_and_answers(browser: Browser, page: Path) -> None:
    """All words have to be there, in any case of letters; what nobody wrote finds nothing."""
    from selenium.webdriver import Keys

    browser.open(page)
    browser.press("/")
    browser.press("IDEMPOTENCY twice")
    assert set(browser.names()) == {
        case.name for case in CASES if any("idempotency" in v.reason for t in case.trials for v in t.verdicts)
    }
    browser.press(Keys.ESCAPE)
    assert len(browser.names()) == len(CASES)
    browser.press("order 1007 refunded")
    assert browser.names() == ["refunds/late-parcel-1007"]
    browser.press("nobody")
    assert browser.names() == []
    assert browser.run("return document.getElementById('shown').textContent") == "0 of 40 cases"


def test_everything_is_done_by_keyboard(browser: Browser, page: Path) -> None:
    """Arrows go from case to case, Enter opens and closes, and the focus stays where the reader is."""
    from selenium.webdriver import Keys

    browser.open(page)
    browser.run("document.querySelector('#rows button.name').focus()")
    browser.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
    focused = "return document.activeElement.textContent"
    assert browser.run(focused) == worst_names()[1]
    browser.press(Keys.ENTER)
    assert browser.run("return document.activeElement.ariaExpanded") == "true"
    assert browser.run("return document.querySelectorAll('.detail').length") == 1
    browser.press(Keys.ENTER)
    assert browser.run("return document.querySelectorAll('.detail').length") == 0
    assert browser.run(focused) == worst_names()[1]


def test_tab_reaches_every_control_in_reading_order(browser: Browser, page: Path) -> None:
    """From the top to the first case: the skip link, the switch, tiles, filters, heads, and each is seen."""
    from selenium.webdriver import Keys

    browser.open(page)
    reached, first = [], "document.querySelector('#rows button.name')"
    for _ in range(60):
        browser.press(Keys.TAB)
        reached.append(
            browser.run("const a = document.activeElement; return a.id || a.className || a.tagName")
        )
        assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") != "none"
        if browser.run(f"return document.activeElement === {first}"):
            break
    for control in ("skip", "theme", "find", "status", "change", "tag", "segment", "clear", "name"):
        assert control in reached
    assert [reached.index(one) for one in ("skip", "theme", "find", "clear", "name")] == sorted(
        reached.index(one) for one in ("skip", "theme", "find", "clear", "name")
    )


def test_a_regression_leads_to_its_case_with_the_first_diverging_step(browser: Browser, page: Path) -> None:
    """The link opens the case, whatever was filtered; both traces stand side by side, the step is marked."""
    browser.open(page)
    browser.choose("status", "4")
    browser.click('a[href^="#case-"]')
    change = WHOLE.comparison.regressions[0]
    (name,) = browser.texts("button.name[aria-expanded=true]")
    assert name == f"refunds/{change.case}"
    assert browser.run("return document.activeElement.textContent") == name
    assert browser.texts(".detail .sides.first pre") == [ROWS[2].left, ROWS[2].right]
    assert (
        browser.run("return document.querySelector('.detail .first .mark').textContent")
        == "first diverging step"
    )
    assert browser.texts(".detail .first :is(del, ins)") == ["59.90", "5990"]


def test_an_address_opens_a_case(browser: Browser, page: Path) -> None:
    """A link with a case's number can be sent to someone else."""
    browser.open(page, fragment="#case-7")
    assert (
        browser.run("return document.querySelector('button.name[aria-expanded=true]').textContent")
        == CASES[7].name
    )


def test_a_case_tells_everything_of_its_trials(browser: Browser, page: Path) -> None:
    """Verdicts, reasons, answer, versions, seed, trace and what to do about it."""
    at = next(n for n, case in enumerate(CASES) if case.status == "failed" and len(case.trials) == 3)
    browser.open(page, fragment=f"#case-{at}")
    browser.run("for (const one of document.querySelectorAll('.detail details')) one.open = true")
    browser.run("return new Promise((done) => setTimeout(done, 50))")
    told = browser.run("return document.querySelector('.detail').textContent")
    for trial in CASES[at].trials:
        assert trial.output in told
        assert f"seed{trial.seed}" in told
        assert trial.trace_id in told
        for one in trial.verdicts:
            assert one.reason in told
    for turn in CASES[at].asked:
        assert turn in told
    assert "prompt desk1.4.0 (3f9c2a)" in told
    assert CASES[at].trials[0].where in told


_PIECES = """
const found = [];
for (const cell of document.querySelectorAll('.chart th[scope=row], .verdicts tbody td:nth-child(3)')) {
  for (const node of cell.childNodes) if (node.nodeType === 3) {
    const range = document.createRange();
    range.selectNode(node);
    found.push([node.data, new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size]);
  }
}
return found;
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360], ids=["desktop", "phone"])
def test_all_text_stands_out_from_what_is_behind_it(browser: Browser, page: Path, dark, width) -> None:
    """At least 4.5 to 1 (WCAG AA), with a case, its trials and every fold open."""
    browser.open(page, dark=dark, width=width, fragment=f"#case-{CASES.index(worst_first(CASES)[0])}")
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    found = browser.run(CONTRASTS)
    assert len(found) > 200
    assert [one for one in found if one[0] < 4.5] == []


def test_light_and_dark_follow_the_system_and_the_switch(browser: Browser, page: Path) -> None:
    """The switch wins over the system until it is set back."""
    back = "return getComputedStyle(document.body).backgroundColor"
    browser.open(page)
    light = browser.run(back)
    browser.choose("theme", "dark")
    dark = browser.run(back)
    browser.choose("theme", "")
    assert browser.run(back) == light
    browser.open(page, dark=True)
    assert browser.run(back) == dark != light
    browser.choose("theme", "light")
    assert browser.run(back) == light
    browser.choose("theme", "")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_scrolls_sideways(browser: Browser, tmp_path: Path, width) -> None:
    """Long words of agents break; an open case with its diff fits a phone of 360 pixels."""
    text = f"{'x' * 3_000} {'/'.join(['path'] * 300)}"
    loud = hostile(text)
    rows = tuple(ROWS) + loud.diffs[0].rows
    diff = CaseDiff(suite=text, case=text, variant=text, baseline=text, candidate=text, rows=rows)
    results = [*loud.results, *WHOLE.results]
    told = Report(
        results=results, info=loud.info, comparison=loud.comparison, diffs=(diff,), prompts=loud.prompts
    )
    browser.open(written(tmp_path, told), width=width, fragment="#case-0")
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.run("return document.querySelectorAll('.detail').length") == 1
    assert browser.run("return document.documentElement.scrollWidth") <= width
    browser.open(written(tmp_path, WHOLE), width=width, fragment="#case-1")
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_agents_wrote_does_nothing(browser: Browser, tmp_path: Path, text) -> None:
    """In every place that takes a text, shown and opened: nothing runs, loads, navigates or appears."""
    browser.troubles()
    browser.requests()
    path = written(tmp_path, hostile(text))
    browser.open(path)
    browser.run("for (const one of document.querySelectorAll('#rows button.name')) one.click()")
    browser.run(
        "for (const one of document.querySelectorAll('button.name[aria-expanded=false]')) one.click()"
    )
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.run("return document.querySelectorAll('.detail').length") >= 1
    assert browser.run("return typeof window.pwned") == "undefined"
    assert browser.run("return document.scripts.length") == 2
    foreign = "return document.querySelectorAll('img, iframe, base, link, form, object, svg [onload]').length"
    assert browser.run(foreign) == 0
    assert browser.run("return location.pathname") == path.as_posix()
    assert browser.troubles() == []
    assert browser.requests() == {"file"}
