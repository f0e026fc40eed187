"""Finds the graph of the notebook to serve. Depends on the notebook's record; serves nothing."""

from __future__ import annotations

import ast
import difflib
import re
from typing import TYPE_CHECKING

from lg_magics.errors import CommandError
from lg_magics.session import Session

if TYPE_CHECKING:
    from lg_magics.local.notebook.record import Record

__all__ = ["checked_name", "target_of"]

_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}")


def target_of(session: Session, record: Record, graph: object, name: str | None, *, cell: bool) -> str:
    """The graph's name in the notebook, or an expression that makes it.

    Args:
        session: The session, with the graphs served before.
        record: The notebook.
        graph: A name, an expression or an object; None for the cell's own graph.
        name: The name on the server, if it was given.
        cell: Take the graph that the running cell defines.

    Raises:
        CommandError: There is no such graph.
    """
    if isinstance(graph, str):
        return _checked_target(record, graph)
    if graph is not None:
        return record.name_of(graph) or _expression(record) or _no_name(graph)
    if found := _bound_in_cell(record, name):
        return found
    if not cell and (found := session.served.get(name or "") or next(reversed(session.served.values()), "")):
        return found
    raise CommandError("This cell defines no graph.", hint="%lg_serve NAME names one of another cell.")


def _checked_target(record: Record, text: str) -> str:
    from lg_magics.local.notebook.record import graph_kind

    if text.isidentifier():
        if text not in record.names:
            names = [each for each, value in record.names.items() if not each.startswith("_") and graph_kind(value)]
            close = difflib.get_close_matches(text, names, 1)
            better = f" Did you mean {close[0]}?" if close else ""
            raise CommandError(f"There is no '{text}' in this notebook.{better}", hint="%lg_serve GRAPH")
        if not graph_kind(record.names[text]):
            kind = type(record.names[text]).__name__
            raise CommandError(
                f"'{text}' is not a graph: its type is {kind}.",
                hint="Serve a compiled graph, a builder, an agent or a factory.",
            )
        return text
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        raise CommandError(f"'{text}' is neither a name nor an expression.", hint="%lg_serve graph") from None
    return text


def _expression(record: Record) -> str:
    """The first argument of the `lg.serve(…)` that runs now, as it is written in the cell."""
    source = next((each.source for each in record.cells if each.number == record.running), "")
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    here = [call for call in calls if call.lineno <= record.line <= (call.end_lineno or call.lineno)]
    for call in here:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "serve" and call.args:
            return ast.unparse(call.args[0])
    return ""


def _no_name(graph: object) -> str:
    raise CommandError(
        f"This {type(graph).__name__} has no name in the notebook.", hint="Give it one: graph = …, then %lg_serve graph"
    )


def _bound_in_cell(record: Record, name: str | None) -> str:
    """The graph that the running cell has bound last, or the one of this name."""
    from lg_magics.local.notebook.cells import statements_from
    from lg_magics.local.notebook.record import graph_kind

    running = [each for each in record.cells if each.number == record.running]
    statements = statements_from(running, transform=record.transform)
    bound = [each for statement in statements for each in sorted(statement.names.binds)]
    kinds = {each: graph_kind(record.names.get(each)) for each in bound}
    if name in bound and kinds[name]:
        return name
    for wanted in (("graph", "binding"), ("builder",)):
        if found := next((each for each in reversed(bound) if kinds[each] in wanted), ""):
            return found
    return ""


def checked_name(name: str) -> str:
    """Check a graph's name on the server.

    Raises:
        CommandError: The name is not valid.
    """
    if not _NAME.fullmatch(name):
        raise CommandError(
            f"'{name}' is not a valid graph name.", hint="Use letters, digits, _, - and dots: --name my_graph"
        )
    return name
