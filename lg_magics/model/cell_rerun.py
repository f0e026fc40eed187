"""A cell that ran before on the same thread: the number of this run among its runs, in words too. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["CellRerun", "ordinal"]

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class CellRerun:
    """One of several runs of a cell on one thread.

    Attributes:
        run_ids: the cell's runs on this thread, oldest first.
        number: the number of this run among them, from 1.
        earlier: the name of an earlier run of the cell that has not ended, `r7`; "" if all have.
        is_rewound: whether it started at the same checkpoint as an earlier one.
        later_cells: the number of later cells whose runs are on the old branch.
    """

    run_ids: Sequence[str]
    number: int
    earlier: str = ""
    is_rewound: bool = False
    later_cells: int = 0

    @property
    def words(self) -> str:
        """In words for a card: `second run of this cell on this thread`."""
        parts = [f"{ordinal(self.number)} run of this cell on this thread"]
        if self.earlier:
            parts.append(f"{self.earlier}, an earlier one, has not ended (--once attaches to it)")
        if self.later_cells:
            are = "later cell is" if self.later_cells == 1 else "later cells are"
            parts.append(f"{self.later_cells} {are} on the old branch")
        return " · ".join(parts)


def ordinal(number: int) -> str:
    """Return `second`; from the eleventh on, a number in figures."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
