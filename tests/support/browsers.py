"""A real browser, for tests of what a page does in it: what it asks for, and what runs."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_lacking = "no Chromium is installed" if CHROMIUM is None else ""
if importlib.util.find_spec("playwright") is None:
    _lacking = "playwright is not installed"
needs_browser = pytest.mark.skipif(bool(_lacking), reason=_lacking)
CLICK_MS = 300


class Seen:
    """What happened in the browser.

    Attributes
    ----------
    asked
        the addresses of all requests
    ran
        the texts of what a hostile script says when it runs: each calls ``console.log("RAN …")``
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ran: list[str] = []

    def elsewhere(self, here: str) -> set[str]:
        """Requests to another place than this address's."""
        origin = urlsplit(here)[:2]
        return {one for one in self.asked if urlsplit(one)[:2] != origin and not one.startswith(("data:", "about:"))}


@contextmanager
def browser() -> Iterator[tuple[Any, Seen]]:
    """A context of a browser of its own, and what is seen in it; nothing that it asks for leaves this machine."""
    from playwright.sync_api import sync_playwright

    seen = Seen()
    switches = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        context = started.new_context(accept_downloads=True)
        context.on("request", lambda request: seen.asked.append(request.url))
        context.on("console", lambda said: seen.ran.append(said.text) if said.text.startswith("RAN ") else None)
        context.on("dialog", lambda dialog: (seen.ran.append(f"RAN {dialog.message}"), dialog.dismiss()))
        try:
            yield context, seen
        finally:
            started.close()


def click_everything(context: Any, address: str, selector: str) -> int:
    """Click on each element of a page that the selector finds, each time on the page as it was; how many there were.

    What is folded up is opened before; what cannot be seen then cannot be clicked on.
    """
    from playwright.sync_api import Error

    page = context.new_page()

    def elements() -> Any:
        if page.url != address:
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true; })")
        return page.locator(selector).filter(visible=True)

    count = int(elements().count())
    for number in range(count):
        with contextlib.suppress(Error):  # what lies outside the page, or has gone, does nothing either
            elements().nth(number).click(timeout=CLICK_MS, force=True, no_wait_after=True)
            page.wait_for_timeout(30)
        for other in context.pages:
            if other is not page:
                other.close()
    page.close()
    return count
