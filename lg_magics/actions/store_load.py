"""Loads many items into the store from a frame, an export or a file, and writes exports. Draws nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lg_magics.actions.many_writes import ManyWrites
from lg_magics.errors import CommandError, type_phrase
from lg_magics.files import lines_of_file, path_of, replace_file, text_of_file
from lg_magics.model.json_text import strict_json
from lg_magics.model.namespaces import shown_namespace, writable
from lg_magics.model.store_values import DEEPEST, checked_key, kept_value
from lg_magics.session import Session
from lg_magics.tables.store import Export, Items
from lg_magics.tables.table import Table

if TYPE_CHECKING:
    pass

__all__ = ["KEPT", "KINDS", "entries_from", "send_entries", "write_export"]

LONGEST_KEY = 1000  # digits: Python writes no number of more than 4,300
KINDS = (".jsonl", ".json")
KEPT = ("namespace", "key", "value", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """An item to write; `name` is its name for a person: `row 3`."""

    name: str
    namespace: tuple[str, ...]
    key: str
    value: Mapping[str, Any]


def entries_from(namespace: object, source: object, key: str | None) -> list[Entry]:
    """The items that a load writes, all checked. Two items with one key are an error.

    Args:
        namespace: the namespace for the rows of a frame; an export or its file, if there is no source.
        source: a frame, or a list of mappings.
        key: the column of the frame that holds the keys.

    Raises:
        CommandError: a value cannot be written, or would not be read back unchanged.
    """
    return _each_key_once(_export_entries(namespace) if source is None else _frame_entries(namespace, source, key))


def _export_entries(source: object) -> Iterator[Entry]:
    """The items of an export or its file."""
    if isinstance(source, Export | Items):
        items: Iterable[tuple[str, Any]] = ((f"item {place}", item) for place, item in enumerate(source.items))
    elif isinstance(source, str | Path) and Path(source).suffix.lower() in KINDS:
        items = _items_of_file(path_of(source))
    else:
        raise CommandError(
            "%lg_store load needs a namespace and a frame, or a file.",
            hint="%lg_store load NS $frame --key COLUMN, or %lg_store load FILE.jsonl",
        )
    for name, item in items:
        if not isinstance(item, Mapping) or not {"namespace", "key", "value"} <= item.keys():
            raise CommandError(f"{name} is not an item of an export.", hint="It has a namespace, a key and a value.")
        yield _named(name, item["namespace"], item["key"], item["value"])


def _named(name: str, namespace: object, key: object, value: object) -> Entry:
    """The entry of an export's item. Its key may be empty: the server accepts that, so an export may hold one."""
    try:
        labels, own = writable(namespace), key if isinstance(key, str) and not key else checked_key(key)
    except CommandError as problem:
        raise CommandError(f"{name}: {problem.message}", hint=problem.hint) from None
    return Entry(name, labels, own, kept_value(value, name))


def _items_of_file(path: Path) -> Iterator[tuple[str, Any]]:
    if path.suffix.lower() == ".jsonl":
        for number, line in enumerate(lines_of_file(path), 1):
            if line.strip():
                yield (name := f"line {number} of {path.name}"), _json(name, line)
        return
    items = _json(path.name, text_of_file(path))
    if not isinstance(items, list):
        raise CommandError(f"{path.name} holds no list of items.")
    yield from ((f"item {place} of {path.name}", item) for place, item in enumerate(items))


def _json(name: str, text: str) -> Any:
    try:
        return strict_json(text, allow_nan=True)
    except (ValueError, RecursionError) as problem:
        raise CommandError(f"{name} is not JSON: {problem}.") from None
    except CommandError as problem:
        raise CommandError(f"{name}: {problem.message}") from None


def _frame_entries(namespace: object, source: object, key: str | None) -> Iterator[Entry]:
    """The items of a frame."""
    if isinstance(source, Export | Items):
        raise CommandError("An export has its own namespaces.", hint="%lg_store load $exported")
    labels = writable(namespace)
    if key is None:
        raise CommandError("Which column holds the keys?", hint="%lg_store load NS $frame --key COLUMN")
    for place, (of_row, value) in enumerate(_rows_from(source, key)):
        name = f"row {place}"
        yield Entry(name, labels, checked_key(of_row), kept_value(value, name))


def _rows_from(source: object, key: str) -> list[tuple[str, dict[str, Any]]]:
    """Each row's key, and its other cells as a mapping.

    An empty cell (NaN, NaT, NA) is left out; None, if the frame has kept it, is null. Times become ISO texts.

    Args:
        source: a pandas frame, a table, or a list of mappings.
        key: the column that holds the keys; whole numbers become texts.

    Raises:
        CommandError: it is of another type, has no such column, has a column whose name is not text or occurs twice, or a key
            is neither text nor a whole number.
    """
    records = list(_records(source, key))
    if any(key not in record for record in records):
        place = next(place for place, record in enumerate(records) if key not in record)
        raise CommandError(f"Row {place} has no {key!r}.", hint="--key names the column that holds the keys.")
    return [
        (_key(record[key], key, place), {name: cell for name, cell in record.items() if name != key})
        for place, record in enumerate(records)
    ]


