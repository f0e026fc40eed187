"""Assistants as a table. Knows the server's rows of assistants; asks for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.tables.table import Column, Table, time_from_iso

__all__ = ["assistants_table", "is_system"]

COLUMNS = (
    Column("current", "mark", " "),
    Column("name"),
    Column("graph"),
    Column("version", "number"),
    Column("description"),
    Column("config", "list", None),
    Column("context", "list", None),
    Column("is_system", "text", None),
    Column("updated_at", "time", "updated"),
    Column("assistant_id", "id", None),
)


def is_system(row: Mapping[str, Any]) -> bool:
    """Whether the server made it itself, one for each graph; deleting it breaks the graph's name."""
    metadata = row.get("metadata")
    return isinstance(metadata, Mapping) and metadata.get("created_by") == "system"


def assistants_table(found: Sequence[Mapping[str, Any]], current: str | None, **cut: Any) -> Table:
    """Assistants as a table; `current` is the name or id of the selected one."""
    rows = tuple(_row(row, current) for row in found)
    return Table("assistant", COLUMNS, rows, **cut)


def _row(row: Mapping[str, Any], current: str | None) -> tuple[Any, ...]:
    identity, name, graph = (str(row.get(key) or "") for key in ("assistant_id", "name", "graph_id"))
    is_current = current is not None and current in (identity, name, *((graph,) if is_system(row) else ()))
    return (
        "●" if is_current else "",
        name or graph,
        graph,
        row.get("version"),
        str(row.get("description") or ""),
        row.get("config") or {},
        row.get("context") or {},
        is_system(row),
        time_from_iso(row.get("updated_at")),
        identity,
    )
