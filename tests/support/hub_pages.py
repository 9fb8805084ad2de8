"""What instructors and students click on in a hub, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.hubs import PASSWORD, STARTS_S, Hub

PANEL = "iframe[src*='formgrader']"
_MS = STARTS_S * 1000


def log_in(context: Any, hub: Hub, user: str) -> Any:
    """A page of a browser that nobody has logged in with, and on which this user has."""
    page = context.new_page()
    page.set_default_timeout(_MS)
    page.goto(f"{hub.url}/hub/login?next=/hub/home")
    page.fill("#username_input", user)
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_url("**/hub/home")
    return page


def open_lab(page: Any, address: str) -> None:
    """JupyterLab at an address, once it can be used."""
    page.goto(address)
    page.wait_for_selector("#jp-top-panel", timeout=_MS)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=_MS)
    news = page.get_by_role("button", name="No", exact=True)
    if news.count():
        news.first.click()


def in_terminal(page: Any, hub: Hub, account: str, command: str) -> str:
    """What a command says that is typed into a new terminal of JupyterLab, whose server runs as this account."""
    home = hub.machine.srv / "home" / account
    ready, said, done = (home / name for name in ("terminal.ready", "terminal.said", "terminal.done"))
    for file in (ready, said, done):
        file.unlink(missing_ok=True)
    page.keyboard.press("Control+Shift+c")  # the palette of commands
    page.locator("#modal-command-palette input:visible, .lm-CommandPalette-input:visible").fill("New Terminal")
    page.locator(".lm-CommandPalette-item:visible").first.click()
    screen = page.locator(".jp-Terminal:visible .xterm-helper-textarea")
    for text, file in ((f"touch {_in_home(ready)}", ready), (f"({command}) > {_in_home(said)} 2>&1", said)):
        for _ in range(STARTS_S):
            screen.focus()
            page.keyboard.type(f"{text}; touch {_in_home(done)}\n" if file == said else f"{text}\n")
            page.wait_for_timeout(1000)  # a shell that is still starting takes no input
            if file.exists():
                break
    for _ in range(STARTS_S):
        if done.exists():
            break
        page.wait_for_timeout(1000)
    return said.read_text()


def _in_home(file: Path) -> str:
    return f"~/{file.name}"


def press(page: Any, row: str, column: str) -> str:
    """Press a row's button in a table of the formgrader, and read and close what it then says."""
    page.locator(f"tr:has-text('{row}') td.{column} a").click()
    said = page.locator(".modal.in .modal-body")
    said.wait_for()
    text = str(said.inner_text())
    page.locator(".modal.in .modal-footer button.close").click()
    page.locator(".modal.in").wait_for(state="detached")
    return text


def assignment_list(page: Any) -> None:
    """nbgrader's list of assignments."""
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_text("Assignment List").last.click()
