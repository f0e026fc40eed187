"""The fields of an assistant's graph schemas. Knows the server's payload; renders nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lg_magics.model.changes import ABSENT
from lg_magics.model.result import Result
from lg_magics.model.schema import Field, fields_of
from lg_magics.model.secrets import without_secrets
from lg_magics.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "Schemas", "schemas_from_payload", "subgraphs_table"]

KINDS = ("input", "output", "state", "config", "context")
COLUMNS = (
    Column("schema"),
    Column("field"),
    Column("type"),
    Column("required"),
    Column("default"),
    Column("description"),
)


@dataclass(frozen=True)
class Schemas(Result):
    """The schemas of one assistant: `.input`, `.output`, `.state`, `.config` and `.context` are tables.

    Attributes:
        assistant: its name.
        parts: the fields of each kind; None if the deployment cannot describe it.
        note: a line to show above.
        raw: the server's payload: the JSON Schemas themselves.
    """

    assistant: str
    parts: Mapping[str, tuple[Field, ...] | None]
    note: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Schemas of {self.assistant}>"

    def __getitem__(self, kind: str) -> Table:
        if kind not in KINDS:
            raise KeyError(kind)
        return self._table({kind: self.parts.get(kind) or ()})

    input = property(lambda self: self["input"], doc="The fields that a run's input may have.")
    output = property(lambda self: self["output"], doc="The fields that a run gives back.")
    state = property(lambda self: self["state"], doc="The fields of the graph's state.")
    config = property(lambda self: self["config"], doc="The configurable values that the graph knows.")
    context = property(lambda self: self["context"], doc="The fields of the graph's context.")

    @property
    def table(self) -> Table:
        """All schemas for a person: those with equal fields are listed once."""
        groups: dict[tuple[Any, ...], list[str]] = {}
        for kind, fields in self.parts.items():
            if fields:
                groups.setdefault(tuple((each.path, each.type) for each in fields), []).append(kind)
        table = self._table({", ".join(kinds): self.parts[kinds[0]] or () for kinds in groups.values()})
        empty = [kind for kind, fields in self.parts.items() if fields == ()]
        none = f"{' and '.join(empty)}: none" if empty else ""
        return replace(table, note=" ".join(filter(None, (self.note, self._undescribed()))), more=none)

    def _undescribed(self) -> str:
        kinds = [kind for kind, fields in self.parts.items() if fields is None]
        it = "it" if len(kinds) == 1 else "them"
        return f"{', '.join(kinds)}: the deployment cannot describe {it}." if kinds else ""

    @property
    def df(self) -> pd.DataFrame:
        """A pandas frame: a row for each field of each schema."""
        return self._table({kind: fields or () for kind, fields in self.parts.items()}).df

    def _table(self, parts: Mapping[str, tuple[Field, ...]]) -> Table:
        rows = tuple(_row(kind, each) for kind, fields in parts.items() for each in fields)
        return Table(f"field of {self.assistant}", COLUMNS, rows, attrs={"assistant": self.assistant})

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._table({kind: fields or () for kind, fields in self.parts.items()}))


def _row(kind: str, each: Field) -> tuple[Any, ...]:
    default = "" if each.default is ABSENT else json.dumps(_shown_default(each), ensure_ascii=False, default=str)
    return (kind, each.path, each.type, "yes" if each.required else "", default, each.description)


def _shown_default(each: Field) -> Any:
    shown = each.default
    for name in reversed(each.path.split(".")):
        shown = without_secrets({name: shown})[name]
    return shown


def schemas_from_payload(name: str, payload: Mapping[str, Any], note: str = "") -> Schemas:
    """Return an assistant's schemas from a response of get_schemas. A graph without settings has the schema {} or none."""
    parts: dict[str, tuple[Field, ...] | None] = {}
    for kind in KINDS:
        schema = payload.get(f"{kind}_schema")
        is_setting = kind in ("config", "context")
        fields = fields_of(schema) if isinstance(schema, Mapping) or is_setting else None
        parts[kind] = fields if fields is None or kind in ("input", "config", "context") else tuple(map(_plain, fields))
    return Schemas(name, parts, note, payload)


def subgraphs_table(name: str, payload: Mapping[str, Any]) -> Table:
    """Return the fields of the subgraphs' schemas from a response of get_subgraphs, by namespace."""
    described = {
        str(place): schemas_from_payload(name, held) for place, held in payload.items() if isinstance(held, Mapping)
    }
    rows = tuple((place, *row.values()) for place, schemas in described.items() for row in schemas)
    noun = f"field of subgraphs of {name}"
    return Table(noun, (Column("subgraph"), *COLUMNS), rows, attrs={"assistant": name})


def _plain(each: Field) -> Field:
    """Return a field of a state or an output, without "required" and a null default, which mean nothing there."""
    return replace(each, required=False, default=ABSENT if each.default is None else each.default)
