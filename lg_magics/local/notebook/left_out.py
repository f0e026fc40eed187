"""Why a statement belongs to no graph: it runs one, shows something, or is a magic, a shell line or a person's input. Pure."""

from __future__ import annotations

import ast

from lg_magics.local.notebook.changes import RUN_METHODS, run_in
from lg_magics.local.notebook.names import Names
from lg_magics.local.notebook.syntax import called_name, own_nodes, own_statements, root_of

__all__ = ["is_ipython", "left_out_reason"]

_SHELL = frozenset({"system", "getoutput", "getoutput_lines"})
_SHELL_MAGICS = frozenset({"bash", "sh", "script", "sx", "system", "cmd", "pip", "conda", "uv", "mamba"})
_SHOWS = frozenset({"display", "pprint", "print_json", "show", "pretty_print", "Image", "HTML", "IFrame", "head"})
_TYPED = frozenset({"input", "getpass"})


def left_out_reason(node: ast.stmt, names: Names, graphs: set[str], own: frozenset[str]) -> tuple[str, frozenset[str]]:
    """Return why a statement is left out, and the names that it binds to objects that only the kernel has."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return "", frozenset()
    binds = names.binds | names.may_bind
    calls = [each for each in own_nodes(node) if isinstance(each, ast.Call)]
    if magic := next((_kind_of_magic(each) for each in calls if is_ipython(each)), ""):
        return magic, binds
    for call in calls:
        name, root = called_name(call), root_of(call) if isinstance(call.func, ast.Attribute) else ""
        if root in own:
            return "call of lg_magics", binds
        if name in _TYPED:
            return name, binds
        if name in RUN_METHODS and root in graphs:
            return name.removeprefix("a"), binds
    if isinstance(node, ast.Expr) and (run := run_in(node.value)):
        return run.removeprefix("a"), binds
    if names.changes and names.changes <= {"os"} and not binds and _is_environment(node):
        return "environment", frozenset()
    if isinstance(node, ast.Expr):
        kind = _kind_of_expression(node.value)
        is_more = binds or names.changes - {root_of(node.value)}  # print(tools.pop()), x.append(1) if x else None
        return ("" if is_more else kind), frozenset()
    if (
        not binds
        and not names.changes
        and _only_shows(node)
        and any(called_name(call) in {"print", *_SHOWS} for call in calls)
    ):
        return ("print" if any(called_name(call) == "print" for call in calls) else "display"), frozenset()
    return "", frozenset()


def _only_shows(node: ast.stmt) -> bool:
    inside = [each for each in own_statements([node]) if isinstance(each, ast.Expr)]
    return all(_kind_of_expression(each.value) for each in inside)


def _kind_of_magic(call: ast.Call) -> str:
    words = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    word = words[0] if words else ""
    if called_name(call) in _SHELL or word in _SHELL_MAGICS:
        return "shell line"
    is_ours = word == "lg" or word.startswith("lg_") or words[1:] == ["lg_magics"]
    return "magic of lg_magics" if is_ours else "magic"


def _kind_of_expression(value: ast.expr) -> str:
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return "comment"
    if not isinstance(value, ast.Call):
        return "" if isinstance(value, ast.ListComp | ast.SetComp | ast.DictComp | ast.Tuple) else "display"
    name = called_name(value)
    if name == "print":
        return "print"
    return "display" if name in _SHOWS or name.startswith("draw_") or _is_shown(value) else ""


def is_ipython(node: ast.expr) -> bool:
    """Return whether this is a call of `get_ipython().…`, the rewritten form of magics and shell lines."""
    function = node.func if isinstance(node, ast.Call) else None
    owner = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(owner, ast.Call) and called_name(owner) == "get_ipython"


def _is_shown(call: ast.Call) -> bool:
    """Return whether a call's only use is its displayed value: `len(x)`, `graph.get_graph()`."""
    name = called_name(call)
    return (isinstance(call.func, ast.Name) and name in {"len", "type", "dir", "vars", "repr", "help"}) or name in {
        "get_graph",
        "get_state",
        "schema_json",
        "model_json_schema",
    }


def _is_environment(node: ast.stmt) -> bool:
    """Return whether a statement only sets environment variables, which reach the server by another way."""
    return any(isinstance(each, ast.Attribute) and each.attr == "environ" for each in own_nodes(node))
