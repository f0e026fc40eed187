"""Many items of the store: load a frame or an export, and export what is there. Knows files and rows; shows nothing.

Everything is checked before anything is sent. What is sent goes out on the background loop; whoever waits here counts along,
so that an error and a kernel interrupt can say how many items were written.
"""

from __future__ import annotations

import concurrent.futures
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from lg_magics.actions.protected import refuse_if_protected
from lg_magics.commands.store import read_items
from lg_magics.commands.store_items import checked_key
from lg_magics.commands.store_namespaces import NAMESPACE
from lg_magics.errors import CommandError, LoadInterrupted
from lg_magics.file_replacement import replace_file
from lg_magics.grammar.parameters import Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.grammar.words import word_from_text
from lg_magics.model.json_text import strict_json
from lg_magics.model.namespaces import namespace_from, shown_namespace
from lg_magics.model.store_values import kept_value
from lg_magics.resolve.namespaces import offer_namespaces, writable
from lg_magics.server.store_load import Entry, StoreLoad
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.rows import rows_from
from lg_magics.tables.store import Export, Items, Search

__all__ = ["export", "load"]

KINDS = (".jsonl", ".json")
KEPT = ("namespace", "key", "value", "created_at", "updated_at")
LOOKS_EVERY = 0.1  # seconds between two looks at how far it has come
ENDS_WITHIN = 10.0  # seconds for what was begun when it was stopped
BAR = 20


@command("store load", group="Store")
def load(
    session: Session,
    namespace: Annotated[object, NAMESPACE],
    source: Annotated[object, Positional(completes="python", value="$frame")] = None,
    *,
    key: Annotated[str | None, Option(value="COLUMN")] = None,
    yes: bool = False,
) -> Facts:
    """Load the rows of a frame into a namespace, or an export back to where it came from.

    Each row becomes an item: the other columns are its value. Empty cells (NaN, NaT, NA) are left out, None is null, times
    are ISO texts. An item with the same key is replaced. Two rows with one key are refused before anything is sent.

    Args:
        namespace: Where the rows go: todo/general/Test, or a $tuple. For an export this is all: its file, or $exported.
        source: The frame, or a list of mappings.
        key: With a frame: the column that holds the keys, which are texts or whole numbers.
        yes: Do it on a protected deployment too.

    Returns:
        How many were written.

    Raises:
        CommandError: something in a row would come back changed; nothing is written.
        DeploymentError: the deployment refused a row; the message names it, and says how many were written.
        LoadInterrupted: a kernel interrupt; the message says how many were written.

    Example:
        %lg_store load notes/Test $frame --key id
    """
    if source is None and key is not None:
        raise CommandError("--key is for the rows of a frame: an export has its keys.", hint="%lg_store load $exported")
    entries = _without_twins(_entries_of_export(namespace) if source is None else _entries(namespace, source, key))
    refuse_if_protected(session, f"{_counted(len(entries))} are not written", yes=yes)
    _send(session, entries)
    met = list(dict.fromkeys(entry.namespace for entry in entries))
    offer_namespaces(session, met)
    into = f" into {shown_namespace(met[0])}" if len(met) == 1 else f" into {len(met):,} namespaces" if met else ""
    data = {"written": len(entries), "namespaces": [list(labels) for labels in met]}
    return Facts(f"Loaded {_counted(len(entries))}{into}.", data=data)


def _counted(count: int) -> str:
    return f"{count:,} item{'s' * (count != 1)}"


def _entries(namespace: object, source: object, key: str | None) -> Iterator[Entry]:
    """What a frame asks for."""
    if isinstance(source, Export | Items):
        raise CommandError("An export knows its own namespaces.", hint="%lg_store load $exported")
    labels = writable(namespace)
    if key is None:
        raise CommandError("Which column holds the keys?", hint="%lg_store load NS $frame --key COLUMN")
    for place, (of_row, value) in enumerate(rows_from(source, key)):
        name = f"row {place}"
        yield Entry(name, labels, checked_key(of_row), kept_value(value, name))


def _entries_of_export(source: object) -> Iterator[Entry]:
    """What an export, or its file, asks for."""
    if isinstance(source, Export | Items):
        items: Iterable[tuple[str, Any]] = ((f"item {place}", item) for place, item in enumerate(source.items))
    elif isinstance(source, str | Path) and Path(source).suffix in KINDS:
        items = _items_of_file(Path(source).expanduser())
    else:
        raise CommandError("Load what?", hint="%lg_store load NS $frame --key COLUMN, or %lg_store load FILE.jsonl")
    for name, item in items:
        if not isinstance(item, Mapping) or not {"namespace", "key", "value"} <= item.keys():
            raise CommandError(f"{name} is no item of an export.", hint="It has a namespace, a key and a value.")
        yield Entry(name, writable(item["namespace"]), checked_key(item["key"]), kept_value(item["value"], name))


