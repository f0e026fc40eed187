"""Finds a graph of the notebook, collects its source, serves it on the embedded server, and explains errors. Draws nothing."""

from __future__ import annotations

import ast
import difflib
import os
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from lg_magics.actions.connect import connect_local
from lg_magics.actions.schema_cache import warm_schemas
from lg_magics.errors import CommandError, LgError, LocalServerError
from lg_magics.resolve.assistants import assistant_rows
from lg_magics.session import Session

if TYPE_CHECKING:
    from lg_magics.local import LocalServer
    from lg_magics.local.notebook.collect import Collected
    from lg_magics.local.notebook.record import Record
    from lg_magics.local.serving import Refusal, Served

__all__ = ["checked_name", "collected_source", "refuse_missing", "serve_collected", "target_of"]

_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}")
_KEY = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET)\b")
_WRITE_IT = "Write it as Python in a cell, or import it from a module beside the notebook."
SET_IT = "Set it: %env {0}=…, or a .env beside the notebook; then serve again."


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
        written = _expression(record)
        return _bound_name(record, graph, written) or record.name_of(graph) or written or _no_name(graph)
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
    """The first argument of the `lg.serve(…)` that runs now, as it is written in the cell; "" if a function calls it."""
    from lg_magics.local.notebook.cells import statements_from

    running = [replace(each, stopped_at=None) for each in record.cells if each.number == record.running]
    for statement in statements_from(running, transform=record.transform, own=frozenset()):
        line = record.line + running[0].offset - statement.line + 1
        for call in ast.walk(ast.parse(statement.source)):
            if not isinstance(call, ast.Call) or not call.lineno <= line <= (call.end_lineno or call.lineno):
                continue
            if isinstance(call.func, ast.Attribute) and call.func.attr == "serve" and call.args:
                return ast.unparse(call.args[0])
    return ""


def _bound_name(record: Record, graph: object, written: str) -> str:
    """The written name of an object, else the first name that a finished statement binds to it; "" if there is none."""
    from lg_magics.local.notebook.cells import statements_from

    known = record.namespace()
    statements = statements_from(record.cells, transform=record.transform, graphs=known.graphs, own=known.own)
    taken = [each.names.binds | each.names.may_bind for each in statements if not each.left_out]
    bound = [name for names in taken for name in sorted(names) if record.names.get(name) is graph]
    return written if written in bound else next(iter(bound), "")


def _no_name(graph: object) -> str:
    raise CommandError(
        f"This {type(graph).__name__} has no name in the notebook.", hint="Give it one: graph = …, then %lg_serve graph"
    )


def _bound_in_cell(record: Record, name: str | None) -> str:
    """The graph that the running cell has bound last, or the one of this name."""
    from lg_magics.local.notebook.cells import statements_from
    from lg_magics.local.notebook.names import names_of
    from lg_magics.local.notebook.record import graph_kind
    from lg_magics.local.notebook.syntax import own_statements

    running = [each for each in record.cells if each.number == record.running]
    statements = statements_from(running, transform=record.transform)
    inner = [names_of(each) for statement in statements for each in own_statements([statement.node])]
    bound = [each for names in inner for each in sorted(names.binds | names.may_bind)]
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


# -- collecting -------------------------------------------------------------------------------------------------


def collected_source(record: Record, target: str, name: str) -> Collected:
    """Collect the executed statements that a graph depends on."""
    from lg_magics.local.notebook.collect import collect

    return collect(
        record.cells,
        target,
        title=f"The graph {name}, collected from a notebook by lg_magics.",
        transform=record.transform,
        namespace=record.namespace(),
        at=(record.running, record.line),
    )


