"""Where in a notebook a run was launched, and how that is written on the run so that it can be found again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Cell", "cell_from_tags"]

NOTEBOOK, CELL = "lg_notebook", "lg_cell"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, and the how-manieth launch of one execution of it this is; all empty where there is no cell.

    Attributes:
        notebook: the notebook's file name and a hash of its folder (a path would tell too much).
        id: the cell's id, or a hash of its source where the front end tells none.
    """

    notebook: str = ""
    id: str = ""

    def __bool__(self) -> bool:
        return bool(self.id)

    @property
    def tags(self) -> dict[str, str]:
        """The metadata to put on a run."""
        return {name: value for name, value in ((NOTEBOOK, self.notebook), (CELL, self.id)) if value}


def cell_from_tags(metadata: object) -> Cell:
    """The cell that is written in a run's, thread's or checkpoint's metadata; nothing in it is taken for granted."""
    tags: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    return Cell(str(tags.get(NOTEBOOK) or ""), str(tags.get(CELL) or ""))
