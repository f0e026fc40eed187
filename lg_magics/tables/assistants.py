"""Assistants and their versions as tables. Knows the server's rows of assistants; makes no requests."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.model.assistant_settings import settings_from_row
from lg_magics.model.json_equality import same_json
from lg_magics.model.secrets import without_secrets
from lg_magics.tables.table import Column, Table, time_from_iso

__all__ = ["assistants_table", "is_current", "is_system", "name_of_row", "versions_table"]

COLUMNS = (
    Column("current", "mark", " "),
    Column("name"),
    Column("graph"),
    Column("version", "number"),
    Column("settings", "text", "config and context"),
    Column("owner", "text", "made by"),
    Column("description"),
    Column("config", "list", None),
    Column("context", "list", None),
    Column("metadata", "list", None),
    Column("is_system", "text", None),
    Column("updated_at", "time", "updated"),
    Column("assistant_id", "id", "id"),
)
VERSION_COLUMNS = (
    Column("current", "mark", " "),
    Column("version", "number"),
    Column("settings", "text", "config and context"),
    Column("changed", "text", "since the version before"),
    Column("name"),
    Column("graph"),
    Column("description"),
    Column("config", "list", None),
    Column("context", "list", None),
    Column("metadata", "list", None),
    Column("created_at", "time", "made"),
)
GRAPHS = uuid.UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8")  # langgraph_api.graph.NAMESPACE_GRAPH
DETAILS = ("name", "graph_id", "description", "metadata")


def is_system(row: Mapping[str, Any]) -> bool:
    """Return whether the server created it, one for each graph; deleting it breaks the graph's name.

    If a server sends no metadata, it is recognized by its id, which the server computes from the graph's name.
    """
    metadata = row.get("metadata")
    if isinstance(metadata, Mapping):
        return metadata.get("created_by") == "system"
    return str(row.get("assistant_id")) == str(uuid.uuid5(GRAPHS, str(row.get("graph_id"))))


def name_of_row(row: Mapping[str, Any]) -> str:
    """Return its name, or its graph's name if it has none."""
    return str(row.get("name") or row.get("graph_id") or "")


def is_current(row: Mapping[str, Any], current: str | None) -> bool:
    """Return whether it is the selected one; `current` is an id, or the graph's name for a system assistant."""
    return current is not None and current in (row.get("assistant_id"), row.get("graph_id") if is_system(row) else None)


def assistants_table(found: Sequence[Mapping[str, Any]], current: str | None, **cut: Any) -> Table:
    """Return assistants as a table, the selected one marked."""
    rows = tuple(_row(row, current) for row in found)
    return Table("assistant", COLUMNS, rows, **cut)


def _row(row: Mapping[str, Any], current: str | None) -> tuple[Any, ...]:
    graph = str(row.get("graph_id") or "")
    return (
        "●" if is_current(row, current) else "",
        name_of_row(row),
        graph,
        row.get("version"),
        settings_from_row(row).words(),
        "system" if is_system(row) else "",
        str(row.get("description") or ""),
        *(without_secrets(row.get(name) or {}) for name in ("config", "context", "metadata")),
        is_system(row),
        time_from_iso(row.get("updated_at")),
        str(row.get("assistant_id") or ""),
    )


def versions_table(found: Sequence[Mapping[str, Any]], name: str, current: int | None, **cut: Any) -> Table:
    """Return the versions of the assistant `name`, newest first, each with its changes; the active one is marked."""
    before = [*found[1:], None]
    rows = tuple(_version(row, older, current) for row, older in zip(found, before, strict=True))
    return Table(f"version of {name}", VERSION_COLUMNS, rows, **cut)


def _version(row: Mapping[str, Any], older: Mapping[str, Any] | None, current: int | None) -> tuple[Any, ...]:
    return (
        "●" if row.get("version") == current else "",
        row.get("version"),
        settings_from_row(row).words(),
        _changed(older, row) if older else "",
        str(row.get("name") or ""),
        str(row.get("graph_id") or ""),
        str(row.get("description") or ""),
        *(without_secrets(row.get(name) or {}) for name in ("config", "context", "metadata")),
        time_from_iso(row.get("created_at")),
    )


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    words = [f"{name}: {change}" for name, change in settings_from_row(before).changes(settings_from_row(after))]
    words += [
        name.removesuffix("_id")
        for name in DETAILS
        if not same_json(before.get(name) or "", after.get(name) or "", exact=True)
    ]
    return ", ".join(words) or "nothing"
