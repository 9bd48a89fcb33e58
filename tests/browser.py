"""A headless Chromium for tests of pages, where there is one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def found(*names: str) -> str | None:
    """The first of these programs that is installed."""
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """A browser that logs what it loads; skips the test where there is none.

    Args:
        profile: an empty folder of its own.

    With ``SEQKIT_BROWSER=required`` in the environment its absence is a failure.
    """
    browser = found("chromium", "chromium-browser", "google-chrome", "chrome")
    driver = found("chromedriver", "chromium.chromedriver")
    if not (browser and driver):
        reason = "no Chromium and chromedriver are installed"
        if os.environ.get("SEQKIT_BROWSER") == "required":
            pytest.fail(f"SEQKIT_BROWSER=required, but {reason}.")
        pytest.skip(reason)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for option in (*OPTIONS, f"--user-data-dir={profile}"):
        options.add_argument(option)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    # The driver is given, so that selenium looks for none in the network.
    running = webdriver.Chrome(options=options, service=Service(driver))
    try:
        running.get("about:blank")
        requested(running)
        yield running
    finally:
        running.quit()


def emulate(
    browser: Any, width: int, height: int, scheme: str, media: str = "screen"
) -> None:
    """Show pages as a screen of this size does, in a ``light`` or ``dark`` scheme."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1}
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {**size, "mobile": width < 600}
    )
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"media": media, "features": [feature]}
    )


def requested(browser: Any) -> set[str]:
    """All addresses that were asked for since this was last called.

    What Chromium's own pages load from within itself is left out.
    """
    messages = [
        json.loads(entry["message"])["message"]
        for entry in browser.get_log("performance")
    ]
    return {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
        and not message["params"]["request"]["url"].startswith("chrome")
    }
