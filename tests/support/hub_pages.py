"""What instructors and students click on in a hub, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.hubs import PASSWORD, STARTS_S, Hub

_MS = STARTS_S * 1000


def new_page(context: Any) -> Any:
    """A page that waits as long as a busy machine needs."""
    page = context.new_page()
    page.set_default_timeout(_MS)
    return page


def log_in(context: Any, hub: Hub, user: str) -> Any:
    """A page of a browser that nobody has logged in with, and on which this user has."""
    page = new_page(context)
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
    palette = page.locator("#modal-command-palette input:visible, .lm-CommandPalette-input:visible")
    for _ in range(STARTS_S):
        page.keyboard.press("Control+Shift+c")  # nothing, while JupyterLab is still busy with something else
        page.wait_for_timeout(1000)
        if palette.count():
            break
    palette.first.fill("New Terminal")
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


def start_server(page: Any, hub: Hub, user: str) -> None:
    """The user's own server, started from the hub's page, with JupyterLab in it."""
    page.goto(f"{hub.url}/hub/spawn")
    page.wait_for_url(f"**/user/{user}/**")
    open_lab(page, f"{hub.url}/user/{user}/lab")


def open_assignments(page: Any) -> None:
    """nbgrader's list of assignments."""
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_text("Assignment List").last.click()


def courses_in_list(page: Any) -> str:
    """The course that the list of assignments begins with, or what it says instead."""
    shown = page.locator("#course_list_default")
    page.wait_for_function("document.querySelector('#course_list_default')?.innerText.includes('ourse')")
    page.wait_for_function("!document.querySelector('#course_list_default').innerText.includes('Loading')")
    return str(shown.inner_text()).strip()


def course_list(page: Any) -> list[str]:
    """The courses that nbgrader's list of courses leads to."""
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_text("Course List").last.click()
    page.locator("#formgrader_list .list_item .item_name").last.wait_for()
    return sorted(text.strip() for text in page.locator("#formgrader_list .list_item .item_name").all_inner_texts())


def open_formgrader(page: Any, hub: Hub, course: str, assignment: str) -> None:
    """The formgrader at its own address."""
    page.goto(f"{hub.url}/services/{course}/formgrader/")
    page.wait_for_selector(f"tr:has-text('{assignment}')")


def panel(page: Any, hub: Hub, course: str, picture: Path) -> str:
    """The heading in JupyterLab's panel of the formgrader, or "blank"; ``picture`` is written for people to look at."""
    open_lab(page, f"{hub.url}/services/{course}/lab?formgrader=true&reset")
    page.wait_for_selector("iframe[src*='formgrader']")
    for _ in range(STARTS_S):
        frames = [frame for frame in page.frames if frame != page.main_frame]
        if any(frame.url.startswith("chrome-error:") for frame in frames):
            page.screenshot(path=picture)
            return "blank"
        heading = frames[0].locator(".page-header h1").nth(1) if frames else None
        if heading is not None and heading.count():
            page.screenshot(path=picture)
            return str(heading.inner_text()).strip()
        page.wait_for_timeout(1000)
    raise AssertionError("the panel shows neither the formgrader nor an error")


def fetch_answer_submit(page: Any, assignment: str, cell: str, answer: str) -> None:
    """Fetch an assignment, put an answer into a cell of its notebook, save it, and hand it in."""
    open_assignments(page)
    page.locator("#released_assignments_list").get_by_role("button", name="Fetch", exact=True).click()
    fetched = page.locator("#fetched_assignments_list")
    fetched.locator("a.assignment-notebooks-link").click()
    fetched.locator(".assignment-notebooks").get_by_role("link", name=assignment).click()
    page.locator(".jp-CodeCell", has_text=cell).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(answer)
    page.keyboard.press("Control+s")
    page.wait_for_selector(".jp-Document:not(.jp-mod-dirty), .lm-TabBar-tab:not(.jp-mod-dirty).jp-mod-current")
    page.wait_for_timeout(2000)  # the mark of what is unsaved comes and goes
    page.locator("li.lm-TabBar-tab[data-id='nbgrader-assignment-list']").click()
    fetched.get_by_role("button", name="Submit").click()
    page.locator("#submitted_assignments_list .list_item").first.wait_for()


def fetch_feedback(page: Any) -> str:
    """The points at the top of the page of feedback, in JupyterLab."""
    page.reload()
    open_lab(page, page.url)
    open_assignments(page)
    page.locator("#submitted_assignments_list").get_by_role("button", name="Fetch Feedback").click()
    page.get_by_text("(view feedback)").click()
    return str(page.frame_locator(".jp-HTMLViewer iframe").locator("p.total").inner_text())