def _records(source: object, key: str) -> Iterator[Mapping[str, Any]]:
    if isinstance(source, Table):
        source = source.df
    if (
        isinstance(source, Sequence)
        and not isinstance(source, str | bytes)
        and all(isinstance(row, Mapping) for row in source)
    ):
        for row in source:
            yield {name: _plain(cell) for name, cell in row.items() if not _is_empty(cell)}
        return
    import pandas as pd

    if not isinstance(source, pd.DataFrame):
        raise CommandError(
            f"Load needs a frame, got {type_phrase(source)}.", hint="A $frame, a $table, or a list of mappings."
        )
    names = list(source.columns)
    if key not in names:
        is_index = key in source.index.names
        listed = f"It has {', '.join(map(str, names[:12])) or 'none'}."
        raise CommandError(
            f"The frame has no column {key!r}.",
            hint="Its index has this name: frame.reset_index()" if is_index else listed,
        )
    for name in names:
        if not isinstance(name, str) or names.count(name) > 1:
            raise CommandError(f"The column {name!r} is not text, or occurs twice.", hint="frame.rename(columns=…)")
    columns = [source[name].tolist() for name in names]  # plain Python values, not numpy's
    for cells in zip(*columns, strict=True):
        yield {name: _plain(cell) for name, cell in zip(names, cells, strict=True) if not _is_empty(cell)}


def _is_empty(cell: object) -> bool:
    """NaN, NaT and NA; None is a value."""
    if cell is None or isinstance(cell, str | int | Mapping | list | tuple):
        return False
    import pandas as pd

    return pd.api.types.is_scalar(cell) and bool(pd.isna(cell))  # type: ignore[call-overload]


def _plain(cell: Any, depth: int = 0) -> Any:
    """A cell as JSON, also within lists and mappings: times as ISO texts, numpy's numbers and arrays as Python's."""
    if isinstance(cell, date | time):
        return cell.isoformat()
    if depth > DEEPEST:
        return cell  # `kept_value` refuses it
    if isinstance(cell, Mapping):
        return {name: _plain(inner, depth + 1) for name, inner in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(inner, depth + 1) for inner in cell]
    if not hasattr(cell, "tolist"):
        return cell
    if getattr(cell, "dtype", None) is not None and cell.dtype.kind == "M":  # `tolist` would return nanoseconds
        return _plain(list(cell), depth) if cell.ndim else str(cell)
    plain = cell.tolist()
    return _plain(plain, depth) if isinstance(plain, list) else plain


def _key(cell: object, column: str, place: int) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        if abs(cell) >= 10**LONGEST_KEY:
            raise CommandError(
                f"Row {place} has a key of more than {LONGEST_KEY} digits.", hint="A text can be longer."
            )
        return str(cell)
    if isinstance(cell, str) and cell:
        return cell
    raise CommandError(f"Row {place} has no key: {column} is {cell!r}.", hint="A key is a text or a whole number.")


def _each_key_once(entries: Iterable[Entry]) -> list[Entry]:
    """The entries as a list; an error if two have the same key."""
    seen: dict[tuple[tuple[str, ...], str], Entry] = {}
    for entry in entries:
        first = seen.setdefault((entry.namespace, entry.key), entry)
        if first is not entry:
            raise CommandError(
                f"{first.name} and {entry.name} have the same key {entry.key!r}: nothing is written.",
                hint="An item is written once.",
            )
    return list(seen.values())


def send_entries(session: Session, entries: Sequence[Entry]) -> None:
    """Write all entries, several at a time.

    Raises:
        LoadInterrupted: a kernel interrupt; the message has the number of items written.
        DeploymentError: the deployment does not answer, or refuses an item; the message names it, and has that number.
    """
    put = session.connection.background.store.put
    ManyWrites(
        entries,
        lambda entry: put(entry.namespace, entry.key, entry.value),
        noun="item",
        verb="written",
        name=lambda entry: f"{entry.name}, key {entry.key!r}",
    ).run(session)


def write_export(path: Path, exported: Export) -> None:
    """Write an export whole or not at all. An existing file stays if there is nothing to write, or the write fails."""
    if not exported.items and path.exists():
        where = f" under {shown_namespace(exported.prefix)}" if exported.prefix else ""
        raise CommandError(
            f"There is no item{where}: {path} stays as it is.", hint="%lg_store namespaces lists what there is."
        )
    lines = [json.dumps(item, ensure_ascii=False) for item in exported.items]
    text = (
        "".join(f"{line}\n" for line in lines) if path.suffix.lower() == ".jsonl" else "[" + ",\n".join(lines) + "]\n"
    )
    replace_file(path, text)
