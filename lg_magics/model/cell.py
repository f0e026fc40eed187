"""The notebook cell that launched a run, and its form in the run's metadata. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Cell", "cell_from_tags"]

NOTEBOOK, CELL, SESSION = "lg_notebook", "lg_cell", "lg_session"
"""The metadata keys of the notebook, the cell, and the session that launched a run, or made a cron."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, and the number of the launch within one execution of it; all fields are empty without a cell.

    Attributes:
        notebook: the notebook's file name and a hash of its folder (a path would reveal too much).
        id: the cell's id, or a hash of its source if the front end sends no id.
    """

    notebook: str = ""
    id: str = ""

    def __bool__(self) -> bool:
        return bool(self.id)

    @property
    def tags(self) -> dict[str, str]:
        """Return the metadata to put on a run."""
        return {name: value for name, value in ((NOTEBOOK, self.notebook), (CELL, self.id)) if value}


def cell_from_tags(metadata: object) -> Cell:
    """Return the cell in the metadata of a run, thread or checkpoint; the metadata may have any shape."""
    tags: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    return Cell(str(tags.get(NOTEBOOK) or ""), str(tags.get(CELL) or ""))
