"""A notebook in JupyterLab, as a person has it before them. Knows JupyterLab's page; knows nothing of lg_magics.

Cells are run by JupyterLab's own command and never by typed keys, which may come before the page is ready for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as PageTimeout

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}

OPEN = """async ([path, waits, id]) => {
  const app = window.jupyterapp;
  const kernel = id ? {kernel: {id}} : {};
  const panel = await app.commands.execute('docmanager:open', {path, factory: 'Notebook', ...kernel});
  window.panel = panel;
  app.shell.activateById(panel.id);
  await panel.context.ready;
  await panel.revealed;
  if (!waits) return;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}"""
# The server refuses to shut down a kernel that has died while it starts it again.
CLOSE = """async () => {
  const panel = window.panel;
  if (!panel || panel.isDisposed) return;
  for (let left = 20; panel.sessionContext.session; left -= 1) {
    try {
      await panel.sessionContext.shutdown();
      break;
    } catch (problem) {
      if (!left) throw problem;
      await new Promise(next => setTimeout(next, 500));
    }
  }
  panel.dispose();
}"""
# Clears the kernel for the next notebook, and closes this one. Gives the kernel's id, or '' if it is not idle within 10 s.
CLEAR = """async code => {
  const panel = window.panel;
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) return '';
  if (kernel.status !== 'idle') await kernel.interrupt();
  const done = kernel.requestExecute({code, store_history: false, stop_on_error: true}).done;
  const late = new Promise(next => setTimeout(next, 10_000));
  const answer = await Promise.race([done, late]);
  if (answer?.content.status !== 'ok') return '';
  panel.dispose();
  return kernel.id;
}"""
CLEARED = """import sys
if "ipywidgets" in sys.modules: sys.modules["ipywidgets"].Widget.close_all()
get_ipython().run_line_magic("unload_ext", "lg_magics")
get_ipython().reset()
"""
CHOOSE = """index => {
  const notebook = window.panel.content;
  notebook.activeCellIndex = index;
  notebook.deselectAll();
}"""
RESTART = """async () => {
  await window.panel.sessionContext.session.kernel.restart();
  await window.panel.sessionContext.session.kernel.info;
}"""

TRUST = "() => { window.trusted = window.jupyterapp.commands.execute('notebook:trust') }"
ELSEWHERE = """async code => {
  const {serviceManager} = window.jupyterapp;
  const kernel = serviceManager.kernels.connectTo({model: window.kernel});
  await kernel.requestExecute({code}).done;
  kernel.dispose();
}"""
LEAVE = """async () => {
  const {panel} = window;
  window.kernel = panel.sessionContext.session.kernel.model;
  await panel.context.save();
  panel.dispose();
}"""

COMPLETE = """async line => {
  const kernel = window.panel.sessionContext.session.kernel;
  return (await kernel.requestComplete({code: line, cursor_pos: line.length})).content.matches;
}"""


def notebook_of(cells: Iterable[str]) -> dict[str, Any]:
    """A notebook that has not run. (To import nbformat costs each process two seconds: it compiles the grammar of addresses.)"""
    made: list[dict[str, object]] = [
        {"cell_type": "code", "id": str(n), "metadata": {}, "execution_count": None, "outputs": [], "source": cell}
        for n, cell in enumerate(cells)
    ]
    return {"cells": made, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


class Lab:
    """JupyterLab in one page, with one notebook open at a time."""

    def __init__(self, page: Page, url: str, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.url = url
        self._opened = 0
        self._shared_kernel = ""
        self.load()

    def load(self, path: str = "") -> None:
        """Load the page anew, with nothing open but `path`."""
        self.page.goto(f"{self.url}/lab/workspaces/tests{f'/tree/{path}' if path else ''}?reset")
        self.page.wait_for_function("window.jupyterapp?.restored")
        self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")

    def command(self, name: str, **arguments: Any) -> Any:
        """What one of JupyterLab's commands gives, if that is JSON."""
        script = (
            "async ([name, given]) => JSON.stringify(await window.jupyterapp.commands.execute(name, given)) ?? null"
        )
        return self.page.evaluate(script, [name, arguments])

    def new(self, *cells: str, shares_kernel: bool = False) -> Notebook:
        """Open a new notebook with these cells, and with a kernel of its own or the one that such notebooks share."""
        self._opened += 1
        path = self.folder / f"{type(self).__name__.lower()}{self._opened}.ipynb"
        path.write_text(json.dumps(notebook_of(cells)), "utf-8")
        if not shares_kernel:
            return self.open(path)
        self.page.evaluate(OPEN, [path.name, True, self._shared_kernel])
        self._shared_kernel = ""  # until it is cleared
        return Notebook(self, path, shares_kernel=True)

    def open(self, path: Path) -> Notebook:
        """Open a notebook that is there, with its kernel."""
        self.page.evaluate(OPEN, [path.name, True, ""])
        return Notebook(self, path)

    def keep_kernel(self, kernel_id: str) -> None:
        """Let the next notebook that shares a kernel have this one; '' starts a new one."""
        self._shared_kernel = kernel_id

    def open_without_kernel(self, saved: Notebook) -> Notebook:
        """Close a saved notebook, load the page anew, and open a copy: it names a kernel that is not here, and gets none."""
        saved.close()
        self.load()
        node = json.loads(saved.path.read_text("utf-8"))
        node["metadata"] = {"kernelspec": {"name": "gone", "display_name": "Gone", "language": "none"}}
        copy = saved.path.with_stem(f"{saved.path.stem}-alone")
        copy.write_text(json.dumps(node), "utf-8")
        self.page.evaluate(OPEN, [copy.name, False, ""])
        dialog = self.page.get_by_role("dialog")
        dialog.locator("select").select_option("No Kernel")
        dialog.get_by_role("button", name="Select").click()
        dialog.wait_for(state="hidden")
        return Notebook(self, copy)


