"""Jupyter Notebook 7, which shows one notebook on a page. Knows its page where it is another than JupyterLab's."""

from __future__ import annotations

from pathlib import Path

from .notebook_page import Lab, Notebook

FIND = """async () => {
  const {shell} = window.jupyterapp;
  const panel = () => [...shell.widgets('main')].find(each => each.sessionContext);
  while (!panel()) await new Promise(next => requestAnimationFrame(next));
  window.panel = panel();
  await window.panel.context.ready;
  await window.panel.sessionContext.ready;
  await window.panel.sessionContext.session.kernel.info;
}"""


class NotebookSeven(Lab):
    """Notebook 7 in one page, with one notebook at a time."""

    def load(self, path: str = "") -> None:
        """Leave what was open."""
        self.page.goto("about:blank")

    def open(self, path: Path) -> Notebook:
        """Open a notebook that is there, with its kernel."""
        self.page.goto(f"{self.url}/notebooks/{path.name}")
        self.page.wait_for_function("window.jupyterapp?.restored")
        self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")
        self.page.evaluate(FIND)
        return Notebook(self, path)
