"""The difference between two states, with their names. Renders nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lg_magics.model.changes import ABSENT, Changes
from lg_magics.model.result import Result
from lg_magics.tables.cells import cells

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Diff"]


@dataclass(frozen=True)
class Diff(Result):
    """The changes from the state `a` to the state `b`."""

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
        """One row for each difference: where, kind (added, removed, rewritten, changed), before, after; objects as JSON text."""
        import pandas as pd

        rows = [(f"{m.key}[{m.place}]", m.kind, m.before, m.after) for m in self.changes.messages]
        rows += [(each.shown_path, each.kind, _held(each.before), _held(each.after)) for each in self.changes.keys]
        where, kind, before, after = zip(*rows, strict=True) if rows else ((), (), (), ())
        columns = {"where": cells(where), "kind": kind, "before": cells(before), "after": cells(after)}
        return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns.items()})


def _held(value: Any) -> Any:
    return None if value is ABSENT else value
