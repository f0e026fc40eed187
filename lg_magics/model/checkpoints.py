"""A thread's checkpoints as a tree: branches from parents, and a picture of them. Pure.

History is flat on the wire; the tree comes from each checkpoint's parent. The first child goes on with its parent's branch,
each later one begins a branch of its own, in the order of their making (checkpoint ids are time-ordered).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.cell import Cell, cell_from_tags

__all__ = ["Checkpoint", "branches", "checkpoint_from_payload", "lanes", "path_to_root"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint without its values.

    `nodes` are those that ran to make it, `created_at` is the server's text, `cell` is where its run was launched.
    """

    id: str
    parent_id: str = ""
    step: int | None = None
    source: str = ""
    nodes: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    created_at: str = ""
    run_id: str = ""
    cell: Cell = Cell()


def checkpoint_from_payload(payload: Mapping[str, Any]) -> Checkpoint:
    """From an entry of get_history or the answer of get_state; nothing in it is taken for granted."""
    metadata = payload.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    step = metadata.get("step")
    return Checkpoint(
        id=_id(payload, "checkpoint"),
        parent_id=_id(payload, "parent_checkpoint"),
        step=step if isinstance(step, int) else None,
        source=str(metadata.get("source") or ""),
        next=tuple(str(node) for node in payload.get("next") or ()),
        created_at=str(payload.get("created_at") or ""),
        run_id=str(metadata.get("run_id") or ""),
        cell=cell_from_tags(metadata),
    )


def _id(payload: Mapping[str, Any], which: str) -> str:
    inner = payload.get(which)
    nested = inner.get("checkpoint_id") if isinstance(inner, Mapping) else None
    return str(nested or payload.get(f"{which}_id") or "")


def branches(checkpoints: Sequence[Checkpoint], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """The branch of each checkpoint, `b1`, `b2` …, by its id.

    Args:
        checkpoints: in any order; their parents need not all be there, but all that are newer than them.
        known: branches that were given before; they stay, and go on to what is older and newer.
    """
    named = dict(known or {})
    count = len(set(named.values()))
    newest_first = sorted(checkpoints, key=lambda each: each.id, reverse=True)
    heirs = {each.parent_id: each.id for each in newest_first if each.parent_id}  # the oldest child goes on
    for checkpoint in newest_first:  # what was named first is a later part of the same branch
        heir = heirs.get(checkpoint.id)
        if checkpoint.id not in named and heir in named:
            named[checkpoint.id] = named[heir]
    for checkpoint in reversed(newest_first):
        if checkpoint.id in named:
            continue
        goes_on = heirs.get(checkpoint.parent_id) == checkpoint.id and checkpoint.parent_id in named
        if not goes_on:
            count += 1
        named[checkpoint.id] = named[checkpoint.parent_id] if goes_on else f"b{count}"
    return named


def path_to_root(head: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The ids from a checkpoint to its oldest known ancestor. A loop, which no server should make, ends it."""
    seen: set[str] = set()
    while head and head in parents and head not in seen:
        seen.add(head)
        yield head
        head = parents[head]


def lanes(checkpoints: Sequence[Checkpoint], named: Mapping[str, str]) -> list[str]:
    """A picture of the branches, a line for each checkpoint, in the order given (newest first).

    >>> tree = [Checkpoint("3", "1"), Checkpoint("2", "1"), Checkpoint("1")]
    >>> lanes(tree, branches(tree))
    ['  ●', '● │', '●─┘']
    """
    order = sorted({named[each.id] for each in checkpoints}, key=lambda name: int(name[1:]))
    column = {name: place for place, name in enumerate(order)}
    spans = [_span(name, checkpoints, named) for name in order]
    return [_lane(row, column[named[each.id]], spans) for row, each in enumerate(checkpoints)]


def _span(name: str, checkpoints: Sequence[Checkpoint], named: Mapping[str, str]) -> tuple[int, int, int | None]:
    """The first and last row of a branch, and the row that it left another branch from, if that is there."""
    rows = [row for row, each in enumerate(checkpoints) if named[each.id] == name]
    places = {each.id: row for row, each in enumerate(checkpoints)}
    return rows[0], rows[-1], places.get(checkpoints[rows[-1]].parent_id)


def _lane(row: int, own: int, spans: Sequence[tuple[int, int, int | None]]) -> str:
    joins = [column for column, (_, _, fork) in enumerate(spans) if fork == row and column != own]
    reach = max(joins, default=own)
    cells = []
    for column, (first, last, fork) in enumerate(spans):
        end = last if fork is None else fork
        if column == own:
            cells.append("●")
        elif column in joins:
            cells.append("┘" if column == reach else "┴")
        elif first <= row <= end:
            cells.append("│")
        else:
            cells.append("─" if own < column < reach else " ")
    line = cells[0]
    for column in range(1, len(cells)):
        line += ("─" if own < column <= reach else " ") + cells[column]
    return line.rstrip()