class Notebook:
    """The notebook that is open. Cells are counted from 0."""

    def __init__(self, lab: Lab, path: Path, *, shares_kernel: bool = False) -> None:
        self.lab = lab
        self.page = lab.page
        self.path = path
        self._shares_kernel = shares_kernel
        self._is_open = True

    def cell(self, index: int) -> Locator:
        """A cell, with its outputs."""
        return self.page.locator(f"{PANEL} .jp-Notebook .jp-Cell").nth(index)

    def choose(self, index: int) -> None:
        """Make a cell the active one."""
        self.page.evaluate(CHOOSE, index)

    def focus(self, index: int) -> None:
        """Make a cell the active one, in command mode, with the keyboard on it."""
        self.choose(index)
        self.page.evaluate("() => { window.panel.content.mode = 'command' }")
        self.page.evaluate("() => window.panel.content.activeCell.node.focus()")

    def output(self, index: int) -> Locator:
        """What a cell has shown."""
        return self.cell(index).locator(".jp-OutputArea").first

    def card(self, index: int, which: int = 0) -> Locator:
        """A run card that a cell has shown."""
        return self.output(index).locator(".lg-card").nth(which)

    def run(self, *indexes: int) -> None:
        """Run cells, one after the other, and wait for their ends."""
        for index in indexes or range(self.count):
            self.begin(index)
            self.finish()

    def begin(self, index: int) -> None:
        """Begin to run a cell; others may still be running."""
        self.choose(index)
        self.page.evaluate("() => { window.running = window.jupyterapp.commands.execute('notebook:run-cell') }")

    def finish(self) -> None:
        """Wait for the end of the cell that was begun last."""
        self.page.evaluate("async () => { await window.running }")

    @property
    def count(self) -> int:
        """How many cells there are."""
        return int(self.page.evaluate("window.panel.content.widgets.length"))

    def source(self, index: int) -> str:
        """What is written in a cell."""
        return str(self.page.evaluate("i => window.panel.content.model.cells.get(i).sharedModel.source", index))

    @property
    def has_kernel(self) -> bool:
        """Whether there is a kernel behind it."""
        return bool(self.page.evaluate("Boolean(window.panel.sessionContext.session?.kernel)"))

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to be saved."""
        return bool(self.page.evaluate("window.panel.context.model.dirty"))

    @property
    def mode(self) -> str:
        """`command` or `edit`."""
        return str(self.page.evaluate("window.panel.content.mode"))

    def executed(self, index: int) -> int | None:
        """The number in a cell's brackets; None while it runs, and before."""
        number: int | None = self.page.evaluate("i => window.panel.content.model.cells.get(i).executionCount", index)
        return number

    def is_running(self, index: int) -> bool:
        """Whether a cell is running now."""
        return self.cell(index).locator(".jp-InputArea-prompt").first.inner_text().strip() == "[*]:"

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """A cell's outputs as the notebook holds them, before any drawing."""
        script = "i => JSON.stringify(window.panel.content.model.cells.get(i).outputs.toJSON())"
        found: list[dict[str, Any]] = json.loads(self.page.evaluate(script, index))
        return found

    def kinds(self, index: int) -> list[set[str]]:
        """The MIME types of each thing that a cell has shown."""
        return [set(output["data"]) for output in self.outputs(index) if "data" in output]

    def text(self, index: int) -> str:
        """What a cell has printed, and the plain text of what it has shown."""
        return "\n".join(_plain(output) for output in self.outputs(index))

    def wait_until(self, is_true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
        """Look again and again, while the page goes on."""
        for _ in range(int(seconds / 0.05)):
            if is_true():
                return
            self.page.wait_for_timeout(50)
        raise PageTimeout(f"waited {seconds:g} s for: {what}")

    def save(self) -> dict[str, Any]:
        """Save the notebook, and read what is on the disk."""
        self.lab.command("docmanager:save")
        node: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return node

    def completions(self, line: str) -> list[str]:
        """What the kernel offers at the end of a line, as Tab asks it to."""
        found: list[str] = self.page.evaluate(COMPLETE, line)
        return found

    def restart(self) -> None:
        """Restart the kernel, as the button in the bar does. No other notebook gets it then."""
        self._shares_kernel = False
        self.page.evaluate(RESTART)

    def interrupt(self) -> None:
        """Press the stop button."""
        self.lab.command("notebook:interrupt-kernel")

    def reload(self) -> None:
        """Load the page again, as F5 does; the kernel goes on."""
        self.lab.load()
        self.lab.open(self.path)

    def leave(self) -> None:
        """Save and close its tab; the kernel goes on."""
        self.page.evaluate(LEAVE)

    def come_back(self) -> None:
        """Open it again, after `leave`."""
        self.page.evaluate(OPEN, [self.path.name, True, ""])

    def tell_kernel(self, code: str) -> None:
        """Run code on the kernel after `leave`, and wait for its end."""
        self.page.evaluate(ELSEWHERE, code)

    def trust(self) -> None:
        """Say that its outputs may act."""
        self.page.evaluate(TRUST)
        self.page.get_by_role("dialog").get_by_role("button", name="Trust").click()
        self.page.evaluate("async () => { await window.trusted }")

    def close(self) -> None:
        """Close the notebook without saving. Its kernel ends, or is cleared for the next notebook that shares it."""
        if not self._is_open:
            return
        self._is_open = False
        if self._shares_kernel:
            self.lab.keep_kernel(self.page.evaluate(CLEAR, CLEARED))
        self.page.evaluate(CLOSE)


def _plain(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return _joined(output["text"])
    if output["output_type"] == "error":
        return "\n".join(output["traceback"])
    return _joined(output["data"].get("text/plain", ""))


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
