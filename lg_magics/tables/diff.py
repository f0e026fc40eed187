"""What differs between two states, with their names. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lg_magics.model.changes import Changes
from lg_magics.model.result import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Diff"]


@dataclass(frozen=True)
class Diff(Result):
    """What turns the state `a` into the state `b`."""

    a: str
    b: str
    changes: Changes

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __repr__(self) -> str:
        return f"<{self.headline}>"

    @property
    def headline(self) -> str:
        """`t1 step:0 → t1 step:2: +1 ai message`."""
        return f"{self.a} → {self.b}: {self.changes.words or 'no difference'}"

    @property
    def df(self) -> pd.DataFrame:
        """One row for each difference: where, kind, before, after."""
        import pandas as pd

        rows = [(f"{m.key}[{m.place}]", m.kind, m.before, m.after) for m in self.changes.messages]
        rows += [(key.shown_path, "changed", key.before, key.after) for key in self.changes.keys]
        return pd.DataFrame(rows, columns=["where", "kind", "before", "after"])
