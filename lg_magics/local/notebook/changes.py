"""Find the objects that statements change, and the calls that they make. Pure.

An object is changed by a store into it, by a method call for its effect, and by a function that receives it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lg_magics.local.notebook.syntax import FUNCTIONS, called_name, own_expressions, root_of

__all__ = ["RUN_METHODS", "Call", "Changes", "run_in"]

RUN_METHODS = frozenset(
    {"invoke", "ainvoke", "stream", "astream", "batch", "abatch", "astream_events", "stream_events", "astream_log"}
    | {"get_state", "aget_state", "get_state_history", "aget_state_history", "update_state", "aupdate_state"}
)
"""Methods that run a graph, or read or write the state of its threads."""
_CHANGES = re.compile(
    r"a?(add|append|extend|insert|set|setdefault|update|register|pop|popitem|remove|discard|delete|clear|sort|reverse"
    r"|put|push|fit|train|mount|include|configure|load_documents|index)(_|$)"
)
_HOLDS = frozenset({"append", "appendleft", "insert", "extend", "add", "update"})
_LITERALS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_READS = frozenset(
    [
        "print",
        "display",
        "repr",
        "str",
        "len",
        "type",
        "isinstance",
        "issubclass",
        "id",
        "dir",
        "help",
        "vars",
        "hash",
        "bool",
        "int",
        "float",
        "list",
        "tuple",
        "dict",
        "set",
        "sorted",
        "sum",
        "min",
        "max",
        "abs",
        "round",
        "any",
        "all",
        "format",
        "pprint",
        "enumerate",
        "zip",
        "range",
        "reversed",
        "hasattr",
        "getattr",
        "callable",
        "iter",
        "open",
        "input",
    ]
)


@dataclass(frozen=True)
class Call:
    """A call of a plain function, or of a method of `receiver`: it may change the objects of the names in `arguments`.

    `is_for_effect` is True if its result is unused. An argument is the names that it depends on: several in `[a, b]`.
    """

    function: str
    arguments: tuple[tuple[str, ...], ...]
    keywords: tuple[tuple[str, tuple[str, ...]], ...] = ()
    receiver: str = ""
    is_for_effect: bool = False

    @property
    def given(self) -> frozenset[str]:
        """Return all names among its arguments."""
        return frozenset(name for names in (*self.arguments, *(names for _, names in self.keywords)) for name in names)


@dataclass
class Changes:
    """The changes and the calls of the statements of one scope; see `Names` for `aliases` and `held`."""

    statements: Sequence[ast.stmt]
    roots: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    aliases: list[tuple[str, str]] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loops: dict[str, set[str]] = {}
        for statement in self.statements:
            self._take(statement)
        todo = list(self.roots)
        while todo:
            new = self._loops.get(todo.pop(), set()) - self.roots
            self.roots |= new
            todo += new

    def _take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._store(target)
                    self._bound(target, value)
                if all(isinstance(target, ast.Name) and target.id == "_" for target in targets):
                    self._effect(value)
            case ast.AnnAssign(target=target, value=value):
                self._store(target)
                if value is not None:
                    self._bound(target, value)
            case ast.AugAssign(target=target, value=value):
                self.roots.add(root_of(target))
                self._hold(root_of(target), value)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._store(target)
            case ast.Expr(value=value):
                self._effect(value)
            case ast.For(target=target, iter=iterated) | ast.AsyncFor(target=target, iter=iterated):
                self._loop(target, iterated)
            case _:
                pass
        self._calls_in(statement)
        self.roots.discard("")

    def _store(self, target: ast.expr) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                self.roots.add(root_of(node))

    def _bound(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            if root := self._aliased(value):
                self.aliases.append((target.id, root))
            self._hold(target.id, value)

    def _hold(self, name: str, value: ast.expr) -> None:
        """Record the names whose objects a name's container gets from a literal."""
        if isinstance(value, _LITERALS):
            self.held += [(name, each) for each in _roots(value)]

    def _aliased(self, value: ast.expr) -> str:
        if isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
            return root_of(value)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and _is_change(value.func.attr):
            return root_of(value)  # builder.add_node(…) gives the builder back
        return ""

    def _loop(self, target: ast.expr, iterated: ast.expr) -> None:
        if any(isinstance(node, ast.Call) and called_name(node) in RUN_METHODS for node in ast.walk(iterated)):
            return  # what a run gives is no part of the graph
        of = {node.id for node in ast.walk(iterated) if isinstance(node, ast.Name)}
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self._loops.setdefault(node.id, set()).update(of)

    def _effect(self, value: ast.expr) -> None:
        """Record a call whose result is unused: it is made for its effect."""
        value = value.value if isinstance(value, ast.Await) else value
        if not isinstance(value, ast.Call):
            return
        if isinstance(value.func, ast.Attribute) and not run_in(value):
            self.roots.add(root_of(value))
            if value.func.attr in _HOLDS:
                self.held += [(root_of(value), name) for each in value.args for name in _roots(each)]

    def _calls_in(self, statement: ast.stmt) -> None:
        for_effect = statement.value if isinstance(statement, ast.Expr) else None
        for_effect = for_effect.value if isinstance(for_effect, ast.Await) else for_effect
        for node in own_expressions(statement):
            if isinstance(node, ast.comprehension):
                self._loop(node.target, node.iter)
            if not isinstance(node, ast.Call):
                continue
            name = called_name(node)
            if isinstance(node.func, ast.Attribute) and _is_change(name):
                self.roots.add(root_of(node))
            receiver = root_of(node) if isinstance(node.func, ast.Attribute) else ""
            for passed in node.args:  # map(builder.add_node, nodes)
                if isinstance(passed, ast.Attribute) and _is_change(passed.attr):
                    self.roots.add(root_of(passed))
            arguments = tuple(_roots(each) for each in node.args)
            keywords = tuple((each.arg or "", _roots(each.value)) for each in node.keywords)
            is_for_effect = node is for_effect and not (name in _READS and not receiver)
            self.calls.append(Call(name, arguments, keywords, receiver, is_for_effect))
        for decorated in (statement,) if isinstance(statement, (*FUNCTIONS, ast.ClassDef)) else ():
            for decorator in decorated.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(called, ast.Name):
                    self.calls.append(Call(called.id, ((decorated.name,),)))
                elif isinstance(called, ast.Attribute) and (root := root_of(called)):
                    self.roots.add(root)  # @app.command(): the decorator is called for its effect


def _is_change(method: str) -> bool:
    """Return whether a method changes its object, by its name: `add_node`, but not `update_state`."""
    return bool(_CHANGES.match(method)) and method not in RUN_METHODS


def run_in(value: ast.expr) -> str:
    """Return the method whose result an expression is, or a part of it: `invoke` of `llm.invoke(x).content`; "" if none."""
    while True:
        if isinstance(value, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
            value = value.value
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            if value.func.attr in RUN_METHODS:
                return value.func.attr
            value = value.func
        else:
            return ""


def _roots(argument: ast.expr) -> tuple[str, ...]:
    """The names that an argument hangs on; those of its items, if it is a literal; not those of a run's result."""
    argument = argument.value if isinstance(argument, ast.Starred) else argument
    if isinstance(argument, _LITERALS):
        items = argument.values if isinstance(argument, ast.Dict) else argument.elts
        return tuple(name for each in items for name in _roots(each))
    root = root_of(argument)
    return (root,) if root and not run_in(argument) else ()