def refuse_missing(collected: Collected, name: str) -> None:
    """Raise for objects that only the kernel has, and for keys, which must not get into a file."""
    if collected.keys:
        key = collected.keys[0]
        variable = key.variable or "NAME"
        raise LocalServerError(
            f"Cell {key.cell}, line {key.line} holds a key, and a key gets into no file.",
            hint=f'Read it from the environment, os.environ["{variable}"]; %env or a .env beside the notebook sets it.',
        )
    if not collected.missing:
        return
    each = collected.missing[0]
    where = f" (cell {each.cell}, line {each.line})" if each.cell else ""
    made = f"cell {each.made_in} " if each.made_in else ""
    match each.reason:
        case "":
            why, hint = "no cell that ran binds it", _WRITE_IT
        case "input" | "getpass":
            why, hint = f"a person typed it into {made}", "Read it from os.environ; %env NAME=… sets it."
        case "magic" | "shell line" | "magic of lg_magics":
            why, hint = f"{made}made it with a {each.reason}", _WRITE_IT
        case reason:
            why, hint = f"{made}got it from {reason}", "Write its value into a cell."
    raise LocalServerError(
        f"{name} needs {each.name}{where}, which exists only in this kernel: {why.strip()}.", hint=hint
    )


# -- serving ----------------------------------------------------------------------------------------------------


def serve_collected(
    session: Session, record: Record, collected: Collected, target: str, name: str, *, is_confirmed: bool
) -> tuple[Served, str]:
    """Serve a collected graph as the next version of its name, which becomes the current assistant.

    Args:
        session: The session.
        record: The notebook.
        collected: The graph's file.
        target: The graph's name in the notebook, for the next time.
        name: Its name on the server.
        is_confirmed: Whether it may replace a different graph.

    Returns:
        The version, and a note on the connection that was replaced.

    Raises:
        LocalServerError: The graph cannot be imported. The version before stays.
    """
    from lg_magics.local.serving import Refusal, serve_source

    server, note = _embedded_server(session)
    try:
        served = serve_source(
            server,
            name,
            collected.source,
            owner=session.notebook(),
            folder=record.folder,
            path=[str(record.folder), *(each for each in sys.path if each and os.path.isdir(each))],
            environment=record.variables(),
            is_confirmed=is_confirmed,
        )
    except Refusal as refusal:
        raise _explained(server, name, refusal, record) from refusal
    session.served.pop(name, None)
    session.served[name] = target
    assistant_rows(session)
    session.schemas.pop(name, None)
    session.select(assistant=name, begins_thread=True)
    warm_schemas(session, name)
    return served, note


def _embedded_server(session: Session) -> tuple[LocalServer, str]:
    """The embedded server of this session, started if there is none; and a note on the connection that it replaced."""
    from lg_magics.local import is_alive

    if session.local is not None and is_alive(session.local):
        return session.local, ""
    before = session.connection.deployment.name if session.is_connected and session.local is None else ""
    connect_local(session)
    if session.local is None:
        raise LgError("The embedded server did not start.", hint="%lg_connect local")
    return session.local, f"connected to local (was {before})" if before else ""


def _explained(server: LocalServer, name: str, refusal: Refusal, record: Record) -> LocalServerError:
    from lg_magics.local.versions import current_number

    number = current_number(server.folder, name)
    stays = f" v{number} stays in service." if number else ""
    match refusal.kind:
        case "import":
            where = f" (cell {refusal.cell}, line {refusal.line})" if refusal.cell else ""
            hint = "Correct the cell and run it again."
            lacking = next((each for each in _KEY.findall(refusal.message) if not record.variables().get(each)), "")
            if lacking:
                return LocalServerError(
                    f"{name} is not ready{where}: {lacking} is not set.{stays}", hint=SET_IT.format(lacking)
                )
            if refusal.message.startswith("NameError"):
                hint = "Run the cell that defines it again, or write it into a cell."
            return LocalServerError(
                f"{name} cannot be imported: {refusal.message.rstrip('.')}{where}.{stays}", hint=hint
            )
        case "other":
            hint = f"--name {name} makes this graph its next version; --name OTHER serves it beside it."
        case _:
            hint = f"--name my_{name}"
    return LocalServerError(refusal.message, hint=hint)
