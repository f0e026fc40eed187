"""Takes pictures of the product in a real JupyterLab: all pictures of the README and of the documentation.

`python scripts/gallery.py` replaces those in docs/images. `python scripts/gallery.py docs/gallery` replaces the gallery: every
view, light and dark, and their page. Knows the browser tests' JupyterLab and the lines that show each view; draws nothing itself.
The environment of `make setup` and Chromium must be there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.lab_server import LabServer, lab_server
from tests.browser.notebook_page import Lab
from tests.browser.notebook_seven import NotebookSeven
from tests.browser.side_panel import SidePanel

CLOSE_NOTIFICATIONS = "() => document.querySelectorAll('.jp-Notification-Toast-Close').forEach(each => each.click())"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CONNECT = "%load_ext lg_magics\n%lg_connect local -a task_maistro\n%lg_set user_id=Test"
BATCH = (
    'questions = [{"q": "Add a ToDo to call parents"}, {"q": "Add a ToDo to water the plants"}, {"q": "What should I do?"}]\n'
    "%lg_batch $questions --input q --wait"
)
ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "images"
QUICKSTART = (
    CONNECT,
    "%lg_run Add a ToDo to call parents back about Thanksgiving plans.",
    "%lg_run Give me a summary of all ToDos.",
)
ONE_RUN = ("%load_ext lg_magics\n%lg_connect local -a agent", "%lg_run --wait what's the weather in sf")
BESIDE_PANEL = (
    "%load_ext lg_magics",
    "%lg_connect local -a agent",
    "%lg_run --wait what's the weather in sf",
    "%lg_run -a approval -t new --wait Book a flight to Oslo and mail Ann",
    "%lg_store put notes/Test trip city=Oslo",
    '%lg_cron create "0 9 * * 5" What is the weather today?',
)
# A file's name, what the page says about it, and the cell.
VIEWS = {
    "run": ("A run", "%lg_run -t new --wait Add a ToDo to call parents back about Thanksgiving plans."),
    "tools": ("A run with tool calls", "%lg_run -a agent -t new --wait what's the weather in sf"),
    "error": ("A run that failed", '%lg_run -a workbench -t new --json {"steps": 3, "seconds": 0, "fail_at": 2}'),
    "question": (
        "A question",
        "%lg_run -a approval -t new --wait Book a flight to Oslo, a hotel for 3 nights and mail Ann",
    ),
    "typed": ("A question with fields", "%lg_run -a approval -t new --wait Book a flight to Oslo and ask for a seat"),
    "threads": ("Threads", "%lg_threads"),
    "state": ("A state", "%lg_state -t t1"),
    "messages": ("A conversation", "%lg_messages -t t1"),
    "history": ("A history", "%lg_history -t t1"),
    "open_history": ("A history to click", "%lg_history -t t1 --open"),
    "diff": ("A difference", "%lg_diff -t t1 step:-1 step:1"),
    "inbox": ("The inbox", "%lg_inbox"),
    "runs": ("Runs", "%lg_runs -t t1"),
    "open_threads": ("Threads to click", "%lg_threads --open"),
    "batch": ("A batch", BATCH),
    "compare": ("A comparison", "%lg_compare -a task_maistro,agent --repeat 2 What should I do?"),
    "store": ("A store search", "%lg_store search todo"),
    "open_store": ("The store to click", "%lg_store search todo --open"),
    "assistants": ("Assistants", "%lg_assistants"),
    "schemas": ("Schemas", "%lg_schemas"),
    "graph": ("A graph", "%lg_graph agent"),
    "cron": ("A cron", '%lg_cron create "0 9 * * 1" What should I do this week?'),
    "crons": ("Crons", "%lg_crons"),
    "mistake": ("A mistake", "%lg_run --assistent agent hello"),
}


@contextmanager
def place() -> Iterator[tuple[Browser, LabServer]]:
    """A browser, and a JupyterLab of its own."""
    with tempfile.TemporaryDirectory() as folder, lab_server(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser, server
        browser.close()


def page_of(browser: Browser, width: int, height: int) -> Page:
    """A new page of this size."""
    page = browser.new_page(viewport=ViewportSize(width=width, height=height))
    page.set_default_timeout(90_000)
    return page


def every_view(into: Path) -> None:
    """Run every view once, then take its picture in each theme."""
    into.mkdir(parents=True, exist_ok=True)
    with place() as (browser, server):
        page = page_of(browser, 960, 900)
        lab = Lab(page, server.url, server.notebooks)
        notebook = lab.new(CONNECT, *(cell for _, cell in VIEWS.values()), "%lg_cron delete --mine --yes")
        collapse(page)
        notebook.run(0)
        for cell, name in enumerate(VIEWS, 1):
            print(name, flush=True)
            notebook.run(cell)
            expect(notebook.output(cell)).not_to_be_empty()
        page.wait_for_timeout(3000)  # what is drawn a moment later
        page.evaluate(CLOSE_NOTIFICATIONS)
        for theme, label in THEMES.items():
            lab.command("apputils:change-theme", theme=label)
            page.wait_for_timeout(1500)
            for cell, name in enumerate(VIEWS, 1):
                notebook.choose(cell)
                notebook.output(cell).scroll_into_view_if_needed()
                page.wait_for_timeout(150)
                notebook.output(cell).screenshot(path=into / f"{name}-{theme}.png")
            panel = SidePanel(lab)
            page.wait_for_timeout(1500)
            panel.node.screenshot(path=into / f"panel-{theme}.png")
            panel.hide()
        notebook.run(len(VIEWS) + 1)
        notebook.close()
    (into / "gallery.md").write_text(gallery_page(), "utf-8")


def gallery_page() -> str:
    """The page that shows the pictures, each view with the cell that made it."""
    parts = [
        "# Gallery\n\nEvery view in JupyterLab, light and dark. "
        "`python scripts/gallery.py docs/gallery` takes the pictures from the product.\n"
    ]
    for name, (title, cell) in {**VIEWS, "panel": ("The side panel", "%lg")}.items():
        pictures = " | ".join(f"![{title}, {theme}]({name}-{theme}.png)" for theme in THEMES)
        parts.append(f"## {title}\n\n```ipython\n{cell}\n```\n\n| light | dark |\n|---|---|\n| {pictures} |\n")
    return "\n".join(parts)


def for_docs() -> None:
    """The pictures that the README and the pages about hosts show."""
    with place() as (browser, server):
        beside_panel(Lab(page_of(browser, 1400, 845), server.url, server.notebooks))
        quickstart(Lab(page_of(browser, 1040, 960), server.url, server.notebooks))
        seven = NotebookSeven(page_of(browser, 1040, 640), server.url, server.notebooks).new(*ONE_RUN)
        seven.run(0, 1)
        seven.page.wait_for_timeout(2000)
        seven.page.screenshot(path=DOCS / "notebook7.png")
        seven.close()
        exported = server.notebooks / "exported.ipynb"
        seven.path.rename(exported)
        subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--execute", exported], check=True)
        page = page_of(browser, 1040, 480)
        page.route("http*://**", lambda route: route.abort())  # scripts that the views do not need
        page.goto(exported.with_suffix(".html").as_uri())
        page.screenshot(path=DOCS / "nbconvert.png")


def quickstart(lab: Lab) -> None:
    """A run that has ended, and one whose answer streams."""
    notebook = lab.new(*QUICKSTART)
    collapse(lab.page)
    notebook.run(0, 1)
    expect(notebook.card(1).locator(".lg-pill")).to_have_text("success")
    notebook.run(2)
    expect(notebook.card(2)).to_contain_text("Deadline")  # in the middle of the answer
    lab.page.screenshot(path=DOCS / "quickstart.png")
    notebook.close()


def beside_panel(lab: Lab) -> None:
    """The side panel beside a notebook whose run waits for an answer."""
    notebook = lab.new(*BESIDE_PANEL, "%lg_cron delete --mine --yes")
    for cell in range(len(BESIDE_PANEL)):
        notebook.run(cell)
    panel = SidePanel(lab)
    for section in ("Store", "Crons"):
        panel.unfold(section)
    collapse(lab.page)
    lab.page.evaluate(CLOSE_NOTIFICATIONS)
    lab.page.wait_for_timeout(3000)  # what is drawn a moment later
    lab.page.screenshot(path=DOCS / "panel.png")
    notebook.run(len(BESIDE_PANEL))
    notebook.close()


def collapse(page: Page) -> None:
    """Give the notebook the width of the file browser."""
    page.evaluate("() => { window.jupyterapp.shell.collapseLeft(); window.panel.content.scrollToItem(0, 'start'); }")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        every_view(Path(sys.argv[1]))
    else:
        for_docs()
