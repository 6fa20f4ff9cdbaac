"""Drive the hub in a browser, as students and instructors do."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import PATIENCE_S, wait_for

COURSE = "neural-networks"
PATIENCE_MS = 1000 * PATIENCE_S


@dataclass
class Person:
    """A user with a separate browser window.

    Attributes
    ----------
    page
        The page of the browser.
    url
        The hub's address.
    name, password
        The login.
    home
        The home folder.
    outside
        Addresses of other servers that the pages requested.
    """

    page: Any
    url: str
    name: str
    password: str
    home: Path
    outside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        ours = (self.url, self.url.replace("http", "ws"), "data:", "blob:")
        self.page.on(
            "request",
            lambda request: request.url.startswith(ours) or self.outside.append(request.url),
        )

    @property
    def server(self) -> str:
        """The address of this person's own server."""
        return f"{self.url}/user/{self.name}"

    def picture(self, name: str) -> None:
        """Take a picture of the page for the documentation, if HUB_PICTURES names a folder."""
        if folder := os.environ.get("HUB_PICTURES"):
            self.page.screenshot(path=Path(folder, f"{name}.png"))

    def enter_password(self, password: str | None = None) -> None:
        """Fill in the login page and send it."""
        self.page.goto(f"{self.url}/hub/login")
        self.page.locator("#username_input").fill(self.name)
        self.page.locator("#password_input").fill(password or self.password)
        self.page.locator("#login_submit").click()

    def log_in(self) -> None:
        """Log in, and wait until the server has started."""
        self.enter_password()
        self.page.wait_for_url(f"{self.server}/lab*")

    def open_lab(self, path: str = "") -> None:
        """Open JupyterLab, empty or with one file."""
        tree = f"/tree/{path}" if path else ""
        self.page.goto(f"{self.server}/lab/workspaces/{uuid.uuid4().hex}{tree}")
        self.page.locator(".lm-MenuBar-item", has_text="Nbgrader").wait_for()

    def open_assignment_list(self) -> None:
        """Open nbgrader's list from the menu."""
        self.page.locator(".lm-MenuBar-item", has_text="Nbgrader").click()
        self.page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
        self.page.locator("#nbgrader-assignment-list").wait_for()

    def entry(self, part: str, topic: str) -> Any:
        """Return the entry of a topic in one part of the list: released, fetched, submitted."""
        lines = self.page.locator(f"#{part}_assignments_list > .list_item", has_text=topic)
        return lines.first

    def fetch(self, topic: str) -> None:
        """Fetch a topic's notebook."""
        self.entry("released", topic).get_by_role("button", name="Fetch").click()
        self.entry("fetched", topic).wait_for()

    def submit(self, topic: str) -> None:
        """Submit a topic."""
        self.entry("fetched", topic).get_by_role("button", name="Submit").click()

    def open_notebook(self, topic: str) -> None:
        """Open a fetched notebook and wait for its kernel."""
        self.open_lab(f"{COURSE}/{topic}/{topic}.ipynb")
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until the kernel is idle."""
        self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()

    def cell(self, index: int, cells: int) -> Any:
        """Return a cell, scrolled into view: the page contains only the visible cells."""
        found = self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')
        scroller = self.page.locator(".jp-WindowedPanel-outer").first
        steps = [0, *(sign * step / 20 for step in range(1, 21) for sign in (1, -1))]
        for step in steps:
            if found.count():
                break
            position = index / cells + step
            scroller.evaluate("(e, part) => e.scrollTop = part * e.scrollHeight", position)
            self.page.wait_for_timeout(100)
        found.scroll_into_view_if_needed()
        return found

    def write(self, index: int, cells: int, text: str) -> None:
        """Replace the text of a cell."""
        cell = self.cell(index, cells)
        if "jp-MarkdownCell" in (cell.get_attribute("class") or ""):
            cell.dblclick()
        cell.locator(".cm-content").fill(text)

    def run_all(self, topic: str) -> None:
        """Restart the kernel, run all cells, save, and wait for the last."""
        self.page.locator("[data-jp-item-name=restart-and-run]").first.click()
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        wait_for(lambda: self._ran(topic), "the notebook did not finish")

    def _ran(self, topic: str) -> bool:
        path = f"{COURSE}/{topic}/{topic}.ipynb"
        sessions = self.get("/api/sessions")
        if [s["kernel"]["execution_state"] for s in sessions if s["path"] == path] != ["idle"]:
            return False
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(500)
        # Read from the disk: a request would disturb the server while it writes the file.
        try:
            cells = json.loads((self.home / path).read_text("utf-8"))["cells"]
        except ValueError:  # it is being written
            return False
        code = [c for c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]
        return all(cell["execution_count"] for cell in code)

    def validate(self) -> str:
        """Click "Validate"; return the text of the dialog."""
        self.page.get_by_role("button", name="Validate").first.click()
        return self.read_dialog()

    def read_dialog(self) -> str:
        """Return the text of the dialog that opens, and close it."""
        dialog = self.page.locator(".jp-Dialog")
        dialog.locator(".jp-mod-accept").wait_for()
        text = dialog.inner_text()
        dialog.locator(".jp-mod-accept").first.click()
        dialog.wait_for(state="detached")
        return text

    def get(self, path: str) -> Any:
        """Send a request to this user's server."""
        answer = self.page.request.get(f"{self.server}{path}")
        assert answer.ok, f"{path}: {answer.status} {answer.text()[:500]}"
        return answer.json()

    def start_code(self, code: str) -> None:
        """Start code in a console, in this user's kernel."""
        self.open_lab()
        self.page.locator('.jp-LauncherCard[data-category="Console"]').first.click()
        # JupyterLab replaces the prompt when the kernel has sent its banner.
        self.page.get_by_text("Type 'copyright'").wait_for()
        prompt = self.page.locator(".jp-CodeConsole-promptCell .cm-content")
        prompt.fill(code)
        prompt.press("Shift+Enter")
        self.page.locator(
            ".jp-CodeConsole-content .jp-CodeCell", has_text=code.splitlines()[0]
        ).wait_for()


@dataclass
class Instructor(Person):
    """An instructor at the formgrader."""

    @property
    def service(self) -> str:
        """The address of the course's service."""
        return f"{self.url}/services/{COURSE}"

    @property
    def frame(self) -> Any:
        """The formgrader's page, within JupyterLab."""
        return self.page.frame_locator("iframe[src*='formgrader']").first

    def open_formgrader(self) -> None:
        """Open the course's service, which shows the formgrader."""
        self.page.goto(f"{self.service}/lab?formgrader=true")
        self.frame.locator("#main-table tr").nth(1).wait_for()

    def row(self, text: str) -> Any:
        """Return a row of the visible table."""
        return self.frame.locator("#main-table tr", has_text=text).first

    def read_modal(self) -> str:
        """Return the text of nbgrader's dialog, and close it."""
        modal = self.frame.locator(".modal.in")
        modal.locator("button", has_text="OK").wait_for()
        text = modal.inner_text()
        modal.locator("button", has_text="OK").click()
        modal.wait_for(state="detached")
        return text


@contextlib.contextmanager
def someone(browser: Any, hub: Any, name: str, kind: type = Person) -> Iterator[Any]:
    """Open a separate browser window, without cookies of others, for a user."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        yield kind(context.new_page(), hub.address, name, hub.people()[name], hub.home(name))
    finally:
        context.close()
