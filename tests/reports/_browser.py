"""A real browser for pages on disk: headless, with a profile of its own, and nothing in its background."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class Browser:
    """The driver with what tests ask of a page."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, path: Path, *, width: int = 1280, dark: bool = False, fragment: str = "") -> None:
        """Open a page anew, in a window of a width, on a system of a colour."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        calm = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, calm]})
        self.driver.get("about:blank")
        self.driver.get(f"{path.as_uri()}{fragment}")
        self._wait_until_read()

    def _wait_until_read(self) -> None:
        """A busy machine may answer for the blank page that was there before."""
        from selenium.webdriver.support.wait import WebDriverWait

        read = "return location.protocol !== 'about:' && document.readyState === 'complete'"
        WebDriverWait(self.driver, 60, poll_frequency=0.05).until(lambda _: self.run(read))

    def run(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns."""
        return self.driver.execute_script(script, *arguments)

    def click(self, selector: str) -> None:
        """Click the first element that is meant, wherever it is."""
        self.run("document.querySelector(arguments[0]).click()", selector)

    def choose(self, field: str, value: str) -> None:
        """Choose a value of a select."""
        self.run(
            "const f = document.getElementById(arguments[0]); f.value = arguments[1];"
            "f.dispatchEvent(new Event('change'))",
            field,
            value,
        )

    def press(self, *keys: str) -> None:
        """Type on the keyboard, wherever the focus is."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def column(self, number: int) -> list[str]:
        """The texts of a column of the cases that are shown."""
        script = (
            "return [...document.querySelectorAll('#rows tr.case')]"
            ".map((row) => row.children[arguments[0]].innerText.trim())"
        )
        return list(self.run(script, number))

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that are meant."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
        return list(self.run(script, selector))

    def names(self) -> list[str]:
        """The cases that are shown."""
        return self.texts("#rows button.name")

    def troubles(self) -> list[str]:
        """What the console said since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> set[str]:
        """The schemes of everything that pages on disk asked for since the last time."""
        asked = set[str]()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] != "Network.requestWillBeSent":
                continue
            if message["params"]["documentURL"].startswith("file:"):  # not the browser's own first page
                asked.add(message["params"]["request"]["url"].partition(":")[0])
        return asked


def started(profile: Path) -> Iterator[Browser]:
    """A browser for as long as its tests last; without one they are skipped."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("no browser: install the packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(chromedriver)
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield Browser(driver)
    finally:
        driver.quit()
