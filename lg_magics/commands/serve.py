"""Serves a graph that is defined in this notebook, saves it as a project, or shows what a new version changes. Draws nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated

from lg_magics.actions.serve import SET_IT, checked_name, collected_source, refuse_missing, serve_collected, target_of
from lg_magics.errors import CommandError, LgError
from lg_magics.files import path_of
from lg_magics.grammar.parameters import Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

if TYPE_CHECKING:
    from lg_magics.local.notebook.collect import Collected
    from lg_magics.local.notebook.record import Record
    from lg_magics.local.serving import Served

__all__ = ["serve"]


@command("serve", group="Deployment")
def serve(
    session: Session,
    graph: Annotated[object, Positional(completes="graph", value="GRAPH")] = None,
    *,
    name: Annotated[str | None, Option(value="NAME")] = None,
    save: Annotated[str | None, Option(value="DIR")] = None,
    diff: bool = False,
    cell: Annotated[bool, Option(everyday=False)] = False,
) -> Facts:
    """Serve a graph that is defined in this notebook, on the embedded server.

    The executed statements that the graph depends on are written to a file, which the server imports. The next run uses it; live
    runs end on the version on which they began; threads and store are kept. `%%lg_serve` at the top of a cell runs the cell and
    serves the graph that it defines. Edit the cell and run it again to serve a new version.

    Args:
        graph: The graph: its name, $name, or an expression; the cell's, or the one served last, otherwise. A compiled graph, a
            builder, an agent, an entrypoint or a factory.
        name: Its name on the server; its name in the notebook otherwise. Also confirms that it replaces another graph.
        save: Write a project into this folder instead, for `langgraph dev`, `build`, `up` and `deploy`. An existing project keeps
            its settings and lines.
        diff: Show what a new version would change instead.
        cell: Serve the graph that this cell defines; `%%lg_serve` sets it.

    Returns:
        The version, and the cells that it consists of.

    Raises:
        CommandError: there is no such graph, or the name cannot be used.
        LocalServerError: the graph cannot be imported, or needs an object that only this kernel has. The version before stays.

    Example:
        %lg_serve graph
    """
    record = session.record()
    if record is None:
        raise CommandError(
            "There is no notebook to take a graph from.",
            hint="%load_ext lg_magics, or %lg_connect local --graph file.py:graph",
        )
    if diff and save is not None:
        raise CommandError("--diff shows changes, and --save writes a project.", hint="Give one of them.")
    is_named = name is not None
    if cell and isinstance(graph, str) and name is None:
        name, graph = graph, None  # %%lg_serve NAME
    target = target_of(session, record, graph, name, cell=cell)
    called = checked_name(name or (target if target.isidentifier() else "graph"))
    collected = collected_source(record, target, called)
    if diff:
        return _diff(session, called, collected)
    refuse_missing(collected, called)
    if save is not None:
        from lg_magics.actions.serve_project import save_project

        return save_project(record, collected, called, path_of(save))
    served, note = serve_collected(session, record, collected, target, called, is_confirmed=is_named)
    return _facts_of(record, collected, served, note)


def _facts_of(record: Record, collected: Collected, served: Served, note: str) -> Facts:
    from lg_magics.local.notebook.collect import words_of_left_out
    from lg_magics.local.notebook.record import item_counts

    cells = ", ".join(map(str, collected.cells))
    parts = [f"cell{'s' * (len(collected.cells) != 1)} {cells}"]
    if words := words_of_left_out(collected.left_out):
        parts.append(f"left out: {words}")
    if served.reused:
        parts.append(f"not run again: {served.reused} slow statement{'s' * (served.reused != 1)}")
    if not served.is_new:
        parts.append("unchanged")
    facts = [
        (f"cell {again}", f"took the earlier {each}; run it again to use cell {newer}'s")
        for each, newer, again in collected.newer
    ]
    known = record.variables()
    facts += [(each, "is not set; " + SET_IT.format(each)) for each in collected.needed if not known.get(each)]
    for store, count in item_counts(record).items():
        facts.append(
            (store, f"{count} item{'s' * (count != 1)} of it are not on the server; %lg_store put puts them there")
        )
    if note:
        facts.append(("deployment", note))
    return Facts(
        f"serving {served.name} v{served.number} ({'; '.join(parts)})",
        tuple(facts),
        data={
            "name": served.name,
            "version": served.number,
            "cells": list(collected.cells),
            "left_out": [{"kind": k, "cell": c, "line": n, "text": text} for k, c, n, text in collected.left_out],
            "nodes": list(served.nodes),
            "is_new": served.is_new,
            "seconds": served.seconds,
            "source": collected.source.text,
        },
    )


def _diff(session: Session, name: str, collected: Collected) -> Facts:
    """The changes of a new version; if there are none, those between the last two versions."""
    from lg_magics.local.serving import served_text
    from lg_magics.local.versions import code_lines, current_number

    server = session.local
    number = current_number(server.folder, name) if server is not None else 0
    if server is None or not number:
        raise LgError(f"{name} was not served yet.", hint=f"%lg_serve {name}")
    old, new = served_text(server, name, number), collected.source.text
    titles = f"v{number}", "now"
    if code_lines(old) == code_lines(new) and number > 1:
        old, new, titles = served_text(server, name, number - 1), old, (f"v{number - 1}", f"v{number}")
    lines = list(difflib.unified_diff(code_lines(old), code_lines(new), *titles, lineterm="", n=2))
    text = "\n".join(lines)
    title = f"{name}: {titles[0]} → {titles[1]}" if text else f"{name} v{number} is what the notebook has"
    return Facts(title, (("changes", text),) if text else (), data={"diff": text})