def _items_of_file(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CommandError(f"{path} cannot be read: {problem}.") from None
    lines = [(f"line {number} of {path.name}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if path.suffix == ".jsonl":
        yield from ((name, _json(name, line)) for name, line in lines)
        return
    items = _json(path.name, text)
    if not isinstance(items, list):
        raise CommandError(f"{path.name} holds no list of items.")
    yield from ((f"item {place} of {path.name}", item) for place, item in enumerate(items))


def _json(name: str, text: str) -> Any:
    try:
        return strict_json(text)
    except (ValueError, RecursionError) as problem:
        raise CommandError(f"{name} is not JSON: {problem}.") from None
    except CommandError as problem:
        raise CommandError(f"{name}: {problem.message}") from None


def _without_twins(entries: Iterable[Entry]) -> list[Entry]:
    """All of them, checked; nothing was sent yet."""
    seen: dict[tuple[tuple[str, ...], str], Entry] = {}
    for entry in entries:
        first = seen.setdefault((entry.namespace, entry.key), entry)
        if first is not entry:
            raise CommandError(
                f"{first.name} and {entry.name} have the same key {entry.key!r}: nothing is written.",
                hint="An item is written once.",
            )
    return list(seen.values())


def _send(session: Session, entries: list[Entry]) -> None:
    """Write them all, and say how far it has come."""
    sending, total = StoreLoad(session.connection, entries), len(entries)
    future = session.loop.start(sending.run())
    try:
        while concurrent.futures.wait([future], LOOKS_EVERY).not_done:
            session.progress(_bar(sending.written, total))
    except KeyboardInterrupt:
        sending.stop()
        concurrent.futures.wait([future], ENDS_WITHIN)
        raise LoadInterrupted(f"Stopped: {sending.written:,} of {_counted(total)} were written.") from None
    finally:
        sending.stop()
        session.progress("")
    if sending.failure is not None:
        entry, problem = sending.failure
        said = (
            f"{entry.name}, key {entry.key!r}: {problem.message} {sending.written:,} of {_counted(total)} were written."
        )
        raise type(problem)(said, hint=problem.hint, status_code=problem.status_code) from problem
    future.result()


def _bar(written: int, total: int) -> str:
    full = BAR * written // max(total, 1)
    return f"{'█' * full}{'░' * (BAR - full)} {written:,} of {_counted(total)}"


@command("store export", group="Store")
def export(
    session: Session,
    namespace: Annotated[object, NAMESPACE] = None,
    *,
    all: bool = False,
    to: Annotated[str | None, Option(value="FILE.jsonl|FILE.json")] = None,
) -> Export:
    """Export all items under a namespace; %lg_store load brings them back as they were.

    Args:
        namespace: Which: todo/general/Test, or a $tuple of labels.
        all: Where no namespace is given: the whole store.
        to: Write them to this file, one item a line or as one list; a file that is there is replaced and kept as FILE~.

    Returns:
        The export: `.items`, and `.df`, the frame that a search gives.

    Example:
        %lg_store export todo --all
    """
    prefix = namespace_from(namespace)
    if not (prefix or all):
        raise CommandError("Export what?", hint="%lg_store export NS, or --all for the whole store.")
    path = Path(to).expanduser() if to else None
    if path and path.suffix not in KINDS:
        raise CommandError(f"--to {word_from_text(str(to))}: a file ends in .jsonl or .json.")
    if path and not path.parent.is_dir():
        raise CommandError(f"{path} cannot be written: there is no folder {path.parent}.")
    found = read_items(session, Search(prefix, limit=None)).items
    exported = Export(tuple({name: item[name] for name in KEPT if name in item} for item in found), prefix)
    if path is None:
        return exported
    _write(path, exported)
    return replace(exported, path=str(to))


def _write(path: Path, exported: Export) -> None:
    """All of it or nothing: a file that is there stays until the new one is whole, and where there is nothing to write."""
    if not exported.items and path.exists():
        where = f" under {shown_namespace(exported.prefix)}" if exported.prefix else ""
        raise CommandError(
            f"There is no item{where}: {path} stays as it is.", hint="%lg_store namespaces lists what there is."
        )
    lines = [json.dumps(item, ensure_ascii=False) for item in exported.items]
    text = "".join(f"{line}\n" for line in lines) if path.suffix == ".jsonl" else "[" + ",\n".join(lines) + "]\n"
    replace_file(path, text)
