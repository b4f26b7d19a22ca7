"""A folder of 10,000 results: gathered, written as pages, and opened in a browser until it can be used."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.domain import Ending, Result, Spend, Verdict, VerdictValue
from agentops_eval.harness.evaluating import ResultsHeader, ResultsWriter
from agentops_eval.harness.reporting import SiteOrder, build
from benchmarks._rows import Row, at_most, median_interval

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

IDS = ("report.open_10k",)
RESULTS, ROUNDS, GOAL_S = 10_000, 5, 3.0
_PATIENCE_S = 60.0
_READY = "return location.href === arguments[0] && performance.getEntriesByName('ready').length === 1"
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")


def rows() -> Iterator[Row]:
    """The pages of 10,000 results and then the index and the results' own page, each until it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_results(root / "results.jsonl", RESULTS)
        driver = _browser()
        try:
            yield _row(root, driver)
        finally:
            if driver is not None:
                driver.quit()


def _row(root: Path, driver: Chrome | None) -> Row:
    built, opened = [], []
    for number in range(ROUNDS if driver is not None else 1):
        seconds, pages = timed_build(root, root / f"out-{number}")
        built.append(seconds)
        if driver is not None:
            opened.append(sum(timed_open(driver, page) for page in pages))
    whole = [sum(pair) for pair in zip(built, opened, strict=False)] or built
    middle, low, high = median_interval(whole)
    goal, met = at_most(GOAL_S, middle, " s")
    size = sum(page.stat().st_size for page in (root / "out-0").rglob("*.html")) / 2**20
    alone = median_interval(built)[0]
    told = f"{alone:.2f} s of it gathering and writing, index and results opened one after the other"
    return Row(
        id=IDS[0],
        what=f"seconds from {RESULTS:,} results on disk to pages that can be used; {size:.1f} MB of HTML",
        n=len(whole),
        settings=f"median of {len(whole)} [{low:.2f}, {high:.2f}]; {told}; headless Chromium, file://",
        ours=middle,
        other=GOAL_S,
        ratio=middle,
        goal=goal,
        met=met and driver is not None,
        skipped="" if driver is not None else "no browser: chromium, chromedriver and selenium are needed",
    )


def timed_build(root: Path, out: Path) -> tuple[float, list[Path]]:
    """Seconds that the pages of a project take, of files that were not read before; the pages to open."""
    from agentops_eval.harness.reporting import _files

    for cache in (_files._results, _files.results_report):
        cache.cache_clear()
    start = time.perf_counter()
    built = build(SiteOrder(root=root), out)
    seconds = time.perf_counter() - start
    return seconds, [built.index, *sorted((out / "results").glob("*.html"))]


def timed_open(driver: Chrome, page: Path) -> float:
    """Seconds from a blank page until a page says that it can be used."""
    driver.get("about:blank")
    start = time.perf_counter()
    driver.get(page.as_uri())
    while not driver.execute_script(_READY, page.as_uri()):  # the driver may be back before the page is there
        if time.perf_counter() - start > _PATIENCE_S:
            raise TimeoutError(f"{page} did not become ready within {_PATIENCE_S:.0f} s")
    return time.perf_counter() - start


def _browser() -> Chrome | None:
    """A headless browser; None where there is none."""
    chromium, chromedriver = (
        shutil.which("chromium") or shutil.which("google-chrome"),
        shutil.which("chromedriver"),
    )
    if chromium is None or chromedriver is None:
        return None
    try:
        from selenium import webdriver
    except ImportError:
        return None
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in _FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))


def write_results(path: Path, count: int) -> None:
    """A file of so many trials of a suite, three a case, one in ten of them failed."""
    passed = Verdict(evaluator="answer", value=VerdictValue.PASS, score=1.0, reason="it names the amount")
    failed = replace(passed, value=VerdictValue.FAIL, score=0.0, reason="amount is 5990, not 59.90")
    with ResultsWriter(path, ResultsHeader(planned=count)) as writer:
        writer.extend(
            Result(
                suite="refunds",
                case=f"case-{number // 3}",
                trial=number % 3 + 1,
                ending=Ending.JUDGED,
                value=VerdictValue.FAIL if number % 10 == 0 else VerdictValue.PASS,
                verdicts=(failed if number % 10 == 0 else passed,),
                output=f"Your order {number} is refunded. You get 59.90 EUR back within three days.",
                spend=Spend(cost_usd=0.001, latency_s=1.5, input_tokens=800),
                recording=f"{number:08x}",
                trace_id=f"{number:032x}",
            )
            for number in range(count)
        )
