"""axe-core, run in a page: what readers with a keyboard or a screen reader, or who see little, would miss."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.reports._browser import Browser

_SHIPPED_BY = ("axe-selenium-python", "axe-core-python")
_RUN = """
const done = arguments[arguments.length - 1];
for (const one of document.querySelectorAll('details')) one.open = true;
const told = (one) => one.nodes.map((node) => `${one.impact} ${one.id}: ${node.html.slice(0, 120)}`);
axe.run(document, {resultTypes: ['violations']})
  .then((found) => done(found.violations.flatMap(told)), (error) => done([`broken: ${error}`]));
"""


@cache
def _engine() -> str:
    for name in _SHIPPED_BY:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        return next(str(file.locate().read_text("utf-8")) for file in files if file.name == "axe.min.js")
    pytest.skip("axe-core is not installed: pip install --require-hashes -r requirements-dev.txt")


def findings(browser: Browser) -> list[str]:
    """What axe finds in the page that is open, of any impact, with every fold open."""
    browser.run(_engine())
    return list(browser.driver.execute_async_script(_RUN))
