"""Pictures of every view in a real JupyterLab, light and dark, and a page of them: `python scripts/gallery.py FOLDER`.
`python scripts/gallery.py` replaces the picture in the documentation, docs/images/panel.png.

Knows the browser tests' JupyterLab and the lines that show each view; draws nothing itself. The environment of `make setup` and
Chromium must be there.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.lab_server import lab_server
from tests.browser.notebook_page import Lab, Notebook
from tests.browser.side_panel import SidePanel

CLOSE_NOTIFICATIONS = "() => document.querySelectorAll('.jp-Notification-Toast-Close').forEach(each => each.click())"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CONNECT = "%load_ext lg_magics\n%lg_connect local -a task_maistro\n%lg_set user_id=Test"
BATCH = (
    'questions = [{"q": "Add a ToDo to call parents"}, {"q": "Add a ToDo to water the plants"}, {"q": "What should I do?"}]\n'
    "%lg_batch $questions --input q --wait"
)
DOCS = Path(__file__).resolve().parents[1] / "docs" / "images"
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
    "status": ("The status", "%lg_status"),
    "mistake": ("A mistake", "%lg_run --assistent agent hello"),
}


def main(into: Path) -> None:
    """Run every view once, then take its picture in each theme."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, lab_server(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(90_000)
        lab = Lab(page, server.url, server.notebooks)
        notebook = lab.new(CONNECT, *(cell for _, cell in VIEWS.values()), "%lg_cron delete --mine --yes")
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
                _picture(page, notebook, cell, into / f"{name}-{theme}.png")
            panel = SidePanel(lab)
            page.wait_for_timeout(1500)
            panel.node.screenshot(path=into / f"panel-{theme}.png")
            panel.hide()
        notebook.run(len(VIEWS) + 1)
        notebook.close()
        browser.close()
    (into / "gallery.md").write_text(_page(), "utf-8")


def picture_for_docs() -> None:
    """The side panel beside a notebook whose run waits for an answer."""
    with tempfile.TemporaryDirectory() as folder, lab_server(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 845})
        page.set_default_timeout(90_000)
        lab = Lab(page, server.url, server.notebooks)
        notebook = lab.new(*BESIDE_PANEL, "%lg_cron delete --mine --yes")
        for cell in range(len(BESIDE_PANEL)):
            notebook.run(cell)
        panel = SidePanel(lab)
        for section in ("Store", "Crons"):
            panel.unfold(section)
        page.evaluate(
            "() => { window.jupyterapp.shell.collapseLeft(); window.panel.content.scrollToItem(0, 'start'); }"
        )
        page.evaluate(CLOSE_NOTIFICATIONS)
        page.wait_for_timeout(3000)  # what is drawn a moment later
        page.screenshot(path=DOCS / "panel.png")
        notebook.run(len(BESIDE_PANEL))
        notebook.close()
        browser.close()


def _picture(page: Page, notebook: Notebook, cell: int, file: Path) -> None:
    notebook.choose(cell)
    output = notebook.output(cell)
    output.scroll_into_view_if_needed()
    page.wait_for_timeout(150)
    output.screenshot(path=file)


def _page() -> str:
    parts = [
        "# Gallery\n\nEvery view in JupyterLab, light and dark, taken from the product itself by `scripts/gallery.py`.\n"
    ]
    for name, (title, cell) in {**VIEWS, "panel": ("The side panel", "%lg")}.items():
        pictures = "\n".join(f"![{title}, {theme}]({name}-{theme}.png)" for theme in THEMES)
        parts.append(f"## {title}\n\n```python\n{cell}\n```\n\n{pictures}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        picture_for_docs()
