"""A thread's checkpoints as a tree: branches from parents, and a drawing of them. Pure.

The server sends history as a flat list; the tree comes from each checkpoint's parent. The first child continues its parent's
branch, each later one begins a new branch, in the order of creation (checkpoint ids are time-ordered).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.cell import Cell, cell_from_tags

__all__ = ["Checkpoint", "branches", "checkpoint_from_payload", "lanes"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint without its values.

    `nodes` ran to make it, `created_at` is the server's text, `cell` is the cell that launched its run.
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
    """Return a checkpoint from an entry of get_history or the response of get_state, which may have any shape."""
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
    """Return the branch of each checkpoint, `b1`, `b2` …, by id.

    Args:
        checkpoints: in any order; parents may be missing, but all checkpoints newer than the given ones must be present.
        known: branches from earlier calls; they stay, and extend to older and newer checkpoints. Two of them become one, the
            older, if these checkpoints show that the newer one only continues it.
    """
    named = dict(known or {})
    count = max((int(name[1:]) for name in named.values()), default=0)
    newest_first = sorted(checkpoints, key=lambda each: each.id, reverse=True)
    heirs = {
        each.parent_id: each.id for each in newest_first if each.parent_id
    }  # the oldest child continues the branch
    for checkpoint in newest_first:  # a name from an earlier call is a later part of the same branch
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
    given = {each.id for each in checkpoints}
    for parent, heir in heirs.items():  # newest first
        if parent in given and heir in named and named[parent] != named[heir]:
            older, newer = named[parent], named[heir]
            named = {each: older if name == newer else name for each, name in named.items()}
    return named


def lanes(checkpoints: Sequence[Checkpoint], named: Mapping[str, str]) -> list[str]:
    """Return a drawing of the branches, a line for each checkpoint, in the given order (newest first).

    >>> tree = [Checkpoint("3", "1"), Checkpoint("2", "1"), Checkpoint("1")]
    >>> lanes(tree, branches(tree))
    ['  ●', '● │', '●─┘']
    """
    order = sorted({named[each.id] for each in checkpoints}, key=lambda name: int(name[1:]))
    column = {name: place for place, name in enumerate(order)}
    spans = [_span(name, checkpoints, named) for name in order]
    return [_lane(row, column[named[each.id]], spans) for row, each in enumerate(checkpoints)]


def _span(name: str, checkpoints: Sequence[Checkpoint], named: Mapping[str, str]) -> tuple[int, int, int | None]:
    """Return the first and last row of a branch, and the row where it left another branch, if present."""
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
