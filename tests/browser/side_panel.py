"""The side panel of JupyterLab on a page. Knows its names; knows no kernel."""

from __future__ import annotations

from playwright.sync_api import Locator

from .notebook_page import Lab

PANEL = "#lg-magics-panel"


class SidePanel:
    """The panel, shown."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.node = lab.page.locator(PANEL)
        self.show()

    def show(self) -> None:
        """Bring it to the front, by its command."""
        self.lab.command("lg-magics:show-panel")
        self.node.wait_for(state="visible")

    def hide(self) -> None:
        """Show another panel in its place."""
        self.lab.page.evaluate("() => window.jupyterapp.shell.collapseRight()")
        self.node.wait_for(state="hidden")

    def section(self, name: str) -> Locator:
        """A section by its heading."""
        return self.node.get_by_role("region", name=name, exact=True)

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.node.get_by_role("button", name=name, exact=True)

    def insert(self, line: str) -> Locator:
        """The button that puts a line into a cell."""
        return self.button(f"Insert cell: {line}")

    def row(self, section: str, words: str) -> Locator:
        """The head of a row that says this."""
        return self.section(section).locator(".lg-rowhead").filter(has_text=words)

    def unfold(self, section: str) -> None:
        """Open a section that is folded, or fold it."""
        self.section(section).locator("summary").first.click()

    @property
    def message(self) -> Locator:
        """What came of what was pressed: at the top, or beside a button whose work was done on the page."""
        return self.node.locator(".lg-status-line:not(:empty), .lg-outcome")
