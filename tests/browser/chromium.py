"""One headless Chromium for a test run, and its windows: every step waits for what a person would wait for."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.pictures import shrink
from tests.postgresql import need

PATIENCE_S = 15.0
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --disable-dev-shm-usage --autoplay-policy=no-user-gesture-required --lang=zh-CN "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"  # a microphone that beeps
)
IGNORED = (NoSuchElementException, StaleElementReferenceException)
# A bar that stays at the foot of the page may lie over what is only just in view; people scroll a little further.
TO_THE_MIDDLE = "if (!arguments[0].closest('.dock, .bar, dialog')) arguments[0].scrollIntoView({block: 'center'})"
WIDER_THAN_ITS_WINDOW = """
const wide = Array.from(document.body.querySelectorAll("*")).filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width && (box.right > arguments[0] + 1 || box.left < -1);
});
return [document.scrollingElement.scrollWidth, wide.map((each) => each.tagName + "." + each.className).slice(0, 5)];
"""


# Visible, and with some words in it if need be; one look of the page's own instead of three questions about each element.
SEEN = """
const shown = { opacityProperty: true, visibilityProperty: true };
const all = Array.from(document.querySelectorAll(arguments[0]));
const seen = all.filter((each) => each.getClientRects().length && each.checkVisibility(shown));
const fitting = seen.filter((each) => each.innerText.includes(arguments[1]));
return fitting.pop() ?? null;
"""


class Chromium(webdriver.Chrome):
    """The browser, and whose window it was last told about: telling it at each step takes a third of the step."""

    told_of: "Window | None" = None


@contextmanager
def running_chromium(profile: Path) -> Iterator[Chromium]:
    """A browser with a profile of its own and nothing to say to the outside."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    driver = shutil.which("chromedriver")
    need(browser and driver, "Chromium and chromedriver are not installed (apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = str(browser)
    for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox refuses to start as root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chromium = Chromium(options, Service(driver))
    try:
        yield chromium
    finally:
        chromium.quit()


@dataclass
class Window:
    """One window of the browser.  Its steps run beside the event loop, which serves the pages meanwhile."""

    chromium: Chromium
    url: str
    width: int
    height: int
    handle: str = ""
    _complaints: list[str] = field(default_factory=list)

    async def look(self, step: Callable[[Chromium], Any]) -> Any:
        """Do something in this window."""

        def inside() -> Any:
            if self.chromium.told_of is not self:
                self._come_to_front()
            return step(self.chromium)

        return await asyncio.to_thread(inside)

    async def complained(self) -> list[str]:
        """What the page complained of since it was last asked."""
        told = await self.look(lambda _: self._log())
        said, self._complaints = self._complaints + told, []
        return said

    def _come_to_front(self) -> None:
        told = self._log()  # the browser keeps one for all windows
        if before := self.chromium.told_of:
            before._complaints += told
        self.chromium.told_of = self
        if self.handle:
            self.chromium.switch_to.window(self.handle)
        else:
            self._open()

    def _log(self) -> list[str]:
        entries = self.chromium.get_log("browser")  # type: ignore[no-untyped-call]  # selenium leaves it untyped
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def _open(self) -> None:
        self.chromium.switch_to.new_window("window")
        self.handle = self.chromium.current_window_handle
        self._measure()
        self.chromium.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})

    def _measure(self) -> None:
        metrics = {"width": self.width, "height": self.height, "deviceScaleFactor": 1, "mobile": self.width < 600}
        self.chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    async def resize(self, width: int) -> None:
        self.width = width
        await self.look(lambda _: self._measure())

    async def go(self, path: str) -> None:
        await self.look(lambda chromium: chromium.get(self.url + path if path.startswith("/") else path))

    async def find(self, css: str, text: str = "", patience_s: float = PATIENCE_S) -> WebElement:
        """The last visible element of a kind, if need be the last with some words in it."""

        def seen(chromium: webdriver.Chrome) -> WebElement | None:
            found: WebElement | None = chromium.execute_script(SEEN, css, text)
            return found

        def wait(chromium: webdriver.Chrome) -> Any:
            try:
                return WebDriverWait(chromium, patience_s, poll_frequency=0.1, ignored_exceptions=IGNORED).until(seen)
            except TimeoutException:
                shown = chromium.find_element(By.TAG_NAME, "body").text[-400:]
                raise AssertionError(f"nothing like {css} {text!r} on {chromium.current_url}, but:\n{shown}") from None

        found: WebElement = await self.look(wait)
        return found

    async def click(self, css: str, text: str = "") -> None:
        element = await self.find(css, text)
        await self.run(TO_THE_MIDDLE, element)
        await self.look(lambda _: element.click())

    async def fill(self, css: str, words: str) -> None:
        element = await self.find(css)
        await self.look(lambda _: element.clear())
        await self.look(lambda _: element.send_keys(words))

    async def text(self, css: str, text: str = "") -> str:
        element = await self.find(css, text)
        return str(await self.look(lambda _: element.text))

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self.look(lambda chromium: chromium.execute_script(script, *arguments))

    async def until(self, script: str, *arguments: Any) -> None:
        """Wait until something is true on the page."""

        def wait(chromium: webdriver.Chrome) -> None:
            WebDriverWait(chromium, PATIENCE_S, poll_frequency=0.1).until(
                lambda _: chromium.execute_script(script, *arguments), f"never true: {script}"
            )

        await self.look(wait)

    async def direction(self) -> str:
        return str(await self.run("return document.documentElement.dir"))

    async def picture(self, path: Path) -> None:
        await self.look(lambda chromium: path.write_bytes(shrink(chromium, chromium.get_screenshot_as_base64())))

    async def must_fit(self) -> None:
        """Nothing sticks out sideways, wherever the page is scrolled to."""
        width, wide = await self.run(WIDER_THAN_ITS_WINDOW, self.width)
        assert (width <= self.width, wide) == (True, []), f"{width} px of {self.width}: {wide}"

    async def close(self) -> None:
        """Leave the page, so that its open stream lets the server end."""

        def leave(chromium: Chromium) -> None:
            chromium.execute_script("localStorage.clear()")
            chromium.delete_all_cookies()
            chromium.get("about:blank")
            chromium.close()
            chromium.switch_to.window(chromium.window_handles[0])
            chromium.told_of = None

        if self.handle:
            await self.look(leave)
